"""The ledger in Azure Table Storage: many workers, lost answers, odd names, and its history."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.ledger.azure_table import HISTORY, OPEN, TableLedger, _key, _keys
from reporter.reports.deliveries import CLAIM_LIVES, Delivery, DeliveryRecord, LedgerEntry, State
from tests.azurite import Azurite
from tests.azurite_faults import Relay, relayed
from tests.world import MONDAY, WEEK

DELIVERY = Delivery("weekly", WEEK, "slack")
HOUR = timedelta(hours=1)
CLAIM = LedgerEntry(State.CLAIMED, MONDAY, id="1")


@pytest.fixture
def ledger(azurite: Azurite) -> Iterator[TableLedger]:
    with closing(azurite.ledger()) as ledger:
        yield ledger


@pytest.fixture
def relay(azurite: Azurite) -> Iterator[Relay]:
    with relayed(azurite) as relay:
        yield relay


@pytest.mark.parametrize("state", [None, State.FAILED, State.UNCERTAIN], ids=["new", "failed", "uncertain"])
def test_of_many_workers_one_gets_the_claim(azurite: Azurite, ledger: TableLedger, state: State | None):
    known = ledger.record(DELIVERY, LedgerEntry(state, MONDAY)) if state else None

    with closing(azurite.ledger(ledger.table.client.table_name)) as other, ThreadPoolExecutor(16) as workers:
        claims = [
            workers.submit(
                one.record, DELIVERY, LedgerEntry(State.CLAIMED, MONDAY + HOUR, id=f"{number}"), known
            )
            for number, one in enumerate((ledger, other) * 32)
        ]

    assert [claim.result() is None for claim in claims].count(False) == 1
    assert len(ledger.unsettled()) == 1


def test_another_worker_sees_that_a_claim_is_dead(azurite: Azurite, ledger: TableLedger):
    ledger.record(DELIVERY, CLAIM)

    with closing(azurite.ledger(ledger.table.client.table_name)) as other:
        entry = other.entry(DELIVERY, MONDAY + CLAIM_LIVES + HOUR)

    assert entry is not None
    assert entry.state is State.UNCERTAIN


@pytest.mark.parametrize(
    ("request_of_claim", "before"),
    [("POST .*", None), ("PUT .*delivery", State.FAILED)],
    ids=["new", "failed"],
)
def test_a_claim_whose_answer_was_lost_is_held(relay: Relay, request_of_claim: str, before: State | None):
    with closing(relay.azurite.ledger()) as ledger:
        known = ledger.record(DELIVERY, LedgerEntry(before, MONDAY)) if before else None
        ledger.first_seen("weekly", MONDAY)
        claim = LedgerEntry(State.CLAIMED, MONDAY + HOUR, id="1")
        relay.fail(request_of_claim, "lose")

        assert ledger.record(DELIVERY, claim, over=known)
        assert not relay.faults
        assert ledger.record(DELIVERY, claim, over=known) is None


def test_a_first_sight_whose_answer_was_lost_stands(relay: Relay):
    with closing(relay.azurite.ledger()) as ledger:
        ledger.record(DELIVERY, CLAIM)  # the table is there
        relay.fail("POST", "lose")

        assert ledger.first_seen("weekly", MONDAY) == MONDAY
        assert ledger.first_seen("weekly", MONDAY + HOUR) == MONDAY


def test_a_busy_storage_is_asked_again(relay: Relay):
    with closing(relay.azurite.ledger()) as ledger:
        for method in ("PUT", "POST", "GET"):
            relay.fail(method, "busy")

        assert ledger.record(DELIVERY, CLAIM)
        assert ledger.entry(DELIVERY, MONDAY) == CLAIM

    assert not relay.faults


def test_a_table_that_is_missing_knows_nothing(ledger: TableLedger):
    assert ledger.entry(DELIVERY, MONDAY) is None
    assert ledger.history(10) == []
    assert ledger.unsettled() == []
    assert ledger.record(DELIVERY, CLAIM, over=LedgerEntry(State.FAILED, MONDAY)) is None


def test_a_table_that_is_missing_is_made(azurite: Azurite):
    with (
        closing(azurite.ledger()) as one,
        closing(azurite.ledger()) as two,
        closing(azurite.ledger()) as three,
    ):
        assert one.record(DELIVERY, CLAIM)
        assert two.first_seen("weekly", MONDAY) == MONDAY
        three.record(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY))

        assert three.entry(DELIVERY, MONDAY) == LedgerEntry(State.DELIVERED, MONDAY)


NAMES = ["a/b\\c#d?e%f=g:h'i\"j\tk", "täglich · 日本 🎉", " ", "a+b&c,d;(e)", "w" * 2_000, "日" * 300]


@pytest.mark.parametrize(
    "name", NAMES, ids=["forbidden", "foreign", "space", "marks", "long", "long foreign"]
)
def test_any_name_can_be_remembered(ledger: TableLedger, name: str):
    delivery = Delivery(name, WEEK, name)
    entry = LedgerEntry(State.FAILED, MONDAY, None, name)

    ledger.record(delivery, entry)

    assert ledger.history(10) == [DeliveryRecord(delivery, entry)]
    assert ledger.entry(delivery, MONDAY) == entry
    assert ledger.unsettled() == [DeliveryRecord(delivery, entry)]
    assert ledger.first_seen(name, MONDAY) == ledger.first_seen(name, MONDAY + HOUR) == MONDAY


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_a_key_holds_nothing_that_azure_forbids_and_is_not_too_long(parts: list[str]):
    assert re.fullmatch(r"[A-Za-z0-9_.~:=-]{0,500}", _key(*parts))


def test_names_that_look_alike_are_kept_apart(ledger: TableLedger):
    names = ["a/b", "a=2Fb", "a%2Fb", "a:b", "A/B", "a", "w" * 1_000, "w" * 1_001]
    alike = [Delivery(name, WEEK, destination) for name in names for destination in ("slack", "slack ")]

    assert all(ledger.record(delivery, CLAIM) for delivery in alike)
    assert len(ledger.history(100)) == len(alike)


def test_a_reason_too_long_for_a_table_is_cut(ledger: TableLedger):
    ledger.record(DELIVERY, LedgerEntry(State.FAILED, MONDAY, reason="so " * 20_000))

    entry = ledger.entry(DELIVERY, MONDAY)

    assert entry is not None
    assert entry.reason is not None
    assert entry.reason.startswith("so so")


def test_each_try_of_a_delivery_that_changed_often_is_in_the_history_once(ledger: TableLedger):
    known = None
    for hour in range(0, 10, 2):
        claim = LedgerEntry(State.CLAIMED, MONDAY + hour * HOUR, id=f"{hour}")
        claimed = ledger.record(DELIVERY, claim, over=known)
        failed = LedgerEntry(State.FAILED, MONDAY + (hour + 1) * HOUR, reason=f"{hour}", id=f"{hour}")
        known = ledger.record(DELIVERY, failed, over=claimed)

    assert [record.entry.reason for record in ledger.history(10)] == ["8", "6", "4", "2", "0"]
    assert len(list(ledger.table.rows(OPEN))) == 1


def test_a_claim_that_another_worker_got_is_not_in_the_history(ledger: TableLedger):
    ledger.record(DELIVERY, CLAIM)
    assert ledger.record(DELIVERY, LedgerEntry(State.CLAIMED, MONDAY + HOUR, id="2")) is None

    assert ledger.history(10) == [DeliveryRecord(DELIVERY, CLAIM)]
    assert len(list(ledger.table.rows(OPEN))) == 1


@pytest.mark.parametrize("state", [State.CLAIMED, State.DELIVERED])
def test_a_change_that_was_announced_and_never_came_is_not_told(ledger: TableLedger, state: State):
    ledger.record(DELIVERY, CLAIM)

    ledger._announce(
        DELIVERY, LedgerEntry(state, MONDAY + HOUR, id="1"), LedgerEntry(state, MONDAY + HOUR, id="1")
    )

    assert ledger.history(10) == [DeliveryRecord(DELIVERY, CLAIM)]


OLD_ROW = {
    "report": "weekly", "first_day": "2026-11-16", "end_day": "2026-11-23", "destination": "slack",
    "at": "2026-11-23T09:00:00.000000+00:00",
}  # fmt: skip


@pytest.mark.parametrize("state", [State.CLAIMED, State.FAILED, State.DELIVERED])
def test_a_table_of_an_earlier_version_reads_fine(ledger: TableLedger, state: State):
    """Its rows have no tries and no revisions, and its history holds no states."""
    keys = dict(zip(("PartitionKey", "RowKey"), _keys(DELIVERY), strict=True))
    row = {**OLD_ROW, **keys, "state": str(state), "is_told": True, "claimant": "x"}
    ledger.table.put(row)
    for number, at in enumerate(("2026-11-23T09:00:00.000000+00:00", "2026-11-23T08:00:00.000000+00:00")):
        ledger.table.put({**OLD_ROW, "at": at, "PartitionKey": HISTORY, "RowKey": f"{number}"})

    known = ledger.entry(DELIVERY, MONDAY)

    assert known
    assert known == LedgerEntry(state, MONDAY, is_told=True)
    assert ledger.history(10) == [DeliveryRecord(DELIVERY, LedgerEntry(state, MONDAY, is_told=True))]
    assert ledger.record(DELIVERY, replace(known, is_told=False), over=known)
    assert ledger.record(DELIVERY, known, over=known) is None


def test_the_history_reads_no_more_than_it_tells(ledger: TableLedger, relay: Relay):
    deliveries = [Delivery(f"report {number}", WEEK, "slack") for number in range(120)]
    for number, delivery in enumerate(deliveries):
        ledger.record(delivery, LedgerEntry(State.DELIVERED, MONDAY + number * HOUR))

    with closing(relay.azurite.ledger(ledger.table.client.table_name)) as reader:
        newest = reader.history(2)

    assert [record.delivery for record in newest] == deliveries[:-3:-1]
    assert len(relay.asked) == 3  # a page of hints, and the two deliveries
    assert [record.delivery for record in ledger.history(1_000)] == deliveries[::-1]


def test_nothing_of_azure_is_imported_before_a_table_is_used():
    code = "import sys, reporter.ledger.azure_table as l; l.TableLedger.of({}); print([*sys.modules])"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert "reporter.ledger.azure_table" in run.stdout
    assert "'azure" not in run.stdout


def test_what_was_told_may_be_too_much_for_a_row_and_the_delivery_is_remembered_all_the_same(
    ledger: TableLedger,
):
    said = tuple((f"Metric {number:050}", float(number)) for number in range(1_000))

    ledger.record(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, said=said))

    assert ledger.entry(DELIVERY, MONDAY) == LedgerEntry(State.DELIVERED, MONDAY)
