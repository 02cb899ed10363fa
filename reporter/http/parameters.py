"""What a call asks for, read from its query, its body and its headers; all that is wrong is said at once."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar, cast

from reporter.http import parameter_types
from reporter.http.messages import Request
from reporter.http.parameter_types import Ticket
from reporter.reports.pasted import looks_secret
from reporter.reports.periods import Cadence
from reporter.validation import Invalid, did_you_mean, shown

Value = TypeVar("Value")

ASKED = ("period", "report", "send_slack", "from_date", "to_date", "events", "format")
STATUS = "status"
FUNCTION_KEY = "code"  # Azure's own parameter, in the query only
IDEMPOTENCY_KEY = "Idempotency-Key"
LARGEST_BODY = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a call."""

    parameter: str
    problem: str
    fix: str


class BadRequest(Exception):
    """The caller must change the call."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.parameter} {one.problem}" for one in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that can be understood."""

    period: Cadence | None = None
    report: str | None = None
    sends: bool = True
    first: date | None = None
    last: date | None = None
    events: tuple[str, ...] = ()
    form: str = "json"
    key: str | None = None
    status: Ticket | None = None  # what became of this order is asked, and nothing else


def wanted(request: Request, reports: Collection[str]) -> Wanted:
    """What is asked for; `reports` are the names there are. Raises BadRequest."""
    problems: list[Problem] = []
    reading = _Reading(request.query, _body(request.body, problems), problems)
    reading.refuse_unknown()
    sends = reading.read("send_slack", parameter_types.flag)
    key = request.headers.get(IDEMPOTENCY_KEY.lower())
    found = Wanted(
        period=reading.read("period", parameter_types.cadence),
        report=reading.read("report", partial(parameter_types.report, names=reports)),
        sends=True if sends is None else sends,
        first=reading.read("from_date", parameter_types.day),
        last=reading.read("to_date", parameter_types.day),
        events=reading.read("events", parameter_types.events) or (),
        form=reading.read("format", parameter_types.form) or "json",
        key=None if key is None else _checked(IDEMPOTENCY_KEY, key, parameter_types.key, problems),
        status=reading.read(STATUS, partial(parameter_types.ticket, names=reports)),
    )
    problems += _contradictions(found, reading)
    if problems:
        raise BadRequest(tuple(problems))
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """The parameters of a call as they came."""

    query: Mapping[str, str]
    body: Mapping[str, object]
    problems: list[Problem]

    def has(self, name: str) -> bool:
        return name in self.query or name in self.body

    def read(self, name: str, check: Callable[[object], Value]) -> Value | None:
        """The parameter's value; None where it is left out, or wrong."""
        places = [place[name] for place in (self.query, self.body) if name in place]
        found = [_checked(name, value, check, self.problems) for value in places]
        if len(found) == 2 and None not in found and found[0] != found[1]:
            fix = "Give it once: in the address or in the body."
            self.problems.append(Problem(name, "is given twice, with different values", fix))
        return found[0] if found else None

    def refuse_unknown(self) -> None:
        """What nobody would look at must not be overlooked in silence."""
        known = (*ASKED, STATUS)
        given = dict.fromkeys((*(name for name in self.query if name != FUNCTION_KEY), *self.body))
        self.problems.extend(
            Problem(_named(name), "is no parameter", did_you_mean(name, known))
            for name in given
            if name not in known
        )


def _named(name: str) -> str:
    return shown(name) if looks_secret(name) or len(name) > 60 or not name.isprintable() else name


def _checked(
    name: str, value: object, check: Callable[[object], Value], problems: list[Problem]
) -> Value | None:
    try:
        return check(value)
    except Invalid as wrong:
        problems.append(Problem(name, wrong.problem, wrong.fix))
        return None


def _body(body: bytes, problems: list[Problem]) -> Mapping[str, object]:
    """The parameters in the body; none where there is a problem."""
    if not body.strip():
        return {}
    problem = "is too large" if len(body) > LARGEST_BODY else "is no JSON object in UTF-8"
    try:
        said: object = json.loads(body.decode()) if len(body) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return cast("dict[str, object]", said)
    problems.append(Problem("body", problem, 'Send a JSON object, such as {"period": "weekly"}, or nothing.'))
    return {}


def _contradictions(found: Wanted, reading: _Reading) -> list[Problem]:
    """What is wrong between parameters that are right by themselves."""
    if reading.has(STATUS) and any(map(reading.has, ASKED)):
        fix = "Ask for the status alone, as the answer 202 gave the address."
        return [Problem(STATUS, "stands beside other parameters", fix)]
    if reading.has("to_date") and not reading.has("from_date"):
        return [
            Problem("from_date", "is missing: the days have an end but no start", "Give the first day, too.")
        ]
    if found.first and found.last and found.last < found.first:
        problem = f"{found.last} is before the first day, {found.first}"
        return [Problem("to_date", problem, "Give the earlier day as from_date.")]
    return []
