"""A metric in words: its number, how it moved, its usual range, its goal; and what it is made of."""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing
from reporter.render.dates import none_earlier
from reporter.render.phrases import words
from reporter.reports.conditions import ALL_EVENTS, Scalar
from reporter.reports.figures import (
    Failed,
    Figure,
    Incomparable,
    Measured,
    NotNumeric,
    TooLittleHistory,
    Undefined,
    Unknown,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
    Unlike,
)
from reporter.reports.references import shown
from reporter.reports.report import Detail, DetailKind, DetailRow, Progress, Report, ReportedMetric

MOST_NEAREST = 2


@dataclass(frozen=True, slots=True)
class MetricText:
    """A metric in parts. `remark` stands instead of a number, or instead of a change, and says why."""

    label: str
    value: str
    change: str = numbers.MISSING
    previous: str = numbers.MISSING
    remark: str = ""
    versus: str = ""  # the change, beside the previous number where that says more; empty where there is none
    usual: str = ""  # the normal range, where the value left it
    progress: str = ""  # towards the goal

    @property
    def is_measured(self) -> bool:
        return self.value != numbers.MISSING

    @property
    def asides(self) -> tuple[str, ...]:
        """What is said besides the numbers."""
        return tuple(filter(None, (self.remark, self.usual, self.progress)))

    def line(self, before_the_goal: str = " · ") -> str:
        """All but the label, on one line: 1,204 · +12.7% vs 1,068 · usual 1,010–1,130."""
        value = "" if self.remark and not self.is_measured else self.value
        known = " · ".join(filter(None, (value, self.remark, self.versus, self.usual)))
        return before_the_goal.join(filter(None, (known, self.progress)))


def metric_text(metric: ReportedMetric, report: Report) -> MetricText:
    """A metric in parts."""
    locale, form = report.locale, metric.format
    label = phrasing.name(metric.label, locale)
    if not isinstance(metric.figure, Measured):
        return MetricText(label, numbers.MISSING, remark=_no_number(metric.figure, report))
    value = numbers.amount(metric.figure.value, form, locale)
    usual, progress = _usual(metric, locale), _progress(metric, locale)
    if not isinstance(metric.previous, Measured):
        remark = _incomparable(metric.previous, report)
        return MetricText(label, value, remark=remark, usual=usual, progress=progress)
    change = numbers.change(metric.change, form, locale)
    previous = numbers.amount(metric.previous.value, form, locale)
    versus = "" if change == numbers.MISSING else change
    if versus and value != previous and _says_more(metric):
        versus = words(locale).versus.format(change=change, previous=previous)
    return MetricText(label, value, change, previous, versus=versus, usual=usual, progress=progress)


def _says_more(metric: ReportedMetric) -> bool:
    """Whether the previous number tells what its change does not: none tells that it is new."""
    return metric.change is not None and (metric.format.is_percent or metric.change.relative is not None)


def _usual(metric: ReportedMetric, locale: str) -> str:
    """The normal range, of a metric that left it."""
    if metric.usual is None:
        return ""
    edges = (metric.usual.low, metric.usual.high)
    low, high = (numbers.estimate(edge, metric.format, locale) for edge in edges)
    return words(locale).usual.format(low=low, high=high)


def _progress(metric: ReportedMetric, locale: str) -> str:
    """71% of the goal of 300, by 31 Dec 2026."""
    if metric.progress is None:
        return ""
    goal = metric.progress.goal
    said = _towards(metric.progress, is_percent=metric.format.is_percent, locale=locale).format(
        target=numbers.aim(goal.target, metric.format, locale),
        share=numbers.share(metric.progress.share, locale),
    )
    if goal.by is None or metric.progress.is_reached:
        return said
    return words(locale).goal_by.format(goal=said, date=dates.date_alone(goal.by, locale))


def _towards(progress: Progress, *, is_percent: bool, locale: str) -> str:
    """Of percentages no share is told: 85% of 40% reads as something else."""
    say = words(locale)
    if progress.goal.is_limit:
        return say.limit_kept if progress.is_reached else say.limit_passed
    if progress.is_reached:
        return say.goal_reached
    return say.goal_aim if is_percent else say.goal_open


def _no_number(
    figure: Undefined | UnknownEvent | Unknown | Failed | TooLittleHistory | Incomparable, report: Report
) -> str:
    locale, say = report.locale, words(report.locale)
    match figure:
        case Undefined():
            return say.undefined
        case UnknownEvent(event, nearest):
            problem = say.unknown_event.format(event=phrasing.quoted(event, say))
            return _did_you_mean(problem, nearest, locale)
        case UnknownProperty() | UnknownValue() | NotNumeric():
            return unknown_name(figure, locale)
        case Failed() if failures.is_in_summary(figure, report):
            return say.failed_alike
        case Failed():
            return say.failed.format(reason=failures.reason(figure.reason, figure.causes, locale))
        case TooLittleHistory(first_day):
            return say.too_little_history.format(date=dates.day(first_day, locale))
        case Incomparable(why):
            return _unlike(why, locale)
        case _:
            assert_never(figure)


