"""The whole way on Azurite, from the timer to Slack: the test plays Azure's host before Microsoft's worker.

Real are the storage's queues and table, the app, its binding and its invoking. The host's part is what its
documents say of queues: messages in base64, hidden after a failed try, and moved to the poison queue after
the last one (Microsoft, "Azure Queue storage trigger"). The pause between tries is a second here.
"""

import json
import shutil
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient, QueueMessage, TextBase64DecodePolicy, TextBase64EncodePolicy

from reporter.ledger.azure_table import TABLE
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from reporter.local.slack import LocalSlack
from reporter.reports.deliveries import DeliveryRecord, State
from tests.azure_worker.conftest import ROOT, Host
from tests.azure_worker.test_functions import at, messages, now
from tests.azurite import SCRIPT, Azurite, running

HOST: dict[str, Any] = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
TRIES = HOST["extensions"]["queues"]["maxDequeueCount"]
PAUSE = 1  # seconds
QUEUES = ("deliveries", "deliveries-poison")


@dataclass(frozen=True)
class Storage:
    """The app's storage account, and what the host does with its queues."""

    azurite: Azurite
    deliveries: QueueClient
    poison: QueueClient

    def fire(self, host: Host, timer: str) -> None:
        """The timer's output goes onto the queue."""
        for message in messages(host.fire(timer)):
            self.deliveries.send_message(message)

    def step(self, host: Host, pause: int = PAUSE) -> bool | None:
        """Try the next delivery that can be seen: whether it succeeded; None where there is none."""
        message = self.deliveries.receive_message(visibility_timeout=60)
        if message is None:
            return None
        is_done = host.dequeue(message.content, count=message.dequeue_count or 0)["ok"]
        if not is_done and message.dequeue_count != TRIES:
            self.deliveries.update_message(message, visibility_timeout=pause)
            return is_done
        if not is_done:
            self.poison.send_message(message.content)
        self.deliveries.delete_message(message)
        return is_done

    def give_up(self, host: Host) -> None:
        """Hand the poisoned delivery over."""
        message = self.poison.receive_message()
        assert message
        assert host.dequeue(message.content, function="FailedReport")["ok"]
        self.poison.delete_message(message)

    def ledger(self) -> list[DeliveryRecord]:
        with closing(self.azurite.ledger(TABLE)) as ledger:
            return list(ledger.history(9))

    def waiting(self) -> list[int]:
        """How many messages are on each queue, hidden ones as well."""
        both = (self.deliveries, self.poison)
        return [queue.get_queue_properties().approximate_message_count or 0 for queue in both]


def queue(azurite: Azurite, name: str) -> QueueClient:
    """As host.json says: text in base64."""
    assert HOST["extensions"]["queues"]["messageEncoding"] == "base64"
    return QueueClient.from_connection_string(  # pyright: ignore[reportUnknownMemberType]
        azurite.connection_string,
        name,
        message_encode_policy=TextBase64EncodePolicy(),
        message_decode_policy=TextBase64DecodePolicy(),
    )


@pytest.fixture(scope="module")
def own_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """One that nobody else uses: the app names its queues and its table itself."""
    node = shutil.which("node")
    if node is None or not SCRIPT.is_file():
        pytest.skip("Azurite is not installed: it needs node and npm, then `make tools`")
    with running(node, tmp_path_factory.mktemp("storage")) as azurite:
        yield azurite


@pytest.fixture
def storage(own_azurite: Azurite) -> Iterator[Storage]:
    with ExitStack() as stack:
        deliveries, poison = (stack.enter_context(queue(own_azurite, name)) for name in QUEUES)
        for one in (deliveries, poison):
            one.create_queue()
        yield Storage(own_azurite, deliveries, poison)
        for one in (deliveries, poison):
            one.delete_queue()
        tables = TableServiceClient.from_connection_string(own_azurite.connection_string)
        stack.enter_context(tables).delete_table(TABLE)  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture
def due(settings: dict[str, str], storage: Storage) -> dict[str, str]:
    """The settings of an app whose weekly report is due now, and which has this storage account."""
    return {**settings, **storage.azurite.environ, "WEEKLY_SCHEDULE": at(now())}


