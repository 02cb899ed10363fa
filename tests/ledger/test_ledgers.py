"""What every ledger promises."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reporter.ledger.sqlite import SQLiteLedger
from reporter.publishing.notices import Ledger
from reporter.reports.deliveries import (
    CLAIM_LIVES,
    Delivery,
    DeliveryRecord,
    Earlier,
    LedgerEntry,
    Notice,
    Receipt,
    State,
)
from reporter.reports.errors import Unavailable
from tests.azurite import Azurite
from tests.ledgers import MemoryLedger
from tests.world import MONDAY, WEEK

DELIVERY = Delivery("weekly", WEEK, "slack")
OTHER = Delivery("weekly", WEEK, "backup")
CLAIM = LedgerEntry(State.CLAIMED, MONDAY, id="1")


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


def test_of_two_claims_over_the_same_one_is_written(ledger: Ledger):
    assert ledger.record(DELIVERY, CLAIM)
    assert ledger.record(DELIVERY, CLAIM) is None
    assert ledger.entry(DELIVERY, MONDAY) == CLAIM


def test_another_destination_is_another_delivery(ledger: Ledger):
    assert ledger.record(DELIVERY, CLAIM)
    assert ledger.record(OTHER, CLAIM)


@pytest.mark.parametrize("state", list(State))
def test_what_changed_since_it_was_read_is_not_written_over(ledger: Ledger, state: State):
    read = ledger.record(DELIVERY, LedgerEntry(State.FAILED, MONDAY, reason="no", id="1"))
    assert read
    assert ledger.record(DELIVERY, replace(read, is_told=True), over=read)

    assert ledger.record(DELIVERY, LedgerEntry(state, MONDAY, id="2"), over=read) is None
    assert ledger.record(DELIVERY, LedgerEntry(state, MONDAY, id="2")) is None

    assert ledger.entry(DELIVERY, MONDAY) == replace(read, is_told=True)


@pytest.mark.parametrize("state", [State.CLAIMED, State.FAILED, State.UNCERTAIN, State.QUIET])
def test_a_delivery_that_was_made_is_never_forgotten(ledger: Ledger, state: State):
    made = ledger.record(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, Receipt("C1"), id="1"))
    assert made

    assert ledger.record(DELIVERY, LedgerEntry(state, MONDAY, id="2"), over=made) is None
    assert ledger.record(DELIVERY, replace(made.claimed(MONDAY, "2"), state=state), over=made)


def test_nothing_is_written_over_what_was_never_there(ledger: Ledger):
    assert ledger.record(DELIVERY, CLAIM, over=LedgerEntry(State.FAILED, MONDAY)) is None
    assert ledger.entry(DELIVERY, MONDAY) is None


def test_a_claim_whose_process_died_is_uncertain(ledger: Ledger):
    ledger.record(DELIVERY, CLAIM)

    entry = ledger.entry(DELIVERY, MONDAY + CLAIM_LIVES + timedelta(seconds=1))

    assert entry is not None
    assert entry.state is State.UNCERTAIN


def test_a_claim_from_the_future_is_uncertain_once_the_clock_is_right(ledger: Ledger):
    ledger.record(DELIVERY, LedgerEntry(State.CLAIMED, MONDAY + timedelta(days=400)))

    entry = ledger.entry(DELIVERY, MONDAY)

    assert entry is not None
    assert entry.state is State.UNCERTAIN


def test_the_claim_of_a_dead_process_can_be_taken_over_once(ledger: Ledger):
    ledger.record(DELIVERY, CLAIM)
    later = MONDAY + CLAIM_LIVES + timedelta(seconds=1)
    dead = ledger.entry(DELIVERY, later)
    assert dead

    assert ledger.record(DELIVERY, dead.claimed(later, "2"), over=dead)
    assert ledger.record(DELIVERY, dead.claimed(later, "3"), over=dead) is None


def test_an_entry_comes_back_as_it_was_recorded(ledger: Ledger):
    receipt = Receipt("C1", "1700000000.000100", ("charts",))
    said = (("New Signups", 89.0), ("Käufe, “netto”", 1204.5))
    notice = Notice(
        "uncertain", "Wöchentlich", WEEK, "It may be there.", ("lost", "late"), "Look.", "Acme", "de"
    )
    earlier = Earlier(State.UNCERTAIN, MONDAY, "0", is_told=True)
    entry = LedgerEntry(
        State.CLAIMED, MONDAY, receipt, "why", is_told=True, said=said, is_delay_told=True, notice=notice,
        earlier=earlier, id="1",
    )  # fmt: skip

    written = ledger.record(DELIVERY, entry)

    read = ledger.entry(DELIVERY, MONDAY)
    assert read
    assert written
    assert read == written == entry
    assert (read.id, read.revision) == ("1", written.revision)


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("is_delay_told", [True, False])
def test_what_people_were_told_comes_back(ledger: Ledger, is_told: bool, is_delay_told: bool):
    entry = LedgerEntry(State.FAILED, MONDAY, is_told=is_told, is_delay_told=is_delay_told)

    ledger.record(DELIVERY, entry)

    assert ledger.entry(DELIVERY, MONDAY) == entry


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("notice", [None, Notice("delayed", "Weekly", None, "It is late.", (), "Wait.")])
def test_what_is_unsettled_is_found_again(ledger: Ledger, state: State, is_told: bool, notice: Notice | None):
    entry = LedgerEntry(state, MONDAY, is_told=is_told, notice=notice, id="1")
    ledger.record(OTHER, LedgerEntry(State.DELIVERED, MONDAY, id="1"))
    written = ledger.record(DELIVERY, entry)

    assert ledger.unsettled() == ([] if entry.is_settled else [DeliveryRecord(DELIVERY, entry)])

    assert ledger.record(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, id="1"), over=written)
    assert ledger.unsettled() == []


def test_of_many_workers_one_gets_the_claim(tmp_path: Path):
    ledger = SQLiteLedger(tmp_path / "ledger.sqlite")

    with ThreadPoolExecutor(16) as workers:
        claims = [workers.submit(ledger.record, DELIVERY, CLAIM) for _ in range(64)]

    assert [claim.result() is None for claim in claims].count(False) == 1


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

    assert {entry.result() for entry in entries} == {LedgerEntry(State.DELIVERED, MONDAY, is_told=True)}
    assert ledger.history(9) == [DeliveryRecord(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, is_told=True))]
    assert ledger.unsettled() == []


def test_a_ledger_that_cannot_be_used_says_which(tmp_path: Path):
    broken = tmp_path / "ledger.sqlite"
    broken.write_text("this is no database, but it is long enough to be read as one" * 20)

    with pytest.raises(Unavailable, match=r"The ledger .*ledger\.sqlite cannot be used"):
        SQLiteLedger(broken).record(DELIVERY, CLAIM)


def test_the_history_has_each_try_the_last_first(ledger: Ledger):
    hour = timedelta(hours=1)
    failed = LedgerEntry(State.FAILED, MONDAY + hour, reason="no", id="1")
    made = LedgerEntry(State.DELIVERED, MONDAY + 3 * hour, Receipt(), id="2")
    first = ledger.record(DELIVERY, LedgerEntry(State.CLAIMED, MONDAY, id="1"))
    second = ledger.record(DELIVERY, failed, over=first)
    third = ledger.record(DELIVERY, LedgerEntry(State.CLAIMED, MONDAY + 2 * hour, id="2"), over=second)
    ledger.record(DELIVERY, made, over=third)
    ledger.record(OTHER, LedgerEntry(State.QUIET, MONDAY + 2 * hour, id="3"))

    assert ledger.history(10) == [
        DeliveryRecord(DELIVERY, made),
        DeliveryRecord(OTHER, LedgerEntry(State.QUIET, MONDAY + 2 * hour, id="3")),
        DeliveryRecord(DELIVERY, failed),
    ]
    assert len(ledger.history(1)) == 1


def test_a_repetition_that_fails_leaves_the_delivery_and_is_in_the_history(ledger: Ledger):
    later = MONDAY + timedelta(hours=1)
    made = ledger.record(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, Receipt("C1"), id="1"))
    assert made
    claim = ledger.record(DELIVERY, made.claimed(later, "2"), over=made)
    assert claim
    tried = LedgerEntry(State.FAILED, later, reason="no", id="2")

    ledger.record(DELIVERY, claim.failed(later, "no"), over=claim, tried=tried)

    assert ledger.entry(DELIVERY, later) == LedgerEntry(State.DELIVERED, MONDAY, Receipt("C1"))
    assert ledger.history(10) == [
        DeliveryRecord(DELIVERY, tried),
        DeliveryRecord(DELIVERY, LedgerEntry(State.DELIVERED, MONDAY, Receipt("C1"))),
    ]


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


UNTOLD = Notice("not-delivered", "Weekly", None, "It was not posted.", (), "Look.")


def test_it_forgets_what_is_old_and_settled_and_nothing_else(ledger: Ledger):
    old, later = MONDAY - timedelta(days=401), MONDAY - timedelta(days=399)
    made = {
        "old": LedgerEntry(State.DELIVERED, old, id="1"),
        "later": LedgerEntry(State.DELIVERED, later, id="1"),
        "untold": LedgerEntry(State.FAILED, old, reason="no", notice=UNTOLD, id="1"),
    }
    for report, entry in made.items():
        ledger.record(Delivery(report, WEEK, "slack"), entry)
    for name, moment in {"report": old, "marked": old, "young": later}.items():
        ledger.mark(name, moment)

    ledger.forget(MONDAY - timedelta(days=400), {"report"})

    known = {report: ledger.entry(Delivery(report, WEEK, "slack"), MONDAY) for report in made}
    assert known == {**made, "old": None}
    assert [one.delivery.report for one in ledger.history(9)] == ["later"]
    assert [one.delivery.report for one in ledger.unsettled()] == ["untold"]
    assert ledger.first_seen("report", MONDAY) == old
    assert ledger.first_seen("young", MONDAY) == later
    assert ledger.first_seen("marked", MONDAY) == MONDAY
