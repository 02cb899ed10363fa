"""Whether everything is ready to run unattended: the project, the events, the cost, the destinations."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from reporter.model.causes import most_queries
from reporter.model.edition import Order
from reporter.model.errors import Fault, PlanRefused, ReporterError
from reporter.model.figures import Failed, Figures, Project, Question, UnknownEvent
from reporter.model.measure import EventCount, events_of
from reporter.model.nearest import nearest
from reporter.model.period import Cadence, Period
from reporter.model.subscription import ReportSpec, Subscription

QUOTA = 60  # queries an hour, for everybody who asks the project (Mixpanel, rate limits of the Query API)
HORIZON = timedelta(weeks=4)  # long enough for daily, weekly, two-weekly and monthly reports to meet
AN_HOUR = timedelta(hours=1)
MEGABYTE = 1_000_000

Origin: TypeAlias = Literal["auto", "query", "export", "files"]


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


class QueryApi(Protocol):
    """What a checkup asks of Mixpanel."""

    def project(self) -> Project: ...

    def measure(self, question: Question) -> Figures: ...

    def plan(self, question: Question) -> Sequence[Hashable]:
        """The queries a question costs; equal ones are asked once."""
        ...


class Stock(Protocol):
    """What is stored of the raw events."""

    @property
    def days(self) -> int: ...

    @property
    def period(self) -> Period | None:
        """From the first to the last day; None where nothing is stored."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of all events, the most common first."""
        ...


class Events(Protocol):
    """What a checkup asks of the raw events."""

    def stock(self) -> Stock: ...


class Destination(Protocol):
    def check(self) -> None:
        """Nothing when it would take a message; posts nothing. Raises Unavailable or Refused."""
        ...


def check(
    subscriptions: Mapping[str, Subscription],
    origin: Origin,
    query: QueryApi,
    events: Events,
    destinations: Mapping[str, Destination],
    unready: Mapping[str, Fault],
    now: datetime,
) -> Iterator[Line]:
    """Look at one thing after the other, each line as soon as it is known."""
    try:
        project = query.project()
        yield _project(project)
        yield from _numbers(subscriptions, origin, query, events, project, now)
    except ReporterError as error:
        yield Line(Mark.BAD, "Mixpanel", str(error))
    for name, destination in destinations.items():
        yield _destination(name, destination)
    for name, fault in unready.items():
        yield Line(Mark.DOUBTFUL, f"Destination {name}", f"{fault.place} {fault.problem}", fault.mend)


def _numbers(
    subscriptions: Mapping[str, Subscription],
    origin: Origin,
    query: QueryApi,
    events: Events,
    project: Project,
    now: datetime,
) -> Iterator[Line]:
    names = tuple(dict.fromkeys(event for one in subscriptions.values() for event in _names(one.spec)))
    if origin in ("auto", "query"):
        try:
            yield from _asked(names, query, project, now)
        except PlanRefused as error:
            if origin == "query":
                raise
            yield Line(Mark.GOOD, "Source", f"numbers come from raw events: {error}")
        else:
            yield from _costs(subscriptions, query, project, now)
            return
    yield from _stored(names, events.stock())
    yield from _next(subscriptions, now)


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


def _asked(events: Sequence[str], query: QueryApi, project: Project, now: datetime) -> Iterator[Line]:
    """One question tells of every event of every report whether the project has it."""
    if not events:
        return
    period = Cadence.WEEKLY.period(now.astimezone(project.zone).date())
    measures = tuple(EventCount(event) for event in events)
    figures = query.measure(Question(measures, period, period.previous))
    for event in events:
        match figures.now[EventCount(event)]:
            case UnknownEvent(nearest=near):
                yield _unknown(event, near, "the project has")
            case Failed(reason=reason):
                yield Line(Mark.BAD, "Event", f"“{event}” could not be looked up: {reason}")
            case _:
                yield Line(Mark.GOOD, "Event", f"“{event}”")


