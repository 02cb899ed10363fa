"""What pydantic found in reports.toml, in our words."""

import re
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel

from reporter.config import metric_tables
from reporter.config.faults import Wrong, did_you_mean, listed, shown
from reporter.config.lines import Path
from reporter.config.table import description, keys

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def problem_and_fix(details: "ErrorDetails", path: Path, table: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and how to fix it; `table` says what may stand there."""
    context, key = details.get("ctx", {}), str(path[-1])
    match details["type"]:
        case "value_error" if isinstance(wrong := context.get("error"), Wrong):
            return wrong.problem, wrong.fix
        case "union_tag_not_found" if key == "measure":
            return _no_measure(details["input"])
        case "missing" | "union_tag_not_found":
            return "this is missing", f"Add it. {description(table, key)}"
        case "extra_forbidden":
            return _no_such_key(key, table)
        case "union_tag_invalid":
            return _not_one_of(context["tag"], str(context["expected_tags"]))
        case "literal_error":
            return _not_one_of(details["input"], str(context["expected"]))
        case "too_short" if context["min_length"] > 1:
            return "these are too few", f"Give {context['min_length']} or more."
        case "too_short" | "string_too_short":
            return "this is empty", "Fill it, or remove it."
        case "too_long" | "string_too_long":
            return "this is too much", f"Use {context['max_length']} at most."
        case "string_pattern_mismatch":
            return "this cannot be a name", "Use up to 60 letters, digits, - and _, and begin with a letter."
        case kind:
            return _wrong_kind(kind)


def _no_measure(table: object) -> tuple[str, str]:
    measure = cast("dict[str, object]", table).get("measure") if isinstance(table, dict) else None
    if isinstance(measure, str):
        return f"there is no measure {shown(measure)}", did_you_mean(measure, metric_tables.WORDS)
    return "this is no measure", 'Write one in quotes, such as "count".'


def _no_such_key(key: str, table: type[BaseModel]) -> tuple[str, str]:
    """A key of another measure is told as one."""
    owners = [each for each in metric_tables.TABLES.values() if key in keys(each)]
    if owners and table in metric_tables.TABLES.values():
        belongs = listed(metric_tables.words_of(*owners), "and")
        return f"{key} belongs to {belongs}", "Remove it, or choose another measure."
    return "there is no such key", did_you_mean(key, keys(table))


def _not_one_of(value: object, expected: str) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", expected)
    problem = (
        f"{shown(value)} is not possible here" if isinstance(value, str) else "this is not possible here"
    )
    return problem, f"Use {listed(choices)}."


def _wrong_kind(kind: str) -> tuple[str, str]:
    match kind:
        case "string_type":
            return "this is not text", 'Write it in quotes: "…".'
        case "int_type":
            return "this is not a whole number", "Write it without quotes: 5."
        case "float_type" | "finite_number":
            return "this is not a number", "Write it without quotes: 300."
        case "greater_than":
            return "the number is out of range", "Use a number above 0."
        case "bool_type":
            return "this is neither true nor false", "Write true or false, without quotes."
        case "list_type":
            return "this is not a list", 'Write it in brackets: ["…", "…"].'
        case "date_type":
            return "this is not a date", "Write it without quotes and without a time: 2026-01-05."
        case "model_type" | "dict_type":
            return (
                "this is not a table",
                "Give it a header line of its own, as in [reports.weekly], or write it in braces: { … }.",
            )
        case _:
            return (
                "this is not possible here",
                "Compare it with the comments of the reports.toml that came along.",
            )
