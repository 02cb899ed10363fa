"""What every ledger promises."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from reporter.deliver.ledger import MemoryLedger, SQLiteLedger
from reporter.model.delivery import CLAIM_LIVES, Delivery, Entry, Receipt, Record, State
from reporter.model.errors import Unavailable
from reporter.publish import Ledger
from tests.azurite import Azurite
from tests.world import MONDAY, WEEK

DELIVERY = Delivery("weekly", WEEK, "slack")
OTHER = Delivery("weekly", WEEK, "backup")


@pytest.fixture(params=["memory", "sqlite", "table"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
    elif request.param == "sqlite":
        yield SQLiteLedger(tmp_path / "state" / "ledger.sqlite")
    else:
        azurite: Azurite = request.getfixturevalue("azurite")
        with closing(azurite.ledger()) as ledger:
            yield ledger


def test_nothing_is_known_of_a_new_delivery(ledger: Ledger):
    assert ledger.entry(DELIVERY, MONDAY) is None


def test_a_delivery_can_be_claimed_once(ledger: Ledger):
    assert ledger.claim(DELIVERY, MONDAY)
    assert not ledger.claim(DELIVERY, MONDAY)
    assert ledger.entry(DELIVERY, MONDAY) == Entry(State.CLAIMED, MONDAY)


def test_another_destination_is_another_delivery(ledger: Ledger):
    assert ledger.claim(DELIVERY, MONDAY)
    assert ledger.claim(OTHER, MONDAY)


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNCERTAIN, State.QUIET])
def test_what_was_or_may_have_been_delivered_cannot_be_claimed(ledger: Ledger, state: State):
    ledger.claim(DELIVERY, MONDAY)
    ledger.record(DELIVERY, Entry(state, MONDAY))

    assert not ledger.claim(DELIVERY, MONDAY)


def test_what_surely_failed_can_be_claimed_again(ledger: Ledger):
    ledger.claim(DELIVERY, MONDAY)
    ledger.record(DELIVERY, Entry(State.FAILED, MONDAY, reason="no"))

    assert ledger.claim(DELIVERY, MONDAY + timedelta(hours=1))
    assert ledger.entry(DELIVERY, MONDAY + timedelta(hours=1)) == Entry(
        State.CLAIMED, MONDAY + timedelta(hours=1)
    )


def test_a_claim_whose_process_died_is_uncertain_and_stays_claimed(ledger: Ledger):
    ledger.claim(DELIVERY, MONDAY)
    later = MONDAY + CLAIM_LIVES + timedelta(seconds=1)

    entry = ledger.entry(DELIVERY, later)

    assert entry is not None
    assert entry.state is State.UNCERTAIN
    assert not ledger.claim(DELIVERY, later)


@pytest.mark.parametrize("state", [State.CLAIMED, State.UNCERTAIN])
def test_what_was_looked_up_and_is_not_there_can_be_claimed_once(ledger: Ledger, state: State):
    ledger.record(DELIVERY, Entry(state, MONDAY))
    later = MONDAY + CLAIM_LIVES + timedelta(seconds=1)
    lost = ledger.entry(DELIVERY, later)

    assert ledger.claim(DELIVERY, later, over=lost)
    assert not ledger.claim(DELIVERY, later, over=lost)
    assert ledger.entry(DELIVERY, later) == Entry(State.CLAIMED, later)


@pytest.mark.parametrize("state", [State.DELIVERED, State.QUIET])
def test_what_was_done_after_the_look_up_cannot_be_claimed(ledger: Ledger, state: State):
    ledger.record(DELIVERY, Entry(state, MONDAY))

    assert not ledger.claim(DELIVERY, MONDAY, over=Entry(State.UNCERTAIN, MONDAY))


def test_the_claim_of_a_dead_process_can_be_taken_over_once(ledger: Ledger):
    ledger.claim(DELIVERY, MONDAY)
    later = MONDAY + CLAIM_LIVES + timedelta(seconds=1)
    dead = ledger.entry(DELIVERY, later)

    assert ledger.claim(DELIVERY, later, over=dead)
    assert not ledger.claim(DELIVERY, later, over=dead)


def test_an_entry_comes_back_as_it_was_recorded(ledger: Ledger):
    receipt = Receipt("C1", "1700000000.000100", ("charts",))
    said = (("New Signups", 89.0), ("Käufe, “netto”", 1204.5))
    entry = Entry(State.DELIVERED, MONDAY, receipt, "why", is_told=True, said=said)

    ledger.record(DELIVERY, entry)

    assert ledger.entry(DELIVERY, MONDAY) == entry


def test_a_new_claim_forgets_what_an_uncertain_message_told(ledger: Ledger):
    lost = Entry(State.UNCERTAIN, MONDAY, said=(("New Signups", 89.0),))
    ledger.record(DELIVERY, lost)

    assert ledger.claim(DELIVERY, MONDAY + timedelta(hours=1), over=lost)

    assert ledger.entry(DELIVERY, MONDAY + timedelta(hours=1)) == Entry(
        State.CLAIMED, MONDAY + timedelta(hours=1)
    )


def test_of_many_workers_one_gets_the_claim(tmp_path: Path):
    ledger = SQLiteLedger(tmp_path / "ledger.sqlite")

    with ThreadPoolExecutor(16) as workers:
        claims = [workers.submit(ledger.claim, DELIVERY, MONDAY) for _ in range(64)]

    assert [claim.result() for claim in claims].count(True) == 1


OLD_FILE = """
create table deliveries (
    report text not null, first_day text not null, end_day text not null, destination text not null,
    state text not null, at text not null, is_told integer not null default 0,
    channel text, ts text, left_out text, reason text,
    primary key (report, first_day, end_day, destination));
