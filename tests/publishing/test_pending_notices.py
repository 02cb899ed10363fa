"""Nothing ends untold, and what was delivered stays delivered."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reporter.health import due_of
from reporter.publishing.claims import pending, send_pending
from reporter.publishing.outcomes import AlreadyHandled, PublishOutcome, Sent
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import (
    CLAIM_LIVES,
    ONCE,
    RETRIES,
    SENDS_WITHIN,
    Delivery,
    LedgerEntry,
    Receipt,
    State,
)
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.figures import Project
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Order, Subscription
from tests.ledgers import MemoryLedger
from tests.world import (
    MONDAY,
    UTC_ZONE,
    WEEK,
    Clock,
    FakeAlarm,
    FakeDestination,
    FakeSource,
    claim,
    spec,
)

DELIVERY = Delivery("weekly", WEEK, "slack")
WEEKLY = Subscription(spec(), Schedule("0 9 * * 1", UTC_ZONE), ("slack",))
DEAD = CLAIM_LIVES + timedelta(minutes=1)


@dataclass
class World:
    source: FakeSource = field(default_factory=FakeSource)
    slack: FakeDestination = field(default_factory=FakeDestination)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    alarm: FakeAlarm = field(default_factory=FakeAlarm)
    clock: Clock = field(default_factory=Clock)

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.source, self.slack, self.ledger, self.alarm, self.clock)

    def publish(self, *, again: bool = False, due: datetime | None = MONDAY) -> PublishOutcome:
        return self.publisher.publish(Order(spec(), due), ONCE, again=again)

    @property
    def app(self) -> Any:
        return SimpleNamespace(
            ledger=self.ledger,
            alarm=self.alarm,
            clock=self.clock,
            destinations={"slack": self.slack},
            subscriptions={"weekly": WEEKLY},
            due_of=lambda one, zone: due_of(one, {"weekly": WEEKLY}, zone, self.clock()),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        )

    @property
    def entry(self) -> LedgerEntry:
        found = self.ledger.entry(DELIVERY, self.clock())
        assert found
        return found

    @property
    def tries(self) -> list[State]:
        return [record.entry.state for record in self.ledger.history(9)]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("error", [Unavailable("Slack could not be reached"), Refused("no_service")])
def test_a_repetition_that_fails_leaves_what_was_delivered(world: World, error: ReporterError):
    world.publish()
    before = world.entry
    world.slack.errors = [error]
    world.clock.pass_by(timedelta(hours=1))

    with pytest.raises(type(error)):
        world.publish(again=True)

    assert world.entry == before
    assert isinstance(world.publish(), AlreadyHandled)
    assert world.slack.sent == ["report Weekly Report"]
    assert world.tries == [State.FAILED, State.DELIVERED]
    assert world.alarm.codes == ["not-repeated"]


def test_a_repetition_that_cannot_be_made_is_a_try_too(world: World, monkeypatch: pytest.MonkeyPatch):
    world.publish()
    world.clock.pass_by(timedelta(hours=1))

    def fail(*_: object) -> object:
        raise Unavailable("Mixpanel could not be reached")

    monkeypatch.setattr(world.source, "measure", fail)
    with pytest.raises(Unavailable):
        world.publish(again=True)

    assert world.entry.state is State.DELIVERED
    assert world.tries == [State.FAILED, State.DELIVERED]


def test_a_repetition_whose_answer_was_lost_is_told_and_the_delivery_stays(world: World):
    world.publish()
    world.slack.errors = [DeliveryUncertain("Slack never answered.")]
    world.clock.pass_by(timedelta(hours=1))

    with pytest.raises(DeliveryUncertain):
        world.publish(again=True)

    assert world.entry.state is State.DELIVERED
    assert world.tries == [State.UNCERTAIN, State.DELIVERED]
    assert world.alarm.codes == ["uncertain"]


def test_a_repetition_of_what_may_be_there_does_not_open_it_when_it_fails(world: World):
    world.slack.errors = [DeliveryUncertain("Slack never answered."), Refused("no_service")]
    with pytest.raises(DeliveryUncertain):
        world.publish()

    with pytest.raises(Refused):
        world.publish(again=True)

    assert isinstance(world.publish(), AlreadyHandled)
    assert world.entry.state is State.UNCERTAIN
    assert world.slack.sent == []


def test_a_delivery_under_way_is_not_repeated_beside_it(world: World):
    claim(world.ledger, DELIVERY)

    assert isinstance(world.publish(again=True), AlreadyHandled)
    assert world.slack.sent == []


def test_each_try_has_an_id_of_its_own_by_which_its_message_is_found(world: World):
    world.publish()
    first = world.entry.id
    world.slack.errors, world.slack.lost = [DeliveryUncertain("Slack never answered.")], None
    with pytest.raises(DeliveryUncertain):
        world.publish(again=True)

    assert first
    assert {record.entry.id for record in world.ledger.history(9)} > {first}


@pytest.mark.parametrize(
    ("due", "step"),
    [
        (MONDAY, "Run `reporter check`, then `reporter resend weekly --on 2026-11-23`."),
        (None, "Run `reporter check`, then `reporter send weekly --from 2026-11-16 --to 2026-11-22`."),
    ],
)
def test_a_notice_names_what_sends_the_missed_days_whenever_it_is_run(
    world: World, due: datetime | None, step: str
):
    world.slack.errors = [Refused("no_service")]

    with pytest.raises(Refused):
        world.publish(due=due)

    assert world.alarm.notices[0].next_step == step


def test_a_notice_that_cannot_be_sent_is_kept_and_told_by_the_next_command(world: World):
    world.slack.errors, world.alarm.reaches = [Refused("no_service")], False
    with pytest.raises(Refused):
        world.publish()
    assert not world.entry.is_told
    assert [record.delivery for record in pending(world.app)] == [DELIVERY]

    world.clock.pass_by(timedelta(hours=1))
    send_pending(world.app)
    assert len(pending(world.app)) == 1

    world.alarm.reaches = True
    send_pending(world.app)
    send_pending(world.app)

    (notice,) = world.alarm.notices
    assert notice.code == "not-delivered"
    assert notice.reasons == (
        "no_service",
        "This was on Mon 23 Nov 2026, 09:00 UTC; the notice could not be sent before.",
    )
    assert world.entry.is_told
    assert pending(world.app) == []


def test_a_notice_that_was_kept_is_not_told_once_the_report_came(world: World):
    world.slack.errors, world.alarm.reaches = [Refused("no_service")], False
    with pytest.raises(Refused):
        world.publish()
    world.alarm.reaches = True

    assert isinstance(world.publish(), Sent)
    send_pending(world.app)

    assert world.alarm.codes == []


def test_a_failure_before_the_days_are_known_is_kept_too(world: World, monkeypatch: pytest.MonkeyPatch):
    def fail() -> object:
        raise Unavailable("Mixpanel could not be reached")

    monkeypatch.setattr(world.source, "project", fail)
    world.alarm.reaches = False
    with pytest.raises(Unavailable):
        world.publish()
    world.alarm.reaches = True

    send_pending(world.app)

    assert world.alarm.codes == ["not-delivered"]


def test_what_a_killed_process_may_have_posted_is_told_by_the_next_command(world: World):
    claim(world.ledger, DELIVERY)
    assert pending(world.app) == []
    world.clock.pass_by(DEAD)
    assert len(pending(world.app)) == 1

    send_pending(world.app)
    send_pending(world.app)

    (notice,) = world.alarm.notices
    assert notice.code == "uncertain"
    assert notice.next_step.endswith("run `reporter resend weekly --on 2026-11-23`.")
    assert world.entry.state is State.UNCERTAIN


def test_what_a_killed_process_posted_is_found_by_a_bot_and_nobody_is_bothered(world: World):
    claim(world.ledger, DELIVERY)
    world.slack.lost = Receipt("C1", "1.2")
    world.clock.pass_by(DEAD)

    send_pending(world.app)

    assert world.entry.state is State.DELIVERED
    assert world.alarm.codes == []


def test_what_a_killed_process_did_not_post_is_told_once_nobody_will_try_it_any_more(world: World):
    claim(world.ledger, DELIVERY)
    world.slack.lost = None
    world.clock.pass_by(DEAD)
    send_pending(world.app)
    assert (world.entry.state, world.alarm.codes) == (State.FAILED, [])

    world.clock.pass_by(RETRIES + timedelta(minutes=1))
    send_pending(world.app)

    assert world.alarm.codes == ["not-delivered"]


def test_a_process_that_was_paused_after_its_claim_sends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    record = world.ledger.record

    def then_pause(self: object, *given: Any, **named: Any) -> LedgerEntry | None:
        written = record(*given, **named)
        if written and written.state is State.CLAIMED:
            world.clock.pass_by(SENDS_WITHIN + timedelta(minutes=1))
        return written

    monkeypatch.setattr(MemoryLedger, "record", then_pause)

    with pytest.raises(Unavailable, match="was paused"):
        world.publish()

    assert world.slack.sent == []
    assert world.entry.state is State.FAILED


def test_a_process_whose_claim_was_taken_over_while_it_was_paused_sends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    record, other = world.ledger.record, FakeDestination(lost=None)

    def then_another_sends(self: object, *given: Any, **named: Any) -> LedgerEntry | None:
        written = record(*given, **named)
        if written and written.state is State.CLAIMED:
            monkeypatch.undo()
            world.clock.pass_by(DEAD)
            assert isinstance(replace(world.publisher, destination=other).publish(Order(spec())), Sent)
        return written

    monkeypatch.setattr(MemoryLedger, "record", then_another_sends)

    assert isinstance(world.publish(), AlreadyHandled)
    assert (world.slack.sent, other.sent) == ([], ["report Weekly Report"])


def test_what_was_posted_and_could_not_be_written_down_is_sent(world: World, monkeypatch: pytest.MonkeyPatch):
    record = world.ledger.record

    def fail(
        self: object, delivery: Delivery, entry: LedgerEntry, *given: Any, **named: Any
    ) -> LedgerEntry | None:
        if entry.state is State.DELIVERED:
            raise Unavailable("The ledger cannot be used.")
        return record(delivery, entry, *given, **named)

    monkeypatch.setattr(MemoryLedger, "record", fail)

    sent = world.publish()

    assert isinstance(sent, Sent)
    assert str(sent.unrecorded) == "The ledger cannot be used."
    assert world.alarm.codes == []


def test_a_failure_is_not_written_over_what_another_process_delivered_meanwhile(world: World):
    """While the first one tells of its failure, another one delivers."""
    world.slack.errors = [Refused("no_service")]

    @dataclass
    class Slow(FakeAlarm):
        def tell(self, notice: Any, destination: str) -> bool:
            if not self.notices:
                assert isinstance(world.publish(), Sent)
            return super().tell(notice, destination)

    alarm = Slow()
    with pytest.raises(Refused):
        replace(world.publisher, alarm=alarm).publish(Order(spec(), MONDAY))

    assert world.entry.state is State.DELIVERED
    assert alarm.codes == ["not-delivered", "recovered"]
    assert isinstance(world.publish(), AlreadyHandled)


@dataclass
class UnknownProject(FakeSource):
    """A Mixpanel that does not even say in which zone its days are."""

    def project(self) -> Project:
        raise Unavailable("Mixpanel has a fault of its own")


def test_a_report_whose_days_nobody_can_tell_is_told_with_the_day_it_was_due():
    world = World(source=UnknownProject())

    with pytest.raises(Unavailable):
        world.publish()

    (notice,) = world.alarm.notices
    assert "`reporter resend weekly --on 2026-11-23`" in notice.next_step
