"""Whether the names that reports use exist in the project, and what `reporter check` says of one thing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias, assert_never

from reporter.reports.conditions import ALL_EVENTS, Scalar
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem
from reporter.reports.figures import (
    Failed,
    Figure,
    Figures,
    NotNumeric,
    Project,
    Question,
    Unknown,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import EventCount, Measure
from reporter.reports.periods import Cadence
from reporter.reports.references import Reference, events_of, exclusions, references, shown
from reporter.reports.subscriptions import ReportSpec


class CheckMark(StrEnum):
    GOOD = "ok"
    DOUBTFUL = "note"
    BAD = "fault"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was looked at, and what to do where it is not good."""

    mark: CheckMark
    topic: str
    text: str
    fix: str = ""
    is_setting: bool = False  # it is the settings that are wrong

    @classmethod
    def of(cls, fault: SettingsProblem, topic: str, mark: CheckMark) -> "CheckLine":
        return cls(mark, topic, f"{fault.place} {fault.problem}", fault.fix, is_setting=True)

    def about(self, project: str) -> "CheckLine":
        """The same line, where there are several projects."""
        return replace(self, topic=f"{self.topic} ({project})")

    @classmethod
    def bad(cls, topic: str, error: ReporterError) -> "CheckLine":
        return cls(CheckMark.BAD, topic, str(error), is_setting=isinstance(error, ConfigError))


Problems: TypeAlias = Mapping[Reference, Unknown | Failed]
LookUp: TypeAlias = Callable[[Collection[Reference]], Problems]


class NameLookup(Protocol):
    """What tells of events."""

    def measure(self, question: Question) -> Figures: ...


def check_account(events: Sequence[str], query: NameLookup, project: Project, now: datetime) -> None:
    """Raises what Mixpanel says of an account that it does not accept: one query tells.

    All else that a query may fail for is no matter of raw events.
    """
    try:
        event_figures(events[:1], query, project, now)
    except ReporterError as error:
        if any(cause.code == "account_refused" for cause in error.causes):
            raise


def event_figures(
    events: Sequence[str], query: NameLookup, project: Project, now: datetime
) -> Mapping[str, Figure]:
    """One question tells of every event of every report whether the project has it.

    Raises Unavailable or Refused where it tells of none.
    """
    if not events:
        return {}
    period = Cadence.WEEKLY.period(now.astimezone(project.zone).date())
    measures = tuple(EventCount(event) for event in events)
    answers = query.measure(Question(measures, period, period.previous)).now
    failures = [figure for figure in answers.values() if isinstance(figure, Failed)]
    if len(failures) == len(answers) and len({failed.reason for failed in failures}) == 1:
        raise failures[0].error()
    return {event: answers[EventCount(event)] for event in events}


def event_lines(figures: Mapping[str, Figure]) -> Iterator[CheckLine]:
    """Whether the project has each of them."""
    for event, figure in figures.items():
        match figure:
            case UnknownEvent(nearest=near):
                yield unknown_event(event, near, "the project has")
            case Failed(reason=reason):
                yield CheckLine(CheckMark.BAD, "Event", f"“{event}” could not be looked up: {reason}")
            case _:
                yield CheckLine(CheckMark.GOOD, "Event", f"“{event}”")


def unknown_event(event: str, near: Sequence[str], who: str) -> CheckLine:
    """A fault, with the likely meant names."""
    hint = " or ".join(f"“{name}”" for name in near)
    fix = f"Did you mean {hint}?" if near else "Look the name up in Mixpanel's Lexicon."
    return CheckLine(CheckMark.BAD, "Event", f"{who} no event “{event}”", fix)


def name_lines(specs: Iterable[ReportSpec], events: Collection[str], look_up: LookUp) -> Iterator[CheckLine]:
    """One for each name that does not exist, of events that do. Raises Unavailable or Refused."""
    every = tuple(specs)
    measures = [metric.measure for spec in every for metric in spec.metrics]
    judged_by = [
        Reference(event, metric.judge_by)
        for spec in every
        for metric in spec.metrics
        for event in events_of(metric.measure)
        if metric.judge_by and event in events
    ]
    wanted = tuple(dict.fromkeys((*_each(references, measures, events), *judged_by)))
    left_out = _each(exclusions, measures, events)
    drivers = {(spec.name, name): _drivers(spec, name, events) for spec in every for name in spec.drivers}
    asked = dict.fromkeys((*wanted, *left_out, *(one for those in drivers.values() for one in those)))
    found: Problems = look_up(tuple(asked)) if asked else {}
    yield from _unasked(found)
    told = dict.fromkeys(found[one] for one in wanted if one in found)
    yield from (_line(CheckMark.BAD, one) for one in told if not isinstance(one, Failed))
    more = dict.fromkeys(found[one] for one in left_out if one in found)
    yield from (
        _line(CheckMark.DOUBTFUL, one) for one in more if one not in told and not isinstance(one, Failed)
    )
    for (report, name), those in drivers.items():
        if those and all(isinstance(found.get(one), UnknownProperty) for one in those):
            yield _no_driver(report, name)


def _each(
    names: Callable[[Measure], tuple[Reference, ...]], measures: Iterable[Measure], events: Collection[str]
) -> tuple[Reference, ...]:
    found = (one for measure in measures for reference in names(measure) for one in reference.each())
    return tuple(dict.fromkeys(one for one in found if one.event in (ALL_EVENTS, *events)))


def _drivers(spec: ReportSpec, name: str, events: Collection[str]) -> tuple[Reference, ...]:
    named = dict.fromkeys(event for metric in spec.metrics for event in events_of(metric.measure))
    return tuple(Reference(event, name) for event in named if event in events)


def _unasked(found: Problems) -> Iterator[CheckLine]:
    """What could not be found out, each reason once."""
    reasons = dict.fromkeys(one.reason for one in found.values() if isinstance(one, Failed))
    for reason in reasons:
        yield CheckLine(
            CheckMark.DOUBTFUL, "Names", f"properties and values could not be looked up: {reason}"
        )


def _line(mark: CheckMark, problem: Unknown) -> CheckLine:
    event, name = f"“{problem.event}”", f"“{problem.property}”"
    event = "event" if problem.event == ALL_EVENTS else event
    match problem:
        case UnknownProperty(since=since, nearest=near):
            text = f"no {event} has had a property {name} since {since}"
            return CheckLine(mark, "Property", text, _meant(near))
        case UnknownValue(value=value, since=since, nearest=near):
            where = "within" if problem.is_part else "as"
            text = f"no {event} has had {_quoted(value)} {where} {name} since {since}"
            return CheckLine(mark, "Value", text, _meant(near))
        case NotNumeric():
            fix = "Choose a property that is a number, or send it as one."
            return CheckLine(mark, "Property", f"{name} of {event} is never a number", fix)
        case _:
            assert_never(problem)


def _meant(near: tuple[Scalar, ...]) -> str:
    hint = " or ".join(map(_quoted, near))
    return f"Did you mean {hint}?" if near else "Look it up in Mixpanel's Lexicon."


def _quoted(value: Scalar) -> str:
    return f"“{value}”" if isinstance(value, str) else shown(value)


def _no_driver(report: str, name: str) -> CheckLine:
    text = f"the driver “{name}” is a property of none of its events, so it explains nothing"
    return CheckLine(CheckMark.DOUBTFUL, f"Report {report}", text, "Choose another one.")