def _stored(events: Sequence[str], stock: Stock) -> Iterator[Line]:
    """Whether the raw events that are there have every event of every report."""
    if stock.period is None:
        text = "none are stored yet; the first report fetches what it needs"
        mend = "`reporter fetch --from DATE` does it beforehand, and gives the insights their 26 weeks."
        yield Line(Mark.DOUBTFUL, "Raw events", text, mend)
        return
    text = f"{stock.days} days are stored, {stock.period}, in {stock.size / MEGABYTE:,.1f} MB"
    yield Line(Mark.GOOD, "Raw events", text)
    for event in events:
        if event in stock.names:
            yield Line(Mark.GOOD, "Event", f"“{event}”")
        else:
            yield _unknown(event, nearest(event, stock.names), "the stored days have")


def _unknown(event: str, near: Sequence[str], who: str) -> Line:
    hint = " or ".join(f"“{name}”" for name in near)
    mend = f"Did you mean {hint}?" if near else "Look the name up in Mixpanel's Lexicon."
    return Line(Mark.BAD, "Event", f"{who} no event “{event}”", mend)


def _next(subscriptions: Mapping[str, Subscription], now: datetime) -> Iterator[Line]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        yield (
            _never(name)
            if due is None
            else Line(Mark.GOOD, f"Report {name}", f"next due {due:%a %d %b %Y %H:%M} {due.tzname()}")
        )


def _never(name: str) -> Line:
    return Line(Mark.BAD, f"Report {name}", "is never due", "Mend its schedule in reports.toml.")


def _names(spec: ReportSpec) -> Iterator[str]:
    return (event for metric in spec.metrics for event in events_of(metric.measure))


def _costs(
    subscriptions: Mapping[str, Subscription], query: QueryApi, project: Project, now: datetime
) -> Iterator[Line]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        if due is None:
            yield _never(name)
            continue
        plan = query.plan(Order.of(one, due).edition(now, project.zone).question)
        cost = _queries(len(plan), most_queries(one.spec))
        yield Line(
            Mark.GOOD, f"Report {name}", f"costs {cost}; next due {due:%a %d %b %Y %H:%M} {due.tzname()}"
        )
    yield _worst_hour(subscriptions, query, project, now)


def _worst_hour(
    subscriptions: Mapping[str, Subscription], query: QueryApi, project: Project, now: datetime
) -> Line:
    """Reports that are due at one moment share their queries; those of other moments add up.

    What is asked about causes is shared by none, and counts as if all of them had something unusual.
    """
    plans: dict[datetime, set[Hashable]] = {}
    more: dict[datetime, int] = {}
    for one in subscriptions.values():
        for due in one.schedule.due_after(now):
            if due > now + HORIZON:
                break
            plan = query.plan(Order.of(one, due).edition(now, project.zone).question)
            plans.setdefault(due, set()).update(plan)
            more[due] = more.get(due, 0) + most_queries(one.spec)
    hours = {
        start: sum(len(plan) + more[due] for due, plan in plans.items() if start <= due < start + AN_HOUR)
        for start in plans
    }
    if not hours:
        return Line(Mark.DOUBTFUL, "Quota", "no report is due in the next four weeks")
    start, cost = max(hours.items(), key=lambda hour: hour[1])
    when = f"{start:%A %H:%M} {start.tzname()}"
    text = f"the worst hour takes up to {cost} of Mixpanel's {QUOTA} queries ({when})"
    if cost > QUOTA:
        return Line(Mark.BAD, "Quota", text, "Move some schedules to another hour.")
    return Line(Mark.GOOD if cost <= QUOTA / 2 else Mark.DOUBTFUL, "Quota", text)


def _queries(cost: int, more: int) -> str:
    least = "1 query" if cost == 1 else f"{cost} queries"
    return f"{least}, and up to {more} more where something is unusual" if more else least


def _destination(name: str, destination: Destination) -> Line:
    try:
        destination.check()
    except ReporterError as error:
        return Line(Mark.BAD, f"Destination {name}", str(error))
    return Line(Mark.GOOD, f"Destination {name}", "takes messages")
