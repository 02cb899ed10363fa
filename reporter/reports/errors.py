"""What can go wrong, sorted by what the caller does about it.

ReporterError
  ConfigError         a person must change settings; names every fault, its place and the fix
  Unavailable         may work later
    TooLong             less at once may do
  Refused             never as it is
    DaysRefused         days that cannot be reported
    PlanRefused         the Mixpanel plan does not include this API
  DeliveryUncertain   the request went out and the answer was lost: never repeat blindly
"""

from dataclasses import dataclass

from reporter.reports.periods import Period


class ReporterError(Exception):
    """Anything this program says on purpose. Its text is fit for people and holds no secret."""


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

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class TooLong(Unavailable):
    """It took Mixpanel too long to give these periods; fewer days at once may do."""

    def __init__(self, message: str, periods: tuple[Period, ...]) -> None:
        super().__init__(message)
        self.periods = periods


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
