"""What a report is made from, counted from the made-up product's events in plain Python."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache

from reporter.local.product import Product, ProductEvent, days_between
from reporter.reports.definitions import is_activity
from reporter.reports.figures import (
    Daily,
    EventTotal,
    Figures,
    Measured,
    Project,
    Question,
    Ranking,
    SegmentAnswer,
    Segmentation,
)
from reporter.reports.measures import ActiveUsers, EventCount, Measure


class CountedProduct:
    """A source of figures that has all events in memory."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._on, self._daily = cache(self._each_once), cache(self._by_day)

    def project(self) -> Project:
        return Project("123456", "Acme App", self._product.zone)

    def measure(self, question: Question) -> Figures:
        return Figures(
            project=self.project(),
            question=question,
            now={one: Measured(self._number(one, question.period)) for one in question.measures},
            before={one: Measured(self._number(one, question.previous)) for one in question.measures},
            daily={one: self._daily(one) for one in question.measures},
            ranking=self._ranking(question),
            computed_at=datetime.combine(question.period.end, time(), UTC),
            queries=0,
        )

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How often events happened by each property, as the Query API tells it."""
        return SegmentAnswer(
            {
                measure: {name: self._parts(measure, name, segmentation) for name in segmentation.properties}
                for measure in segmentation.measures
            }
        )

    def _parts(self, measure: Measure, name: str, asked: Segmentation) -> dict[str, tuple[float, ...]]:
        if not isinstance(measure, EventCount):
            raise NotImplementedError(f"The made-up product's story has no parts of {measure}")
        counts = [
            Counter(str(one.properties.get(name)) for day in days for one in self._on(day, measure.event))
            for days in asked.periods
        ]
        values = sorted(set[str]().union(*counts))
        return {value: tuple(float(count[value]) for count in counts) for value in values}

    def _each_once(self, day: date, name: str | None = None) -> tuple[ProductEvent, ...]:
        """A day's events, or those of a name, each once: of those received twice, the last."""
        once = {
            (one.name, one.distinct_id, one.time, one.insert_id): one
            for one in self._product.on(day)  # those of one moment are in the order they were received
            if name in (None, one.name)
        }
        return tuple(once.values())

    def _number(self, measure: Measure, days: Iterable[date]) -> float:
        match measure:
            case EventCount(event):
                return sum(len(self._on(day, event)) for day in days)
            case ActiveUsers():
                events = (one for day in days for one in self._on(day))
                return len({one.distinct_id for one in events if one.distinct_id and is_activity(one.name)})
            case _:
                raise NotImplementedError(f"The made-up product's story has no {measure}")

    def _by_day(self, measure: Measure) -> Daily:
        days = days_between(self._product.first_day, self._product.last_day)
        return Daily(self._product.first_day, tuple(self._number(measure, [day]) for day in days))

    def _ranking(self, question: Question) -> Ranking:
        now, before = (
            Counter(one.name for day in days for one in self._on(day))
            for days in (question.period, question.previous)
        )
        return Ranking(tuple(EventTotal(name, count, before[name]) for name, count in now.most_common()))
