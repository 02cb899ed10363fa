"""Whether every report came that should have come, by the ledger alone; and pinging a watcher outside."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

import httpx2

from reporter import telemetry
from reporter.network.bounds import within
from reporter.network.route import Route, host_of
from reporter.reports.deliveries import RETRIES, Delivery, DeliveryRecord, LedgerEntry, State
from reporter.reports.errors import ConfigError
from reporter.reports.periods import Period
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Order, Subscription

GRACE = RETRIES + timedelta(hours=2)  # then somebody should look
LOOKED_BACK = 3  # due moments, for the last delivery
SEARCHED_BACK = 40  # due moments, for the one whose days a delivery has
A_MOMENT = timedelta(seconds=1)
LONGEST_CALL = 10.0  # seconds, whatever the watcher does: nobody needs its answer

LOG = logging.getLogger("reporter.health")

# The project's zone is Mixpanel's to tell. These have every date that a moment has anywhere.
EDGES = (ZoneInfo("UTC"), ZoneInfo("Etc/GMT+12"), ZoneInfo("Etc/GMT-14"))


class DeliveryHistory(Protocol):
    """What health asks of a ledger. Each method raises Unavailable."""

    def entry(self, delivery: Delivery, now: datetime) -> LedgerEntry | None: ...

    def first_seen(self, report: str, now: datetime) -> datetime: ...


@dataclass(frozen=True, slots=True)
class ReportHealth:
    """How one report does."""

    report: str
    is_paused: bool
    next_due: datetime | None
    last: tuple[DeliveryRecord, ...]  # the last delivery to each destination, of the last few
    overdue: tuple[str, ...] = ()  # destinations it should have come to
    overdue_since: datetime | None = None  # the moment it was due

    @property
    def is_well(self) -> bool:
        return not self.overdue


def health(
    subscriptions: Mapping[str, Subscription],
    ledger: DeliveryHistory,
    now: datetime,
    project_zones: Mapping[str, ZoneInfo] = MappingProxyType({}),
) -> tuple[ReportHealth, ...]:
    """How each report does. `project_zones` are by report; without one, every period it may mean counts.

    Raises Unavailable.
    """
    zones = {name: (zone,) for name, zone in project_zones.items()}
    return tuple(
        _Look(one, ledger, now, zones.get(name, EDGES)).report() for name, one in subscriptions.items()
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One report, looked at."""

    subscription: Subscription
    ledger: DeliveryHistory
    now: datetime
    zones: Sequence[ZoneInfo]

    def report(self) -> ReportHealth:
        subscription = self.subscription
        due = self._expected()
        overdue = (
            tuple(one for one in subscription.destinations if not self._is_settled(one, due)) if due else ()
        )
        return ReportHealth(
            report=subscription.spec.name,
            is_paused=not subscription.is_sent(self.now),
            next_due=next_due(subscription, self.now),
            last=tuple(last for one in subscription.destinations if (last := self._last(one)) is not None),
            overdue=overdue,
            overdue_since=due if overdue else None,
        )

    def _expected(self) -> datetime | None:
        """The last due moment by which a report must have come by now; None when there is none."""
        seen = self.ledger.first_seen(self.subscription.spec.name, self.now)
        due = self.subscription.schedule.latest_due(self.now - GRACE)
        return due if due is not None and self.subscription.is_sent(due) and seen <= due else None

    def _is_settled(self, destination: str, due: datetime) -> bool:
        """Whether all was done, or is tried as its data arrive, or people were told that it may have been."""
        found = self._found(destination, due)
        if found is None:
            return False
        entry = found.entry
        waits = (
            entry.state is State.WAITING and self.now - entry.at <= GRACE
        )  # and is tried until its deadline
        return entry.is_done or waits or (entry.state is State.UNCERTAIN and entry.is_told)

    def _last(self, destination: str) -> DeliveryRecord | None:
        return next(self.known(destination), None)

    def known(self, destination: str) -> Iterator[DeliveryRecord]:
        """What the ledger has of the last few due moments, the last first."""
        for due in islice(due_moments(self.subscription.schedule, self.now), LOOKED_BACK):
            if (found := self._found(destination, due)) is not None:
                yield found

    def _found(self, destination: str, due: datetime) -> DeliveryRecord | None:
        """What the ledger has of a due moment.

        Where the zone is not known, one day's report may look like the next one's: that was not due yet then.
        """
        before = self.subscription.schedule.due_before(due)
        earlier = self._periods(before) if before else ()
        for period in self._periods(due):
            delivery = Delivery(self.subscription.spec.name, period, destination)
            entry = self.ledger.entry(delivery, self.now)
            if entry is not None and (period not in earlier or entry.at >= due):
                return DeliveryRecord(delivery, entry)
        return None

    def _periods(self, due: datetime) -> tuple[Period, ...]:
        return tuple(dict.fromkeys(_period(self.subscription, due, zone) for zone in self.zones))