insert into deliveries (report, first_day, end_day, destination, state, at)
    values ('weekly', '2026-11-16', '2026-11-23', 'slack', 'delivered', '2026-11-23T09:00:00.000000+00:00');
"""


def test_a_file_of_an_earlier_version_reads_fine_also_from_many_processes_at_once(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        database.executescript(OLD_FILE)
    ledger = SQLiteLedger(tmp_path / "ledger.sqlite")

    with ThreadPoolExecutor(8) as readers:
        entries = [readers.submit(ledger.entry, DELIVERY, MONDAY) for _ in range(16)]

    assert {entry.result() for entry in entries} == {Entry(State.DELIVERED, MONDAY)}
    ledger.record(DELIVERY, Entry(State.DELIVERED, MONDAY, said=(("New Signups", 89.0),)))
    assert ledger.entry(DELIVERY, MONDAY) == Entry(State.DELIVERED, MONDAY, said=(("New Signups", 89.0),))


def test_a_ledger_that_cannot_be_used_says_which(tmp_path: Path):
    broken = tmp_path / "ledger.sqlite"
    broken.write_text("this is no database, but it is long enough to be read as one" * 20)

    with pytest.raises(Unavailable, match=r"The ledger .*ledger\.sqlite cannot be used"):
        SQLiteLedger(broken).claim(DELIVERY, MONDAY)


def test_the_history_tells_what_changed_last_first(ledger: Ledger):
    ledger.record(DELIVERY, Entry(State.FAILED, MONDAY, reason="no"))
    ledger.record(OTHER, Entry(State.DELIVERED, MONDAY + timedelta(hours=1), Receipt()))

    assert ledger.history(10) == [
        Record(OTHER, Entry(State.DELIVERED, MONDAY + timedelta(hours=1), Receipt())),
        Record(DELIVERY, Entry(State.FAILED, MONDAY, reason="no")),
    ]
    assert len(ledger.history(1)) == 1


def test_a_forgotten_delivery_can_be_made_again(ledger: Ledger):
    ledger.record(DELIVERY, Entry(State.DELIVERED, MONDAY, Receipt()))

    ledger.forget(DELIVERY)

    assert ledger.claim(DELIVERY, MONDAY)


def test_a_report_is_first_seen_once(ledger: Ledger):
    assert ledger.first_seen("weekly", MONDAY) == MONDAY
    assert ledger.first_seen("weekly", MONDAY + timedelta(days=1)) == MONDAY
    assert ledger.first_seen("daily", MONDAY + timedelta(days=1)) == MONDAY + timedelta(days=1)


def test_a_report_first_seen_by_a_clock_a_year_ahead_is_seen_anew(ledger: Ledger):
    ledger.first_seen("weekly", MONDAY + timedelta(days=365))

    assert ledger.first_seen("weekly", MONDAY) == MONDAY
    assert ledger.first_seen("weekly", MONDAY + timedelta(days=1)) == MONDAY


def test_two_clocks_that_differ_a_little_agree_on_when_a_report_was_first_seen(ledger: Ledger):
    seen = ledger.first_seen("weekly", MONDAY + timedelta(minutes=5))

    assert ledger.first_seen("weekly", MONDAY) == seen


def test_a_mark_takes_the_place_of_the_moment_before_it(ledger: Ledger):
    ledger.first_seen("weekly", MONDAY)

    ledger.mark("weekly", MONDAY + timedelta(days=1))
    ledger.mark("daily", MONDAY)

    assert ledger.first_seen("weekly", MONDAY + timedelta(days=2)) == MONDAY + timedelta(days=1)
    assert ledger.first_seen("daily", MONDAY + timedelta(days=2)) == MONDAY
