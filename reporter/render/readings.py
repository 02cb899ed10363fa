"""A metric as it reads: its number, how it moved, its usual range, and how near its goal is."""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import amounts, figures, speech
from reporter.render.when import none_earlier
from reporter.render.words import words
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
from reporter.reports.measures import Scalar
from reporter.reports.references import shown
from reporter.reports.report import Progress, Report, ReportedMetric

MOST_NEAREST = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric in parts. `remark` stands instead of a number, or instead of a change, and says why."""

    label: str
    value: str
    change: str = figures.MISSING
    previous: str = figures.MISSING
    remark: str = ""
    usual: str = ""  # the normal range, where the value left it
    progress: str = ""  # towards the goal

    @property
    def asides(self) -> tuple[str, ...]:
        """What is said besides the numbers."""
        return tuple(filter(None, (self.remark, self.usual, self.progress)))


def reading(metric: ReportedMetric, report: Report) -> Reading:
    """A metric in parts, for columns."""
    locale, reads = report.locale, metric.format
    label = speech.name(metric.label, locale)
    if not isinstance(metric.figure, Measured):
        return Reading(label, figures.MISSING, remark=_reason(metric.figure, report))
    value = amounts.amount(metric.figure.value, reads, locale)
    usual, progress = _usual(metric, locale), _progress(metric, locale)
    if not isinstance(metric.previous, Measured):
        remark = _incomparable(metric.previous, report)
        return Reading(label, value, remark=remark, usual=usual, progress=progress)
    change = amounts.change(metric.change, reads, locale)
    previous = amounts.amount(metric.previous.value, reads, locale)
    return Reading(label, value, change, previous, usual=usual, progress=progress)


def metric_line(metric: ReportedMetric, report: Report, before_the_goal: str = " · ") -> str:
    """A metric without its label, on one line: 1,204 · +12.7% vs 1,068 · usual 1,010–1,130."""
    read = reading(metric, report)
    numbers = " · ".join(filter(None, (*_parts(metric, read, report.locale), read.usual)))
    return before_the_goal.join(filter(None, (numbers, read.progress)))


def _parts(metric: ReportedMetric, read: Reading, locale: str) -> tuple[str, ...]:
    if read.remark:
        return (read.remark,) if read.value == figures.MISSING else (read.value, read.remark)
    if read.change == figures.MISSING:
        return (read.value,)
    if not says_more(metric, read):
        return read.value, read.change
    return read.value, words(locale).versus.format(change=read.change, previous=read.previous)


def says_more(metric: ReportedMetric, read: Reading) -> bool:
    """Whether the previous number tells what its change does not: none tells that it is new."""
    if read.value == read.previous or metric.change is None:
        return False
    return metric.format.is_percent or metric.change.relative is not None


def _usual(metric: ReportedMetric, locale: str) -> str:
    """The normal range, of a metric that left it."""
    if metric.usual is None:
        return ""
    edges = (metric.usual.low, metric.usual.high)
    low, high = (amounts.estimate(edge, metric.format, locale) for edge in edges)
    return words(locale).usual.format(low=low, high=high)


def _progress(metric: ReportedMetric, locale: str) -> str:
    """71% of the goal of 300, by 31 Dec 2026."""
    if metric.progress is None:
        return ""
    goal = metric.progress.goal
    said = _towards(metric.progress, is_percent=metric.format.is_percent, locale=locale).format(
        target=amounts.aim(goal.target, metric.format, locale),
        share=figures.share(metric.progress.share, locale),
    )
    if goal.by is None or metric.progress.is_reached:
        return said
    return words(locale).goal_by.format(goal=said, date=figures.date_alone(goal.by, locale))


def _towards(progress: Progress, *, is_percent: bool, locale: str) -> str:
    """Of percentages no share is told: 85% of 40% reads as something else."""
    say = words(locale)
    if progress.goal.is_limit:
        return say.limit_kept if progress.is_reached else say.limit_passed
    if progress.is_reached:
        return say.goal_reached
    return say.goal_aim if is_percent else say.goal_open


def _reason(
    figure: Undefined | UnknownEvent | Unknown | Failed | TooLittleHistory | Incomparable, report: Report
) -> str:
    locale, say = report.locale, words(report.locale)
    match figure:
        case Undefined():
            return say.undefined
        case UnknownEvent(event, nearest):
            problem = say.unknown_event.format(event=speech.quoted(event, say))
            return _did_you_mean(problem, nearest, locale)
        case UnknownProperty() | UnknownValue() | NotNumeric():
            return unknown(figure, locale)
        case Failed(why) if speech.is_told(why, report):
            return say.failed_alike
        case Failed(why):
            return say.failed.format(reason=speech.reason(why))
        case TooLittleHistory(first_day):
            return say.too_little_history.format(date=figures.day(first_day, locale))
        case Incomparable(why):
            return _unlike(why, locale)
        case _:
            assert_never(figure)


def unknown(figure: Unknown, locale: str) -> str:
    """Which name the project does not know, and which it may know instead."""
    say = words(locale)
    parts = {"event": speech.quoted(figure.event, say), "property": speech.quoted(figure.property, say)}
    match figure:
        case UnknownProperty(since=since, nearest=nearest):
            date = figures.date_alone(since, locale)
            return _did_you_mean(say.unknown_property.format(**parts, date=date), nearest, locale)
        case UnknownValue(value=value, since=since, nearest=nearest):
            parts |= {"value": _value(value, locale), "date": figures.date_alone(since, locale)}
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
    listed = figures.listed(likely, locale, either=True)
    return words(locale).did_you_mean.format(problem=problem, nearest=listed)


def _value(value: Scalar, locale: str) -> str:
    """Text in quotation marks, as the text “3” is not the number 3."""
    return speech.quoted(value, words(locale)) if isinstance(value, str) else shown(value)


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
