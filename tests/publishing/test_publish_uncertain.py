"""A delivery whose answer was lost: looked up where that is possible, else told, and never sent twice."""

from datetime import timedelta

import pytest

from reporter.publishing.outcomes import AlreadyHandled, PublishOutcome, Sent
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import CLAIM_LIVES, SETTLES, Attempt, Delivery, LedgerEntry, Receipt, State
from reporter.reports.errors import DeliveryUncertain, Refused, Unavailable
from reporter.reports.figures import Figures, Question
from reporter.reports.subscriptions import Order
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, WEEK, Clock, FakeAlarm, FakeDestination, FakeSource, claim, spec

DELIVERY = Delivery("weekly", WEEK, "slack")
SAID = (("New Signups", 89), ("Active Users", 1_204), ("Page Views", 12_500))
LOST = DeliveryUncertain("Slack never answered.")
THERE = Receipt("C1", "1795420800.000000")
BUSY = Unavailable("Slack could not be reached")


class World:
    def __init__(self) -> None:
        self.source = FakeSource()
        self.slack = FakeDestination(errors=[LOST], lost=None)
        self.ledger = MemoryLedger()
        self.alarm = FakeAlarm()
        self.clock = Clock()

    def publish(self, number: int = 1, of: int = 9) -> PublishOutcome:
        """One try; ten minutes pass to the next."""
        publisher = Publisher(self.source, self.slack, self.ledger, self.alarm, self.clock)
        try:
            return publisher.publish(Order(spec()), Attempt(number, of, 10))
        finally:
            self.clock.pass_by(timedelta(minutes=10))

    @property
    def entry(self) -> LedgerEntry:
        found = self.ledger.entry(DELIVERY, self.clock())
        assert found
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_a_message_that_is_found_at_once_is_delivered_and_nobody_hears_of_it(world: World):
    world.slack.lost = THERE

    outcome = world.publish()

    assert isinstance(outcome, Sent)
    assert outcome.receipt == THERE
    assert world.entry == LedgerEntry(State.DELIVERED, MONDAY, THERE, said=SAID)
    assert world.alarm.codes == []


def test_it_is_looked_for_since_before_it_can_have_been_sent(world: World):
    world.slack.lost = THERE

    world.publish()

    assert world.slack.looked_up == [(DELIVERY, MONDAY - CLAIM_LIVES)]


def test_a_message_that_is_not_there_yet_is_looked_up_again_before_it_is_sent_again(world: World):
    with pytest.raises(Unavailable, match="looked up once more") as raised:
        world.publish(1)
    assert raised.value.after == SETTLES.total_seconds()
    assert world.entry.state is State.UNCERTAIN

    assert isinstance(world.publish(2), Sent)

    assert world.slack.sent == ["report Weekly Report"]
    assert len(world.slack.looked_up) == 2
    assert world.alarm.codes == []


def test_a_message_that_is_found_at_the_second_try_is_not_sent_again(world: World):
    with pytest.raises(Unavailable):
        world.publish(1)
    world.slack.lost = THERE

    again = world.publish(2)

    assert again == AlreadyHandled(
        DELIVERY, LedgerEntry(State.DELIVERED, MONDAY + timedelta(minutes=10), THERE, said=SAID)
    )
    assert world.entry.state is State.DELIVERED
    assert world.slack.sent == []
    assert len(world.source.questions) == 1


def test_it_is_not_sent_again_before_a_late_message_can_be_told_from_a_lost_one(world: World):
    with pytest.raises(Unavailable):
        world.publish(1)
    world.clock.now = MONDAY + SETTLES - timedelta(seconds=1)

    with pytest.raises(Unavailable, match="looked up once more"):
        world.publish(2)

    assert world.slack.sent == []


def test_when_slack_cannot_be_asked_now_it_is_asked_at_the_next_try(world: World):
    world.slack.lost = BUSY
    for number in (1, 2, 3):
        with pytest.raises(Unavailable):
            world.publish(number)
    assert world.entry.state is State.UNCERTAIN
    assert world.alarm.codes == ["delayed"]

    world.slack.lost = THERE

    assert isinstance(world.publish(4), AlreadyHandled)
    assert world.entry.state is State.DELIVERED
    assert world.slack.sent == []
    assert world.alarm.codes == ["delayed", "recovered"]


def test_what_the_last_try_does_not_learn_is_uncertain_and_told(world: World):
    world.slack.lost = BUSY
    for number in range(1, 9):
        with pytest.raises(Unavailable):
            world.publish(number)

    with pytest.raises(DeliveryUncertain, match="never answered"):
        world.publish(9)

    assert world.entry.state is State.UNCERTAIN
    assert world.alarm.codes == ["delayed", "uncertain"]
    assert world.slack.sent == []


def test_a_single_try_says_what_it_does_not_know_and_the_next_one_finds_out(world: World):
    with pytest.raises(DeliveryUncertain):
        world.publish(1, of=1)
    assert world.alarm.codes == ["uncertain"]

    assert isinstance(world.publish(1, of=1), Sent)

    assert world.slack.sent == ["report Weekly Report"]
    assert world.alarm.codes == ["uncertain", "recovered"]


def test_what_can_never_be_looked_up_stays_uncertain_and_is_told_once(world: World):
    world.slack.lost = Refused("Slack refused conversations.history (missing_scope)")
    with pytest.raises(DeliveryUncertain):
        world.publish(1)

    for number in (2, 3):
        assert isinstance(world.publish(number), AlreadyHandled)

    assert world.entry.state is State.UNCERTAIN
    assert world.slack.sent == []
    assert world.alarm.codes == ["uncertain"]


def test_a_delivery_under_way_is_looked_at_again_later(world: World):
    claim(world.ledger, DELIVERY, world.clock())

    with pytest.raises(Unavailable, match="Another process"):
        world.publish(1)

    assert world.alarm.codes == []
    assert world.slack.looked_up == []


def test_what_a_dead_process_may_have_sent_is_looked_up(world: World):
    world.slack.errors = []
    claim(world.ledger, DELIVERY, world.clock())
    world.clock.pass_by(timedelta(hours=1))

    assert isinstance(world.publish(2), Sent)

    assert world.slack.looked_up == [(DELIVERY, MONDAY - CLAIM_LIVES)]
    assert world.slack.sent == ["report Weekly Report"]


def test_what_a_dead_process_may_have_sent_by_a_webhook_is_told_once(world: World):
    world.slack.lost = Refused("A webhook can only post")
    claim(world.ledger, DELIVERY, world.clock())
    world.clock.pass_by(timedelta(hours=1))

    for number in (2, 3):
        assert isinstance(world.publish(number), AlreadyHandled)

    assert world.alarm.codes == ["uncertain"]
    assert world.slack.sent == []


def test_of_two_workers_that_find_nothing_one_sends(world: World, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Unavailable):
        world.publish(1)
    measure = world.source.measure

    def while_another_is_faster(question: Question) -> Figures:
        monkeypatch.setattr(world.source, "measure", measure)
        assert isinstance(world.publish(2), Sent)
        return measure(question)

    monkeypatch.setattr(world.source, "measure", while_another_is_faster)

    slower = world.publish(2)

    assert isinstance(slower, AlreadyHandled)
    assert slower.entry.state is State.DELIVERED
    assert world.slack.sent == ["report Weekly Report"]
