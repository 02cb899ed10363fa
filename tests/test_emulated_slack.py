"""The bot's whole way on a Slack that nobody here wrote: marked, looked up, once, in threads and channels."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest

from reporter.destinations.slack_bot import SlackBot
from reporter.publishing.outcomes import AlreadyHandled, PublishOutcome, Sent
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import SETTLES, Attempt, Receipt, State
from reporter.reports.errors import DeliveryUncertain, Refused, Unavailable
from reporter.reports.figures import EventTotal, Ranking
from reporter.reports.subscriptions import Order
from tests.emulated_slack import BLIND_TOKEN, TOKEN, EmulatedSlack
from tests.ledgers import MemoryLedger
from tests.world import Clock, FakeAlarm, FakeSource, spec


class Losing(httpx2.BaseTransport):
    """A network that loses the next posted message, before it arrives or its answer after."""

    def __init__(self) -> None:
        self.before = self.after = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        is_post = request.url.path.endswith("chat.postMessage")
        if is_post and self.before:
            self.before -= 1
            raise httpx2.ReadTimeout("lost on its way")
        with httpx2.HTTPTransport() as network:
            answer = network.handle_request(request)
            answer.read()
        if is_post and self.after:
            self.after -= 1
            raise httpx2.ReadTimeout("its answer was lost")
        return answer


class World:
    """A report of its own for each test, and publishers of it."""

    def __init__(self, slack: EmulatedSlack) -> None:
        self.slack = slack
        self.network = Losing()
        self.source = FakeSource()
        self.ledger = MemoryLedger()
        self.alarm = FakeAlarm()
        self.clock = Clock(datetime.now(UTC))  # the emulator's own
        self.due = self.clock.now  # so that the days stay the same when the clock passes midnight
        self.spec = spec(name=f"weekly-{uuid4().hex[:8]}")

    def publisher(self, channel: str, token: str = TOKEN) -> Publisher:
        id, base_url = self.slack.channels[channel], self.slack.base_url
        destination = SlackBot(token, id, transport=self.network, base_url=base_url, name=channel)
        return Publisher(self.source, destination, self.ledger, self.alarm, self.clock)

    def publish(
        self, number: int = 1, of: int = 9, *, channel: str = "analytics", token: str = TOKEN
    ) -> PublishOutcome:
        return self.publisher(channel, token).publish(Order(self.spec, self.due), Attempt(number, of))

    def messages(self, channel: str = "analytics") -> list[tuple[str, str]]:
        """Times and marks of this report's messages in a channel."""
        marks = (
            (str(message["ts"]), str(message.get("metadata", {}).get("event_payload", {}).get("delivery")))
            for message in self.slack.messages(channel)
        )
        return [(ts, mark) for ts, mark in marks if mark.startswith(self.spec.name)]

    @property
    def states(self) -> dict[str, State]:
        return {delivery.destination: entry.state for delivery, entry in self.ledger.entries.items()}


@pytest.fixture
def world(emulated_slack: EmulatedSlack) -> World:
    return World(emulated_slack)


def test_a_message_carries_its_delivery_and_the_ledger_knows_where_it_stands(world: World):
    outcome = world.publish()

    assert isinstance(outcome, Sent)
    ((ts, mark),) = world.messages()
    ((delivery, entry),) = world.ledger.entries.items()
    assert mark == delivery.key
    assert outcome.receipt == entry.receipt == Receipt(world.slack.channels["analytics"], ts)


def test_a_lost_answer_is_looked_up_at_once_and_sends_no_second_message(world: World):
    world.network.after = 1

    assert isinstance(world.publish(), Sent)

    assert len(world.messages()) == 1
    assert world.states == {"analytics": State.DELIVERED}
    assert world.alarm.codes == []


def test_a_message_lost_before_it_arrived_is_sent_once_after_nothing_was_found(world: World):
    world.network.before = 1
    with pytest.raises(Unavailable, match="looked up once more"):
        world.publish(1)
    assert world.messages() == []
    assert world.states == {"analytics": State.UNCERTAIN}

    world.clock.pass_by(SETTLES)

    assert isinstance(world.publish(2), Sent)
    assert len(world.messages()) == 1


def test_a_process_that_died_after_it_sent_leaves_a_message_that_the_next_one_finds(world: World):
    world.publish()
    ((delivery, entry),) = world.ledger.entries.items()
    world.ledger.entries[delivery] = replace(entry, state=State.CLAIMED, receipt=None)
    world.clock.pass_by(timedelta(minutes=20))

    assert isinstance(world.publish(2), AlreadyHandled)

    assert len(world.messages()) == 1
    assert world.states == {"analytics": State.DELIVERED}


def test_a_bot_that_may_not_look_leaves_it_uncertain_and_tells(world: World):
    world.network.after = 1

    with pytest.raises(DeliveryUncertain):
        world.publish(token=BLIND_TOKEN)
    world.clock.pass_by(timedelta(hours=1))
    assert isinstance(world.publish(2, token=BLIND_TOKEN), AlreadyHandled)

    assert len(world.messages()) == 1
    assert world.alarm.codes == ["uncertain"]


def test_two_channels_get_the_report_each_with_a_delivery_of_its_own(world: World):
    world.network.before = 1
    with pytest.raises(Unavailable):
        world.publish(channel="leaders")
    assert isinstance(world.publish(channel="analytics"), Sent)
    assert world.states == {"leaders": State.UNCERTAIN, "analytics": State.DELIVERED}

    world.clock.pass_by(SETTLES)
    world.publish(2, channel="leaders")
    world.publish(2, channel="analytics")

    assert world.states == {"leaders": State.DELIVERED, "analytics": State.DELIVERED}
    ((_, first),), ((_, second),) = world.messages("leaders"), world.messages("analytics")
    assert {first.rpartition("/")[2], second.rpartition("/")[2]} == {"leaders", "analytics"}


def test_what_does_not_fit_follows_in_the_thread(world: World):
    world.source.ranking = Ranking(
        tuple(EventTotal(f"Event {place}", 900 - place, 800) for place in range(40))
    )
    world.spec = replace(world.spec, top_events=40)

    world.publish()

    ((ts, _),) = world.messages()
    _, reply = world.slack.thread("analytics", ts)
    assert "40. Event 39: 861" in str(reply["blocks"])
    assert "metadata" not in reply


def test_a_check_names_the_scope_that_looking_up_would_lack(world: World):
    bot = SlackBot(BLIND_TOKEN, world.slack.channels["analytics"], base_url=world.slack.base_url)

    with pytest.raises(Refused, match="the scope channels:history"):
        bot.check()


def test_a_check_tells_that_there_is_no_such_channel(world: World):
    with pytest.raises(Refused, match="channel_not_found"):
        SlackBot(TOKEN, "C0NOWHERE", base_url=world.slack.base_url).check()


def test_a_check_of_a_bot_that_may_do_all_is_silent(world: World):
    SlackBot(TOKEN, world.slack.channels["analytics"], base_url=world.slack.base_url).check()
