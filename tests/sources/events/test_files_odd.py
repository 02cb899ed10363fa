"""Odd files: read rightly, or refused by name with what to do; and what is lost is told of its day."""

import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest

from reporter.reports.errors import Refused
from reporter.reports.periods import ONE_DAY, Period

from .event_files import WEEK, Fed, Line, event, in_shape, write_lines, write_parquet
from .raw_lines import DAY, NOON, line, stored

STREAM = [
    event("Open", NOON + number * ONE_DAY, distinct_id="ann", insert_id=str(number), plan="pro")
    for number in range(7)
]
PLAN = '"pro"'


def fed(tmp_path: Path, pattern: str = "*") -> Fed:
    return Fed(tmp_path, (f"{tmp_path}/files/{pattern}",))


def write(tmp_path: Path, content: bytes, name: str = "a.json") -> Fed:
    (tmp_path / "files").mkdir(exist_ok=True)
    (tmp_path / "files" / name).write_bytes(content)
    return fed(tmp_path)


def with_time(one: Line, moment: object) -> Line:
    return {**one, "properties": {**cast(Line, one["properties"]), "time": moment}}


def lines(*some: Line) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in some)


def refused(feeding: Fed) -> str:
    with pytest.raises(Refused) as raised:
        feeding.fetch(WEEK, "plan")
    return str(raised.value)


def lost(feeding: Fed) -> dict[date, int]:
    return {
        one.facts.day: one.facts.unreadable for one in feeding.fetch(WEEK, "plan") if one.facts.unreadable
    }


SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize(
    "moment",
    [
        SECONDS,
        SECONDS * 10**3,
        SECONDS * 10**6,
        SECONDS * 10**9,
        float(SECONDS),
        str(SECONDS),
        "2026-10-20T12:00:00Z",
        "2026-10-20 12:00:00",
        "2026-10-20 12:00:00 UTC",
        "2026-10-20 12:00:00.000 +0000",
        "2026-10-20 12:00:00.000 Z",
        "2026-10-20 05:00:00.000 -0700",
        "2026-10-20 14:00:00.000000000 +02:00",
        "2026-10-20 14:00:00+02",
    ],
)
def test_a_time_is_understood_however_a_warehouse_writes_it(tmp_path: Path, moment: object):
    feeding = write(tmp_path, lines(with_time(STREAM[0], moment), *STREAM[1:]))

    assert lost(feeding) == {}
    assert [row[2] for row in feeding.rows[DAY]] == [SECONDS * 1000]


@pytest.mark.parametrize(
    "moment",
    [
        0,
        -SECONDS,
        1e300,
        253_402_214_400_000,
        -62_135_596_800,
        "9999-12-31",
        "0001-01-01",
        "infinity",
        "soon",
        True,
    ],
)
def test_an_event_of_no_time_is_left_out_and_counted_beside_its_neighbours(tmp_path: Path, moment: object):
    feeding = write(tmp_path, lines(*STREAM[:3], with_time(STREAM[0], moment), *STREAM[3:]))

    assert lost(feeding) == {DAY + 2 * ONE_DAY: 1}
    assert sorted(feeding.rows) == list(WEEK)


def test_times_that_are_not_understood_are_named(tmp_path: Path):
    feeding = write(tmp_path, lines(*(with_time(one, "the 3rd of May") for one in STREAM)))

    assert "/files/a.json cannot be read, such as 'the 3rd of May'. Write them as 2026-" in refused(feeding)


@pytest.mark.parametrize("number", range(7))
def test_a_line_that_is_lost_is_told_of_the_day_it_was_of(tmp_path: Path, number: int):
    others = [event("Buy", NOON + day * ONE_DAY, insert_id=f"b{day}") for day in range(7) if day != 3]
    broken = [json.dumps(one).encode() for one in [*STREAM, *others]]  # one day has nothing else
    broken[number] += b"TRAILER"
    everything = b"\n".join(broken)

    assert lost(write(tmp_path, everything)) == {DAY + number * ONE_DAY: 1}
    facts = stored(tmp_path, broken, period=WEEK)
    assert {one.day: one.unreadable for one in facts if one.unreadable} == {DAY + number * ONE_DAY: 1}


def test_lost_lines_that_tell_no_day_are_told_of_the_day_of_their_neighbours(tmp_path: Path):
    some = [json.dumps(one) for one in STREAM]
    mixed = ["x", *some[:2], "{}", "", " ", "[1]", *some[2:], '{"time": 1}']
    expected = {DAY: 1, DAY + ONE_DAY: 2, WEEK.last: 1}

    assert lost(write(tmp_path, "\n".join(mixed).encode() + b"\n")) == expected
    facts = stored(tmp_path, mixed, period=WEEK)
    assert {one.day: one.unreadable for one in facts if one.unreadable} == expected


