"""Whether everything is ready to run unattended: the projects, the events, the cost, the destinations."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from reporter.checkup.due_dates import costs, doubts, next_dues
from reporter.checkup.names import (
    CheckLine,
    CheckMark,
    check_account,
    event_figures,
    event_lines,
    name_lines,
)
from reporter.checkup.raw_events import CheckedEvents, stored_lines
from reporter.checkup.warehouse import CheckedWarehouse, proof_lines, warehouse_lines
from reporter.folders import check_writable
from reporter.network.route import check_reachable
from reporter.reports.deliveries import CLOCKS_DIFFER
from reporter.reports.errors import PlanRefused, ReporterError, SettingsProblem, free_again
from reporter.reports.figures import Failed, Figures, Measured, Origin, Project, Question, Unknown
from reporter.reports.measures import SavedFunnel, SavedInsights, parts_of
from reporter.reports.periods import Cadence, apart
from reporter.reports.references import Reference, events_of
from reporter.reports.subscriptions import Insights, ReportSpec, Subscription

THE_CHECK = "(reporter check)"  # in the ledger's list of reports; no report can have this name
CLOCKS_AGREE = timedelta(minutes=2)


class QueryAccount(Protocol):
    """What a checkup asks of Mixpanel."""

    def project(self) -> Project: ...

    def measure(self, question: Question) -> Figures: ...

    def plan(self, question: Question) -> Sequence[Hashable]:
        """The queries a question costs; equal ones are asked once."""
        ...

    def look_up(self, references: Collection[Reference]) -> Mapping[Reference, Unknown | Failed]: ...


class CheckedLedger(Protocol):
    """What a checkup asks of the ledger."""

    def first_seen(self, report: str, now: datetime) -> datetime:
        """Raises Unavailable."""
        ...


class CheckedDestination(Protocol):
    def check(self) -> None:
        """Nothing when it would take a message; posts nothing. Raises Unavailable or Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that is looked at. `folder` has the ledger and the raw events, where that is this machine."""

    projects: "Sequence[ProjectCheck]"
    subscriptions: Mapping[str, Subscription]
    destinations: Mapping[str, CheckedDestination]
    ledger: CheckedLedger
    now: datetime
    unready: Mapping[str, SettingsProblem] = field(default_factory=dict[str, SettingsProblem])
    notes: Sequence[SettingsProblem] = ()
    heartbeat: str | None = None
    folder: Path | None = None
    zone: ZoneInfo | None = None  # of schedules that name none

    def lines(self) -> Iterator[CheckLine]:
        """One thing after the other, each line as soon as it is known."""
        for note in self.notes:
            yield CheckLine(CheckMark.DOUBTFUL, note.place, note.problem, note.fix)
        for project in self.projects:
            for line in project.lines():
                yield line if len(self.projects) == 1 else line.about(project.name)
        yield from self._holidays()
        yield from self._destinations()
        yield _tried("Ledger", self._use_ledger, "remembers what was sent")
        if self.heartbeat:
            line = _tried(
                "Heartbeat", partial(check_reachable, self.heartbeat), "can be reached; it was not called"
            )
            fix = "Set HEARTBEAT_URL to an address that answers, or remove it."
            yield replace(line, fix=fix) if line.mark is CheckMark.BAD else line

    def _holidays(self) -> Iterator[CheckLine]:
        """Which country's holidays may be meant, where no report says anything of them."""
        specs = [one.spec for one in self.subscriptions.values()]
        if self.zone is None or not any(
            spec.holidays is None and spec.insights is not Insights.OFF for spec in specs
        ):
            return
        from reporter.anomalies.holidays import country_of

        if country := country_of(self.zone):
            yield CheckLine(
                CheckMark.DOUBTFUL,
                "Holidays",
                f"none are named; by the time zone {self.zone.key} they may be those of {country}",
                f'Write holidays = "{country}" under [defaults] in reports.toml, or holidays = "none".',
            )

    def _destinations(self) -> Iterator[CheckLine]:
        for name, destination in self.destinations.items():
            yield _tried(f"Destination {name}", destination.check, "takes messages")
        used = {name for one in self.subscriptions.values() for name in one.destinations}
        for name, fault in self.unready.items():
            mark = CheckMark.BAD if name in used else CheckMark.DOUBTFUL
            yield CheckLine.of(fault, f"Destination {name}", mark)

    def _use_ledger(self) -> None:
        """Writes into the ledger, and beside it: SQLite makes a file there. Raises Unavailable or Refused."""
        if self.folder is not None:
            check_writable(self.folder)
        if self.folder is None or self.folder.exists():  # what is not there yet is made by the first report
            self.ledger.first_seen(THE_CHECK, self.now)


