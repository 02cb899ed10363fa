"""A report in words, once: every renderer draws this page, and only cuts it to the room that it has."""

from dataclasses import dataclass, replace
from itertools import groupby
from typing import assert_never

from reporter.render import dates, notes, numbers, phrasing, sanitize, scope, sentences
from reporter.render.chart_text import ChartText, chart_text
from reporter.render.metric_text import BreakdownText, MetricText, breakdown_text, metric_text, no_number
from reporter.render.mixpanel_events import event_name
from reporter.render.phrases import words
from reporter.render.sentences import FindingText
from reporter.reports.figures import Failed, Measured, Undefined
from reporter.reports.findings import (
    BusiestEvent,
    Finding,
    Late,
    MeasuredFromRaw,
    Note,
    NothingUnusual,
    NotMeasured,
    Unusual,
    UnusualDay,
)
from reporter.reports.periods import Comparison
from reporter.reports.report import Report, TopEvent, TopEvents
from reporter.reports.subscriptions import NUMBER

MOST_OWN_LINE = 200


@dataclass(frozen=True, slots=True)
class RankedEvent:
    """An event of the ranking; `part` is its length beside the busiest one's, 0..1."""

    name: str
    count: str
    users: str
    change: str
    part: float


@dataclass(frozen=True, slots=True)
class RankingText:
    """The busiest events out of `known` ones, or the remark that stands in their place."""

    locale: str
    rows: tuple[RankedEvent, ...] = ()
    known: int = 0
    has_users: bool = False
    has_changes: bool = False
    remark: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """What the numbers of a row are."""
        say = words(self.locale)
        return self._shown(say.count, say.users, say.change)

    def numbers(self, row: RankedEvent) -> tuple[str, ...]:
        """A row's numbers, without the columns in which none is known."""
        return self._shown(row.count, row.users, row.change)

    def _shown(self, count: str, users: str, change: str) -> tuple[str, ...]:
        return (count, *([users] if self.has_users else []), *([change] if self.has_changes else []))

    def aside(self, shown: int) -> str:
        """How many events are shown: 5 of 42 events."""
        say = words(self.locale)
        if shown >= self.known:
            return phrasing.counted(say.ranked_all, shown, self.locale)
        known = numbers.number(self.known, self.locale)
        return say.ranked_of.format(shown=numbers.number(shown, self.locale), known=known)


@dataclass(frozen=True, slots=True)
class Page:
    """All that a report says. Names in it are clean (see `sanitize`), but not escaped."""

    locale: str
    title: str  # never empty
    dates: str  # empty where the title says them
    findings: tuple[FindingText, ...]
    metrics: tuple[MetricText, ...]
    breakdowns: tuple[BreakdownText, ...]
    ranking: RankingText | None  # None: not asked for, or not measured
    charts: tuple[ChartText, ...]
    missing: str  # what could not be measured, and why
    notes: tuple[str, ...]
    footer: tuple[str, ...]  # what it is compared with, up to when it is complete, whose it is
    link: str  # where more is to be found
    own_line: str  # of the settings
    mention: str | None
    is_alert: bool
    compares: bool = True  # whether there is a period before to be beside this one
    before_title: str = ""  # what stands over its numbers, where that is not the period before

    def headed(self, title: str) -> str:
        """The title, cut as there is room, and the days."""
        return " · ".join(filter(None, (title, self.dates)))

    @property
    def sections(self) -> tuple[tuple[str, tuple[MetricText, ...]], ...]:
        """The metrics under their headings; the empty one is for those that have none."""
        grouped = groupby(self.metrics, lambda metric: metric.section)
        return tuple((heading, tuple(metrics)) for heading, metrics in grouped)


def page_of(report: Report) -> Page:
    """A report in its locale's words. An alert tells of what is unusual, and of nothing else."""
    locale, is_whole, days = report.locale, not report.is_alert, dates.beside(report.title, report)
    report = dates.with_dates(report)
    metrics = _metrics(report) if is_whole else ()
    shared = _shared_remarks(metrics)
    return Page(
        locale=locale,
        title=sanitize.clean(report.title) or sanitize.clean(report.name) or words(locale).nameless,
        dates=days,
        findings=tuple(
            sentences.finding(found, report) for found in report.findings if _is_told(found, report)
        ),
        metrics=tuple(replace(one, remark="") if one.remark in shared else one for one in metrics),
        breakdowns=tuple(breakdown_text(detail, locale) for detail in report.details) if is_whole else (),
        ranking=_ranking(report) if is_whole else None,
        charts=tuple(chart_text(chart, report) for chart in report.charts),
        missing=missing_text(report),
        notes=(*(_noted(*remark, locale) for remark in shared.items()), *_notes(report)),
        footer=_footer(report),
        link=_link(report),
        own_line=sanitize.shown(report.footer, "", MOST_OWN_LINE),
        mention=report.mention,
        is_alert=report.is_alert,
        compares=report.compare is not Comparison.NONE,
        before_title=dates.before_title(report),
    )


