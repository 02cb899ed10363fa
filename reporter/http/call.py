"""What a call asks for, read from its address, body and headers; all that is wrong is named at once."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, cast, get_args
from unicodedata import category

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
)
from pydantic.json_schema import SkipJsonSchema, WithJsonSchema

from reporter.http.request import HttpRequest
from reporter.publishing.on_demand import Ticket
from reporter.render.document_types import DocumentPart
from reporter.reports.pasted import looks_secret
from reporter.reports.periods import Cadence, Period, day_of
from reporter.validation import Invalid, did_you_mean, shown

MOST_EVENTS = 20  # metrics of a report that can be read
LONGEST_EVENT = 255  # characters (Mixpanel, data limits)
LONGEST_EVENTS = 2_000  # characters; an order must fit into a message of the queue, 48 KiB
LARGEST_BODY = 64 * 1024  # bytes
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
KEY = r"[!-~]([ -~]{0,126}[!-~])?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TICKET = rf"([A-Za-z][A-Za-z0-9_-]{{0,59}})\.({DATE})\.({DATE})\.([0-9a-f]{{16}})"
STATUS = "status"
FUNCTION_KEY = "code"  # Azure's own parameter, in the address only
IDEMPOTENCY_KEY = "Idempotency-Key"

ReportForm: TypeAlias = Literal["json", "html", "slack"]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Invalid("is no text", "Write it in quotation marks, or leave it out.")
    return value


def _one_of(value: object, what: str | None, choices: Collection[str]) -> str:
    text = _text(value)
    if text not in choices:
        raise Invalid(f"there is no {what} {shown(text)}", did_you_mean(text, choices))
    return text


def _cadence(value: object) -> Cadence:
    return Cadence(_one_of(value, "period", [each.value for each in Cadence]))


def _report(value: object, info: ValidationInfo) -> str:
    return _one_of(value, "report", cast("Collection[str]", info.context))


def _form(value: object) -> str:
    return _one_of(value, "format", get_args(ReportForm))


def _flag(value: object) -> bool:
    """A boolean of JSON, or a word for one."""
    if isinstance(value, bool):
        return value
    found = FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None
    if found is None:
        raise Invalid("is neither true nor false", "Write true or false.")
    return found


def _day(value: object) -> date:
    text = _text(value)
    try:
        return day_of(text)
    except ValueError as error:
        raise Invalid(f"{shown(text)} {error}", "Write it as YYYY-MM-DD: 2026-11-16.") from None


def _events(value: object) -> tuple[str, ...]:
    """Names with commas between them, or a list of names; each once."""
    if isinstance(value, list):
        names = [_event(each) for each in cast("list[object]", value)]
    else:
        names = [_event(name) for name in map(str.strip, _text(value).split(",")) if name]
    found = tuple(dict.fromkeys(names))
    if not found:
        raise Invalid("names no event", "Name one, or leave it out for the report's own metrics.")
    if len(found) > MOST_EVENTS:
        raise Invalid(f"names {len(found)} events", f"Name at most {MOST_EVENTS}.")
    if sum(map(len, found)) > LONGEST_EVENTS:
        raise Invalid("is too long", f"Name fewer: {LONGEST_EVENTS} characters in all.")
    return found


def _event(value: object) -> str:
    name = _text(value)
    if not name.strip():
        raise Invalid("holds an event without a name", "Write each name as Mixpanel has it.")
    if len(name) > LONGEST_EVENT:
        fix = f"Mixpanel's names have at most {LONGEST_EVENT} characters."
        raise Invalid("holds a name that is too long", fix)
    if any(category(character) in ("Cc", "Cs") for character in name):
        raise Invalid("holds a character that no name has", "Write each name as Mixpanel has it.")
    return name


def _ticket(value: object, info: ValidationInfo) -> Ticket:
    """A status address's own parameter."""
    found = re.fullmatch(TICKET, _text(value))
    try:
        period = Period.of_days(_day(found[2]), _day(found[3])) if found else None
    except ValueError:  # no days, or reversed ones
        period = None
    if found is None or period is None or found[1] not in cast("Collection[str]", info.context):
        raise Invalid("is no order of this app", "Use the address as the answer 202 gave it.")
    return Ticket(found[1], period, found[4])


