"""What is known of a report's numbers before it is composed: doubts, what is unusual, and usual ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reporter.reports.findings import DataDoubt, Finding
from reporter.reports.periods import Period
from reporter.reports.report import CausesNotLookedFor, HolidayIn, TooLittleToJudge, Usual
from reporter.reports.subscriptions import MetricSpec


@dataclass(frozen=True, slots=True)
class Flagged:
    """A metric whose total is unusual, and what was expected of the days that were judged."""

    metric: MetricSpec
    days: Period
    expected: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said before the plain facts, and beside which metrics."""

    doubts: tuple[DataDoubt, ...] = ()
    unusual: tuple[Finding, ...] = ()  # the least likely first
    usual: Mapping[str, Usual] = field(default_factory=dict[str, Usual])  # by label: ranges that were left
    doubted: frozenset[str] = frozenset()  # labels of metrics whose tracking is at fault
    judged: int = 0  # metrics with enough history
    complete: Period | None = None  # the period's days that were judged: up to the first incomplete one
    strange: frozenset[str] = frozenset()  # labels of all metrics that are unusual, told or not
    flagged: tuple[Flagged, ...] = ()  # those whose unusual total is told
    holidays: tuple[HolidayIn, ...] = ()
    too_little: TooLittleToJudge | None = None
    not_looked_for: CausesNotLookedFor | None = None

    @property
    def is_calm(self) -> bool:
        """Whether metrics were judged, and none of them is unusual or in doubt."""
        return self.judged > 0 and not (self.doubts or self.unusual or self.strange)
