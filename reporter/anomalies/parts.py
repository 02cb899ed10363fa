"""The parts of a metric that are judged beside the whole: the largest values of a property."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reporter.reports.causes import MetricPart
from reporter.reports.conditions import Condition, Operator
from reporter.reports.definitions import daily_measures
from reporter.reports.figures import (
    Daily,
    Figures,
    Incomparable,
    Measured,
    Question,
    Segmentation,
    Segments,
    Unlike,
)
from reporter.reports.measures import EventCount, Measure, PropertyStatistic
from reporter.reports.periods import ONE_DAY, Period
from reporter.reports.subscriptions import Insights, MetricSpec, ReportSpec

MOST_PARTS = 5  # of a metric
MOST_ASKED = 10  # values: what is not set may be among the largest, and is none


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """A part of a metric, as a metric of its own."""

    whole: MetricSpec
    part: MetricPart
    metric: MetricSpec
    daily: Mapping[Measure, Daily]  # its own, and of a sum that of how often it happened


Wanted: TypeAlias = tuple[str, tuple[Measure, ...]]  # a property, and the measures that are judged by it


def judged_by(spec: ReportSpec) -> tuple[Wanted, ...]:
    """What a report asks to judge parts: a query each, every time."""
    if spec.insights is Insights.OFF:
        return ()
    properties = dict.fromkeys(metric.judge_by for metric in spec.metrics if metric.judge_by)
    return tuple(
        (name, tuple(dict.fromkeys(one.measure for one in spec.metrics if one.judge_by == name)))
        for name in properties
    )


def part_queries(spec: ReportSpec, question: Question) -> tuple[tuple[Wanted, Period], ...]:
    """The queries for parts of all reports; equal ones are asked once."""
    return tuple((wanted, question.history) for wanted in judged_by(spec))


def part_questions(spec: ReportSpec, figures: Figures) -> Iterator[Segmentation]:
    """What a source is asked: each day of the history that the measures themselves have."""
    for name, measures in judged_by(spec):
        known = tuple(one for one in measures if one in figures.daily)
        if known:
            days = _known_days([figures.daily[one] for one in known], figures.question)
            asked = dict.fromkeys(part for one in known for part in daily_measures(one))
            yield Segmentation(tuple(asked), (name,), days, most=MOST_ASKED)


def _known_days(numbers: Sequence[Daily], question: Question) -> tuple[Period, ...]:
    first = max(question.history.start, min(daily.start for daily in numbers))
    return tuple(Period(day, day + ONE_DAY) for day in Period(first, question.period.end))


def judged_parts(
    spec: ReportSpec, asked: Segmentation, answers: Mapping[Measure, Segments], question: Question
) -> tuple[JudgedPart, ...]:
    """The largest parts of each metric, with their daily numbers; none where there is one value."""
    (name,) = asked.properties
    before = len(asked.periods) - question.period.length
    found: list[JudgedPart] = []
    for metric in spec.metrics:
        values = answers.get(metric.measure, {}).get(name, {})
        if metric.judge_by == name and len(values) > 1:
            largest = sorted(values, key=lambda value: (-sum(values[value][:before]), value))
            found += (_part_of(metric, MetricPart(name, one), asked, answers) for one in largest[:MOST_PARTS])
    return tuple(found)


def _part_of(
    metric: MetricSpec, part: MetricPart, asked: Segmentation, answers: Mapping[Measure, Segments]
) -> JudgedPart:
    """The metric of this value alone."""
    only, start = Condition(part.property, Operator.IS, (part.value,)), asked.periods[0].start
    zeros = (0.0,) * len(asked.periods)
    daily: dict[Measure, Daily] = {
        _where(measure, only): Daily(start, answers[measure][part.property].get(part.value, zeros))
        for measure in daily_measures(metric.measure)
        if measure in answers
    }
    label = f"{metric.label}, {part.property} = {part.value}"
    alone = replace(metric, label=label, measure=_where(metric.measure, only), sentence=None, goals=())
    return JudgedPart(metric, part, alone, daily)


def _where(measure: Measure, only: Condition) -> EventCount | PropertyStatistic:
    if not isinstance(measure, EventCount | PropertyStatistic):
        raise TypeError(f"{measure} is not judged by a property: the settings saw to it")
    return replace(measure, where=(*measure.where, only))


def with_parts(figures: Figures, parts: Sequence[JudgedPart]) -> Figures:
    """The figures with those of the parts, which are sums of their days; of a year ago there are none."""
    question = figures.question
    numbers = {one.metric.measure: one.daily[one.metric.measure] for one in parts}
    now, before = (
        {measure: daily.total(days) for measure, daily in numbers.items()}
        for days in (question.period, question.previous)
    )
    unknown = Incomparable(Unlike.NOT_COMPARED)
    return replace(
        figures,
        now={**figures.now, **{measure: Measured(total or 0.0) for measure, total in now.items()}},
        before={
            **figures.before,
            **{
                measure: unknown if total is None or not question.compares else Measured(total)
                for measure, total in before.items()
            },
        },
        daily={**figures.daily, **{measure: daily for one in parts for measure, daily in one.daily.items()}},
    )
