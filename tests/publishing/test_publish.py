"""The story: measured, composed, sent once, remembered."""

from datetime import date, timedelta

import pytest

from reporter.publishing.outcomes import AlreadyHandled, PublishOutcome, Sent
from reporter.publishing.publish import Attempt, Publisher
from reporter.reports.deliveries import Delivery, LedgerEntry, State
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed, UnknownEvent
from reporter.reports.findings import Restated
from reporter.reports.subscriptions import Order
from tests.ledgers import MemoryLedger
from tests.world import (
    ACTIVE_USERS,
    MONDAY,
    PAGE_VIEWS,
    SIGN_UPS,
    WEEK,
    Clock,
    FakeAlarm,
    FakeDestination,
    FakeSource,
    claim,
    spec,
)

DELIVERY = Delivery("weekly", WEEK, "slack")
SAID = (("New Signups", 89), ("Active Users", 1_204), ("Page Views", 12_500))
QUOTA = Failed("Mixpanel's hourly quota is spent.", is_temporary=True, after=1800)


class World:
    def __init__(self) -> None:
        self.source = FakeSource()
        self.slack = FakeDestination()
        self.ledger = MemoryLedger()
        self.alarm = FakeAlarm()
        self.clock = Clock()
        self.publisher = Publisher(self.source, self.slack, self.ledger, self.alarm, self.clock)

    def publish(self, number: int = 1, of: int = 1, *, again: bool = False) -> PublishOutcome:
        return self.publisher.publish(Order(spec()), Attempt(number, of, 10), again=again)

    @property
    def state(self) -> State | None:
        entry = self.ledger.entry(DELIVERY, self.clock())
        return entry.state if entry else None

    def measures_nothing(self, failed: Failed) -> None:
        self.source.values = dict.fromkeys((SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS), failed)
        self.source.before = self.source.values
        self.source.ranking = failed


@pytest.fixture
def world() -> World:
    return World()


def test_a_report_is_sent_and_remembered(world: World):
    assert isinstance(world.publish(), Sent)

    assert world.slack.sent == ["report Weekly Report"]
    assert world.state is State.DELIVERED


def test_what_the_report_told_is_remembered_with_it(world: World):
    world.publish()

    entry = world.ledger.entry(DELIVERY, world.clock())
    assert entry is not None
    assert entry.said == SAID


def test_a_number_that_was_told_otherwise_a_week_ago_is_noted(world: World):
    before = Delivery("weekly", WEEK.previous, "slack")
    world.ledger.record(before, LedgerEntry(State.DELIVERED, MONDAY, said=(("New Signups", 70.0),)))

    world.publish()

    assert Restated("New Signups", 70.0, 79) in world.slack.reports[0].notes


def test_what_another_destination_was_told_is_not_held_against_this_one(world: World):
    before = Delivery("weekly", WEEK.previous, "backup")
    world.ledger.record(before, LedgerEntry(State.DELIVERED, MONDAY, said=(("New Signups", 70.0),)))

    world.publish()

    assert not any(isinstance(note, Restated) for note in world.slack.reports[0].notes)


def test_a_second_run_sends_nothing_and_asks_nothing(world: World):
    world.publish()

    again = world.publish()

    assert isinstance(again, AlreadyHandled)
    assert again.entry.state is State.DELIVERED
    assert len(world.slack.sent) == 1
    assert len(world.source.questions) == 1


def test_an_uncertain_delivery_is_never_repeated(world: World):
    world.slack.errors = [DeliveryUncertain("Slack never answered.")]
    with pytest.raises(DeliveryUncertain):
        world.publish()

    again = world.publish()

    assert again == AlreadyHandled(
        DELIVERY, LedgerEntry(State.UNCERTAIN, MONDAY, None, "Slack never answered.", is_told=True, said=SAID)
    )
    assert world.slack.sent == []


@pytest.mark.parametrize("error", [Unavailable("Slack could not be reached."), Refused("no_service")])
def test_a_delivery_that_surely_failed_may_be_tried_again(world: World, error: ReporterError):
    world.slack.errors = [error]
    with pytest.raises(type(error)):
        world.publish()
    assert world.state is State.FAILED

    assert isinstance(world.publish(), Sent)


def test_a_process_that_died_while_sending_leaves_an_uncertain_delivery(world: World):
    claim(world.ledger, DELIVERY, world.clock())

    assert isinstance(world.publish(), AlreadyHandled)
    world.clock.pass_by(timedelta(hours=1))

    again = world.publish()
    assert isinstance(again, AlreadyHandled)
    assert again.entry.state is State.UNCERTAIN
    assert world.slack.sent == []


