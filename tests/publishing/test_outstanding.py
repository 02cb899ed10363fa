"""What is due and not delivered, whoever asks, however often, beside whichever timers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.health import due_of
from reporter.publishing.notices import Ledger
from reporter.publishing.outstanding import LOST_AFTER, queue_outstanding
from reporter.publishing.publish import Publisher, Publishers
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt, Delivery
from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.periods import Cadence
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Edition, Insights, MetricSpec, Order, Subscription
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, SIGN_UPS, UTC_ZONE, Clock, FakeAlarm, FakeDestination, FakeSource, spec

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAN = {"metrics": (MetricSpec("New Signups", SIGN_UPS),), "insights": Insights.OFF, "top_events": 0}
DAILY = Subscription(spec(Cadence.DAILY, **LEAN), Schedule("0 9 * * *", UTC_ZONE), ("slack", "team"))
WEEKLY = Subscription(spec(Cadence.WEEKLY, **LEAN), Schedule("0 9 * * 1", UTC_ZONE), ("slack",))


@dataclass
class Place:
    """An app whose clock is set, and a queue that is worked off when the test says so."""

    subscriptions: dict[str, Subscription] = field(default_factory=lambda: {"daily": DAILY, "weekly": WEEKLY})
    clock: Clock = field(default_factory=lambda: Clock(MONDAY - HOUR))
    ledger: Ledger = field(default_factory=MemoryLedger)
    alarm: FakeAlarm = field(default_factory=FakeAlarm)
    source: FakeSource = field(default_factory=FakeSource)
    destinations: Mapping[str, FakeDestination] = field(
        default_factory=lambda: {name: FakeDestination(name) for name in ("slack", "team")}
    )
    company: str = "Acme"
    queue: list[str] = field(default_factory=list[str])
    unknown: ReporterError | None = None  # why the project cannot be asked

    def edition(self, order: Order) -> Edition:
        if self.unknown:
            raise self.unknown
        return order.edition(self.clock(), UTC_ZONE)

    def due_of(self, delivery: Delivery, zone: ZoneInfo) -> datetime | None:
        return due_of(delivery, self.subscriptions, zone, self.clock())

    def publisher(self, report: str, destination: str) -> Publisher:
        channel = self.destinations[destination]
        return Publisher(self.source, channel, self.ledger, self.alarm, self.clock, self.due_of)

    def ping_watcher(self) -> None: ...

    @property
    def worker(self) -> Worker:
        return Worker(cast("Publishers", self))

    def call(self) -> list[tuple[str, str, str]]:
        """What `POST /api/Due` does."""
        self.clock.pass_by(timedelta(seconds=1))
        found = queue_outstanding(self.worker, self.queue.append)
        return [(one.report, one.destination, one.state) for one in found]

    def timer(self, report: str) -> None:
        """What a timer does that is not late."""
        due = self.subscriptions[report].schedule.latest_due(self.clock())
        if due is not None and self.clock() - due < HOUR:
            self.queue.extend(self.worker.due(report, due))

    def work_off(self) -> None:
        """What the queue does with each message, once."""
        messages, self.queue = self.queue, []
        for message in messages:
            try:
                self.worker.deliver(message, Attempt(1, 9))
            except Unavailable:
                self.queue.append(message)

    @property
    def sent(self) -> Counter[tuple[str, str, str]]:
        """How often each report of each period came to each destination."""
        return Counter(
            (name, report.title, str(report.period))
            for name, one in self.destinations.items()
            for report, _ in zip(one.reports, one.sent, strict=True)
        )


@pytest.fixture
def place() -> Place:
    """An app whose schedules were looked at an hour before they are due."""
    made = Place()
    assert made.call() == []
    made.clock.now = MONDAY + timedelta(minutes=1)
    return made


ALL_QUEUED = [("daily", "slack", "queued"), ("daily", "team", "queued"), ("weekly", "slack", "queued")]


def test_what_is_due_is_queued_once_and_waits_until_it_is_delivered(place: Place):
    assert place.call() == ALL_QUEUED
    assert [state for *_, state in place.call()] == ["waiting"] * 3
    place.work_off()

    assert place.call() == []
    assert sorted(place.sent.values()) == [1, 1, 1]
    assert place.queue == []


def test_what_is_delivered_and_looked_at_costs_no_more_question(place: Place):
    place.call()
    place.work_off()
    place.call()
    place.unknown = Unavailable("Mixpanel could not be reached")

    assert place.call() == []


def test_what_a_timer_has_queued_is_left_to_the_queue(place: Place):
    place.timer("daily")
    place.timer("weekly")

    assert [state for *_, state in place.call()] == ["waiting"] * 3
    assert len(place.queue) == 3


def test_a_timer_beside_a_call_sends_nothing_twice(place: Place):
    place.call()
    place.timer("daily")
    place.timer("weekly")
    place.work_off()

    assert set(place.sent.values()) == {1}


def test_timers_that_have_stopped_for_days_are_made_up_for_and_told():
    place = Place()
    place.clock.now = MONDAY
    place.timer("daily")
    place.timer("weekly")
    place.work_off()

    place.clock.now = MONDAY + 3 * DAY + HOUR
    assert place.call() == [("daily", "slack", "queued"), ("daily", "team", "queued")]
    place.work_off()

    assert place.sent["slack", "Daily Report", "2026-11-25"] == 1
    assert place.sent["team", "Daily Report", "2026-11-25"] == 1
    assert [(notice.code, len(notice.reasons)) for notice in place.alarm.notices] == [("missed", 2)] * 2
    place.clock.pass_by(HOUR)
    assert place.call() == []


@pytest.mark.parametrize(("late", "sent"), [(HOUR, 1), (3 * HOUR, 0)])
def test_what_was_missed_for_longer_than_the_file_allows_is_told_and_not_sent(late: timedelta, sent: int):
    place = Place({"daily": replace(DAILY, made_up_within=2 * HOUR)})
    place.clock.now = MONDAY
    place.timer("daily")
    place.work_off()

    place.clock.now = MONDAY + 3 * DAY + late
    place.call()
    place.work_off()

    assert place.sent.get(("slack", "Daily Report", "2026-11-25"), 0) == sent
    assert [(notice.code, len(notice.reasons)) for notice in place.alarm.notices] == [
        ("missed", 3 - sent)
    ] * 2
    place.clock.pass_by(HOUR)
    assert place.call() == []
    place.work_off()
    assert len(place.alarm.notices) == 2


def test_a_message_that_was_lost_is_queued_once_more_when_it_cannot_be_under_way(place: Place):
    place.call()
    place.queue.clear()
    place.clock.pass_by(LOST_AFTER - timedelta(minutes=1))
    assert [state for *_, state in place.call()] == ["waiting"] * 3

    place.clock.pass_by(timedelta(minutes=1))

    assert place.call() == ALL_QUEUED


def test_only_the_destination_that_lacks_it_gets_it(place: Place):
    place.worker.deliver(place.worker.due("daily", MONDAY)[0], Attempt(1, 9))
    place.clock.pass_by(LOST_AFTER)

    assert place.call()[0] == ("daily", "team", "queued")
    place.work_off()
    assert set(place.sent.values()) == {1}


def test_what_people_were_told_has_failed_is_not_tried_for_ever(place: Place):
    place.destinations["slack"].errors.extend([Refused("no_service"), Refused("no_service")])
    place.call()
    place.work_off()
    assert place.alarm.codes == ["not-delivered", "not-delivered"]

    place.clock.pass_by(LOST_AFTER)

    assert place.call() == []


def test_while_the_project_is_not_known_the_delivery_says_why(place: Place):
    place.unknown = Refused("The account may not see the project")

    assert place.call() == ALL_QUEUED


def test_what_is_due_in_a_pause_is_not_sent_then_nor_after_it(place: Place):
    place.subscriptions["weekly"] = replace(WEEKLY, is_paused=True)
    assert {report for report, *_ in place.call()} == {"daily"}
    place.subscriptions["weekly"] = WEEKLY
    place.clock.pass_by(HOUR)

    assert {report for report, *_ in place.call()} == {"daily"}


def test_what_was_due_right_before_the_first_call_of_all_waits_until_it_is_delivered():
    place = Place(clock=Clock(MONDAY + timedelta(minutes=3)))

    assert [state for *_, state in (*place.call(), *place.call())] == ["queued"] * 3 + ["waiting"] * 3
    place.work_off()
    assert place.call() == []


def test_a_report_that_is_new_has_no_past(place: Place):
    place.clock.pass_by(DAY / 2)
    place.subscriptions["new"] = replace(WEEKLY, spec=replace(WEEKLY.spec, name="new"))

    assert "new" not in {report for report, *_ in place.call()}


class BrokenLedger(MemoryLedger):
    def first_seen(self, report: str, now: datetime) -> datetime:
        raise Unavailable("The ledger cannot be used")


def test_where_the_ledger_cannot_be_used_nothing_is_queued(place: Place):
    place.ledger = BrokenLedger()

    with pytest.raises(Unavailable):
        place.call()
    assert place.queue == []


def test_of_callers_at_one_moment_none_sends_what_another_does(place: Place):
    together, queues = Barrier(4), [list[str]() for _ in range(4)]

    def call(queue: list[str]) -> None:
        together.wait()
        queue_outstanding(place.worker, queue.append)

    threads = [Thread(target=call, args=(queue,)) for queue in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.queue = [message for queue in queues for message in queue]
    place.work_off()

    assert sorted(place.sent.values()) == [1, 1, 1]


STEPS = st.lists(
    st.one_of(
        st.just("call"),
        st.just("work"),
        st.just("lose"),
        st.sampled_from(("daily", "weekly")),
        st.integers(1, 40 * 60),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_in_any_order_nothing_comes_twice_and_the_last_of_each_comes(steps: Sequence[str | int]):
    """Calls, timers, a queue that is slow or loses messages, and time: `int` minutes."""
    place = Place()
    place.call()
    for step in steps:
        match step:
            case "call":
                place.call()
            case "work":
                place.work_off()
            case "lose":
                place.queue.clear()
            case str() as report:
                place.timer(report)
            case minutes:
                place.clock.pass_by(timedelta(minutes=minutes))
    place.clock.pass_by(LOST_AFTER)
    place.call()
    place.work_off()

    assert set(place.sent.values()) <= {1}
    assert place.call() == []
    for one in place.subscriptions.values():
        due = one.schedule.latest_due(place.clock())
        if due is not None and due >= MONDAY:
            period = Order.of(one, due).edition(due, UTC_ZONE).period
            assert all(place.sent[name, one.spec.title, str(period)] for name in one.destinations)
