"""A report in words, once: every renderer draws this page, and only cuts it to the room that it has."""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing, sanitize, sentences
from reporter.render.metric_text import BreakdownText, MetricText, breakdown_text, metric_text
from reporter.render.phrases import words
from reporter.reports.figures import Failed
from reporter.reports.periods import Period
from reporter.reports.report import Chart, Report, TopEvents
from reporter.reports.subscriptions import NUMBER

FARTHEST = 1e300  # beyond this the arithmetic of a scale overflows


@dataclass(frozen=True, slots=True)
class RankedEvent:
    """An event of the ranking; `part` is its length beside the busiest one's, 0..1."""

    name: str
    count: str
    change: str
    part: float


@dataclass(frozen=True, slots=True)
class RankingText:
    """The busiest events out of `known` ones, or the remark that stands in their place."""

    locale: str
    rows: tuple[RankedEvent, ...] = ()
    known: int = 0
    has_changes: bool = False
    remark: str = ""

    def aside(self, shown: int) -> str:
        """How many events are shown: 5 of 42 events."""
        say = words(self.locale)
        if shown >= self.known:
            return phrasing.counted(say.ranked_all, shown, self.locale)
        known = numbers.number(self.known, self.locale)
        return say.ranked_of.format(shown=numbers.number(shown, self.locale), known=known)


@dataclass(frozen=True, slots=True)
class ChartText:
    """A chart in words: what it and its lines are called, and its numbers by span, this period's and before.

    A remark stands in the place of a chart whose numbers cannot be drawn.
    """

    chart: Chart
    label: str
    heading: str
    lines: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that a report says. Names in it are clean (see `sanitize`), but not escaped."""

    locale: str
    title: str  # never empty
    dates: str
    context: tuple[str, ...]  # the days, what they are compared with, the zone, the project
    findings: tuple[str, ...]
    metrics: tuple[MetricText, ...]
    breakdowns: tuple[BreakdownText, ...]
    ranking: RankingText | None  # None: not asked for
    charts: tuple[ChartText, ...]
    notes: tuple[str, ...]
    freshness: tuple[str, ...]
    mention: str | None


def page_of(report: Report) -> Page:
    """A report in its locale's words."""
    locale = report.locale
    return Page(
        locale=locale,
        title=sanitize.clean(report.title) or sanitize.clean(report.name) or words(locale).nameless,
        dates=dates.date_range(report.period, locale),
        context=dates.period_line(report),
        findings=tuple(sentences.finding(found, report) for found in report.findings),
        metrics=tuple(metric_text(metric, report) for metric in report.metrics),
        breakdowns=tuple(breakdown_text(detail, locale) for detail in report.details),
        ranking=_ranking(report),
        charts=tuple(_chart(chart, report) for chart in report.charts),
        notes=tuple(sentences.note(noted, report) for noted in report.notes),
        freshness=dates.freshness(report),
        mention=report.mention,
    )


def _ranking(report: Report) -> RankingText | None:
    match report.top_events:
        case TopEvents(rows=()):
            return RankingText(report.locale, remark=words(report.locale).no_events)
        case TopEvents():
            return _ranked(report.top_events, report.locale)
        case Failed():
            return RankingText(report.locale, remark=_not_ranked(report.top_events, report))
        case None:
            return None
        case _:
            assert_never(report.top_events)


def _ranked(top: TopEvents, locale: str) -> RankingText:
    most = max(row.count for row in top.rows)
    rows = tuple(
        RankedEvent(
            name=phrasing.name(row.name, locale),
            count=numbers.number(row.count, locale),
            change=numbers.change(row.change, NUMBER, locale),
            part=numbers.part(row.count, most),
        )
        for row in top.rows
    )
    return RankingText(locale, rows, top.known, has_changes=any(row.change for row in top.rows))


def _not_ranked(failed: Failed, report: Report) -> str:
    say = words(report.locale)
    if failures.is_in_summary(failed, report):
        return f"{say.failed_alike[:1].upper()}{say.failed_alike[1:]}."
    reason = failures.reason(failed.reason, failed.causes, report.locale)
    return say.ranking_failed.format(reason=reason)


def _chart(chart: Chart, report: Report) -> ChartText:
    say, locale = words(report.locale), report.locale
    label = phrasing.name(chart.label, locale)
    is_average = any(span.length > 1 for span in chart.spans)
    heading = say.per_day.format(label=label) if is_average else label
    if not _is_drawable(chart):
        return ChartText(chart, label, heading, remark=say.chart_not_drawn.format(label=label))
    return ChartText(
        chart,
        label,
        heading,
        lines=_line_names(chart, report),
        ticks=tuple(dates.tick(span, locale) for span in chart.spans),
        values=tuple(numbers.amount(value, chart.format, locale) for value in chart.values),
        previous=tuple(numbers.amount(value, chart.format, locale) for value in chart.previous),
    )


def _is_drawable(chart: Chart) -> bool:
    """Whether there is a number for each span, and none is endless."""
    fits = len(chart.values) == len(chart.spans) and len(chart.previous) in (0, len(chart.spans))
    values = (*chart.values, *chart.previous)
    return bool(values) and fits and all(abs(value) < FARTHEST for value in values)


def _line_names(chart: Chart, report: Report) -> tuple[str, ...]:
    """The days of each line: a single day's chart shows its week, so "this period" would be untrue."""
    covered = Period(chart.spans[0].start, max(span.end for span in chart.spans))
    before = report.previous if covered == report.period else covered.previous
    drawn = (covered, before) if chart.previous else (covered,)
    return tuple(dates.date_range(period, report.locale, beside=covered) for period in drawn)