def test_one_failed_metric_does_not_hold_the_report_up(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: UnknownEvent("Page View", ("Page Viewed",))}

    assert isinstance(world.publish(1, of=5), Sent)


def test_a_figure_that_may_be_had_later_is_waited_for(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: QUOTA}

    with pytest.raises(Unavailable) as raised:
        world.publish(1, of=5)

    assert raised.value.after == 1800
    assert world.slack.sent == []
    assert world.state is None


def test_on_the_last_try_the_report_goes_out_without_it(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: QUOTA}

    assert isinstance(world.publish(), Sent)


def test_nothing_measured_posts_no_report_and_is_told(world: World):
    world.measures_nothing(Failed("Your Mixpanel plan does not include the Query API"))

    with pytest.raises(Refused, match="does not include the Query API"):
        world.publish()

    assert world.slack.sent == []
    (notice,) = world.alarm.notices
    assert notice.code == "not-delivered"
    assert notice.report == "Weekly Report"
    assert notice.period == WEEK
    assert notice.reasons == ("Your Mixpanel plan does not include the Query API",)
    assert (
        notice.next_step
        == "Run `reporter check`, then `reporter send weekly --from 2026-11-16 --to 2026-11-22`."
    )


def test_nothing_measured_for_a_passing_reason_may_work_later(world: World):
    world.measures_nothing(QUOTA)

    with pytest.raises(Unavailable) as raised:
        world.publish()

    assert raised.value.after == 1800


@pytest.mark.parametrize("method", ["project", "measure"])
def test_what_passes_is_told_at_the_second_try_and_at_the_last(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
):
    def fail(*_: object) -> object:
        raise Unavailable("Mixpanel could not be reached")

    monkeypatch.setattr(world.source, method, fail)

    for number in range(1, 6):
        with pytest.raises(Unavailable):
            world.publish(number, of=5)

    assert world.alarm.codes == ["delayed", "not-delivered"]
    assert world.alarm.notices[0].problem == "The report is delayed. It was tried 2 of 5 times."
    assert world.alarm.notices[0].next_step == "Nothing yet: the next try is in 10 minutes."


def test_a_failure_that_was_told_and_then_mended_is_told_too(world: World):
    world.slack.errors = [Unavailable("Slack could not be reached")] * 2
    for number in (1, 2):
        with pytest.raises(Unavailable):
            world.publish(number, of=5)

    assert isinstance(world.publish(3, of=5), Sent)

    assert world.alarm.codes == ["delayed", "recovered"]


def test_a_failure_that_nobody_heard_of_is_mended_in_silence(world: World):
    world.slack.errors = [Unavailable("Slack could not be reached")]
    with pytest.raises(Unavailable):
        world.publish(1, of=5)

    assert isinstance(world.publish(2, of=5), Sent)

    assert world.alarm.codes == []


def test_a_delivery_that_fails_on_is_told_once(world: World):
    world.slack.errors = [Unavailable("Slack could not be reached")] * 4

    for number in range(1, 5):
        with pytest.raises(Unavailable):
            world.publish(number, of=9)

    assert world.alarm.codes == ["delayed"]


def test_an_uncertain_delivery_is_told_at_once(world: World):
    world.slack.errors = [DeliveryUncertain("Slack never answered")]

    with pytest.raises(DeliveryUncertain):
        world.publish(1, of=5)

    assert world.alarm.codes == ["uncertain"]
    assert world.state is State.UNCERTAIN


def test_a_refusal_is_told_at_once(world: World):
    world.slack.errors = [Refused("Slack refused the message (no_service)")]

    with pytest.raises(Refused):
        world.publish(1, of=5)

    assert world.alarm.codes == ["not-delivered"]


def test_a_range_somebody_mistyped_is_refused_and_not_told(world: World):
    with pytest.raises(Refused, match="reversed"):
        world.publisher.publish(Order(spec(), first=date(2026, 11, 9), last=date(2026, 11, 8)))

    assert world.alarm.notices == []


def test_events_that_the_project_does_not_have_leave_nothing_to_report(world: World):
    world.source.values = {measure: UnknownEvent("x") for measure in (SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS)}
    world.source.ranking = None

    with pytest.raises(Refused, match="has none of the events"):
        world.publish()


def test_again_sends_what_was_sent_before(world: World):
    world.publish()

    assert isinstance(world.publish(again=True), Sent)
    assert len(world.slack.sent) == 2
