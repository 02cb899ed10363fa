"""A metric in words: its number, how it moved, its usual range, its goal; and what it is made of."""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import dates, failures, numbers, phrasing, sanitize, sentences
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
    change: str = ""
    previous: str = ""
    remark: str = ""
    before: str = ""  # the previous number as a phrase: 269 before; empty where the change tells it
    usual: str = ""  # the normal range, where the value left it
    usual_range: str = ""  # the same without a word
    progress: str = ""  # towards the goal
    per_day: str = ""  # the change of the average day, where the two periods are not of one length
    section: str = ""
    link: str = ""

    @property
    def is_measured(self) -> bool:
        return self.value != numbers.MISSING

    @property
    def asides(self) -> tuple[str, ...]:
        """What is said besides the numbers."""
        return tuple(filter(None, (self.remark, self.per_day, self.usual, self.progress)))

    @property
    def lines_below(self) -> tuple[str, ...]:
        """What the number is held against, in lines that no phone breaks within a range."""
        moved = " · ".join(filter(None, (self.remark, self.before, self.per_day)))
        return tuple(filter(None, (moved, self.usual, self.progress)))

    @property
    def line(self) -> str:
        """All but the label, on one line: 161 · −40.1% · 269 before · usual 233–326."""
        value = "" if self.remark and not self.is_measured else self.value
        return " · ".join(filter(None, (value, self.change, *self.lines_below)))


def metric_text(metric: ReportedMetric, report: Report) -> MetricText:
    """A metric in parts."""
    locale, form = report.locale, metric.format
    label = phrasing.name(metric.label, locale)
    placed = {"section": sanitize.shown(metric.section, ""), "link": metric.link or ""}
    if not isinstance(metric.figure, Measured):
        return MetricText(label, numbers.MISSING, remark=no_number(metric.figure, report), **placed)
    low_to_high = _usual_range(metric, locale)
    rest = {
        "usual": words(locale).usual.format(range=low_to_high) if low_to_high else "",
        "usual_range": low_to_high,
        "progress": _progress(metric, locale),
        **placed,
    }
    if not isinstance(metric.previous, Measured) or metric.change is None:
        value = numbers.amount(metric.figure.value, form, locale)
        return MetricText(label, value, remark=_incomparable(metric.previous, report), **rest)
    value, previous = numbers.column((metric.figure.value, metric.previous.value), form, locale)
    change = numbers.change(metric.change, form, locale)
    word = sentences.worth(metric, metric.change, locale)
    is_same = numbers.is_unchanged(metric.change)
    return MetricText(
        label,
        value,
        f"{change}, {word}" if word else change,
        previous,
        before="" if is_same else words(locale).before_value.format(previous=previous),
        per_day=dates.per_day(metric, metric.change, report),
        **rest,
    )


def _usual_range(metric: ReportedMetric, locale: str) -> str:
    """The normal range, of a metric that left it."""
    if metric.usual is None:
        return ""
    edges = (numbers.estimated(edge, metric.format) for edge in (metric.usual.low, metric.usual.high))
    low, high = numbers.column(edges, metric.format, locale)
    return f"{low}–{high}"


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


def no_number(
    figure: Undefined | UnknownEvent | Unknown | Failed | TooLittleHistory | Incomparable, report: Report
) -> str:
    """Why there is none, without a full stop."""
    locale, say = report.locale, words(report.locale)
    match figure:
        case Undefined():
            return say.undefined
        case UnknownEvent(event, nearest):
            problem = say.unknown_event.format(event=phrasing.quoted(event, say))
            return _did_you_mean(problem, nearest, locale)
        case UnknownProperty() | UnknownValue() | NotNumeric():
            return unknown_name(figure, locale)
        case Failed():
            return failures.reason(figure.reason, figure.causes, locale).rstrip(".")
        case TooLittleHistory(first_day):
            return say.data_begins.format(date=dates.day(first_day, locale, beside=report.period))
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
        case Unlike.NOT_COMPARED:
            return ""
        case _:
            assert_never(why)


def _incomparable(previous: Figure, report: Report) -> str:
    match previous:
        case TooLittleHistory():  # a note says so of the whole report
            return ""
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
        return " · ".join(filter(None, (self.label, self.aside)))

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
    values = numbers.column((row.value for row in shown), detail.format, locale)
    rows = tuple(
        BreakdownRow(
            name=_row_name(row, detail, locale),
            value=value,
            share=_share(row, locale) if has_shares else "",
            change=numbers.change(row.change, detail.format, locale) if has_changes else "",
            # All others are many values together, and so have no bar that could be compared.
            part=0.0 if row.is_rest else numbers.part(row.value, most),
        )
        for row, value in zip(shown, values, strict=True)
    )
    is_ordered = detail.kind is DetailKind.STEPS
    return BreakdownText(phrasing.name(detail.label, locale), _aside(detail, locale), rows, is_ordered)


def _aside(detail: Detail, locale: str) -> str:
    say = words(locale)
    match detail.kind:
        case DetailKind.BREAKDOWN:
            by = say.by_property.format(property=phrasing.property_name(detail.by or "", locale))
            return "" if by.casefold() in detail.label.casefold() else by
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
