"""Raw lines: what is odd about one costs no other, wherever it stands, and whole is what ends whole."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.sources import raw_files
from reporter.sources.raw_files import LOST_LINE, FlawKind, find_flaw, repair, repaired, unpack


def event(number: int, text: str = "text") -> bytes:
    return json.dumps(
        {"event": "Open", "properties": {"time": number, "x": text}}, ensure_ascii=False
    ).encode()


Result = TypeVar("Result")


def with_file(content: bytes, look: Callable[[Path], Result]) -> Result:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_bytes(content)
        return look(path)


def flaw(content: bytes) -> FlawKind | None:
    found = with_file(content, find_flaw)
    return found.kind if found else None


def mended_lines(content: bytes) -> list[object]:
    """Each line as it is read after it was mended; None where it cannot be."""

    def read(path: Path) -> list[object]:
        repair(path, target := path.with_suffix(".mended"))
        return [_read(line) for line in target.read_bytes().split(b"\n") if line.strip()]

    return with_file(content, read)


def times(read: list[object]) -> list[int]:
    """Of the lines that are events."""
    return [cast(dict[str, dict[str, int]], line)["properties"]["time"] for line in read if line is not None]


def _read(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


ODD = [
    *(bytes([code]) for code in range(32)),
    b"\x80",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\\ud83d",
    b"\\udc00\\ud83d",
]


@settings(deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from(ODD),
    st.integers(0, 4),
    st.sampled_from([b"", b"\n", b"\r\n"]),
)
def test_whatever_line_an_odd_byte_stands_on_every_event_counts(
    count: int, which: int, odd: bytes, place: int, end: bytes
):
    lines = [event(number) for number in range(count)]
    which %= count
    at = lines[which].index(b'"text"') + 1 + place
    lines[which] = lines[which][:at] + odd + lines[which][at:]
    content = b"\n".join(lines) + end

    assert flaw(content) is None
    read = mended_lines(content)
    assert times(read) == list(range(count))


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.sampled_from([b"\x06", b"\xff", b"TRAILER", b"x"]), st.data())
def test_a_byte_that_breaks_a_line_costs_that_line_alone(
    count: int, which: int, odd: bytes, data: st.DataObject
):
    lines = [event(number) for number in range(count)]
    which %= count
    place = data.draw(
        st.sampled_from([0, len(lines[which]), lines[which].index(b":"), lines[which].index(b"}")])
    )
    lines[which] = lines[which][:place] + odd + lines[which][place:]
    content = b"\n".join(lines) + b"\n"

    read = mended_lines(content)

    assert len(read) == count
    others = [number for number in range(count) if number != which]
    assert [number for number in times(read) if number != which] == others
    assert flaw(content) is None


@settings(deadline=None)
@given(st.data())
def test_no_cut_within_a_line_passes_for_whole(data: st.DataObject):
    odd = data.draw(st.sampled_from([b"", b"\x06", b"\xff", b"\\ud83d", b"}", b"{"]))
    whole = event(1) + b"\n" + event(2, 'a {b} \\ " c').replace(b"a ", b"a" + odd)
    first = len(event(1)) + 2
    cut = data.draw(st.integers(first, len(whole) - 1))
    end = data.draw(st.sampled_from([b"", b"\n", b"\x06\n"]))

    assert flaw(whole) is None
    assert flaw(whole[:cut] + end) is FlawKind.WITHIN_A_LINE


@given(st.binary(max_size=60))
def test_a_line_that_can_be_read_is_not_changed(content: bytes):
    line = json.dumps({"x": content.decode("latin-1")}).encode() + b"\n"

    assert repaired(line) == line


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", None),
        (b"\n \n", None),
        (b"\xef\xbb\xbf" + event(1), None),
        (event(1).decode().encode("utf-16"), FlawKind.UTF_16),
        (event(1).decode().encode("utf-16-le"), FlawKind.UTF_16),
        (event(1).decode().encode("utf-16-be"), FlawKind.UTF_16),
        (b" \n<html>{}</html>", FlawKind.WEB_PAGE),
        (event(1) + b"\nterminated early", FlawKind.ENDED_EARLY),
        (event(1) + b'\n{"error": "busy"}\n', FlawKind.ERROR),
        (event(1) + b'\n{"event": "error", "properties": {}, "error": 1}\n', None),
        (event(1) + b"\n[]\n", None),
        (event(1) + b"\n" + b"x" * 20_000_000, FlawKind.LONG_LINE),
        (event(1) + b"\n" + event(2, "x" * 5_000_000) + b"\n", None),
    ],
)
def test_the_ends_of_a_file_tell_whether_it_is_whole(content: bytes, kind: FlawKind | None):
    assert flaw(content) is kind


def test_a_byte_order_mark_in_the_middle_of_joined_files_costs_nothing():
    content = b"\xef\xbb\xbf" + event(1) + b"\n\xef\xbb\xbf" + event(2) + b"\n"

    assert [_read(event(1)), _read(event(2))] == mended_lines(content)


def test_an_event_that_is_written_over_several_lines_is_one():
    pretty = json.dumps(json.loads(event(1)), indent=2).encode()

    assert mended_lines(event(0) + b"\n" + pretty + b"\n" + event(2)) == [
        _read(event(number)) for number in range(3)
    ]


def test_a_line_too_long_to_be_an_event_is_lost_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw_files, "LONGEST_LINE", 1_000)
    for length in (990, 1_000, 1_001, 2_500):
        content = event(1) + b"\n" + b"x" * length + b"\n" + event(2) + b"\n"

        assert mended_lines(content)[::2] == [_read(event(1)), _read(event(2))]
    assert repaired(LOST_LINE) == b" 0\n"  # no event, and not blank, so that it is counted


def test_gzip_that_grows_beyond_reason_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw_files, "ALWAYS_FINE", 3_000_000)
    packed, plain = tmp_path / "a.gz", tmp_path / "a"
    packed.write_bytes(gzip.compress(bytes(50_000_000), 9))
    plain.touch()

    found = unpack(packed, plain)

    assert found is not None
    assert found.kind is FlawKind.TOO_LARGE
    assert plain.stat().st_size < 25_000_000
