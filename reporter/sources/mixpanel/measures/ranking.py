"""The busiest events of those that fulfil conditions: `/events` counts all of them, Insights just these."""

from dataclasses import dataclass
from datetime import datetime

from reporter.reports.conditions import Where
from reporter.reports.definitions import is_activity
from reporter.reports.figures import Daily, EventTotal, Failed, Question, Ranking
from reporter.reports.periods import Period, is_apart
from reporter.sources.mixpanel.measures.counts import NamesQuery
from reporter.sources.mixpanel.measures.insights import MOST_METRICS, InsightsAnswer, InsightsQuery
from reporter.sources.mixpanel.queries import QueryApi, unclear
from reporter.sources.mixpanel.query_language import InsightsMetric, Math, obstacle


def ranking_queries(question: Question) -> "tuple[RankingQuery, ...]":
    """What is asked for the ranking of a report with a filter; nothing where there is no such filter.

    One query for both periods, and one for each where they lie a year apart.
    """
    if not question.ranks_events or not question.where or obstacle(question.where):
        return ()
    periods = (question.period, question.previous)
    if is_apart(*periods):
        return tuple(RankingQuery(question.where, period) for period in periods)
    return (RankingQuery(question.where, Period(question.previous.start, question.period.end)),)


@dataclass(frozen=True, slots=True)
class RankingQuery:
    """How often the project's most common events fulfilled the conditions, by the day: as many as fit in."""

    where: Where
    period: Period

    def fetch(self, api: QueryApi) -> "RankingAnswer":
        names = tuple(filter(is_activity, api.answer(NamesQuery())))
        events = names[:MOST_METRICS]
        if not events:
            return RankingAnswer({}, api.now())
        metrics = {event: InsightsMetric(event, Math.TOTAL, None, self.where) for event in events}
        answer = api.answer(InsightsQuery(tuple(metrics.values()), self.period, by_day=True))
        days = {event: answer.daily(metric) for event, metric in metrics.items()}
        is_clear = _is_clear(answer, len([one for one in days.values() if one is not None]))
        is_partial = len(names) > len(events)
        return RankingAnswer(days if is_clear else None, answer.computed_at, is_partial)


def _is_clear(answer: InsightsAnswer, found: int) -> bool:
    """Whether each series is known to be an event's, so that an event without one did not happen."""
    return len(answer.series.series) == found


@dataclass(frozen=True, slots=True)
class RankingAnswer:
    """The counts of each event; None where the answer does not tell which they are."""

    days: dict[str, Daily | None] | None
    computed_at: datetime
    is_partial: bool = False

    def ranking(self, question: Question, past: "RankingAnswer", *, may_lack: bool) -> Ranking | Failed:
        if self.days is None or past.days is None:
            return unclear("Mixpanel's answer does not tell which numbers are those of which event")
        totals: list[EventTotal] = []
        for event, daily in self.days.items():
            then = past.days.get(event)
            now = 0.0 if daily is None else daily.total(question.period)
            before = 0.0 if then is None else then.total(question.previous)
            if now is None or before is None:
                return unclear(
                    f"Mixpanel's answer has no numbers for each day since {question.previous.start}"
                )
            totals.append(EventTotal(event, now, before))
        return Ranking.of(totals, is_partial=self.is_partial or may_lack)