class CallProblem(DocumentPart):
    """One thing wrong with a call."""

    parameter: str
    problem: str
    fix: str = Field(serialization_alias="mend")


class BadRequest(Exception):
    """The caller must change the call."""

    def __init__(self, problems: Sequence[CallProblem]) -> None:
        super().__init__("; ".join(f"{one.parameter} {one.problem}" for one in problems))
        self.problems = tuple(problems)


_WORD: Final = {"type": "string", "enum": [*FLAGS, "True", "False"]}
_NAMES: Final = {"type": "string", "minLength": 1, "examples": ["Sign Up,Page View"]}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_EVENT}
_NAME_LIST: Final = {"type": "array", "items": _NAME, "minItems": 1, "maxItems": MOST_EVENTS}


class ReportCall(BaseModel):
    """A call that can be understood."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: Annotated[Cadence | SkipJsonSchema[None], BeforeValidator(_cadence)] = Field(
        default=None,
        description="Which days, where none are chosen: yesterday, the last 7, the last 14, or the last "
        "calendar month. It also chooses the report, where none is named: the first one of this period.",
        json_schema_extra={"default": "daily"},
        examples=["weekly"],
    )
    report: Annotated[str | SkipJsonSchema[None], BeforeValidator(_report)] = Field(
        default=None,
        description="A report of reports.toml, by name.",
        json_schema_extra={"pattern": "^[A-Za-z][A-Za-z0-9_-]{0,59}$"},
        examples=["weekly"],
    )
    send_slack: Annotated[
        bool,
        BeforeValidator(_flag),
        WithJsonSchema({"anyOf": [_WORD, {"type": "boolean"}, {"enum": [0, 1]}]}),
    ] = Field(
        default=True,
        description="Whether the report is sent to its destinations.",
        json_schema_extra={"default": "true"},
    )
    from_date: Annotated[date | SkipJsonSchema[None], BeforeValidator(_day)] = Field(
        default=None, description="The first day, instead of the period's days.", examples=["2026-11-01"]
    )
    to_date: Annotated[date | SkipJsonSchema[None], BeforeValidator(_day)] = Field(
        default=None,
        description="The last day; the last complete one when left out. Needs from_date.",
        examples=["2026-11-10"],
    )
    events: Annotated[
        tuple[str, ...], BeforeValidator(_events), WithJsonSchema({"anyOf": [_NAMES, _NAME_LIST]})
    ] = Field(
        default=(),
        description="Event names with commas between them, counted instead of the report's metrics. "
        f"At most {MOST_EVENTS} names of {LONGEST_EVENT} characters.",
    )
    format: Annotated[ReportForm, BeforeValidator(_form)] = Field(
        default="json",
        description="How the report comes back: as data, as a page, or as the message that Slack gets.",
    )
    status: SkipJsonSchema[Annotated[Ticket | None, BeforeValidator(_ticket)]] = None
    _key: str | None = PrivateAttr(None)

    @property
    def key(self) -> str | None:
        """Makes repeated calls one; from the headers."""
        return self._key

    def with_key(self, key: str | None) -> "ReportCall":
        """The same call under this key."""
        self._key = key
        return self


PARAMETERS: Final = tuple(name for name in ReportCall.model_fields if name != STATUS)


def read_call(request: HttpRequest, reports: Collection[str]) -> ReportCall:
    """What is asked for; `reports` are the names there are. Raises BadRequest."""
    problems: list[CallProblem] = []
    query = {name: value for name, value in request.query.items() if name != FUNCTION_KEY}
    body = _body(request.body, problems)
    _refuse_unknown((*query, *body), problems)
    addressed, sent = (_understood(place, reports, problems) for place in (query, body))
    _refuse_different(addressed, sent, problems)
    given = {name: getattr(one, name) for one in (sent, addressed) for name in one.model_fields_set}
    call = ReportCall.model_construct(**given)
    _refuse_contradictions(call, {*query, *body}, problems)
    key = request.headers.get(IDEMPOTENCY_KEY.lower())
    if key is not None and not re.fullmatch(KEY, key):
        fix = "Use 1 to 128 printable ASCII characters, such as a UUID."
        problems.append(_problem(IDEMPOTENCY_KEY, "is no key", fix))
    if problems:
        raise BadRequest(problems)
    return call.with_key(key)


def _problem(parameter: str, problem: str, fix: str) -> CallProblem:
    return CallProblem(parameter=parameter, problem=problem, fix=fix)


def _body(body: bytes, problems: list[CallProblem]) -> Mapping[str, object]:
    """The parameters in the body; none where there is a problem."""
    if not body.strip():
        return {}
    problem = "is too large" if len(body) > LARGEST_BODY else "is no JSON object in UTF-8"
    try:
        parsed: object = json.loads(body.decode()) if len(body) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return cast("dict[str, object]", parsed)
    fix = 'Send a JSON object, such as {"period": "weekly"}, or nothing.'
    problems.append(_problem("body", problem, fix))
    return {}


def _refuse_unknown(names: Sequence[str], problems: list[CallProblem]) -> None:
    """What nobody would read must not be passed over in silence."""
    known = tuple(ReportCall.model_fields)
    unknown = (name for name in dict.fromkeys(names) if name not in known)
    problems.extend(unknown_parameter(name, known) for name in unknown)


def unknown_parameter(name: str, known: Collection[str]) -> CallProblem:
    hidden = looks_secret(name) or len(name) > 60 or not name.isprintable()
    fix = did_you_mean(name, known) if known else "Leave it out: this address takes none."
    return _problem(shown(name) if hidden else name, "is no parameter", fix)


def _understood(
    given: Mapping[str, object], reports: Collection[str], problems: list[CallProblem]
) -> ReportCall:
    """What can be understood of the parameters in one place; the others are problems."""
    known = {name: value for name, value in given.items() if name in ReportCall.model_fields}
    try:
        return ReportCall.model_validate(known, context=reports)
    except ValidationError as error:
        for one in error.errors():
            name, wrong = str(one["loc"][0]), cast("Invalid", one["ctx"]["error"])  # pyright: ignore
            problems.append(_problem(name, wrong.problem, wrong.fix))
            del known[name]
        return _understood(known, reports, problems)


def _refuse_different(addressed: ReportCall, sent: ReportCall, problems: list[CallProblem]) -> None:
    for name in ReportCall.model_fields:
        is_twice = name in addressed.model_fields_set & sent.model_fields_set
        if is_twice and getattr(addressed, name) != getattr(sent, name):
            fix = "Give it once: in the address or in the body."
            problems.append(_problem(name, "is given twice, with different values", fix))


def _refuse_contradictions(call: ReportCall, given: set[str], problems: list[CallProblem]) -> None:
    """What is wrong between parameters that are right by themselves."""
    if STATUS in given and not given.isdisjoint(PARAMETERS):
        fix = "Ask for the status alone, as the answer 202 gave the address."
        problems.append(_problem(STATUS, "stands beside other parameters", fix))
    elif "to_date" in given and "from_date" not in given:
        problem = "is missing: the days have an end but no start"
        problems.append(_problem("from_date", problem, "Give the first day, too."))
    elif call.from_date and call.to_date and call.to_date < call.from_date:
        problem = f"{call.to_date} is before the first day, {call.from_date}"
        problems.append(_problem("to_date", problem, "Give the earlier day as from_date."))
