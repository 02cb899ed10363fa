"""What a single parameter may be: each check returns the value, or raises Wrong."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast
from unicodedata import category

from reporter.reports.periods import Cadence, Period, day_of
from reporter.validation import Invalid, did_you_mean, shown

Choice = TypeVar("Choice")

MOST_DAYS = 5 * 366  # the days before, which are compared with, must be dates that Mixpanel takes
MOST_EVENTS = 20  # metrics of a report that can be read
LONGEST_EVENT = 255  # characters (Mixpanel, data limits)
LONGEST_EVENTS = 2_000  # characters; an order must fit into a message of the queue, 48 KiB
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
FORMATS = ("json", "html", "slack")
KEY = r"[!-~]([ -~]{0,126}[!-~])?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TICKET = rf"([A-Za-z][A-Za-z0-9_-]{{0,59}})\.({DATE})\.({DATE})\.([0-9a-f]{{16}})"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names an order by hand, so that what became of it can be looked up."""

    report: str
    period: Period
    id: str

    def __str__(self) -> str:
        return f"{self.report}.{self.period.start}.{self.period.last}.{self.id}"


def cadence(value: object) -> Cadence:
    return _one_of({each.value: each for each in Cadence}, "period", value)


def form(value: object) -> str:
    return _one_of({each: each for each in FORMATS}, "format", value)


def report(value: object, names: Collection[str]) -> str:
    return _one_of({name: name for name in names}, "report", value)


def _one_of(choices: dict[str, Choice], what: str, value: object) -> Choice:
    text = _text(value)
    if text not in choices:
        raise Invalid(f"there is no {what} {shown(text)}", did_you_mean(text, choices))
    return choices[text]


def flag(value: object) -> bool:
    """A boolean of JSON, or a word for one."""
    if isinstance(value, bool):
        return value
    found = FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None
    if found is None:
        raise Invalid("is neither true nor false", "Write true or false.")
    return found


def day(value: object) -> date:
    text = _text(value)
    try:
        return day_of(text)
    except ValueError as error:
        raise Invalid(f"{shown(text)} {error}", "Write it as YYYY-MM-DD: 2026-11-16.") from None


def events(value: object) -> tuple[str, ...]:
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
        raise Invalid(
            "holds a name that is too long", f"Mixpanel's names have at most {LONGEST_EVENT} characters."
        )
    if any(category(character) in ("Cc", "Cs") for character in name):
        raise Invalid("holds a character that no name has", "Write each name as Mixpanel has it.")
    return name


def key(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(KEY, value):
        raise Invalid("is no key", "Use 1 to 128 printable ASCII characters, such as a UUID.")
    return value


def ticket(value: object, names: Collection[str]) -> Ticket:
    """A status address's own parameter."""
    found = re.fullmatch(TICKET, _text(value))
    try:
        period = Period.of_days(day(found[2]), day(found[3])) if found else None
    except ValueError:  # no days, or reversed ones
        period = None
    if found is None or period is None or found[1] not in names:
        raise Invalid("is no order of this app", "Use the address as the answer 202 gave it.")
    return Ticket(found[1], period, found[4])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Invalid("is no text", "Write it in quotation marks, or leave it out.")
    return value
