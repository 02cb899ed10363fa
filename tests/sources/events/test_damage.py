"""Day files that are no longer what was written: never measured, told by name, and fetched again."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.errors import LaterVersion, ReporterError, Unavailable
from reporter.reports.figures import Measured
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.cloud import Mirror
from reporter.sources.events.columns import literal
from reporter.sources.events.day_file import NOTE, FileCondition, condition_of, name_of, read_facts
from reporter.sources.events.store import Store

from .raw_lines import DAY, line, raw, rows, stored
from .test_mirror import MemoryBlobs
from .test_source import SIGN_UPS, WEEK, World, question
from .test_source import world as world  # a fixture
from .test_store import TWO_DAYS, add, seen, store_in

LINES = [line("Open", distinct_id=f"user-{n}", insert_id=str(n), plan="pro" * n) for n in range(20)]


def whole_file() -> bytes:
    with TemporaryDirectory() as folder:
        stored(Path(folder), LINES, "plan")
        return (Path(folder) / name_of(DAY)).read_bytes()


WHOLE = whole_file()


def condition(content: bytes, day: date = DAY) -> FileCondition:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name_of(day)
        path.write_bytes(content)
        return condition_of(path)


def test_a_file_as_it_was_written_is_whole():
    assert condition(WHOLE) is FileCondition.WHOLE


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_byte_of_a_file_changes_unnoticed(place: int, change: int):
    changed = bytearray(WHOLE)
    changed[place] ^= change

    with suppress(LaterVersion):  # noticed, too: its version is one byte of it
        assert condition(bytes(changed)) is FileCondition.DAMAGED


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_no_file_is_cut_unnoticed(length: int):
    assert condition(WHOLE[:length]) is FileCondition.DAMAGED
    assert condition(WHOLE[:length] + bytes(len(WHOLE) - length)) is FileCondition.DAMAGED


def test_a_file_under_the_name_of_another_day_is_damaged_and_not_there(tmp_path: Path):
    assert condition(WHOLE, DAY + ONE_DAY) is FileCondition.DAMAGED
    (tmp_path / name_of(DAY + ONE_DAY)).write_bytes(WHOLE)
    assert read_facts(tmp_path / name_of(DAY + ONE_DAY)) is None


def test_no_name_of_an_event_passes_for_what_the_file_says_of_itself(tmp_path: Path):
    name = '{"reporter_day":"2020-01-01","checksum":"00000000"}'
    (facts,) = stored(tmp_path, [line(name, **{name: 1})], name)

    found = read_facts(tmp_path / name_of(DAY))

    assert found is not None
    assert (found.day, found.events, found.properties) == (DAY, 1, (name,))
    assert facts.events == 1
    assert condition_of(tmp_path / name_of(DAY)) is FileCondition.WHOLE


def flip(path: Path, place: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def without_checksum(path: Path) -> None:
    """As the version before wrote it; what another version says besides must stay."""
    note = (
        f'{{"reporter_day":"{DAY}","version":1,"fetched_at":"2026-10-23T07:30:00+00:00","lines":20,"events":20,'
        '"duplicates":0,"unreadable":0,"foreign":0,"delays":{},"properties":["plan"],"more":"kept"}'
    )
    target = path.with_suffix(".old")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_parquet({literal(str(path))})) TO {literal(str(target))} "  # noqa: S608
            f"(FORMAT parquet, KV_METADATA {{{NOTE}: {literal(note)}}})"
        )
    target.replace(path)


def test_a_store_of_the_version_before_is_read_and_gets_checksums(tmp_path: Path):
    store = store_in(tmp_path)
    add(store, raw(tmp_path, LINES), properties=("plan",))
    path = store.folder / name_of(DAY)
    before = rows(store.folder, "plan")
    without_checksum(path)
    assert condition_of(path) is FileCondition.UNSEALED

    assert len(seen(store, Period.of_days(DAY, DAY), '"user"')[0]) == len(LINES)

    assert condition_of(path) is FileCondition.WHOLE
    assert b'"more":"kept"' in path.read_bytes()
    assert rows(store.folder, "plan") == before
    assert read_facts(path) is not None


def test_a_file_of_the_version_before_that_cannot_be_read_is_damaged(tmp_path: Path):
    store = store_in(tmp_path)
    add(store, raw(tmp_path, LINES), properties=("plan",))
    path = store.folder / name_of(DAY)
    without_checksum(path)
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)

    assert store.drop_damaged() == [path]


USES: dict[str, Callable[[Store], object]] = {
    "an analyst": lambda store: store.opened_for_sql().__enter__(),
    "a measure": lambda store: seen(store, TWO_DAYS, "day"),
}


@pytest.mark.parametrize("use", USES)
def test_damaged_days_are_named_before_anything_reads_them(tmp_path: Path, use: str):
    store = store_in(tmp_path)
    add(store, raw(tmp_path, [line()], TWO_DAYS))
    flip(store.folder / name_of(DAY))

    with pytest.raises(
        Unavailable, match=r"damaged files, which were deleted: 2026-10-20\.parquet\. `reporter"
    ):
        USES[use](store)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda content: content[:99] + bytes([content[99] ^ 4]) + content[100:],
    "a flipped bit in the footer": lambda content: content[:-40] + bytes([content[-40] ^ 4]) + content[-39:],
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "something else": lambda _: b"PAR1" + bytes(50) + (5).to_bytes(4, "little") + b"PAR1",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_day_is_fetched_again_and_measured(
    world: World, caplog: pytest.LogCaptureFixture, damage: str
):
    world.measure(SIGN_UPS)
    path = world.folder / name_of(WEEK.start)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    world.export.asked.clear()

    with caplog.at_level(logging.WARNING):
        assert world.measure(SIGN_UPS) == {SIGN_UPS: Measured(21)}

    assert WEEK.start in world.days_asked
    assert f"{path} was damaged, so it was deleted" in caplog.text


def test_two_days_that_were_swapped_are_fetched_again(world: World):
    world.export.extra[WEEK.start] = 4
    right = world.measure(SIGN_UPS)
    one, other = (world.folder / name_of(day) for day in (WEEK.start, WEEK.previous.start))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)

    assert world.measure(SIGN_UPS) == right == {SIGN_UPS: Measured(25)}


def test_a_damaged_day_that_cannot_be_fetched_again_is_named(world: World):
    world.measure(SIGN_UPS)
    path = world.folder / name_of(WEEK.start)
    flip(path)
    world.export.errors.append(Unavailable("Mixpanel is down"))
    world.export.given = 0

    with pytest.raises(ReporterError) as raised:
        world.measure(SIGN_UPS)

    assert raised.value.__notes__ == [f"{path} was damaged, so it was deleted."]


@pytest.mark.parametrize("where", ["here", "there", "both"])
def test_what_is_damaged_here_or_in_the_backup_ends_whole_in_both(world: World, tmp_path: Path, where: str):
    blobs, other = MemoryBlobs(), tmp_path / "other"
    feed = replace(world.feed, open_backup=lambda: Mirror(blobs, tmp_path))
    source = replace(world.source, feed=feed)
    source.measure(question(SIGN_UPS))
    name = name_of(WEEK.start)
    if where != "there":
        flip(tmp_path / name)
    if where != "here":
        version, content = blobs.files[name]
        changed = replace(version, etag="other", modified=datetime(2100, 1, 1, tzinfo=UTC))
        blobs.files[name] = changed, bytes([*content[:99], content[99] ^ 1, *content[100:]])
    world.export.asked.clear()

    assert source.measure(question(SIGN_UPS)).now == {SIGN_UPS: Measured(21)}

    assert (WEEK.start in world.days_asked) == (where != "here")
    other.mkdir()
    for path in (tmp_path / name, other / name):
        blobs.read(name, other / name)
        assert condition_of(path) is FileCondition.WHOLE
