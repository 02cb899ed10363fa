"""A report that waits for the data of its last day: whoever tries it, it comes once, and by its deadline."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.health import health
from reporter.publishing.outcomes import Sent, Waits
from reporter.publishing.outstanding import queue_outstanding, queue_waiting
from reporter.publishing.queue import Missed, dispatch
from reporter.publishing.scheduler import Server
from reporter.reports.deliveries import ONCE, RETRIES, LedgerEntry, State
from reporter.reports.errors import Unavailable
from reporter.reports.figures import Figures, Question
from reporter.reports.findings import DataDoubt, FaultKind, Late
from reporter.reports.measures import EventCount
from reporter.reports.periods import Cadence, Period
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import MetricSpec, Order, Subscription
from tests.publishing.test_outstanding import Place
from tests.world import MONDAY, UTC_ZONE, Clock, FakeSource, spec

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVENTS = tuple(EventCount(f"Event {number}") for number in range(5))
METRICS = tuple(MetricSpec(one.event, one) for one in EVENTS)
DEADLINE = MONDAY + 2 * HOUR
DAILY = Subscription(
    spec(Cadence.DAILY, metrics=METRICS, top_events=0),
    Schedule("0 9 * * *", UTC_ZONE),
    ("slack",),
    waits_until=time(11),
)


@dataclass
class FillingSource(FakeSource):
    """The last day has a part of its events until `whole_at`."""

    clock: Clock = field(default_factory=Clock)
    whole_at: datetime = MONDAY
    share: float = 0.4
    fails: bool = False

    def measure(self, question: Question) -> Figures:
        if self.fails:
            raise Unavailable("Mixpanel is down")
        usual = [200.0 + 7 * (day % 7) for day in range(400)]
        last = usual[-1] * (1.0 if self.clock() >= self.whole_at else self.share)
        self.values = self.before = dict.fromkeys(EVENTS, last)
        self.daily = {event: [*usual[:-1], last] for event in EVENTS}
        return FakeSource.measure(self, question)


def waiting_place(subscription: Subscription = DAILY, **changes: object) -> Place:
    """An app whose report was not due yet when it was looked at."""
    clock = Clock(MONDAY - HOUR)
    source = FillingSource(clock=clock)
    for name, value in changes.items():
        setattr(source, name, value)
    place = Place({"daily": subscription}, clock=clock, source=source)
    assert place.call() == []
    clock.now = MONDAY + MINUTE
    return place


@pytest.fixture
def place() -> Place:
    return waiting_place(whole_at=MONDAY + 40 * MINUTE)


def entry_of(place: Place, subscription: Subscription = DAILY):
    delivery = place.edition(Order.of(subscription, MONDAY)).delivery("slack")
    return place.ledger.entry(delivery, place.clock())


def published(place: Place, *, again: bool = False):
    return place.publisher("daily", "slack").publish(Order.of(DAILY, MONDAY), ONCE, again=again)


def doubts(place: Place) -> list[FaultKind]:
    return [
        one.code for one in place.destinations["slack"].reports[-1].findings if isinstance(one, DataDoubt)
    ]


def test_while_the_last_day_is_incomplete_it_waits_without_a_claim(place: Place):
    outcome = published(place)

    assert isinstance(outcome, Waits)
    assert outcome.deadline == DEADLINE
    entry = entry_of(place)
    assert entry is not None
    assert (entry.state, entry.reason) == (
        State.WAITING,
        "The data of Sun 22 Nov 2026 are not complete; it comes by 11:00 UTC.",
    )
    assert entry.is_open
    assert not entry.is_settled
    assert place.alarm.notices == []


def test_once_they_are_complete_it_comes_and_says_that_it_waited(place: Place):
    published(place)
    place.clock.now = MONDAY + 45 * MINUTE

    assert isinstance(published(place), Sent)
    assert doubts(place) == []
    assert Late(MONDAY, has_waited=True) in place.destinations["slack"].reports[-1].notes
    assert place.alarm.notices == []


def test_at_its_deadline_it_comes_and_says_that_they_are_not_complete():
    place = waiting_place(whole_at=MONDAY + DAY)
    published(place)
    place.clock.now = DEADLINE

    assert isinstance(published(place), Sent)
    assert doubts(place) == [FaultKind.INCOMPLETE]


def test_a_day_of_which_nothing_has_come_is_waited_for_too():
    place = waiting_place(whole_at=MONDAY + DAY, share=0.0)

    assert isinstance(published(place), Waits)


@pytest.mark.parametrize("again", [False, True])
def test_what_somebody_asks_for_never_waits(place: Place, again: bool):
    order = Order.of(DAILY, MONDAY) if again else Order(DAILY.spec)

    assert isinstance(place.publisher("daily", "slack").publish(order, ONCE, again=again), Sent)


def test_a_report_without_a_deadline_does_not_wait(place: Place):
    order = Order.of(replace(DAILY, waits_until=None), MONDAY)

    assert isinstance(place.publisher("daily", "slack").publish(order), Sent)


def test_each_try_asks_for_no_causes(place: Place):
    published(place)

    assert isinstance(place.source, FillingSource)
    assert place.source.segmentations == []


def test_history_has_one_line_of_the_wait_however_often_it_was_tried(place: Place):
    for _ in range(3):
        published(place)
        place.clock.pass_by(10 * MINUTE)
    assert [one.entry.state for one in place.ledger.history(9)] == [State.WAITING]
    place.clock.pass_by(30 * MINUTE)
    published(place)

    assert [one.entry.state for one in place.ledger.history(9)] == [State.DELIVERED, State.WAITING]


def test_health_takes_no_waiting_report_for_overdue_until_nobody_tries_it():
    until = replace(DAILY, waits_until=time(18))
    place = waiting_place(until, whole_at=MONDAY + DAY)
    for hour in range(6):
        place.clock.now = MONDAY + hour * HOUR
        place.publisher("daily", "slack").publish(Order.of(until, MONDAY))

    def is_well(now: datetime) -> bool:
        (found,) = health({"daily": until}, place.ledger, now, {"daily": UTC_ZONE})
        assert found.last[0].entry.state is State.WAITING
        return found.is_well

    assert is_well(MONDAY + 5 * HOUR)
    assert not is_well(MONDAY + 10 * HOUR)


def test_what_fails_meanwhile_is_a_failure_and_the_queues(place: Place):
    published(place)
    assert isinstance(place.source, FillingSource)
    place.source.fails = True
    place.clock.pass_by(20 * MINUTE)
    place.queue.extend(one.message for one in dispatch(DAILY, MONDAY, MONDAY))
    place.work_off()

    entry = entry_of(place)
    assert entry is not None
    assert (entry.state, entry.reason) == (State.FAILED, "Mixpanel is down")
    queue_waiting(place.worker, place.queue.append)
    assert len(place.queue) == 1
    place.source.fails = False
    place.work_off()
    place.clock.now = DEADLINE
    queue_waiting(place.worker, place.queue.append)
    place.work_off()
    assert sum(place.sent.values()) == 1


def test_of_timers_and_calls_at_one_moment_one_queues_it(place: Place):
    place.timer("daily")
    place.work_off()
    assert place.queue == []
    place.clock.now = MONDAY + 30 * MINUTE

    for _ in range(3):
        queue_waiting(place.worker, place.queue.append)
        queue_outstanding(place.worker, place.queue.append)

    assert len(place.queue) == 1


def test_where_the_timer_has_stopped_a_call_brings_it_by_its_deadline():
    place = waiting_place(whole_at=MONDAY + DAY)
    place.timer("daily")
    place.work_off()
    for minutes in range(15, 121, 15):
        place.clock.now = MONDAY + minutes * MINUTE
        place.call()
        place.work_off()

    assert sum(place.sent.values()) == 1
    assert doubts(place) == [FaultKind.INCOMPLETE]
    assert place.call() == []


def test_a_wait_that_nobody_goes_on_with_is_told():
    place = waiting_place(whole_at=MONDAY + DAY)
    published(place)
    place.clock.now = DEADLINE + RETRIES + HOUR
    place.worker.tell()

    (notice,) = place.alarm.notices
    assert "was not posted" in notice.problem
    assert "resend daily --on 2026-11-23" in notice.next_step
    place.worker.tell()
    assert len(place.alarm.notices) == 1


def test_a_wait_that_was_cut_off_until_the_next_due_moment_is_named_as_missed():
    place = waiting_place(whole_at=MONDAY - DAY)
    assert isinstance(place.source, FillingSource)
    place.source.whole_at = MONDAY + 2 * HOUR
    published(place)
    place.clock.now = MONDAY + DAY + MINUTE
    (due, missed) = dispatch(DAILY, MONDAY + DAY, MONDAY + DAY, MONDAY - MINUTE)
    place.worker.deliver(due.message, ONCE)
    place.worker.deliver(missed.message, ONCE)

    assert [report.period for report in place.destinations["slack"].reports] == [
        Period(date(2026, 11, 23), date(2026, 11, 24))
    ]
    assert place.alarm.codes == ["not-delivered"]
    entry = entry_of(place)
    assert entry is not None
    assert entry.state is State.FAILED
    assert entry.is_told


@settings(max_examples=120, deadline=None)
@given(
    whole=st.integers(0, 200),
    steps=st.lists(
        st.tuples(st.sampled_from(["timer", "call", "cron", "queue", "queue"]), st.integers(1, 14)),
        max_size=30,
    ),
)
def test_whoever_comes_in_whatever_order_it_comes_once_and_by_its_deadline(
    whole: int, steps: Sequence[tuple[str, int]]
):
    place = waiting_place(whole_at=MONDAY + whole * MINUTE)
    place.timer("daily")
    for step, minutes in steps:
        _take(step, place)
        place.clock.pass_by(minutes * MINUTE)
        assert sum(place.sent.values()) <= 1
        if sum(place.sent.values()) and place.clock() < DEADLINE - MINUTE:
            assert place.destinations["slack"].reports
            assert doubts(place) == []
    place.clock.now = max(place.clock(), DEADLINE)
    place.work_off()
    _take("timer", place)
    place.work_off()

    assert sum(place.sent.values()) == 1
    assert place.alarm.notices == []


def _take(step: str, place: Place) -> None:
    match step:
        case "timer":
            queue_waiting(place.worker, place.queue.append)
        case "call":
            place.call()
        case "cron":
            messages: list[str] = []
            queue_outstanding(place.worker, messages.append, alone=True)
            for message in messages:
                place.worker.deliver(message, ONCE)
        case _:
            place.work_off()


def test_serve_tries_it_each_quarter_of_an_hour_and_at_its_deadline():
    clock = Clock(MONDAY - HOUR)
    place = Place(
        {"daily": replace(DAILY, waits_until=time(9, 45))},
        clock=clock,
        source=FillingSource(clock=clock, whole_at=MONDAY + DAY),
    )
    server = Server(place.worker, elapsed=lambda: clock().timestamp())
    tried: list[datetime] = []
    while clock() < MONDAY + HOUR:
        before = len(place.source.questions)
        server.step()
        tried += [clock()] * (len(place.source.questions) - before)
        clock.pass_by(MINUTE)

    assert tried == [MONDAY + minutes * MINUTE for minutes in (0, 15, 30, 45)]
    assert sum(place.sent.values()) == 1


@pytest.mark.parametrize("off", [5, 40, 130, 60 * 20])
def test_a_restart_of_serve_while_it_waits_loses_nothing(off: int):
    clock = Clock(MONDAY - HOUR)
    place = Place({"daily": DAILY}, clock=clock, source=FillingSource(clock=clock, whole_at=MONDAY + DAY))
    for now in (MONDAY - HOUR, MONDAY + MINUTE, MONDAY + MINUTE + off * MINUTE):
        clock.now = now
        server = Server(place.worker, elapsed=lambda: clock().timestamp())
        server.step()
    while clock() < DEADLINE:
        clock.pass_by(MINUTE)
        server.step()
    server.step()

    assert sum(place.sent.values()) == 1


def test_a_call_beside_serve_makes_no_second_round_of_tries():
    clock = Clock(MONDAY - HOUR)
    place = Place({"daily": DAILY}, clock=clock, source=FillingSource(clock=clock, whole_at=MONDAY + DAY))
    server = Server(place.worker, elapsed=lambda: clock().timestamp())
    while clock() < MONDAY + 115 * MINUTE:
        server.step()
        queue_outstanding(place.worker, server.accept)
        clock.pass_by(MINUTE)

    assert len(server.waiting) == 1
    assert len(place.source.questions) <= 9


BERLIN = ZoneInfo("Europe/Berlin")


def utc(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T{clock}Z")


@pytest.mark.parametrize(
    ("cron", "until", "due", "deadline"),
    [
        ("0 9 * * *", time(11), utc("10-25", "08:00"), utc("10-25", "10:00")),
        ("0 1 * * *", time(2, 30), utc("03-29", "00:00"), utc("03-29", "01:00")),
        ("30 1 * * *", time(2, 30), utc("10-24", "23:30"), utc("10-25", "00:30")),
        ("30 2 * * *", time(2, 45), utc("03-29", "01:00"), None),
    ],
)
def test_over_a_change_of_the_clock_the_deadline_is_what_a_clock_shows_first(
    cron: str, until: time, due: datetime, deadline: datetime | None
):
    subscription = replace(DAILY, schedule=Schedule(cron, BERLIN), waits_until=until)

    assert subscription.schedule.latest_due(due) == due
    found = subscription.data_deadline(due)
    assert (found and found.astimezone(UTC)) == deadline


@given(hours=st.integers(0, 365 * 24), quarter=st.integers(1, 58))
@settings(max_examples=150, deadline=None)
def test_a_deadline_is_on_the_day_it_is_due_and_after_it(hours: int, quarter: int):
    until = time(9 + quarter // 4, quarter % 4 * 15)
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo"):
        subscription = replace(DAILY, schedule=Schedule("0 9 * * *", ZoneInfo(zone)), waits_until=until)
        due = subscription.schedule.latest_due(utc("01-01", "00:00") + hours * HOUR)
        assert due is not None
        deadline = subscription.data_deadline(due)
        assert deadline is not None
        assert deadline > due
        assert (deadline.date(), deadline.time()) == (due.date(), until)


@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_at_a_deadline_that_the_clock_jumps_to_nothing_waits_any_longer(minutes: int):
    """2:30 is skipped on this night in Berlin: it is 3:00 summer time, 1:00 UTC."""
    deadline = datetime(2026, 3, 29, 1, tzinfo=UTC)
    subscription = replace(DAILY, schedule=Schedule("0 1 * * *", BERLIN), waits_until=time(2, 30))
    place = waiting_place(subscription, whole_at=MONDAY + DAY)
    place.clock.now = deadline + minutes * MINUTE
    order = Order.of(subscription, datetime(2026, 3, 29, tzinfo=UTC))

    assert isinstance(place.publisher("daily", "slack").publish(order), Sent)


def test_at_its_deadline_it_is_anybodys_turn_however_short_the_last_try_is_ago():
    place = waiting_place(whole_at=MONDAY + DAY)
    place.clock.now = DEADLINE - 4 * MINUTE
    published(place)
    place.timer("daily")
    place.queue.clear()
    assert place.call() == [("daily", "slack", "waiting")]
    place.clock.now = DEADLINE

    assert place.call() == [("daily", "slack", "queued")]
    assert place.call() == [("daily", "slack", "waiting")]


def test_of_two_that_read_the_same_wait_one_queues_it(place: Place, monkeypatch: pytest.MonkeyPatch):
    published(place)
    place.clock.now = MONDAY + 30 * MINUTE
    read = entry_of(place)

    def as_read(*_: object) -> LedgerEntry | None:
        return read

    queue_waiting(place.worker, place.queue.append)
    monkeypatch.setattr(type(place.ledger), "entry", as_read)
    queue_waiting(place.worker, place.queue.append)

    assert len(place.queue) == 1


def test_a_message_that_is_there_twice_waits_once():
    clock = Clock(MONDAY - HOUR)
    place = Place({"daily": DAILY}, clock=clock, source=FillingSource(clock=clock, whole_at=MONDAY + DAY))
    server = Server(place.worker, elapsed=lambda: clock().timestamp())
    server.step()
    clock.now = MONDAY
    server.step()
    for _ in range(3):
        server.accept(server.waiting[0].message)
    server.step()

    assert len(server.waiting) == 1


def test_what_waited_when_all_stopped_is_missed_as_what_never_began(place: Place):
    published(place)
    place.clock.pass_by(HOUR)
    place.worker.deliver(Missed("daily", (MONDAY,), MONDAY + DAY, "slack").message, ONCE)

    assert place.alarm.codes == ["missed"]
