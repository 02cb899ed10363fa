"""No day that is not over at Mixpanel goes out as complete, whatever this machine's clock says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.config.settings import load
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import make_product
from reporter.local.slack import LocalSlack
from reporter.network.bounds import ServerClock
from reporter.publishing.scheduler import Server
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import State
from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import Order
from reporter.sources.composite import WAITED_FOR, CompleteDays
from tests.config.examples import DESTINATION, ENVIRON
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, UTC_ZONE, Clock, FakeSource, spec

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class World:
    """A Mixpanel that knows what time it is, and a machine whose clock is off by `ahead`."""

    now: datetime = MONDAY
    ahead: timedelta = timedelta(0)
    asleep: timedelta = timedelta(0)  # since the last answer, by which the known time is behind
    zone: ZoneInfo = UTC_ZONE
    is_known: bool = True
    asked: int = 0
    slept: list[float] = field(default_factory=list[float])

    def server_now(self) -> datetime | None:
        return self.now - self.asleep if self.is_known else None

    def ask(self) -> None:
        self.asked += 1
        self.asleep = timedelta(0)
        raise Refused("The account may not look at itself")

    def clock(self) -> datetime:
        return self.now + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def measure(self, cadence: Cadence = Cadence.DAILY) -> None:
        source = CompleteDays(FakeSource(zone=self.zone), self.server_now, self.ask, self.clock, self.sleep)
        source.measure(Order(spec(cadence)).edition(self.clock(), self.zone).question)


def test_a_period_that_is_over_is_measured_and_nobody_is_asked_the_time():
    world = World()

    world.measure()

    assert world.asked == 0


@given(
    st.sampled_from(list(Cadence)),
    st.timedeltas(timedelta(-400), timedelta(400)),
    st.integers(0, 1439),
    st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Honolulu", "Australia/Lord_Howe"]),
)
def test_what_is_measured_is_over_by_the_servers_clock(
    cadence: Cadence, ahead: timedelta, minute: int, zone: str
):
    world = World(now=MONDAY + minute * MINUTE, ahead=ahead, zone=ZoneInfo(zone))
    period = Order(spec(cadence)).edition(world.clock(), world.zone).period
    end = datetime(period.end.year, period.end.month, period.end.day, tzinfo=world.zone)

    left = end - world.now

    if left <= WAITED_FOR:
        world.measure(cadence)
        assert end <= world.now
        return
    with pytest.raises(Unavailable) as raised:
        world.measure(cadence)
    assert raised.value.after == left.total_seconds()


def test_a_clock_that_is_ahead_is_named_and_what_to_do():
    with pytest.raises(Unavailable, match=r"2026-11-23 is not over at Mixpanel.*15 hours ahead.*NTP"):
        World(ahead=15 * HOUR).measure()


def test_a_moment_that_is_near_is_waited_for():
    world = World(now=MONDAY.replace(hour=23, minute=59), ahead=MINUTE)

    world.measure()

    assert world.slept == [60.0]


def test_a_machine_that_slept_asks_what_time_it_is():
    world = World(asleep=20 * HOUR)

    world.measure()

    assert (world.asked, world.slept) == (1, [0.0])


def test_where_no_server_tells_the_time_this_machines_clock_has_to_do():
    World(ahead=15 * HOUR, is_known=False).measure()


HEADERS: list[tuple[Mapping[str, str], datetime | None]] = [
    ({"date": "Mon, 23 Nov 2026 09:00:00 GMT"}, MONDAY),
    ({"date": "Mon, 23 Nov 2026 10:00:00 +0100"}, MONDAY),
    ({"date": "Mon, 23 Nov 2026 09:00:00 -0000"}, MONDAY),
    ({"date": "soon"}, None),
    ({"date": "Mon, 99 Nov 2026 09:00:00 GMT"}, None),
    ({"date": "Mon, 23 Nov 99999999999 09:00:00 GMT"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "time"), HEADERS)
def test_the_servers_clock_is_set_by_a_date_that_can_be_read(
    headers: Mapping[str, str], time: datetime | None
):
    clock = ServerClock(lambda: 0.0)

    clock.read(headers)

    assert clock.now() == time


def test_the_servers_clock_goes_on_and_is_set_anew():
    elapsed = [0.0]
    clock = ServerClock(lambda: elapsed[0])
    clock.read({"date": "Mon, 23 Nov 2026 09:00:00 GMT"})
    elapsed[0] = 60.0
    assert clock.now() == MONDAY + MINUTE

    clock.read({"date": "soon"})
    assert clock.now() == MONDAY + MINUTE
    clock.read({"date": "Mon, 23 Nov 2026 10:00:00 GMT"})
    assert clock.now() == MONDAY + HOUR


REPORT = """
[metrics.signups]
label = "Signups"
event = "Sign Up"
[defaults]
insights = "off"
[reports.daily]
title = "Daily Report"
period = "daily"
schedule = "30 0 * * *"
"""


def test_each_day_goes_out_once_and_whole_though_the_clock_jumps_ahead(tmp_path: Path):
    product = make_product(MONDAY.date(), zone="UTC", days=40, scale=0.02)
    real, machine = Clock(MONDAY), Clock(MONDAY)
    with LocalMixpanel(product, quota=100_000, now=real) as mixpanel, LocalSlack() as slack:
        environ = {**ENVIRON, "MIXPANEL_USERNAME": USERNAME, "MIXPANEL_SECRET": SECRET}
        environ |= {"MIXPANEL_PROJECT_ID": str(PROJECT_ID), "MIXPANEL_BASE_URL": mixpanel.url}
        settings = load({**environ, "SLACK_WEBHOOK_URL": slack.webhook_url}, REPORT + DESTINATION)
        app = assemble(settings, MemoryLedger(), EventStorage(tmp_path), clock=machine, sleep=lambda _: None)
        server = Server(Worker(app), elapsed=lambda: real().timestamp())
        server.step()
        machine.now = real.now + 15 * HOUR
        server.step()
        assert slack.messages == []

        for _ in range(20):
            real.pass_by(HOUR)
            machine.now = real.now
            server.step()
        app.close()

    done = [record for record in app.ledger.history(9) if record.entry.state is State.DELIVERED]
    assert [record.delivery.period.start for record in done] == [MONDAY.date()]
    assert done[0].entry.at >= datetime(2026, 11, 24, tzinfo=UTC)