def _is_told(found: Finding, report: Report) -> bool:
    """Whether it is worth a line: the ranking tells the busiest event, and what is missing stands apart."""
    if isinstance(found, BusiestEvent | NotMeasured):
        return False
    return not (report.is_alert and isinstance(found, NothingUnusual))


def _metrics(report: Report) -> tuple[MetricText, ...]:
    """Those that have a number, or nothing to measure."""
    shown = [metric for metric in report.metrics if metric.is_measured and not metric.is_repeated]
    return tuple(metric_text(metric, report) for metric in shown)


def _shared_remarks(metrics: tuple[MetricText, ...]) -> dict[str, list[str]]:
    """What is remarked on several metrics alike, and on which."""
    hit: dict[str, list[str]] = {}
    for metric in metrics:
        if metric.remark:
            hit.setdefault(metric.remark, []).append(metric.label)
    return {remark: labels for remark, labels in hit.items() if len(labels) > 1}


def _noted(remark: str, labels: list[str], locale: str) -> str:
    said = words(locale).labelled.format(label=phrasing.few(tuple(labels), locale), value=remark)
    return f"{said}."


def _notes(report: Report) -> tuple[str, ...]:
    """What else a reader must know; of an alert only that it is late."""
    told = [noted for noted in report.notes if _changes_the_reading(noted)]
    if report.is_alert:
        told = [noted for noted in told if isinstance(noted, Late)]
    return tuple(notes.note(noted, report) for noted in told)


def _changes_the_reading(noted: Note) -> bool:
    """Whether numbers are to be read otherwise for it: how raw events were tidied is bookkeeping."""
    if not isinstance(noted, MeasuredFromRaw):
        return True
    raw = noted.raw
    return bool(raw.unlinked_from or raw.begins or raw.unreadable)


def missing_text(report: Report) -> str:
    """What could not be measured, each reason once for all that it hit."""
    say, locale = words(report.locale), report.locale
    hit: dict[str, list[str]] = {}
    for metric in report.metrics:
        if not isinstance(metric.figure, Measured | Undefined):
            hit.setdefault(no_number(metric.figure, report), []).append(phrasing.name(metric.label, locale))
    if isinstance(report.top_events, Failed):
        hit.setdefault(no_number(report.top_events, report), []).append(say.top_events)
    groups = (f"{phrasing.few(tuple(labels), locale)} ({reason})" for reason, labels in hit.items())
    return say.missing.format(groups=say.joint.join(groups)) if hit else ""


def _footer(report: Report) -> tuple[str, ...]:
    """One quiet line; an alert has only what tells it from others: the project, the filter."""
    company, project = sanitize.shown(report.company, ""), sanitize.shown(report.project, "")
    whose = (company, project) if report.names_project and company != project else (company or project,)
    about = scope.filter_line(report.where, report.locale)
    if report.is_alert:
        parts = (*(whose if report.names_project else ()), about)
    else:
        parts = (dates.comparison(report), dates.completeness(report), *whose, about)
    return tuple(part for part in parts if part)


def _link(report: Report) -> str:
    """Where more is to be found: of an alert, about what it is about."""
    about = {found.label for found in report.findings if isinstance(found, Unusual | UnusualDay)}
    own = (metric.link for metric in report.metrics if metric.link and metric.label in about)
    return (next(own, None) if report.is_alert else None) or report.link


def _ranking(report: Report) -> RankingText | None:
    match report.top_events:
        case TopEvents(rows=()):
            return RankingText(report.locale, remark=words(report.locale).no_events)
        case TopEvents():
            return _ranked(report.top_events, report.locale)
        case Failed() | None:
            return None
        case _:
            assert_never(report.top_events)


def _ranked(top: TopEvents, locale: str) -> RankingText:
    most = max(row.count for row in top.rows)
    counts = numbers.column((row.count for row in top.rows), NUMBER, locale)
    rows = tuple(
        RankedEvent(
            name=phrasing.name(row.label or event_name(row.name, locale), locale),
            count=count,
            users=numbers.number(row.users, locale),
            change=_moved(row, locale),
            part=numbers.part(row.count, most),
        )
        for row, count in zip(top.rows, counts, strict=True)
    )
    has_users = any(row.users is not None for row in top.rows)
    return RankingText(locale, rows, top.known, has_users, has_changes=any(row.change for row in top.rows))


def _moved(row: TopEvent, locale: str) -> str:
    """An event that did not happen before is new, however often it happens now."""
    is_new = row.change is not None and not row.change.previous and row.change.value
    return words(locale).new if is_new else numbers.change(row.change, NUMBER, locale)
