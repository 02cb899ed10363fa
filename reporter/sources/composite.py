"""Sources over others: the Query API first and raw events for the rest, and no day before it is complete."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.reports.figures import (
    Failed,
    Figure,
    Figures,
    Project,
    Question,
    RawReason,
    SegmentAnswer,
    Segmentation,
    Source,
)
from reporter.reports.measures import Measure, parts_of
from reporter.reports.periods import Period, apart

LOG = logging.getLogger("reporter.sources.composite")


class RawEventSource(Protocol):
    """Figures that are worked out from raw events."""

    def measure(self, question: Question, because: RawReason) -> Figures: ...

    def segments(self, segmentation: Segmentation) -> SegmentAnswer: ...


@dataclass(frozen=True, slots=True)
class FallbackSource:
    """Asks the Query API first, and raw events for what it does not give: two sources, read as one."""

    query: Source  # the Query API: raises PlanRefused where the plan has none
    events: RawEventSource

    def project(self) -> Project:
        """The project and its zone, which every plan tells. Raises Unavailable or Refused."""
        return self.query.project()

    def measure(self, question: Question) -> Figures:
        """What was asked. Raises Unavailable or Refused where neither source has anything."""
        try:
            figures = self.query.measure(question)
        except PlanRefused:
            return self.events.measure(question, RawReason.PLAN)
        because, ranking = _reasons(figures), _ranking_reason(figures)
        reasons = {*because.values(), *ranking}
        if not reasons:
            return figures
        why = RawReason.REFUSED if RawReason.REFUSED in reasons else RawReason.NOT_OFFERED
        rest = replace(question, measures=tuple(because), ranks_events=bool(ranking))
        try:
            return _completed(figures, self.events.measure(rest, why))
        except ReporterError as error:
            LOG.warning("raw events not measured: %s", error)
            return _explained(figures, because, error)

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did. Raises Unavailable or Refused."""
        try:
            return self.query.segments(segmentation)
        except Refused:  # the plan, or just this query
            return self.events.segments(segmentation)


@dataclass(frozen=True, slots=True)
class SplitSource:
    """Asks the warehouse for what a report wants measured there, and another source for the rest."""

    otherwise: Source
    warehouse: Source
    measures: frozenset[Measure]  # that the warehouse measures

    def project(self) -> Project:
        return self.otherwise.project()

    def measure(self, question: Question) -> Figures:
        """What was asked. Raises Unavailable or Refused where neither source has anything."""
        there = tuple(one for one in question.measures if one in self.measures)
        rest = tuple(one for one in question.measures if one not in self.measures)
        if not rest and not question.ranks_events:
            return self.warehouse.measure(question)
        if not there:
            return self.otherwise.measure(question)
        figures = replace(self.otherwise.measure(replace(question, measures=rest)), question=question)
        try:
            found = self.warehouse.measure(replace(question, measures=there, ranks_events=False))
        except ReporterError as error:
            LOG.warning("warehouse not measured: %s", error)
            return _without(figures, there, error)
        raw = found.raw and replace(found.raw, is_all=False)
        return _completed(figures, replace(found, raw=figures.raw or raw))

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        """How each part of the product did. Raises Unavailable or Refused."""
        parts = {part for measure in self.measures for part in (measure, *parts_of(measure))}
        answer = SegmentAnswer({})
        for source, is_there in ((self.warehouse, True), (self.otherwise, False)):
            wanted = tuple(one for one in segmentation.measures if (one in parts) is is_there)
            if wanted:
                found = source.segments(replace(segmentation, measures=wanted))
                answer = SegmentAnswer({**answer.measures, **found.measures}, answer.queries + found.queries)
        return answer


def _without(figures: Figures, measures: tuple[Measure, ...], error: ReporterError) -> Figures:
    """The figures that are there, and the others failed."""
    is_temporary = isinstance(error, Unavailable)
    after = error.after if isinstance(error, Unavailable) else None
    failed = dict.fromkeys(measures, Failed(str(error), is_temporary, after, causes=error.known_causes))
    return replace(figures, now={**figures.now, **failed}, before={**figures.before, **failed})