def test_a_due_timer_ends_in_slack_and_in_the_ledger(
    folder: Path, due: dict[str, str], storage: Storage, slack: LocalSlack
):
    with Host(folder, due) as host:
        storage.fire(host, "WeeklyReport")
        assert storage.step(host) is True

    assert len(slack.messages) == 1
    assert "new users joined" in slack.messages[0].text
    ((record),) = storage.ledger()
    assert (record.delivery.report, record.delivery.destination) == ("weekly", "slack")
    assert record.entry.state is State.DELIVERED
    assert storage.waiting() == [0, 0]
    assert not (folder / ".reporter").exists()


def test_what_the_queue_holds_is_text_in_base64_without_a_secret(
    folder: Path, due: dict[str, str], storage: Storage
):
    with Host(folder, due) as host:
        storage.fire(host, "WeeklyReport")
    with QueueClient.from_connection_string(storage.azurite.connection_string, QUEUES[0]) as raw:  # pyright: ignore[reportUnknownMemberType]
        (message,) = raw.peek_messages()

    held = b64decode(message.content).decode()
    assert set(json.loads(held)) == {"report", "due", "destination", "version"}
    assert due["SLACK_WEBHOOK_URL"] not in held
    storage.ledger()  # makes the table, which is taken away after each test


def test_a_first_try_that_fails_is_followed_by_a_second_after_the_pause(
    folder: Path, due: dict[str, str], storage: Storage, slack: LocalSlack
):
    slack.faults.append(Fault(path="/services", status=429, headers={"Retry-After": "600"}))

    with Host(folder, due) as host:
        storage.fire(host, "WeeklyReport")
        assert storage.step(host) is False
        (record,) = storage.ledger()
        assert record.entry.state is State.FAILED
        assert storage.step(host) is None  # it is hidden
        assert storage.waiting() == [1, 0]

        time.sleep(PAUSE)
        assert storage.step(host) is True

    made, failed = storage.ledger()
    assert (made.entry.state, failed.entry.state) == (State.DELIVERED, State.FAILED)
    assert len(slack.messages) == 1
    assert storage.waiting() == [0, 0]


def test_another_instance_of_the_app_knows_what_the_first_one_sent(
    folder: Path, due: dict[str, str], storage: Storage, slack: LocalSlack
):
    with Host(folder, due) as host:
        storage.fire(host, "WeeklyReport")
        storage.fire(host, "WeeklyReport")
        assert storage.step(host) is True
    with Host(folder, due) as other:
        assert storage.step(other) is True

    assert len(slack.messages) == 1
    assert len(storage.ledger()) == 1


def test_after_the_last_try_a_delivery_is_poisoned_and_given_up_and_people_were_told_once(
    folder: Path, due: dict[str, str], storage: Storage, slack: LocalSlack, product: Product
):
    with (
        LocalMixpanel(product, quota=0) as spent,
        Host(folder, {**due, "MIXPANEL_BASE_URL": spent.url}) as host,
    ):
        storage.fire(host, "WeeklyReport")
        tries = [storage.step(host, pause=0) for _ in range(TRIES)]
        assert storage.waiting() == [0, 1]
        storage.give_up(host)

    assert tries == [False] * TRIES
    assert [message.text.split(": ")[1][:25] for message in slack.messages] == [
        "The report is delayed. It",
        "The report was not posted",
    ]
    (record,) = storage.ledger()
    assert (record.entry.state, record.entry.is_told) == (State.FAILED, True)
    assert storage.waiting() == [0, 0]


def test_a_delivery_whose_every_try_died_is_given_up_and_told(
    folder: Path, due: dict[str, str], storage: Storage, slack: LocalSlack
):
    with Host(folder, due) as host:
        storage.fire(host, "WeeklyReport")
        message: QueueMessage | None = storage.deliveries.receive_message()
        assert message
        storage.poison.send_message(message.content)  # nothing ever said that it worked, or that it did not
        storage.give_up(host)

    (notice,) = slack.messages
    assert "every try failed" in notice.text
    (record,) = storage.ledger()
    assert (record.entry.state, record.entry.is_told) == (State.FAILED, True)
