"""The text of reports.toml -> its checked shape, or every fault with its line."""

import re
import tomllib
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ValidationError

from reporter.config.faults import Wrong, did_you_mean, listed, looks_secret, shown
from reporter.config.lines import Path, line_of
from reporter.config.shape import (
    BotTable,
    DefaultsTable,
    MetricTable,
    Names,
    ReportsFile,
    ReportTable,
    WebhookTable,
)
from reporter.model.errors import Fault

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TABLES: dict[str | int, type[BaseModel]] = {
    "defaults": DefaultsTable,
    "metrics": MetricTable,
    "reports": ReportTable,
}
DESTINATIONS: dict[str | int, type[BaseModel]] = {"webhook": WebhookTable, "bot": BotTable}  # by their type


def parse(text: str, file: str, faults: list[Fault]) -> ReportsFile | None:
    """What the file says; None where it has faults."""
    try:
        tables = tomllib.loads(text)
    # Besides bad syntax: a number with too many digits, arrays nested too deep.
    except (ValueError, RecursionError) as error:
        faults.append(_syntax_fault(str(error), text, file))
        return None
    names = Names(_keys(tables.get("metrics")), _keys(tables.get("destinations")))
    try:
        return ReportsFile.model_validate(tables, context=names)
    except ValidationError as error:
        found = [_fault(details, text, file) for details in error.errors(include_url=False)]
    faults.extend(fault for _, fault in sorted(found, key=lambda pair: pair[0]))
    return None


def _keys(table: object) -> tuple[str, ...] | None:
    return tuple(cast("dict[str, object]", table)) if isinstance(table, dict) else None


def _syntax_fault(message: str, text: str, file: str) -> Fault:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    place = file
    if at:
        line, column = at.groups()
        place = f"{file} line {line}, column {column}" if line else f"{file} line {text.count(chr(10)) + 1}"
        message = message[: at.start()]
    problem = "this is not TOML" if looks_secret(message) else f"this is not TOML ({message})"
    mend = "Look at this line and the one before: often a quote, a bracket or a comma is missing."
    return Fault(place, problem, mend)


def _fault(details: "ErrorDetails", text: str, file: str) -> tuple[int, Fault]:
    """A fault, and its line to sort by."""
    path, table = _path_and_table(tuple(part for part in details["loc"] if part != "[key]"), details["type"])
    line = line_of(text, path)
    problem, mend = _problem_and_mend(details, path, table)
    place = f"{file} line {line}" if line else file
    return line or 0, Fault(f"{place}, {_written(path)}", problem, mend)


def _path_and_table(found: Path, kind: str) -> tuple[Path, type[BaseModel]]:
    """Where it stands in the file, and the table that says what may stand there."""
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return (*found, "type"), WebhookTable
    if found[0] == "destinations" and len(found) > 2:
        return (*found[:2], *found[3:]), DESTINATIONS[found[2]]  # pydantic puts the type in between
    return found, TABLES.get(found[0], ReportsFile) if len(found) > 1 else ReportsFile


def _written(path: Path) -> str:
    """
    >>> _written(("reports", "weekly", "metrics", 2))
    'reports.weekly.metrics[2]'
    """
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) and not looks_secret(part)
            words += f".{part if plain else shown(part)}"
    return words.removeprefix(".")


def _problem_and_mend(details: "ErrorDetails", path: Path, table: type[BaseModel]) -> tuple[str, str]:
    """What pydantic found, in our words."""
    context = details.get("ctx", {})
    match details["type"]:
        case "value_error" if isinstance(wrong := context.get("error"), Wrong):
            return wrong.problem, wrong.mend
        case "missing" | "union_tag_not_found":
            return "this is missing", f"Add it. {table.model_fields[str(path[-1])].description or ''}"
        case "extra_forbidden":
            return "there is no such key", did_you_mean(str(path[-1]), list(table.model_fields))
        case "union_tag_invalid":
            return _not_one_of(context["tag"], str(context["expected_tags"]))
        case "literal_error":
            return _not_one_of(details["input"], str(context["expected"]))
        case "greater_than_equal" | "less_than_equal":
            return "the number is out of range", "Use a number from 0 to 50."
        case "too_short" | "string_too_short":
            return "this is empty", "Fill it, or remove it."
        case "string_pattern_mismatch":
            return "this cannot be a name", "Use up to 60 letters, digits, - and _, and begin with a letter."
        case kind:
            return _wrong_kind(kind)


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
        case "bool_type":
            return "this is neither true nor false", "Write true or false, without quotes."
        case "list_type":
            return "this is not a list", 'Write it in brackets: ["…", "…"].'
        case "date_type":
            return "this is not a date", "Write it without quotes and without a time: 2026-01-05."
        case "model_type" | "dict_type":
            return "this is not a table", "Give it a header line of its own, as in [reports.weekly]."
        case _:
            return (
                "this is not possible here",
                "Compare it with the comments of the reports.toml that came along.",
            )
