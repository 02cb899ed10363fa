"""Whether every report came that should have come."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reporter.health import GRACE, ReportHealth, health, next_due
from reporter.reports.deliveries import Delivery, LedgerEntry, State
from reporter.reports.periods import Cadence
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Order, Subscription
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, UTC_ZONE, spec

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
AFTER = MONDAY + GRACE + HOUR  # too late for a report of Monday at nine
DAY = timedelta(days=1)
ZONES = ["UTC", "Pacific/Honolulu", "Pacific/Kiritimati", "Europe/Berlin", "Etc/GMT+12"]


def weekly(cron: str = "0 9 * * 1", **changes: object) -> Subscription:
    return Subscription(spec(), Schedule(cron, UTC_ZONE), ("slack",), **changes)  # pyright: ignore[reportArgumentType]


def daily(**changes: object) -> Subscription:
    return replace(weekly("0 9 * * *", **changes), spec=spec(Cadence.DAILY))


class World:
    """A ledger that knows reports since long ago, and one subscription."""

    def __init__(self, subscription: Subscription, seen: datetime = LONG_AGO) -> None:
        self.subscription = subscription
        self.ledger = MemoryLedger(reports={subscription.spec.name: seen})

    def delivered(
        self, due: datetime, state: State = State.DELIVERED, zone: str = "UTC", **changes: object
    ) -> Delivery:
        """Record the delivery of a due moment, in a project of that zone."""
        delivery = Order.of(self.subscription, due).edition(due, ZoneInfo(zone)).delivery("slack")
        values: dict[str, object] = {"at": due + timedelta(minutes=1), **changes}
        self.ledger.record(delivery, LedgerEntry(state, **values))  # pyright: ignore[reportArgumentType]
        return delivery

    def look(self, now: datetime) -> ReportHealth:
        subscriptions: Mapping[str, Subscription] = {"one": self.subscription}
        return health(subscriptions, self.ledger, now)[0]


def test_a_report_that_came_is_well():
    world = World(weekly())
    delivery = world.delivered(MONDAY)

    found = world.look(AFTER)

    assert found.is_well
    assert [record.delivery for record in found.last] == [delivery]
    assert found.next_due == MONDAY + 7 * DAY


def test_a_report_that_did_not_come_is_overdue_once_the_retries_are_over():
    world = World(weekly())
    world.delivered(MONDAY - 7 * DAY)

    assert world.look(MONDAY + GRACE - HOUR).is_well
    late = world.look(AFTER)
    assert (late.overdue, late.overdue_since) == (("slack",), MONDAY)
    assert late.last[0].entry.at == MONDAY - 7 * DAY + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "is_well"),
    [
        (State.DELIVERED, True),
        (State.QUIET, True),
        (State.UNCERTAIN, False),
        (State.FAILED, False),
        (State.CLAIMED, False),
    ],
)
def test_what_the_ledger_says_settles_it_or_not(state: State, is_well: bool):
    world = World(weekly())
    world.delivered(MONDAY, state)

    assert world.look(AFTER).is_well is is_well


def test_what_may_have_come_is_well_once_people_were_told():
    world = World(weekly())
    world.delivered(MONDAY, State.UNCERTAIN, is_told=True)

    assert world.look(AFTER).is_well


def test_each_destination_is_looked_at():
    world = World(replace(weekly(), destinations=("slack", "team")))
    world.delivered(MONDAY)

    assert world.look(AFTER).overdue == ("team",)


def test_a_paused_report_is_not_overdue():
    found = World(weekly(is_paused=True)).look(AFTER)

    assert (found.is_well, found.is_paused, found.next_due) == (True, True, None)


def test_a_report_paused_until_a_day_is_due_then():
    paused = weekly(paused_until=date(2026, 12, 7))

    found = World(paused).look(AFTER)

    assert (found.is_well, found.is_paused) == (True, True)
    assert found.next_due == datetime(2026, 12, 7, 9, tzinfo=UTC)
    assert not World(paused).look(datetime(2026, 12, 8, tzinfo=UTC)).is_well
    assert next_due(paused, datetime(2026, 12, 8, tzinfo=UTC)) == datetime(2026, 12, 14, 9, tzinfo=UTC)


def test_a_report_first_seen_after_its_moment_is_not_overdue():
    assert World(weekly(), seen=MONDAY + HOUR).look(AFTER).is_well
    assert not World(weekly(), seen=MONDAY - HOUR).look(AFTER).is_well


def test_a_report_that_nobody_has_seen_is_seen_now():
    world = World(weekly())
    world.ledger.reports.clear()

    assert world.look(AFTER).is_well
    assert world.ledger.reports == {"weekly": AFTER}


def test_a_report_of_leap_days_is_not_overdue_in_between():
    found = World(weekly("0 9 29 2 *")).look(AFTER)

    assert (found.is_well, found.last) == (True, ())
    assert found.next_due == datetime(2028, 2, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 5, 11, 17, 23])
def test_yesterdays_daily_report_does_not_stand_for_todays(zone: str, hour: int):
    due = MONDAY.replace(hour=hour)
    world = World(replace(daily(), schedule=Schedule(f"0 {hour} * * *", UTC_ZONE)))
    for back in (2, 1):
        world.delivered(due - back * DAY, zone=zone)
    assert world.look(due + GRACE + HOUR).overdue == ("slack",)

    world.delivered(due, zone=zone)

    assert world.look(due + GRACE + HOUR).is_well


def test_a_report_that_somebody_sent_before_its_moment_came():
    world = World(weekly())
    world.delivered(MONDAY, at=MONDAY - HOUR)

    assert world.look(AFTER).is_well


def test_a_known_zone_tells_a_daily_report_sent_before_its_moment():
    world = World(daily())
    world.delivered(MONDAY, zone="Pacific/Honolulu", at=MONDAY - HOUR)

    found = health(
        {"daily": world.subscription}, world.ledger, AFTER, {"daily": ZoneInfo("Pacific/Honolulu")}
    )

    assert found[0].is_well


def test_an_order_by_hand_does_not_stand_for_the_report():
    world = World(weekly())
    by_hand = Order(spec(), MONDAY, called="weekly by hand 3f2a").edition(MONDAY, UTC_ZONE)
    world.ledger.record(by_hand.delivery("slack"), LedgerEntry(State.DELIVERED, MONDAY))

    assert world.look(AFTER).overdue == ("slack",)
