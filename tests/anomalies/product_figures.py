"""What a report is made from, counted from the made-up product's events in plain Python."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache

from reporter.anomalies.segments import SegmentHistory
from reporter.local.product import Product, ProductEvent, days_between
from reporter.reports.definitions import is_activity
from reporter.reports.figures import Daily, EventTotal, Figures, Measured, Project, Question, Ranking
from reporter.reports.measures import ActiveUsers, EventCount, Measure
from reporter.reports.periods import Period

Segments = dict[str, dict[str, SegmentHistory]]
PAST_WEEKS = 8


class CountedProduct:
    """A source of figures that has all events in memory."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._on, self._daily = cache(self._each_once), cache(self._by_day)

    def measure(self, question: Question, computed_at: datetime) -> Figures:
        return Figures(
            project=Project("123456", "Acme App", self._product.zone),
            question=question,
            now={one: Measured(self._number(one, question.period)) for one in question.measures},
            before={one: Measured(self._number(one, question.previous)) for one in question.measures},
            daily={one: self._daily(one) for one in question.measures},
            ranking=self._ranking(question),
            computed_at=computed_at,
            queries=0,
        )

    def segments(
        self, event: str, properties: Iterable[str], week: Period
    ) -> tuple[Segments, SegmentHistory]:
        """How often an event happened by each property, and in all: in the weeks before, and in this one."""
        weeks = [week.earlier(7 * number) for number in range(PAST_WEEKS, -1, -1)]
        events = [[one for day in each for one in self._on(day) if one.name == event] for each in weeks]
        segments = {name: _parts(events, lambda one, name=name: _text(one, name)) for name in properties}
        return segments, _part([len(each) for each in events])

    def _each_once(self, day: date) -> tuple[ProductEvent, ...]:
        """A day's events, each once: of those received twice, the last."""
        once = {
            (one.name, one.distinct_id, one.time, one.insert_id): one
            for one in self._product.on(day)  # those of one moment are in the order they were received
        }
        return tuple(once.values())

    def _number(self, measure: Measure, days: Iterable[date]) -> float:
        events = (one for day in days for one in self._on(day))
        match measure:
            case EventCount(event):
                return sum(one.name == event for one in events)
            case ActiveUsers():
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


def _text(event: ProductEvent, name: str) -> str:
    return str(event.properties.get(name))


def _parts(
    weeks: list[list[ProductEvent]], value_of: Callable[[ProductEvent], str]
) -> dict[str, SegmentHistory]:
    counts = [Counter(map(value_of, events)) for events in weeks]
    values = sorted(set[str]().union(*counts))
    return {value: _part([count[value] for count in counts]) for value in values}


def _part(counts: list[int]) -> SegmentHistory:
    *past, actual = map(float, counts)
    return past, actual