def unknown_name(figure: Unknown, locale: str) -> str:
    """Which name the project does not know, and which it may know instead."""
    say = words(locale)
    event = say.any_event if figure.event == ALL_EVENTS else phrasing.quoted(figure.event, say)
    parts = {"event": event, "property": phrasing.quoted(figure.property, say)}
    match figure:
        case UnknownProperty(since=since, nearest=nearest):
            date = dates.date_alone(since, locale)
            return _did_you_mean(say.unknown_property.format(**parts, date=date), nearest, locale)
        case UnknownValue(value=value, since=since, nearest=nearest):
            parts |= {"value": _value(value, locale), "date": dates.date_alone(since, locale)}
            problem = say.unknown_part if figure.is_part else say.unknown_value
            return _did_you_mean(problem.format(**parts), nearest, locale)
        case NotNumeric():
            return say.not_numeric.format(**parts)
        case _:
            assert_never(figure)


def _did_you_mean(problem: str, nearest: tuple[Scalar, ...], locale: str) -> str:
    likely = tuple(_value(each, locale) for each in nearest[:MOST_NEAREST])
    if not likely:
        return problem
    listed = numbers.listed(likely, locale, either=True)
    return words(locale).did_you_mean.format(problem=problem, nearest=listed)


def _value(value: Scalar, locale: str) -> str:
    """Text in quotation marks, as the text “3” is not the number 3."""
    return phrasing.quoted(value, words(locale)) if isinstance(value, str) else shown(value)


def _unlike(why: Unlike, locale: str) -> str:
    match why:
        case Unlike.RIPENS:
            return words(locale).before_ripened
        case Unlike.OTHER_DAYS:
            return words(locale).before_other_days
        case _:
            assert_never(why)


def _incomparable(previous: Figure, report: Report) -> str:
    match previous:
        case TooLittleHistory():
            return none_earlier(report)
        case Undefined():
            return words(report.locale).before_undefined
        case Incomparable(why):
            return _unlike(why, report.locale)
        case _:
            return words(report.locale).before_failed


MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """A value or a step: what it is called, its number, and what part of the whole that is."""

    name: str
    value: str
    share: str  # empty where it says nothing
    change: str
    part: float  # of the longest bar beside the rows: 0..1

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.value, self.share, self.change)))


@dataclass(frozen=True, slots=True)
class BreakdownText:
    """A detail in words. Columns are empty for all rows, or for none."""

    label: str
    aside: str  # how it is broken down: "by country"
    rows: tuple[BreakdownRow, ...]
    is_ordered: bool  # steps, one after the other

    @property
    def has_shares(self) -> bool:
        return any(row.share for row in self.rows)

    @property
    def has_changes(self) -> bool:
        return any(row.change for row in self.rows)

    @property
    def heading(self) -> str:
        """What stands above it where all text looks the same."""
        return f"{self.label} · {self.aside}"

    @property
    def lines(self) -> tuple[str, ...]:
        """Each row on a line: Germany: 482 · 40% · +5.0%."""
        return tuple(f"{row.name}: {' · '.join(row.numbers)}" for row in self.rows)


def breakdown_text(detail: Detail, locale: str) -> BreakdownText:
    """A detail in words; a column in which nothing is known is left out."""
    shown = detail.rows[:MOST_ROWS]
    has_shares = any(row.share is not None for row in shown)
    has_changes = any(row.change is not None for row in shown)
    most = max((row.value for row in shown if not row.is_rest), default=0.0)
    rows = tuple(
        BreakdownRow(
            name=_row_name(row, detail, locale),
            value=numbers.amount(row.value, detail.format, locale),
            share=_share(row, locale) if has_shares else "",
            change=numbers.change(row.change, detail.format, locale) if has_changes else "",
            # All others are many values together, and so have no bar that could be compared.
            part=0.0 if row.is_rest else numbers.part(row.value, most),
        )
        for row in shown
    )
    is_ordered = detail.kind is DetailKind.STEPS
    return BreakdownText(phrasing.name(detail.label, locale), _aside(detail, locale), rows, is_ordered)


def _aside(detail: Detail, locale: str) -> str:
    say = words(locale)
    match detail.kind:
        case DetailKind.BREAKDOWN:
            return say.by_property.format(property=phrasing.property_name(detail.by or "", locale))
        case DetailKind.STEPS:
            return say.step_by_step
        case _:
            assert_never(detail.kind)


def _share(row: DetailRow, locale: str) -> str:
    return numbers.MISSING if row.share is None else numbers.share(row.share, locale)


def _row_name(row: DetailRow, detail: Detail, locale: str) -> str:
    say = words(locale)
    if row.name is None:
        return say.all_others if row.is_rest else say.not_set
    return phrasing.property_value(detail.by or "", row.name, locale)
