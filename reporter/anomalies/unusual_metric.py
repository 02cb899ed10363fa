"""A metric, or a part of one, that is called unusual, and what is said of it."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from reporter.anomalies.parts import JudgedPart
from reporter.reports.causes import MetricPart
from reporter.reports.figures import Figures, Measured
from reporter.reports.findings import Finding, Unusual, UnusualDay
from reporter.reports.measures import ActiveUsers, EventUsers, PropertyStatistic, parts_of
from reporter.reports.periods import Period
from reporter.reports.report import Usual
from reporter.reports.subscriptions import MetricSpec

if TYPE_CHECKING:  # loads numpy
    from reporter.anomalies.expectation import Expectation
    from reporter.anomalies.rate_history import Histories


@dataclass(frozen=True, slots=True)
class UnusualMetric:
    """A metric that is called unusual, whose tracking is not in doubt."""

    metric: MetricSpec
    found: "Expectation"
    past: "Histories"
    is_complete: bool  # whether all days of the period were judged
    judged_part: JudgedPart | None = None  # that it is, where it is no metric of the report

    @property
    def label(self) -> str:
        return self.judged_part.whole.label if self.judged_part else self.metric.label

    @property
    def part(self) -> MetricPart | None:
        return self.judged_part.part if self.judged_part else None

    def rank(self) -> tuple[float, float]:
        """The least likely first, then the largest."""
        return self.found.chance, -abs(self.found.change)

    @property
    def is_rate(self) -> bool:
        return self.past.is_rate(self.metric.label)

    @property
    def is_of_users(self) -> bool:
        """Whether a user may be in several of its parts."""
        return any(isinstance(part, EventUsers | ActiveUsers) for part in parts_of(self.metric.measure))

    def has_range(self, figures: Figures) -> bool:
        """Whether its number can be held against its range.

        What is expected of days that overlap in their users, of medians of days, or of some of the days, is
        another number.
        """
        figure, has_all_days = figures.now[self.metric.measure], self.metric.label not in self.past.masked
        is_of_days = self.past.is_exact(self.metric) and not (self.is_of_users and not self.is_rate)
        if not (self.found.total_unusual and self.is_complete and has_all_days and is_of_days):
            return False
        value = figure.value if isinstance(figure, Measured) else self.found.actual
        return value > self.found.high if self.found.change > 0 else value < self.found.low

    @property
    def usual(self) -> Usual:
        return Usual(self.found.low, self.found.high, self.found.expected)

    def finding(self, figures: Figures) -> Finding:
        """The total, or the one day of it that is unusual."""
        metric, one = self.metric, self.found
        if one.day is not None and not one.total_unusual:
            day = self.past.day(one.day.day)
            actual = self._of_day(day, figures)
            return UnusualDay(self.label, day, actual, one.day.expected, metric.format, self.part)
        figure, has_range = figures.now[metric.measure], self.has_range(figures)
        value = figure.value if isinstance(figure, Measured) else one.actual
        return Unusual(
            label=self.label,
            value=value,
            ratio=self._ratio(value),
            low=one.low if has_range else None,
            high=one.high if has_range else None,
            is_of_users=self.is_of_users,
            format=metric.format,
            part=self.part,
        )

    def _ratio(self, value: float) -> float:
        """How far off it is. Of amounts, large ones are judged up to a bound, and told as they are."""
        told = value / self.found.expected - 1 if self.found.expected else self.found.change
        is_of_amounts = isinstance(self.metric.measure, PropertyStatistic) and self.is_complete
        return told if is_of_amounts and told * self.found.change > 0 else self.found.change

    def _of_day(self, day: date, figures: Figures) -> float:
        """The day's own number, in which single large amounts count as they are."""
        daily = figures.daily.get(self.metric.measure)
        number = daily.total(Period.of_days(day, day)) if daily else None
        judged = self.found.day.actual if self.found.day else 0.0
        return judged if number is None else number
