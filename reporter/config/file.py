"""The text of reports.toml -> its checked shape, or every fault with its line."""

import re
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from reporter.config import metric_tables
from reporter.config.conditions import ConditionTable, StepTable
from reporter.config.destination_tables import BotTable, WebhookTable
from reporter.config.elsewhere import Elsewhere
from reporter.config.faults import shown
from reporter.config.labels import shared_labels
from reporter.config.lines import Path, line_of
from reporter.config.problems import problem_and_fix
from reporter.config.report_tables import DefaultsTable, ReportTable
from reporter.config.shape import EventsTable, ReportsFile
from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import looks_secret

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TABLES: dict[str | int, type[BaseModel]] = {
    "events": EventsTable,
    "defaults": DefaultsTable,
    "reports": ReportTable,
}
KINDS: dict[str | int, Mapping[str | int, type[BaseModel]]] = {  # of tables that have several, by their tag
    "metrics": metric_tables.TABLES,
    "destinations": {"webhook": WebhookTable, "bot": BotTable},
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
        checked = ReportsFile.model_validate(tables, context=Elsewhere.of(tables))
    except ValidationError as error:
        found = [_fault(details, text, file) for details in error.errors(include_url=False)]
        faults.extend(fault for _, fault in sorted(found, key=lambda pair: pair[0]))
        return None
    shared = [*shared_labels(checked, text, file)]
    faults.extend(shared)
    return None if shared else checked


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
    place = f"{file} line {line}" if line else file
    return line or 0, SettingsProblem(f"{place}, {_written(path)}", problem, fix)


def _path_and_table(found: Path, kind: str) -> tuple[Path, type[BaseModel]]:
    """Where it stands in the file, and the table that says what may stand there."""
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key = "measure" if found[0] == "metrics" else "type"
        return (*found, key), next(iter(KINDS[found[0]].values()))
    if found[0] in KINDS and len(found) > 2:
        path = (*found[:2], *found[3:])  # pydantic puts the kind in between
        return path, _within(path[2:]) or KINDS[found[0]][found[2]]
    return found, TABLES.get(found[0], ReportsFile) if len(found) > 1 else ReportsFile


def _within(path: Path) -> type[BaseModel] | None:
    """The table inside of a metric's: where.plan.is, steps[0].event, steps[0].where.plan.is."""
    match path:
        case ("where", _, _, *_) | ("steps", _, "where", _, _, *_):
            return ConditionTable
        case ("steps", _, _, *_):
            return StepTable
        case _:
            return None


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