def _reasons(figures: Figures) -> Mapping[Measure, RawReason]:
    """The measures that only raw events can tell, and why."""
    found: dict[Measure, RawReason] = {}
    for measure in figures.question.measures:
        for figure in (figures.now[measure], figures.before[measure]):
            if isinstance(figure, Failed) and figure.raw_reason is not None:
                found.setdefault(measure, figure.raw_reason)
    return found


def _ranking_reason(figures: Figures) -> tuple[RawReason, ...]:
    """Why only raw events can rank what fulfils the report's filter; nothing where they need not."""
    failed = figures.ranking if figures.question.where and isinstance(figures.ranking, Failed) else None
    return (failed.raw_reason,) if failed and failed.raw_reason else ()


def _completed(figures: Figures, rest: Figures) -> Figures:
    """The numbers of days go with their figure: those of a ratio's parts do not replace the parts' own."""
    kept = {one: days for one, days in figures.daily.items() if one not in rest.now}
    return replace(
        figures,
        now={**figures.now, **rest.now},
        before={**figures.before, **rest.before},
        daily={**rest.daily, **kept},
        earlier={**figures.earlier, **rest.earlier},
        ranking=figures.ranking if rest.ranking is None else rest.ranking,
        computed_at=min(figures.computed_at, rest.computed_at),
        raw=rest.raw,
    )


def _explained(figures: Figures, because: Mapping[Measure, RawReason], error: ReporterError) -> Figures:
    """The figures that are there, the others failed for both reasons; temporarily if raw events may come."""
    passing = isinstance(error, Unavailable)
    after = error.after if isinstance(error, Unavailable) else None

    def explained(measure: Measure, figure: Figure) -> Figure:
        if measure not in because or not isinstance(figure, Failed):
            return figure
        if str(error) in figure.reason:  # such as an account that is not accepted anywhere
            return Failed(figure.reason, passing, after, causes=figure.causes)
        reason = f"{figure.reason}. From raw events: {error}"
        return Failed(reason, passing, after, causes=(*figure.error().known_causes, *error.known_causes))

    return replace(
        figures,
        now={measure: explained(measure, figure) for measure, figure in figures.now.items()},
        before={measure: explained(measure, figure) for measure, figure in figures.before.items()},
    )


WAITED_FOR = timedelta(seconds=90)  # a timer may fire a minute early, and no two clocks agree to the second


@dataclass(frozen=True, slots=True)
class CompleteDays:
    """Tells no day as complete that is not over at Mixpanel, whatever this machine's clock says."""

    source: Source
    server_now: Callable[[], datetime | None]  # None where no server has told it
    ask: Callable[[], object]  # Mixpanel, for what time it is. Raises Unavailable or Refused
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def project(self) -> Project:
        return self.source.project()

    def measure(self, question: Question) -> Figures:
        """What was asked. Raises Unavailable, too, where the period is not over."""
        self._wait_for(question.period, self.project().zone)
        return self.source.measure(question)

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        return self.source.segments(segmentation)

    def _wait_for(self, period: Period, zone: ZoneInfo) -> None:
        end = datetime.combine(period.end, time.min, zone)
        if self._left(end) <= timedelta(0):
            return
        with suppress(Refused):  # an answer, too; the one that is known may be from before the machine slept
            self.ask()
        left = self._left(end)
        if left > WAITED_FOR:
            raise Unavailable(self._problem(period), after=left.total_seconds())
        self.sleep(max(left.total_seconds(), 0.0))

    def _left(self, end: datetime) -> timedelta:
        """How long until then; nothing where no server has told the time."""
        server = self.server_now()
        return end - server if server is not None else timedelta(0)

    def _problem(self, period: Period) -> str:
        server = self.server_now() or self.clock()
        ahead = apart(self.clock() - server)
        return (
            f"{period.last} is not over at Mixpanel: this machine's clock is {ahead} ahead. "
            "Let it be set by the network (NTP)"
        )
