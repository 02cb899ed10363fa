"""What a 429 says: the hour's queries are spent, too many run at once, or Mixpanel just has too much to do.

The headers are structured fields (RFC 9651), as in the IETF's draft "RateLimit header fields for HTTP":

    RateLimit-Policy: "project";q=60;w=3600, "project-concurrency";q=5;qu="concurrent-requests"
    RateLimit: "project";r=12, "project-concurrency";r=0;t=10
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from reporter.reports.errors import FailureCause, ReporterError, Unavailable

HOUR = 3600.0
UNTIL_ONE_ENDS = 10.0  # seconds; what Mixpanel says when it says something


@dataclass(frozen=True, slots=True)
class HourSpent:
    """The hour's queries are spent; `after` so many seconds there may be one again."""

    after: float


@dataclass(frozen=True, slots=True)
class TooManyAtOnce:
    """More queries are running than may at once; try again `after` so many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Overloaded:
    """Mixpanel sheds load; `after` in seconds, where it said so."""

    after: float | None


Pressure: TypeAlias = HourSpent | TooManyAtOnce | Overloaded
Item: TypeAlias = Mapping[str, str]  # the parameters of one limit


def read_pressure(headers: Mapping[str, str]) -> Pressure:
    """Which limit was hit. What cannot be read counts as not said."""
    limits = _items(headers.get("RateLimit", ""))
    policies = _items(headers.get("RateLimit-Policy", ""))
    retry_after = _seconds(headers.get("Retry-After"))
    spent = {name: item for name, item in limits.items() if _seconds(item.get("r")) == 0}
    hourly = [item for name, item in spent.items() if not _is_concurrency(name, policies)]
    if hourly:
        waits = [wait for item in hourly if (wait := _seconds(item.get("t"))) is not None]
        return HourSpent(max(waits, default=HOUR if retry_after is None else retry_after))
    if spent:
        waits = [wait for item in spent.values() if (wait := _seconds(item.get("t"))) is not None]
        return TooManyAtOnce(max(waits, default=UNTIL_ONE_ENDS))
    return Overloaded(retry_after)


def _is_concurrency(name: str, policies: Mapping[str, Item]) -> bool:
    return policies.get(name, {}).get("qu") == "concurrent-requests" or "concurren" in name


def _items(header: str) -> dict[str, Item]:
    """Limits by name: `"project";r=0;t=3600` is named "project" and has r and t."""
    items: dict[str, Item] = {}
    for text in re.findall(r'(?:"[^"]*"|[^",])+', header):
        name, *parameters = re.findall(r'(?:"[^"]*"|[^";])+', text) or [""]
        pairs = (parameter.partition("=") for parameter in parameters)
        items[_bare(name)] = {_bare(key): _bare(value) for key, _, value in pairs}
    return items


def _bare(text: str) -> str:
    return text.strip().strip('"')


def _seconds(text: str | None) -> float | None:
    """A number of at most an hour, which is the longest window there is; None for anything else."""
    if text is None or not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,3})?", text.strip()):
        return None
    return min(float(text), HOUR)


MOST_WAITING = 60.0  # seconds, for one request
MOST_FAULTS = 3


class QueryCounter:
    """Counts the queries that Mixpanel counts against the hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def add(self) -> None:
        with self._lock:
            self.count += 1


class RetryBudget:
    """How long one request may go on being tried: a few faults, and a minute of waiting in all."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._faults = 0
        self._left = MOST_WAITING

    def wait(self, seconds: float) -> float | None:
        """So long and a little longer: those who were turned away together shall not come back together."""
        wait = max(seconds, 1.0) + self._random()
        if wait > self._left:
            return None
        self._left -= wait
        return wait

    def back_off(self, at_least: float = 0.0) -> float | None:
        """A random time up to a bound that doubles with each fault ("full jitter"); three times at most."""
        self._faults += 1
        wait = at_least + self._random() * 2.0**self._faults
        if self._faults > MOST_FAULTS or wait > self._left:
            return None
        self._left -= wait
        return wait


def turn_for(one: str, kind: str, pressure: Pressure, status: int, budget: RetryBudget) -> float:
    """How long to wait before asking again for `one` of a kind, such as "raw exports". Raises Unavailable."""
    match pressure:
        case HourSpent(after):
            raise Unavailable(
                f"The project's hourly {kind} are used up ({status}); everyone who uses Mixpanel's API "
                "shares them",
                after,
                FailureCause("hour_spent"),
            )
        case TooManyAtOnce(after):
            crowd = f"Too many {kind} of this project run at once: no turn for {one} ({status})"
            return wait_or_raise(
                budget.wait(after), Unavailable(crowd, after, FailureCause("too_many_at_once"))
            )
        case Overloaded(after):
            load = f"Mixpanel has too much to do for {one} ({status})"
            return wait_or_raise(
                budget.back_off(after or 0.0), Unavailable(load, after, FailureCause("overloaded"))
            )
        case _:
            assert_never(pressure)


def wait_or_raise(wait: float | None, error: ReporterError) -> float:
    """How long to wait; the error where the budget for waiting is spent."""
    if wait is None:
        raise error
    return wait
