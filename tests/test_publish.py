"""The story: measured, composed, sent once, remembered."""

from datetime import date, timedelta

import pytest

from reporter.deliver.ledger import MemoryLedger
from reporter.model.delivery import Delivery, Entry, State
from reporter.model.edition import Order
from reporter.model.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.model.figures import Failed, UnknownEvent
from reporter.publish import Sent, Stands, publish
from tests.world import (
    ACTIVE_USERS,
    MONDAY,
    PAGE_VIEWS,
    SIGN_UPS,
    WEEK,
    Clock,
    FakeDestination,
    FakeSource,
    spec,
)

DELIVERY = Delivery("weekly", WEEK, "slack")
QUOTA = Failed("Mixpanel's hourly quota is spent.", passing=True, after=1800)


class World:
    def __init__(self) -> None:
        self.source = FakeSource()
        self.slack = FakeDestination()
        self.ledger = MemoryLedger()
        self.clock = Clock()

    def publish(self, *, last_try: bool = True, again: bool = False) -> Sent | Stands:
        return publish(
            Order(spec()),
            source=self.source,
            destination=self.slack,
            ledger=self.ledger,
            clock=self.clock,
            again=again,
            last_try=last_try,
        )

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


def test_a_second_run_sends_nothing_and_asks_nothing(world: World):
    world.publish()

    again = world.publish()

    assert isinstance(again, Stands)
    assert again.entry.state is State.DELIVERED
    assert len(world.slack.sent) == 1
    assert len(world.source.questions) == 1


def test_an_uncertain_delivery_is_never_repeated(world: World):
    world.slack.errors = [DeliveryUncertain("Slack never answered.")]
    with pytest.raises(DeliveryUncertain):
        world.publish()

    again = world.publish()

    assert again == Stands(DELIVERY, Entry(State.UNCERTAIN, MONDAY, reason="Slack never answered."))
    assert world.slack.sent == []


@pytest.mark.parametrize("error", [Unavailable("Slack could not be reached."), Refused("no_service")])
def test_a_delivery_that_surely_failed_may_be_tried_again(world: World, error: ReporterError):
    world.slack.errors = [error]
    with pytest.raises(type(error)):
        world.publish()
    assert world.state is State.FAILED

    assert isinstance(world.publish(), Sent)


def test_a_process_that_died_while_sending_leaves_an_uncertain_delivery(world: World):
    world.ledger.claim(DELIVERY, world.clock())

    assert isinstance(world.publish(), Stands)
    world.clock.pass_by(timedelta(hours=1))

    again = world.publish()
    assert isinstance(again, Stands)
    assert again.entry.state is State.UNCERTAIN
    assert world.slack.sent == []


def test_one_failed_metric_does_not_hold_the_report_up(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: UnknownEvent("Page View", ("Page Viewed",))}

    assert isinstance(world.publish(last_try=False), Sent)


def test_a_figure_that_may_be_had_later_is_waited_for(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: QUOTA}

    with pytest.raises(Unavailable) as raised:
        world.publish(last_try=False)

    assert raised.value.after == 1800
    assert world.slack.sent == []
    assert world.state is None


def test_on_the_last_try_the_report_goes_out_without_it(world: World):
    world.source.values = {**world.source.values, PAGE_VIEWS: QUOTA}

    assert isinstance(world.publish(), Sent)


def test_nothing_measured_posts_a_notice_and_no_report(world: World):
    world.measures_nothing(Failed("Your Mixpanel plan does not include the Query API."))

    with pytest.raises(Refused, match="does not include the Query API"):
        world.publish()

    assert world.slack.sent == ["notice Nothing could be measured, so no report was posted."]
    assert world.slack.notices[0].reasons == ("Your Mixpanel plan does not include the Query API.",)
    assert world.slack.notices[0].report == "Weekly Report"
    assert world.state is None


def test_nothing_measured_for_a_passing_reason_may_work_later(world: World):
    world.measures_nothing(QUOTA)

    with pytest.raises(Unavailable) as raised:
        world.publish()

    assert raised.value.after == 1800


def test_a_notice_that_cannot_be_sent_hides_neither_reason(world: World):
    world.measures_nothing(Failed("Mixpanel refused."))
    world.slack.errors = [Refused("no_service")]

    with pytest.raises(Refused, match="Mixpanel refused") as raised:
        world.publish()

    assert raised.value.__notes__ == ["The notice that says so could not be sent either: no_service"]


@pytest.mark.parametrize("method", ["project", "measure"])
def test_a_failure_of_the_whole_source_is_told_and_raised(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
):
    def fail(*_: object) -> object:
        raise Unavailable("Mixpanel could not be reached.")

    monkeypatch.setattr(world.source, method, fail)

    with pytest.raises(Unavailable):
        world.publish()
    assert [notice.reasons for notice in world.slack.notices] == [("Mixpanel could not be reached.",)]
    assert world.state is None

    with pytest.raises(Unavailable):
        world.publish(last_try=False)
    assert len(world.slack.notices) == 1  # while another try will come, nobody is told


def test_a_range_somebody_mistyped_is_refused_without_a_notice(world: World):
    with pytest.raises(Refused, match="reversed"):
        publish(
            Order(spec(), first=date(2026, 11, 9), last=date(2026, 11, 8)),
            source=world.source,
            destination=world.slack,
            ledger=world.ledger,
            clock=world.clock,
        )
    assert world.slack.sent == []


def test_events_that_the_project_does_not_have_leave_nothing_to_report(world: World):
    world.source.values = {measure: UnknownEvent("x") for measure in (SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS)}
    world.source.ranking = None

    with pytest.raises(Refused, match="has none of the events"):
        world.publish()


def test_again_sends_what_was_sent_before(world: World):
    world.publish()

    assert isinstance(world.publish(again=True), Sent)
    assert len(world.slack.sent) == 2
