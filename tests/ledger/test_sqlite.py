"""A ledger that was damaged, cut, swapped or locked: a sentence with its name, and nothing sent twice."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.ledger import sqlite_file
from reporter.ledger.sqlite import SQLiteLedger
from reporter.reports.deliveries import Delivery, LedgerEntry, Receipt, State
from reporter.reports.errors import Unavailable
from tests.world import MONDAY, WEEK

DELIVERY = Delivery("weekly", WEEK, "slack")
MADE = LedgerEntry(State.DELIVERED, MONDAY, Receipt("C1", "1.2"), said=(("Signups", 12.0),), id="1")
CLAIM = LedgerEntry(State.CLAIMED, MONDAY, id="2")

# What a ledger is asked; each answer is the true one, or the sentence.
QUESTIONS: dict[str, Callable[[SQLiteLedger], object]] = {
    "claim": lambda ledger: ledger.record(DELIVERY, CLAIM),
    "entry": lambda ledger: ledger.entry(DELIVERY, MONDAY),
    "history": lambda ledger: [record.entry for record in ledger.history(9)],
    "unsettled": lambda ledger: ledger.unsettled(),
    "first seen": lambda ledger: ledger.first_seen("weekly", MONDAY),
}
TRUE = {"claim": None, "entry": MADE, "history": [MADE], "unsettled": [], "first seen": MONDAY}


class Refusal(Exception):
    """The sentence that names the file."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a ledger that knows a delivery."""
    path = tmp_path_factory.mktemp("whole") / "ledger.sqlite"
    ledger = SQLiteLedger(path)
    ledger.first_seen("weekly", MONDAY)
    ledger.record(DELIVERY, MADE)
    return path.read_bytes()


@pytest.fixture
def ledger(tmp_path: Path) -> SQLiteLedger:
    return SQLiteLedger(tmp_path / ".reporter" / "ledger.sqlite")


def check(ledger: SQLiteLedger, content: bytes) -> set[str]:
    """What is answered from a file of this content: the truth; all else is refused in a sentence."""
    answered: set[str] = set()
    for name, question in QUESTIONS.items():
        ledger.path.parent.mkdir(exist_ok=True)
        ledger.path.write_bytes(content)
        with suppress(Refusal):
            assert ask(question, ledger) == TRUE[name]
            answered.add(name)
    return answered


def ask(question: Callable[[SQLiteLedger], object], ledger: SQLiteLedger) -> object:
    try:
        return question(ledger)
    except Unavailable as error:
        if str(error).startswith(f"The ledger {ledger.path} cannot be used: "):
            raise Refusal from None
        raise


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_leads_to_no_second_delivery_and_to_no_untrue_word(
    whole: bytes, ledger: SQLiteLedger, data: st.DataObject
):
    used = [place for place, byte in enumerate(whole) if byte]
    place, bit = data.draw(st.sampled_from(used)), data.draw(st.integers(0, 7))

    check(ledger, whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 1, exclude_max=True))
@example(part=0)
@example(part=0.5)
def test_a_file_that_was_cut_is_refused(whole: bytes, ledger: SQLiteLedger, part: float):
    assert check(ledger, whole[: int(len(whole) * part)]) == set()


def test_a_whole_file_is_read(whole: bytes, ledger: SQLiteLedger):
    assert check(ledger, whole) == set(QUESTIONS)


def test_a_file_of_another_program_is_refused(ledger: SQLiteLedger, tmp_path: Path):
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as database:
        database.execute("create table songs (title text)")

    assert check(ledger, other.read_bytes()) == set()
    assert check(ledger, b"this is no database, but it is long enough to be read as one" * 20) == set()


def test_a_folder_in_its_place_is_refused(ledger: SQLiteLedger):
    ledger.path.mkdir(parents=True)

    with pytest.raises(Unavailable, match="cannot be opened"):
        ledger.entry(DELIVERY, MONDAY)


def test_a_row_that_another_program_changes_by_sql_is_read(ledger: SQLiteLedger):
    ledger.record(DELIVERY, MADE)
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("update deliveries set reason = 'by hand'")

    entry = ledger.entry(DELIVERY, MONDAY)

    assert entry
    assert entry.reason == "by hand"

    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("delete from deliveries")

    assert ledger.entry(DELIVERY, MONDAY) is None


@pytest.mark.parametrize("change", ["update deliveries_copy set state = 'failed'", "delete from tries_copy"])
def test_copies_that_differ_are_refused(ledger: SQLiteLedger, change: str):
    ledger.record(DELIVERY, MADE)
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute(change)

    with pytest.raises(Unavailable, match="not what was written"):
        ledger.record(DELIVERY, CLAIM)


def test_a_locked_file_is_told_from_a_damaged_one(ledger: SQLiteLedger, monkeypatch: pytest.MonkeyPatch):
    ledger.record(DELIVERY, MADE)
    monkeypatch.setattr(sqlite_file, "LOCKED_FOR", 0.01)

    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(Unavailable, match="another program holds it"):
            ledger.entry(DELIVERY, MONDAY)

    assert ledger.entry(DELIVERY, MONDAY) == MADE


def test_a_file_that_may_not_be_written_to_says_so(ledger: SQLiteLedger):
    ledger.record(DELIVERY, MADE)
    content = ledger.path.read_bytes()
    only_read = content[:18] + b"\x03" + content[19:]  # SQLite, "Database File Format": the write version
    ledger.path.write_bytes(only_read)

    with pytest.raises(Unavailable, match="may not be written to"):
        ledger.record(DELIVERY, CLAIM)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_its_owner_alone_can_read_it_whatever_the_umask(ledger: SQLiteLedger, umask: int):
    before = os.umask(umask)
    try:
        ledger.record(DELIVERY, MADE)
        ledger.record(DELIVERY, MADE)
    finally:
        os.umask(before)

    assert ledger.path.stat().st_mode & 0o777 == 0o600
    assert ledger.path.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.sqlite"]


def test_a_file_system_without_links_gets_its_ledger_too(
    ledger: SQLiteLedger, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)

    assert ledger.record(DELIVERY, MADE)
    assert ledger.entry(DELIVERY, MONDAY) == MADE
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.sqlite"]
