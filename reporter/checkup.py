"""Whether everything is ready to run unattended: the project, the events, the cost, the destinations."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from reporter.model.edition import Order
from reporter.model.errors import Fault, ReporterError
from reporter.model.figures import Failed, Figures, Project, Question, UnknownEvent
from reporter.model.measure import EventCount, event_of
from reporter.model.period import Cadence
from reporter.model.subscription import ReportSpec, Subscription

QUOTA = 60  # queries an hour, for everybody who asks the project (Mixpanel, rate limits of the Query API)
HORIZON = timedelta(weeks=4)  # long enough for daily, weekly, two-weekly and monthly reports to meet
AN_HOUR = timedelta(hours=1)


class Mark(StrEnum):
    GOOD = "ok"
    DOUBTFUL = "look"
    BAD = "fault"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at, and what to do where it is not good."""

    mark: Mark
    topic: str
    text: str
    mend: str = ""


class Source(Protocol):
    """What a checkup asks of a source."""

    def project(self) -> Project: ...

    def measure(self, question: Question) -> Figures: ...

    def plan(self, question: Question) -> Sequence[Hashable]:
        """The queries a question costs; equal ones are asked once."""
        ...


class Destination(Protocol):
    def check(self) -> None:
        """Nothing when it would take a message; posts nothing. Raises Unavailable or Refused."""
        ...


def check(
    subscriptions: Mapping[str, Subscription],
    source: Source,
    destinations: Mapping[str, Destination],
    unready: Mapping[str, Fault],
    now: datetime,
) -> Iterator[Line]:
    """Look at one thing after the other, each line as soon as it is known."""
    try:
        project = source.project()
    except ReporterError as error:
        yield Line(Mark.BAD, "Mixpanel", str(error))
    else:
        yield _project(project)
        yield from _events([one.spec for one in subscriptions.values()], source, project, now)
        yield from _costs(subscriptions, source, project, now)
    for name, destination in destinations.items():
        yield _destination(name, destination)
    for name, fault in unready.items():
        yield Line(Mark.DOUBTFUL, f"Destination {name}", f"{fault.place} {fault.problem}", fault.mend)


def _project(project: Project) -> Line:
    text = f"project {project.name} ({project.id}), days are cut in {project.zone.key}"
    if project.zone_is_assumed:
        return Line(
            Mark.DOUBTFUL,
            "Mixpanel",
            f"{text}, as Mixpanel did not tell the zone",
            "Set MIXPANEL_PROJECT_TIMEZONE to the zone in Mixpanel's Project Settings.",
        )
    return Line(Mark.GOOD, "Mixpanel", text)


def _events(specs: Sequence[ReportSpec], source: Source, project: Project, now: datetime) -> Iterator[Line]:
    """One question tells of every event of every report whether the project has it."""
    events = dict.fromkeys(event for spec in specs for event in _names(spec))
    if not events or not specs:
        return
    period = Cadence.WEEKLY.period(now.astimezone(project.zone).date())
    measures = tuple(EventCount(event) for event in events)
    figures = source.measure(Question(measures, period, period.previous))
    for event in events:
        match figures.now[EventCount(event)]:
            case UnknownEvent(nearest=nearest):
                hint = " or ".join(f"“{name}”" for name in nearest)
                mend = f"Did you mean {hint}?" if nearest else "Look the name up in Mixpanel's Lexicon."
                yield Line(Mark.BAD, "Event", f"the project has no event “{event}”", mend)
            case Failed(reason=reason):
                yield Line(Mark.BAD, "Event", f"“{event}” could not be looked up: {reason}")
            case _:
                yield Line(Mark.GOOD, "Event", f"“{event}”")


def _names(spec: ReportSpec) -> Iterator[str]:
    return (event for metric in spec.metrics if (event := event_of(metric.measure)) is not None)


def _costs(
    subscriptions: Mapping[str, Subscription], source: Source, project: Project, now: datetime
) -> Iterator[Line]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        if due is None:
            yield Line(Mark.BAD, f"Report {name}", "is never due", "Mend its schedule in reports.toml.")
            continue
        cost = len(source.plan(Order.of(one, due).edition(now, project.zone).question))
        yield Line(
            Mark.GOOD,
            f"Report {name}",
            f"costs {cost} queries; next due {due:%a %d %b %Y %H:%M} {due.tzname()}",
        )
    yield _worst_hour(subscriptions, source, project, now)


def _worst_hour(
    subscriptions: Mapping[str, Subscription], source: Source, project: Project, now: datetime
) -> Line:
    """Reports that are due at one moment share their queries; those of other moments add up."""
    plans: dict[datetime, set[Hashable]] = {}
    for one in subscriptions.values():
        for due in one.schedule.due_after(now):
            if due > now + HORIZON:
                break
            plan = source.plan(Order.of(one, due).edition(now, project.zone).question)
            plans.setdefault(due, set()).update(plan)
    hours = {
        start: sum(len(plan) for due, plan in plans.items() if start <= due < start + AN_HOUR)
        for start in plans
    }
    if not hours:
        return Line(Mark.DOUBTFUL, "Quota", "no report is due in the next four weeks")
    start, cost = max(hours.items(), key=lambda hour: hour[1])
    text = f"the worst hour takes {cost} of Mixpanel's {QUOTA} queries ({start:%A %H:%M} {start.tzname()})"
    if cost > QUOTA:
        return Line(Mark.BAD, "Quota", text, "Move some schedules to another hour.")
    return Line(Mark.GOOD if cost <= QUOTA / 2 else Mark.DOUBTFUL, "Quota", text)


def _destination(name: str, destination: Destination) -> Line:
    try:
        destination.check()
    except ReporterError as error:
        return Line(Mark.BAD, f"Destination {name}", str(error))
    return Line(Mark.GOOD, f"Destination {name}", "takes messages")
