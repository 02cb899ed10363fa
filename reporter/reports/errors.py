"""What can go wrong, sorted by what the caller does about it.

ReporterError
  ConfigError         a person must change settings; names every fault, its place and the fix
  Unavailable         may work later
    TooLong             less at once may do
    LaterVersion        a later version of this program wrote it, and has to read it
  Refused             never as it is
    DaysRefused         days that cannot be reported
    PlanRefused         the Mixpanel plan does not include this API
  DeliveryUncertain   the request went out and the answer was lost: never repeat blindly
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from traceback import format_tb
from typing import Literal, TypeAlias, get_args

from reporter.reports.periods import Period

FailureCode: TypeAlias = Literal[
    "hour_spent",
    "too_many_at_once",
    "overloaded",
    "rate_limited",
    "fault",
    "too_slow",
    "unreachable",
    "no_answer",
    "cut_off",
    "plan_without_query_api",
    "plan_without_export",
    "account_refused",
    "access_refused",
    "not_found",
    "out_of_reach",
    "refused",
    "not_offered",
    "unclear_answer",
    "needs_query_api",
    "events_missing",
    "files_begin_late",
    "files_end_early",
    "no_events",
    "other",  # what has no words of its own: `said` is the English text
]


@dataclass(frozen=True, slots=True)
class FailureCause:
    """Why something failed, as a value: renderers put it into the reader's language."""

    code: FailureCode
    status: int | None = None  # of HTTP
    said: str = ""  # what others said, in their own words
    days: tuple[date, ...] = ()
    settings: tuple[str, ...] = ()  # the names of those to look at


def causes_text(causes: tuple[FailureCause, ...]) -> str:
    """Causes as JSON, as a notice keeps them."""
    values = [
        [cause.code, cause.status, cause.said, [*map(str, cause.days)], cause.settings] for cause in causes
    ]
    return json.dumps(values, ensure_ascii=False)


def read_causes(text: str) -> tuple[FailureCause, ...]:
    """Causes from JSON; none where a later version wrote one that is not known here."""
    values = json.loads(text)
    if not all(code in get_args(FailureCode) for code, *_ in values):
        return ()
    return tuple(
        FailureCause(code, status, said, tuple(map(date.fromisoformat, days)), tuple(settings))
        for code, status, said, days, settings in values
    )


class ReporterError(Exception):
    """Anything this program says on purpose. Its text is fit for people and holds no secret."""

    def __init__(self, message: str, *causes: FailureCause) -> None:
        super().__init__(message)
        self.causes = causes  # the same for readers of other languages; none where it is English for all

    @property
    def known_causes(self) -> tuple[FailureCause, ...]:
        """The causes; the text itself where it has none."""
        return self.causes or (FailureCause("other", said=str(self)),)


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing wrong with the settings: where it stands, what is wrong, and how to fix it."""

    place: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}. {self.fix}"


class ConfigError(ReporterError):
    """A person must change settings."""

    def __init__(self, faults: tuple[SettingsProblem, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults

    @classmethod
    def at(cls, place: str, problem: str, fix: str) -> "ConfigError":
        """The error of one setting."""
        return cls((SettingsProblem(place, problem, fix),))


class Unavailable(ReporterError):
    """May work later; `after` is in seconds, None when nobody said."""

    def __init__(self, message: str, after: float | None = None, *causes: FailureCause) -> None:
        super().__init__(message, *causes)
        self.after = after


class TooLong(Unavailable):
    """It took Mixpanel too long to give these periods; fewer days at once may do."""

    def __init__(self, message: str, periods: tuple[Period, ...]) -> None:
        super().__init__(message, None, FailureCause("too_slow"))
        self.periods = periods


class LaterVersion(Unavailable):
    """A later version of this program wrote it; it is left as it is, for that version to go on with."""


class Refused(ReporterError):
    """Will never work as it is."""


class DaysRefused(Refused):
    """The days that were asked for cannot be reported; `fix` says which can."""

    def __init__(self, message: str, fix: str = "Choose days up to the last complete one.") -> None:
        super().__init__(message)
        self.fix = fix


class PlanRefused(Refused):
    """The project's Mixpanel plan does not include the API that was asked."""


class DeliveryUncertain(ReporterError):
    """The request went out and the answer was lost: it may have happened."""


def free_again(error: BaseException | None, now: datetime) -> str:
    """When the hour's queries are free again, where they are spent; else nothing."""
    if not isinstance(error, Unavailable) or not error.after:
        return ""
    if all(cause.code != "hour_spent" for cause in error.causes):
        return ""
    free = now.astimezone(UTC) + timedelta(seconds=error.after, minutes=1) - timedelta.resolution
    return f"They are free again at {free:%H:%M} UTC."


def describe_failure(error: Exception) -> str:
    """What an error says, if it is one of ours. Another's words may hold an address: where it broke, then."""
    if isinstance(error, ReporterError):
        return str(error)
    return f"{type(error).__name__}\n{''.join(format_tb(error.__traceback__))}"
