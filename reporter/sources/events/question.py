"""A question to raw events: what is measured for it, and which of its names are unknown."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, cast

from reporter.reports.conditions import ALL_EVENTS, Condition, Scalar
from reporter.reports.definitions import (
    Coverage,
    daily_measures,
    figures_before,
    is_judged_by_periods,
    periods_before,
    periods_of,
)
from reporter.reports.errors import FailureCause
from reporter.reports.figures import (
    Daily,
    Failed,
    Figure,
    Question,
    Unknown,
    UnknownEvent,
    UnknownProperty,
    divide,
)
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    Measure,
    PropertyStatistic,
    Ratio,
    SavedFunnel,
    SavedInsights,
    has_days,
    parts_of,
)
from reporter.reports.periods import Period, is_apart
from reporter.reports.references import (
    Content,
    Reference,
    events_of,
    is_doubtful,
    is_empty,
    nearest,
    references,
    unknown,
    with_nearest,
)
from reporter.sources.events.measures import (
    EventsPlan,
    EventsResult,
    MeasureRequest,
    RawMeasure,
    definition,
)
from reporter.sources.events.measures.aggregates import MOST_VALUES
from reporter.sources.events.measures.sql import Parameters, column, count_of, expression, is_set, number

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_SUGGESTED = 255  # the most common ones, among which the likely meant one is looked for


def look_up(
    connection: "DuckDBPyConnection",
    references: Iterable[Reference],
    since: date,
    names_of: Callable[[str], Sequence[str]],
) -> Mapping[Reference, Unknown]:
    """What is not known in the view `events`; `names_of` tells which properties an event has."""
    found: dict[Reference, Unknown] = {}
    for reference in references:
        problem = unknown(reference, _content(connection, reference, since))
        if problem is None:
            continue
        known: Sequence[Scalar] = (
            names_of(reference.event)
            if isinstance(problem, UnknownProperty)
            else _values(connection, reference)
        )
        if (explained := with_nearest(reference, problem, known)) is not None:
            found[reference] = explained
    return found


def _content(connection: "DuckDBPyConnection", reference: Reference, since: date) -> Content:
    parameters, value = Parameters(), column(reference.property)
    tests = (
        is_set(value),
        f"{number(value)} IS NOT NULL",
        f"{value} IN ('true', 'false')",
        *(expression(condition, parameters) for condition in reference.conditions),
    )
    text = f"""
        SELECT count(*), {", ".join(count_of(test) for test in tests)} FROM events
        WHERE {_is_of(reference, parameters)}
    """
    row = connection.execute(text, parameters.values).fetchone()
    total, there, numbers, truths, *held = cast("tuple[int, ...]", row)
    return Content(
        since=since,
        occurrences=total > 0,
        is_set=there > 0,
        has_numbers=numbers > 0,
        has_truths=truths > 0,
        held=held_of(reference.conditions, held),
    )


def _is_of(reference: Reference, parameters: Parameters) -> str:
    """The condition that an event is the one that is referred to."""
    return "true" if reference.event == ALL_EVENTS else f"event = {parameters(reference.event)}"


def held_of(conditions: Collection[Condition], counts: Iterable[int]) -> frozenset[Condition]:
    return frozenset(one for one, count in zip(conditions, counts, strict=True) if count)


def _values(connection: "DuckDBPyConnection", reference: Reference) -> list[Scalar]:
    """The most common values of the property; of a list, its items."""
    parameters, value = Parameters(), column(reference.property)
    text = f"""
        SELECT {value} FROM events WHERE {_is_of(reference, parameters)} AND {is_set(value)}
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST_SUGGESTED}
    """
    rows = cast("list[tuple[str]]", connection.execute(text, parameters.values).fetchall())
    return [*dict.fromkeys(chain.from_iterable(scalars_of(written) for (written,) in rows))]


def scalars_of(written: str) -> list[Scalar]:
    value = cast("object", json.loads(written))
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str | float | int)]


SAVED = Failed(
    "A report saved in Mixpanel needs its Query API, which the plan may lack. "
    "Define the metric by its events",
    causes=(FailureCause("needs_query_api"),),
)


def plan_of(question: Question, history: Period | None) -> EventsPlan:
    """All that the question needs; daily numbers over the history, as far as there is one."""
    periods = periods_of(question)
    requests = frozenset(
        request
        for measure in question.measures
        for period in periods
        for request in requests_of(measure, period, question)
    )
    earlier = earlier_requests(question, history).values() if history else ()
    daily = (one for measure in question.measures for one in daily_measures(measure))
    return EventsPlan(
        requests=requests.union(*(asked for one in earlier for asked in one.values())),
        daily=frozenset(daily) if history else frozenset(),
        history=history,
        ranking=(periods[0], periods[-1]) if question.ranks_events else None,
        ranked=question.where if question.ranks_events else (),
    )


def requests_of(measure: Measure, period: Period, question: Question) -> tuple[MeasureRequest, ...]:
    """What is measured over a period; of the one before all values, so that those large now have a change."""
    is_whole = period == question.previous
    return tuple(
        MeasureRequest(
            replace(part, top=MOST_VALUES) if is_whole and isinstance(part, Breakdown) else part, period
        )
        for part in measurable_parts(measure)
    )


def measurable_parts(measure: Measure) -> tuple[RawMeasure, ...]:
    """What must be measured for a measure; nothing, where events cannot tell it."""
    parts = parts_of(measure)
    found = tuple(part for part in parts if isinstance(part, RawMeasure))
    return found if len(found) == len(parts) else ()


def earlier_requests(
    question: Question, history: Period
) -> Mapping[Measure, Mapping[Period, tuple[MeasureRequest, ...]]]:
    """What is measured over earlier periods, as far as the history has all the days that it takes."""
    return {
        measure: {
            period: requests_of(measure, period, question)
            for period in periods_before(question)
            if begins(measure, period) >= history.start
        }
        for measure in question.measures
        if is_judged_by_periods(measure)
    }


def begins(measure: Measure, period: Period) -> date:
    """The first day that it takes to be right about the period."""
    return min(definition(part).days(period).start for part in measurable_parts(measure))


def counts_users(measure: Measure) -> bool:
    """Whether it matters to the measure which events are of the same person."""
    each = (part.of if isinstance(part, Breakdown) else part for part in parts_of(measure))
    return any(
        not isinstance(one, EventCount | PropertyStatistic | SavedInsights | SavedFunnel) for one in each
    )


def divided(measure: Measure, figures: Sequence[Figure]) -> Figure:
    """The figure of a measure, of those of its parts."""
    return divide(*figures) if isinstance(measure, Ratio) else figures[0]


@dataclass(frozen=True, slots=True)
class QuestionReader:
    """Reads the figures of one question; `history` are the days that the daily numbers cover."""

    question: Question
    history: Period
    result: EventsResult
    unknown: Mapping[Reference, Unknown] = field(default_factory=dict[Reference, Unknown])

    @property
    def now(self) -> Mapping[Measure, Figure]:
        return {measure: self._figure(measure, self.question.period) for measure in self.question.measures}

    @property
    def before(self) -> Mapping[Measure, Figure]:
        """The same over the previous period; a number of a time before the first event is none."""
        return figures_before(self.question, self.coverage, self._figure)

    @property
    def daily(self) -> Mapping[Measure, Daily]:
        return {
            one: self.result.daily[one]
            for measure, figure in self.now.items()
            for one in daily_measures(measure)
            if one in self.result.daily and not isinstance(figure, Unknown)
        }

    @property
    def earlier(self) -> Mapping[Measure, Mapping[Period, Figure]]:
        """Figures of earlier periods, of what is judged by them; none of a time before the first event."""
        first = self.coverage.first_day or self.question.period.end
        return {
            measure: {
                period: divided(measure, [self.result.figures[one] for one in requests])
                for period, requests in periods.items()
                if begins(measure, period) >= first
            }
            for measure, periods in earlier_requests(self.question, self.history).items()
        }

    def doubtful(self) -> tuple[Reference, ...]:
        """What measures name whose numbers are nothing throughout: it may not exist."""
        measurable = (measure for measure in self.question.measures if measurable_parts(measure))
        parts = (part for measure in measurable for part in parts_of(measure))
        found = (reference for part in parts if self._is_doubtful(part) for reference in references(part))
        return tuple(reference for reference in dict.fromkeys(found) if self._happened(reference.event))

    def _happened(self, event: str) -> bool:
        """In either period: of an event that did not, a zero needs no other reason."""
        seen = self.result.seen.values() if event == ALL_EVENTS else [self.result.seen.get(event)]
        return any(days is not None and days.end > periods_of(self.question)[-1].start for days in seen)

    def _is_doubtful(self, part: Measure) -> bool:
        periods = periods_of(self.question)
        requests = (one for period in periods for one in requests_of(part, period, self.question))
        daily = self.result.daily.get(part) if has_days(part) else None
        return is_doubtful([self.result.figures[one] for one in requests], daily)

    def _figure(self, measure: Measure, period: Period) -> Figure:
        requests = requests_of(measure, period, self.question)
        if not requests:
            return SAVED
        for event in events_of(measure):
            if event not in self.result.seen:
                return UnknownEvent(event, nearest(event, tuple(self.result.seen)))
        figures = [self._checked(request) for request in requests]
        return divided(measure, figures)

    def _checked(self, request: MeasureRequest) -> Figure:
        """What was measured, or what is unknown where that came out as nothing."""
        figure = self.result.figures[request]
        if not is_empty(figure):
            return figure
        unknown = (self.unknown.get(reference) for reference in references(request.measure))
        return next((one for one in unknown if one is not None), figure)

    @property
    def coverage(self) -> Coverage:
        """From which day on the events are known."""
        first = min((days.start for days in self.result.seen.values()), default=None)
        asked, far = periods_of(self.question), is_apart(self.question.period, self.question.previous)
        return Coverage(asked[-1].start if far else self.history.start, first)