def test_rows_of_a_table_that_are_lost_are_told_of_the_day_of_their_neighbours(tmp_path: Path):
    (tmp_path / "files").mkdir()
    write_parquet(
        tmp_path / "files/a.parquet", STREAM, "pipeline", "CASE WHEN insert_id <> '3' THEN time END AS time"
    )

    assert lost(fed(tmp_path)) == {DAY + 2 * ONE_DAY: 1}


def test_a_line_longer_than_the_database_takes_is_lost_alone(tmp_path: Path):
    long = json.dumps(event("Open", NOON, text="x" * 40_000_000)).encode()
    some = [json.dumps(one).encode() for one in STREAM]

    (facts, *_) = stored(tmp_path, [*some[:3], long, *some[3:]], period=WEEK)
    feeding = write(tmp_path, b"\n".join([*some[:3], long, *some[3:]]))

    assert facts.events == 1
    assert sum(lost(feeding).values()) == 1
    assert sum(map(len, feeding.rows.values())) == 7


@pytest.mark.parametrize("kind", ["export", "pipeline"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_properties_that_are_a_text_are_read_as_what_the_text_says(
    tmp_path: Path, kind: str, separators: tuple[str, str]
):
    shaped = [in_shape("export" if kind == "export" else "pipeline", one) for one in STREAM]
    texts: list[Line] = [{**one, "properties": json.dumps(one["properties"])} for one in shaped[:-1]]
    content = "".join(json.dumps(one, separators=separators) + "\n" for one in [*texts, shaped[-1]])
    feeding = write(tmp_path, content.encode())

    assert lost(feeding) == {}
    assert [row[3] for rows in feeding.rows.values() for row in rows] == [PLAN] * 7


def test_properties_that_are_a_text_of_something_else_are_no_event(tmp_path: Path):
    odd: Line = {"event": "Open", "properties": "pro"}

    assert lost(write(tmp_path, lines(*STREAM[:4], odd, *STREAM[4:]))) == {DAY + 3 * ONE_DAY: 1}


@pytest.mark.parametrize(
    "empty", [b"\n", b" \r\n\n", gzip.compress(b"", mtime=0), gzip.compress(b"\n", mtime=0)]
)
def test_a_file_of_a_day_without_events_costs_nothing(tmp_path: Path, empty: bytes):
    write(tmp_path, empty, "b")
    feeding = write(tmp_path, lines(*STREAM))

    assert [one.facts.events for one in feeding.fetch(WEEK, "plan")] == [1] * 7
    assert feeding.made() is not None


def test_files_without_any_event_are_refused(tmp_path: Path):
    assert "The files that match have no events" in refused(write(tmp_path, b"\n"))


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path):
    assert lost(write(tmp_path, b"\xef\xbb\xbf" + lines(*STREAM))) == {}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_named_with_what_to_do(tmp_path: Path, encoding: str):
    feeding = write(tmp_path, lines(*STREAM).decode().encode(encoding))

    assert "a.json is in UTF-16. Write it as UTF-8, such as by `iconv" in refused(feeding)


def test_a_web_page_is_named(tmp_path: Path):
    assert "a.json is a web page" in refused(write(tmp_path, b"<html></html>\n"))


def test_a_damaged_piece_is_made_again_from_its_file(tmp_path: Path):
    feeding = write(tmp_path, lines(*STREAM))
    feeding.fetch(WEEK, "plan")
    right = feeding.rows
    (piece,) = feeding.store.folder.glob("piece-*")
    content = bytearray(piece.read_bytes())
    content[100] ^= 1
    piece.write_bytes(content)
    (feeding.store.folder / f"{DAY}.parquet").unlink()

    feeding.fetch(WEEK, "plan")

    assert feeding.rows == right


def test_one_old_event_does_not_make_days_without_events(tmp_path: Path):
    old = event("Open", NOON - timedelta(days=60), insert_id="old")
    feeding = write(tmp_path, lines(old, *(one for one in STREAM for _ in range(3))))
    feeding = replace(feeding, now=NOON + timedelta(days=7), quiet=timedelta(hours=12))

    feeding.feed.bring(feeding.store, WEEK, Period(DAY - timedelta(days=70), WEEK.end), ("plan",))

    before = DAY - ONE_DAY  # of which the files have half, so that it may be a day without events
    assert sorted(feeding.rows) == [DAY - timedelta(days=60), before, *WEEK]


def test_a_table_of_any_day_says_what_it_lost(tmp_path: Path):
    write_lines(tmp_path / "files/a.json", STREAM)
    with (tmp_path / "files/a.json").open("a") as file:
        file.write(line("Open", time="soon") + "\n")

    assert lost(fed(tmp_path)) == {WEEK.last: 1}