def gauges(
    subscriptions: Mapping[str, Subscription], ledger: DeliveryHistory, now: datetime
) -> Iterator[telemetry.GaugeReading]:
    """How old the last delivery of each report is, and its data; at how many destinations it is overdue.

    Raises Unavailable.
    """
    for name, one in subscriptions.items():
        look = _Look(one, ledger, now, EDGES)
        yield "reporter.overdue", len(look.report().overdue), {"report": name}
        for destination in one.destinations:
            about = {"report": name, "destination": destination}
            done = next((each for each in look.known(destination) if each.entry.is_done), None)
            if done is not None:
                end = datetime.combine(done.delivery.period.end, time.min, one.schedule.zone)
                yield "reporter.delivery.age", (now - done.entry.at).total_seconds(), about
                yield "reporter.data.age", (now - end).total_seconds(), about


def due_moments(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    """The due moments up to this one, the last first."""
    while (due := schedule.latest_due(moment)) is not None:
        yield due
        moment = due.astimezone(UTC) - A_MOMENT


def due_of(
    delivery: Delivery, subscriptions: Mapping[str, Subscription], zone: ZoneInfo, now: datetime
) -> datetime | None:
    """The last due moment whose report this delivery is; None where it is none of a schedule."""
    if (subscription := subscriptions.get(delivery.report)) is None:
        return None
    dues = islice(due_moments(subscription.schedule, now), SEARCHED_BACK)
    return next((due for due in dues if _period(subscription, due, zone) == delivery.period), None)


def _period(subscription: Subscription, due: datetime, zone: ZoneInfo) -> Period:
    return Order.of(subscription, due).edition(due, zone).period


def next_due(subscription: Subscription, now: datetime) -> datetime | None:
    """When it is sent next; None when it never is."""
    if subscription.is_paused:
        return None
    schedule, until = subscription.schedule, subscription.paused_until
    end = datetime.combine(until, time.min, schedule.zone) - A_MOMENT if until else now
    return schedule.next_due(max(now, end))


def ping(address: str | None) -> str | None:
    """Call the watcher, HEARTBEAT_URL, as a report was delivered. What went wrong, without the address, is
    for people to know; the report is none the worse.
    """
    if address is None:
        return None
    problem = _problem(address)
    if problem is None:
        return None
    LOG.warning("heartbeat: HEARTBEAT_URL could not be called: %s", problem)
    return f"HEARTBEAT_URL could not be called, so the watcher may raise a false alarm: {problem}."


def _problem(address: str) -> str | None:
    route = Route(host_of(address))
    try:
        route = Route.to(address)
        status = _call(route, address)
    except ConfigError as error:
        return str(error)
    except httpx2.TimeoutException:
        return f"{route.host} did not answer within {LONGEST_CALL:.0f} s"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return route.reason(error)
    return None if status < 300 else f"{route.host} answered {status}"


def _call(route: Route, address: str) -> int:
    """The answer's status; its body, which may never end, is not read."""
    with (
        within(LONGEST_CALL),
        httpx2.Client(transport=route.transport(), timeout=LONGEST_CALL, trust_env=False) as http,
        telemetry.request("GET", address) as exchange,
        http.stream("GET", address) as answer,
    ):
        exchange.answered(answer.status_code)
        return answer.status_code
