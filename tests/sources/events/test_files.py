"""Events from files: the same days, whatever the files are like, and however they overlap, change or go."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.feeds.files import importer, listing
from reporter.sources.events.feeds.files.catalog import Catalog
from reporter.sources.events.feeds.files.listing import ListedFile

from .event_files import PROPERTIES, WEEK, Fed, Kind, Line, Row, event, rows_of, write_lines, write_parquet
from .raw_lines import DAY, FETCHED, NOON, stored

STREAM = [
    event("Sign Up", NOON, distinct_id="ann", insert_id="1", **{"$city": "Köln", "Plan Name": "pro"}),
    event("Sign Up", NOON + timedelta(hours=1), distinct_id="bob", insert_id="2", **{"Plan Name": "12"}),
    event("Buy", NOON + ONE_DAY, distinct_id="ann", insert_id="3", price=12.5, ingested=1_792_600_000_000),
    event("Buy", NOON + ONE_DAY, distinct_id="ann", insert_id="4", price=12.25),
    event("Buy", NOON + ONE_DAY, distinct_id="", insert_id="5"),
    event("Open", NOON + 3 * ONE_DAY, insert_id="6"),
    event("Open", NOON + 6 * ONE_DAY, distinct_id="$device:a", insert_id="7", price=None),
]
MONDAY, LAST = DAY, WEEK.last
TODAY = Period.of_days(FETCHED.date(), FETCHED.date())


def expected(lines: Sequence[Line]) -> dict[date, list[Row]]:
    """What the export itself gives."""
    with TemporaryDirectory() as name:
        stored(Path(name), map(json.dumps, lines), *PROPERTIES, period=WEEK)
        return rows_of(Path(name))


def one_file(folder: Path) -> None:
    write_lines(folder / "all.json", STREAM)


def a_file_a_day(folder: Path) -> None:
    for number, one in enumerate(STREAM):
        write_lines(folder / f"{number}/day.json", [one])


def overlapping(folder: Path) -> None:
    for number in range(len(STREAM)):
        write_lines(folder / f"{number}.json", STREAM[number : number + 3])
    one_file(folder)


def packed(folder: Path) -> None:
    write_lines(folder / "a.json.gz", STREAM[:4])
    write_lines(folder / "b.json.gz", STREAM[2:])


def json_pipeline(folder: Path) -> None:
    write_lines(folder / "a.json.gz", STREAM, "pipeline")


def schematized(folder: Path) -> None:
    write_lines(folder / "a.json.gz", STREAM, "schematized")


def parquet(kind: Kind, replaced: str = "") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        write_parquet(folder / "a.parquet", STREAM, kind, replaced)

    write.__name__ = f"parquet of {kind}, {replaced}"
    return write


@pytest.mark.parametrize(
    "write",
    [
        one_file,
        a_file_a_day,
        overlapping,
        packed,
        json_pipeline,
        schematized,
        parquet("export"),
        parquet("pipeline"),
        parquet("pipeline", "to_json(properties)::VARCHAR AS properties"),
        parquet("pipeline", "make_timestamp(time * 1000000) AS time"),
        parquet("schematized"),
        parquet("schematized", "make_timestamp(time * 1000000)::VARCHAR AS time"),
    ],
    ids=lambda write: write.__name__,
)
def test_the_same_events_give_the_same_days(write: Callable[[Path], None], tmp_path: Path):
    write(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/**",))

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_files_in_object_storage_are_read_like_those_here():
    place = f"memory://{uuid4().hex}"
    with TemporaryDirectory() as name:
        local = write_lines(Path(name) / "a.json.gz", STREAM)
        MemoryFileSystem().pipe_file(f"{place}/2026/10/a.json.gz", local.read_bytes())  # pyright: ignore[reportUnknownMemberType]
        fed = Fed(Path(name), (f"{place}/**/*.gz",))

        fed.fetch()

        assert fed.rows == expected(STREAM)


def test_a_folder_stands_for_all_files_in_it(tmp_path: Path):
    a_file_a_day(tmp_path / "files")
    fed = Fed(tmp_path, (str(tmp_path / "files"),))

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_an_empty_file_marks_an_end_and_has_no_events(tmp_path: Path):
    one_file(tmp_path / "files")
    (tmp_path / "files" / "complete").touch()
    fed = Fed(tmp_path, (f"{tmp_path}/files/*",))

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_files_that_did_not_change_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    overlapping(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/*",))
    fed.fetch()
    read: list[str] = []
    local_copy = listing.local_copy

    def told(file: ListedFile, folder: Path) -> Path:
        read.append(Path(file.path).name)
        return local_copy(file, folder)

    monkeypatch.setattr(listing, "local_copy", told)

    assert fed.made() == []
    write_lines(tmp_path / "files" / "3.json", STREAM[3:4])

    # Of the days that it had and has.
    assert fed.made() == [DAY + ONE_DAY, DAY + 3 * ONE_DAY]
    assert read == ["3.json"]


def test_a_file_that_grew_brings_its_new_events(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM[:-1])
    write_lines(tmp_path / "b.json", STREAM[-1:])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch()
    late = event("Buy", NOON + timedelta(hours=3), distinct_id="late", insert_id="8")
    write_lines(tmp_path / "a.json", [*STREAM[:-1], late])

    fed.fetch()

    assert fed.rows == expected([*STREAM, late])


def test_a_file_that_goes_takes_the_events_with_it_that_no_other_has(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM[:4])
    write_lines(tmp_path / "b.json", [*STREAM[1:2], *STREAM[5:]])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch()
    (tmp_path / "a.json").unlink()

    fed.fetch()

    assert fed.rows == expected([*STREAM[1:2], *STREAM[5:]])
    assert len(list(fed.store.folder.glob("piece-*"))) == 1


def test_a_version_of_an_event_that_came_in_later_wins_over_one_in_another_file(tmp_path: Path):
    old = event("Buy", NOON, distinct_id="ann", insert_id="1", price=1, ingested=1_792_600_000_000)
    new = event("Buy", NOON, distinct_id="ann", insert_id="1", price=2, ingested=1_792_600_000_001)
    write_lines(tmp_path / "a.json", [new, STREAM[-1]])
    write_lines(tmp_path / "b.json", [old])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))

    fed.fetch()

    assert fed.rows == expected([new, STREAM[-1]])


def test_events_without_an_id_count_once_for_two_files_and_twice_within_one(tmp_path: Path):
    twice = event("Open", NOON, distinct_id="ann", price=1)
    other = event("Open", NOON, distinct_id="ann", price=2)
    write_lines(tmp_path / "a.json", [twice, twice, other])
    write_lines(tmp_path / "b.json", [twice, twice, STREAM[-1]])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))

    fed.fetch()

    assert fed.rows == expected([twice, twice, other, STREAM[-1]])


def test_days_without_an_event_between_those_of_the_files_are_empty_days(tmp_path: Path):
    one_file(tmp_path)

    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch()

    assert sorted(fed.rows) == list(WEEK)
    assert fed.rows[DAY + 2 * ONE_DAY] == []


def test_a_property_that_is_needed_later_makes_the_files_be_read_again(tmp_path: Path):
    one_file(tmp_path)
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch(WEEK, "price")

    fed.fetch(WEEK, "$city")

    assert fed.store.lacking(WEEK, ("$city", "price")) == []
    fed.fetch(WEEK, *PROPERTIES)
    assert fed.rows == expected(STREAM)


def test_a_property_that_no_table_can_hold_beside_an_earlier_one_takes_its_place(tmp_path: Path):
    one_file(tmp_path)
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch(WEEK, "Price")

    fed.fetch(WEEK, "price")

    assert fed.store.lacking(WEEK, ("price",)) == []


def test_a_day_file_that_was_lost_is_made_again(tmp_path: Path):
    one_file(tmp_path)
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch()
    (fed.store.folder / f"{DAY}.parquet").unlink()

    assert fed.made() == [DAY]
    assert fed.rows == expected(STREAM)


def test_a_piece_that_was_lost_is_made_again(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM)
    write_lines(tmp_path / "b.json", STREAM[:1])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    fed.fetch()
    for piece in fed.store.folder.glob("piece-*"):
        piece.unlink()
    write_lines(tmp_path / "b.json", STREAM[:2])

    fed.fetch()

    assert fed.rows == expected(STREAM)


@pytest.mark.parametrize("made_before", range(5))
def test_what_is_killed_between_two_days_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_before: int
):
    a_file_a_day(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/**",))
    monkeypatch.setattr(importer, "EVENTS_AT_ONCE", 1)
    days = fed.feed.fetch(fed.store, WEEK, PROPERTIES)
    for _ in range(made_before):
        next(days)
    days.close()  # pyright: ignore

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_copies_on_their_way_go_when_one_fails(tmp_path: Path):
    for number in range(5):
        write_lines(tmp_path / f"{number}.json.gz", STREAM)
    (tmp_path / "1.json.gz").write_text("hello")
    fed = Fed(tmp_path, (f"{tmp_path}/*.gz",))

    with pytest.raises(Refused, match=r"1\.json\.gz"):
        fed.fetch()

    assert {path.name for path in fed.store.folder.iterdir()} == {
        "files.sqlite",
        "property-names.json",
        *(path.name for path in fed.store.folder.glob("piece-*")),
    }
    assert len(list(fed.store.folder.glob("piece-*"))) == 1


def test_what_a_killed_process_left_goes(tmp_path: Path):
    one_file(tmp_path)
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    left = fed.store.folder / f"{listing.INCOMING}1"
    left.mkdir(parents=True)
    (left / "fetched").touch()
    lost = fed.store.folder / "piece-lost.parquet"
    lost.touch()
    (fed.store.folder / ".piece-lost.parquet.part").touch()

    fed.fetch()

    assert fed.rows == expected(STREAM)
    assert not left.exists()
    assert not lost.exists()
    assert not list(fed.store.folder.glob(".piece*"))


def test_what_fails_on_one_file_keeps_what_was_read_of_the_others(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM)
    (tmp_path / "b.json").write_text("hello\n")
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    with pytest.raises(Exception, match=r"b\.json"):
        fed.fetch()
    (tmp_path / "b.json").unlink()

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_lines_that_are_no_event_are_counted(tmp_path: Path):
    path = write_lines(tmp_path / "a.json", STREAM)
    path.write_text("no event\n" + path.read_text() + '{"event": "no time", "properties": {}}\n[]\n')
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))

    fetched = fed.fetch()

    assert sum(one.facts.unreadable for one in fetched) == 3
    assert fed.rows == expected(STREAM)


def test_broken_letters_are_mended(tmp_path: Path):
    path = write_lines(tmp_path / "a.json", STREAM)
    path.write_bytes(path.read_bytes().replace(b"K\\u00f6ln", b"K\\ud83d\xffln"))
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))

    fetched = fed.fetch()

    assert sum(one.facts.unreadable for one in fetched) == 0
    assert '"K\ufffd\ufffdln"' in {value for row in fed.rows[DAY] for value in row}


def test_late_events_and_duplicates_are_counted_as_the_export_counts_them(tmp_path: Path):
    overlapping(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/*",))

    facts = {one.facts.day: one.facts for one in fed.fetch()}

    assert (facts[DAY].lines, facts[DAY].events, facts[DAY].duplicates) == (5, 2, 3)
    assert sum(facts[DAY + ONE_DAY].delays.values()) == 1


def test_old_days_go_and_are_not_made_again(tmp_path: Path):
    a_file_a_day(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/**",), keeps=timedelta(days=2))
    fed.fetch()

    fed.feed.drop_old(fed.store, TODAY)

    kept = fed.now.date() - timedelta(days=2)
    rest = Period(kept, WEEK.end)
    assert fed.made(rest) == []
    assert sorted(fed.rows) == list(rest)
    assert len(list(fed.store.folder.glob("piece-*"))) == 5  # of the seven files


def test_old_days_are_not_made_again_where_an_old_file_changes(tmp_path: Path):
    a_file_a_day(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/**",), keeps=timedelta(days=2))
    fed.fetch()
    fed.feed.drop_old(fed.store, TODAY)
    rest = Period(min(fed.rows), WEEK.end)

    write_lines(tmp_path / "files/0/day.json", [*STREAM[:1], event("Open", NOON, insert_id="8")])

    assert fed.made(rest) == []


def test_days_before_all_files_are_no_days_without_events(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM[:3])
    write_lines(tmp_path / "b.json", STREAM[3:])
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",), now=FETCHED + timedelta(days=4), quiet=timedelta(hours=12))
    fed.fetch()
    (tmp_path / "a.json").unlink()

    fed.fetch(Period(DAY + ONE_DAY, WEEK.end))

    assert min(fed.rows) == DAY + ONE_DAY


def test_days_that_had_gone_are_made_of_the_files_when_they_are_needed(tmp_path: Path):
    a_file_a_day(tmp_path / "files")
    fed = Fed(tmp_path, (f"{tmp_path}/files/**",), keeps=timedelta(days=2))
    fed.fetch()
    fed.feed.drop_old(fed.store, TODAY)

    fed.fetch()

    assert fed.rows == expected(STREAM)


def test_two_at_once_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one_file(tmp_path)
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    monkeypatch.setattr("reporter.sources.events.feeds.files.catalog.WAITS", 0)

    in_use = r"files\.sqlite cannot be used: it is in use by another process"
    with closing(Catalog(fed.store.folder)), pytest.raises(Unavailable, match=in_use):
        fed.fetch()

    fed.fetch()
    assert fed.rows == expected(STREAM)


@st.composite
def purchases(draw: st.DrawFn) -> Line:
    moment = NOON + timedelta(minutes=draw(st.sampled_from([0, 1, 1_440, 1_441, 4_000, 8_000])))
    return event(
        "Buy",
        moment,
        distinct_id=draw(st.sampled_from(["ann", "bob", ""])),
        insert_id=str(draw(st.integers(0, 3))),
        price=draw(st.sampled_from([1, "1", 2.5, None])),
        ingested=draw(st.sampled_from([None, 1_792_600_000_000, 1_792_600_000_001])),
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(purchases(), min_size=1, max_size=8), st.data())
def test_no_split_over_files_and_no_copy_changes_the_days(stream: list[Line], data: st.DataObject):
    # All of it, and copies of some, in any order, in any file of any kind.
    copies = data.draw(st.lists(st.sampled_from(stream), max_size=8))
    files: dict[str, list[Line]] = {}
    for one in data.draw(st.permutations([*stream, *copies])):
        files.setdefault(data.draw(st.sampled_from(["a.json", "b.json.gz", "c.json"])), []).append(one)
    with TemporaryDirectory() as name:
        fed = Fed(Path(name), (f"{name}/*.json*",))
        first, *others = files
        write_lines(Path(name) / first, files[first])
        fed.fetch()
        for path in others:
            write_lines(Path(name) / path, files[path])
        fed.fetch()

        assert {day: rows for day, rows in fed.rows.items() if rows} == {
            day: rows for day, rows in expected(stream).items() if rows
        }
