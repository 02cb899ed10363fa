"""The text of reports.toml -> its tables, or every problem with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ValidationError

from reporter import destinations
from reporter.config import metric_tables
from reporter.config.conditions import ConditionTable, StepTable
from reporter.config.events_table import EventsTable
from reporter.config.goal_tables import TargetTable
from reporter.config.metric_keys import DeclaredNames, MetricTable
from reporter.config.metric_tables import measures_of, words_of
from reporter.config.report_tables import DefaultsTable, ReportTable
from reporter.config.reports_file import ReportsFile
from reporter.config.toml_lines import Path, line_of, place_of
from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import looks_secret
from reporter.sources.mixpanel.access import ProjectTable
from reporter.sources.warehouse.warehouse_table import ColumnsTable, WarehouseTable
from reporter.validation import Invalid, description, did_you_mean, keys, listed, nearest, shown

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TABLES: dict[str | int, type[BaseModel]] = {
    "events": EventsTable,
    "warehouse": WarehouseTable,
    "projects": ProjectTable,
    "defaults": DefaultsTable,
    "reports": ReportTable,
}
KINDS: dict[str | int, Mapping[str, type[BaseModel]]] = {  # of tables that have several, by their tag
    "metrics": metric_tables.TABLES,
    "destinations": destinations.KINDS,
}

# What tomllib means by some of its words.
_PLAIN = {
    "Illegal character '\\n'": "a text is not closed",
    'Expected "\'"': "a text is not closed",
    "Unterminated string": "a text is not closed",
    "Unclosed array": "an array is not closed",
}


def parse(text: str, file: str, faults: list[SettingsProblem]) -> ReportsFile | None:
    """What the file says; None where it has faults."""
    try:
        tables = tomllib.loads(text)
    # Besides bad syntax: a number with too many digits, arrays nested too deep.
    except (ValueError, RecursionError) as error:
        faults.append(_syntax_fault(str(error), text, file))
        return None
    try:
        checked = ReportsFile.model_validate(tables, context=DeclaredNames.of(tables))
    except ValidationError as error:
        found = (_fault(details, text, file) for details in error.errors(include_url=False))
        faults += (fault for _, fault in sorted(found, key=lambda pair: pair[0]))
        return None
    across = [*shared_labels(checked, text, file), *misplaced_targets(checked, text, file)]
    faults += (across := [*across, *_without_warehouse(checked, text, file)])
    return None if across else checked


def _syntax_fault(message: str, text: str, file: str) -> SettingsProblem:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    place = file
    if at:
        line, column = at.groups()
        place = f"{file} line {line}, column {column}" if line else f"{file} line {text.count(chr(10)) + 1}"
        message = _PLAIN.get(message[: at.start()], message[: at.start()])
    problem = "this is not TOML" if looks_secret(message) else f"this is not TOML ({message})"
    fix = "Look at this line and the one before: often a quote, a bracket or a comma is missing."
    return SettingsProblem(place, problem, fix)


def _fault(details: "ErrorDetails", text: str, file: str) -> tuple[int, SettingsProblem]:
    """A fault, and its line to sort by."""
    found = details["loc"]
    if len(found) > 1 and found[-1] == "[key]":  # so pydantic says that the key is meant, not its value
        found = found[:-1]
    path, table = _path_and_table(found, details["type"])
    line = line_of(text, path)
    problem, fix = problem_and_fix(details, path, table)
    return line or 0, SettingsProblem(place_of(path, text, file), problem, fix)


def _path_and_table(found: Path, kind: str) -> tuple[Path, type[BaseModel]]:
    """Where it stands in the file, and the table that says what may stand there."""
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key = "measure" if found[0] == "metrics" else "type"
        return (*found, key), next(iter(KINDS[found[0]].values()))
    if found[0] in KINDS and len(found) > 2:
        kinds = (2, 4) if found[3:4] == ("target",) else (2,)  # pydantic puts kinds in between
        path = tuple(part for place, part in enumerate(found) if place not in kinds)
        return path, _within(path[2:]) or KINDS[found[0]][str(found[2])]
    inner = _within_warehouse(found) or _within(found[2 if found[:1] == ("reports",) else 1 :])
    return found, inner or (TABLES.get(found[0], ReportsFile) if len(found) > 1 else ReportsFile)


def _within_warehouse(path: Path) -> type[BaseModel] | None:
    match path:
        case ("warehouse", "columns", _) | ("projects", _, "warehouse", "columns", _):
            return ColumnsTable
        case ("projects", _, "warehouse", _):
            return WarehouseTable
        case _:
            return None


def _within(path: Path) -> type[BaseModel] | None:
    """The table inside of a metric's or a report's: where.plan.is, steps[0].event, steps[0].where.plan.is."""
    match path:
        case ("where", _, _, *_) | ("steps", _, "where", _, _, *_):
            return ConditionTable
        case ("steps", _, _, *_):
            return StepTable
        case ("target", _):
            return TargetTable
        case _:
            return None


def shared_labels(tables: ReportsFile, text: str, file: str) -> Iterator[SettingsProblem]:
    """One for each metric whose label another one of the same report has."""
    reported: set[str] = set()
    for report, table in tables.reports.items():
        owners: dict[str, str] = {}
        for name in tables.metric_names(table):
            label = tables.metrics[name].label
            owner = owners.setdefault(label.casefold(), name)
            if owner != name and name not in reported:
                reported.add(name)
                yield _shared_label(name, owner, report, label, text, file)


def _shared_label(name: str, owner: str, report: str, label: str, text: str, file: str) -> SettingsProblem:
    problem = f"in the report {report} the metric {owner} is called {shown(label)}, too"
    fix, path = "Give one of them another label.", ("metrics", name, "label")
    return SettingsProblem(place_of(path, text, file), problem, fix)


def misplaced_targets(tables: ReportsFile, text: str, file: str) -> Iterator[SettingsProblem]:
    """Goals that would be held against another period, or that no metric of the report can have."""
    for name, table in tables.metrics.items():
        if len(periods := tables.periods_of_goal(name, table)) > 1:
            problem = f"this is a goal of one period, but reports of several show it: {', '.join(periods)}"
            fix = f"Write one for each: target = {{ {' = …, '.join(periods)} = … }}."
            yield SettingsProblem(place_of(("metrics", name, "target"), text, file), problem, fix)
    for name, report in tables.reports.items():
        for metric, target in report.targets.items():
            if problem := tables.misfit(metric, target, report):
                yield SettingsProblem(place_of(("reports", name, "targets", metric), text, file), *problem)


def _without_warehouse(tables: ReportsFile, text: str, file: str) -> Iterator[SettingsProblem]:
    """Projects whose numbers are to come from a warehouse that is not described."""
    for project, report in tables.asked_in_warehouse().items():
        path, table = (
            (("projects", project), f"projects.{project}.") if project else (("reports", report), "")
        )
        problem = f"the report {report} is measured in a warehouse, and the project names none"
        yield SettingsProblem(place_of(path, text, file), problem, f"Add a table [{table}warehouse].")


def problem_and_fix(details: "ErrorDetails", path: Path, table: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and how to fix it; `table` says what may stand there."""
    context, key = details.get("ctx", {}), str(path[-1])
    match details["type"]:
        case "value_error" if isinstance(wrong := context.get("error"), Invalid):
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
        return f"there is no measure {shown(measure)}", did_you_mean(measure, words_of(MetricTable))
    return "this is no measure", 'Write one in quotes, such as "count".'


def _no_such_key(key: str, table: type[BaseModel]) -> tuple[str, str]:
    """A key of another measure is called one."""
    owners = [
        word for each in metric_tables.TABLES.values() if key in keys(each) for word in measures_of(each)
    ]
    if owners and issubclass(table, MetricTable):
        belongs = listed(owners, "and")
        return f"{key} belongs to {belongs}", "Remove it, or choose another measure."
    if not nearest(key, keys(table)) and (place := _place_of_key(key)):
        return "there is no such key here", f"It belongs to {place}."
    return "there is no such key", did_you_mean(key, keys(table))


def _place_of_key(key: str) -> str | None:
    """Where a key may stand that is known, and stands in the wrong table."""
    others = (
        ("a report, or [defaults]", DefaultsTable),
        ("a report", ReportTable),
        ("[events]", EventsTable),
    )
    for place, table in (*others, *(("a metric", one) for one in metric_tables.TABLES.values())):
        if key in keys(table):
            return place
    return next((f"a {kind}" for kind, one in destinations.KINDS.items() if key in keys(one)), None)


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