@dataclass(frozen=True, slots=True)
class ProjectCheck:
    """What is looked at of one project, and of the reports that are about it."""

    name: str
    subscriptions: Mapping[str, Subscription]
    origin: Origin
    query: QueryAccount | None  # None where Mixpanel is not asked
    events: CheckedEvents
    now: datetime
    server_now: Callable[[], datetime | None] = lambda: None  # by Mixpanel's clock, once it has answered
    zone_setting: str = "MIXPANEL_PROJECT_TIMEZONE"
    warehouse: CheckedWarehouse | None = None
    proves: bool = False  # takes a day out of the warehouse

    def lines(self) -> Iterator[CheckLine]:
        """One thing after the other, each line as soon as it is known."""
        try:
            yield from self._mixpanel()
        except ReporterError as error:
            yield replace(CheckLine.bad(self._topic, error), fix=free_again(error, self.now))

    @property
    def _topic(self) -> str:
        return "Mixpanel" if self.query else "Project"

    def _warehouse(self, warehouse: CheckedWarehouse) -> Iterator[CheckLine]:
        try:
            yield from warehouse_lines(self.subscriptions, warehouse, self._measured_there, self.now)
            if self.proves:
                yield from proof_lines(self.subscriptions, warehouse, self._measured_there)
        except ReporterError as error:
            yield CheckLine.bad("Warehouse", error)

    def _measured_there(self, spec: ReportSpec) -> ReportSpec:
        """What of the report the warehouse measures."""
        if spec.in_warehouse or self.origin == "warehouse":
            return spec
        return replace(spec, metrics=tuple(one for one in spec.metrics if one.in_warehouse), top_events=0)

    def _elsewhere(self, spec: ReportSpec) -> ReportSpec:
        """What of it is measured elsewhere."""
        there = self._measured_there(spec) if self.warehouse else replace(spec, metrics=())
        return replace(spec, metrics=tuple(one for one in spec.metrics if one not in there.metrics))

    def _mixpanel(self) -> Iterator[CheckLine]:
        project = (self.query or self.events).project()
        numbers = self._numbers(project) if self.origin != "warehouse" else iter(())
        first = next(numbers, None)  # where Mixpanel refuses all, that is the one thing to say of it
        yield _project(self._topic, project, self.zone_setting)
        yield from _clock(self.now, self.server_now())
        yield from self._schedules(project)
        if first is not None:
            yield first
        yield from numbers
        if self.warehouse:
            yield from self._warehouse(self.warehouse)
        if self.origin not in ("query", "warehouse"):
            line = _tried("Raw events", self.events.check, "can be stored")
            if line.mark is CheckMark.BAD:
                yield line

    def _numbers(self, project: Project) -> Iterator[CheckLine]:
        specs = [self._elsewhere(one.spec) for one in self.subscriptions.values()]
        measures = [metric.measure for spec in specs for metric in spec.metrics]
        names = tuple(dict.fromkeys(event for one in measures for event in events_of(one)))
        if self.query and self.origin in ("auto", "query"):
            try:
                figures = event_figures(names, self.query, project, self.now)
                yield from event_lines(figures)
                known = [event for event, figure in figures.items() if isinstance(figure, Measured)]
                yield from name_lines(specs, known, self.query.look_up)
                yield from self._saved_reports(self.query, project)
            except PlanRefused as error:
                if self.origin == "query":
                    raise
                yield CheckLine(CheckMark.GOOD, "Source", f"numbers come from raw events: {error}")
            else:
                yield from costs(self.subscriptions, self.query.plan, project, self.now)
                return
        if self.query and self.origin == "export":
            check_account(names, self.query, project, self.now)
        stock = self.events.stock()
        yield from stored_lines(names, stock)
        yield from name_lines(specs, stock.names, self.events.look_up)
        yield from next_dues(self.subscriptions, self.now)

    def _schedules(self, project: Project) -> Iterator[CheckLine]:
        """What a schedule would mean that hardly anybody wants."""
        for name, one in self.subscriptions.items():
            for doubt in doubts(one, self.now, project.zone):
                yield CheckLine(CheckMark.DOUBTFUL, f"Report {name}", doubt.problem, doubt.fix)

    def _saved_reports(self, query: QueryAccount, project: Project) -> Iterator[CheckLine]:
        """Whether Mixpanel has the saved reports that any report reads."""
        saved = {
            part: metric.label
            for one in self.subscriptions.values()
            for metric in one.spec.metrics
            for part in parts_of(metric.measure)
            if isinstance(part, SavedInsights | SavedFunnel)
        }
        if not saved:
            return
        period = Cadence.WEEKLY.period(self.now.astimezone(project.zone).date())
        figures = query.measure(Question(tuple(saved), period, period.previous))
        for measure, label in saved.items():
            name = f"{measure.id}, of “{label}”"
            match figures.now[measure]:
                case Failed(reason=reason):
                    yield CheckLine(CheckMark.BAD, "Saved report", f"{name}, could not be read: {reason}")
                case _:
                    yield CheckLine(CheckMark.GOOD, "Saved report", name)


def _tried(topic: str, attempt: Callable[[], None], good: str) -> CheckLine:
    try:
        attempt()
    except ReporterError as error:
        return CheckLine.bad(topic, error)
    return CheckLine(CheckMark.GOOD, topic, good)


def _project(topic: str, project: Project, zone_setting: str) -> CheckLine:
    text = f"project {project.name} ({project.id}), days are cut in {project.zone.key}"
    if project.zone_is_assumed:
        return CheckLine(
            CheckMark.DOUBTFUL,
            topic,
            f"{text}, as Mixpanel did not tell the zone",
            f"Set {zone_setting} to the zone in Mixpanel's Project Settings.",
        )
    return CheckLine(CheckMark.GOOD, topic, text)


def _clock(now: datetime, server: datetime | None) -> Iterator[CheckLine]:
    """Whether this machine's clock and Mixpanel's agree."""
    if server is None:
        return
    difference = now - server
    if abs(difference) <= CLOCKS_AGREE:
        yield CheckLine(CheckMark.GOOD, "Clock", "agrees with Mixpanel's")
        return
    way = "ahead of" if difference > timedelta(0) else "behind"
    mark = CheckMark.BAD if abs(difference) > CLOCKS_DIFFER else CheckMark.DOUBTFUL
    text = f"this machine's clock is {apart(difference)} {way} Mixpanel's, so reports come at other times"
    yield CheckLine(mark, "Clock", text, "Let it be set by the network (NTP).")
