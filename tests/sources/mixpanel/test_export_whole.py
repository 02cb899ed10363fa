"""A day of the raw export is whole or it is not there, wherever the stream breaks."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.mixpanel.spoiled_export import (
    Spoil,
    each_line_twice,
    ended_early,
    half_a_line,
    in_two_members,
    packed,
    some_lines,
    told,
    told_without_end,
    uncompressed,
    uncompressed_in_disguise,
    with_length,
)
from reporter.local.server import Fault, LoopbackAnswer, LoopbackServer
from reporter.reports.errors import Unavailable
from reporter.sources import raw_files

from .exports import DAY, EXPORT, contents, exporter, failure_of, take_all, truth
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture

BOMB = gzip.compress(bytes(20_000_000), 9)


def plain_and_cut(at: int) -> Fault:
    return Fault(EXPORT, spoil=uncompressed, cut=at)


def flipped(at: int) -> Fault:
    return Fault(EXPORT, spoil=packed(lambda body: _flip(body, at % len(body))))


def _flip(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0x10]) + body[at + 1 :]


def _lines_and(end: bytes) -> Fault:
    return Fault(EXPORT, spoil=told(ended_early(end)))


FAULTS = {
    "before the head": (Fault(EXPORT, drop=True), "was cut off"),
    "before the head, by reset": (Fault(EXPORT, drop=True, reset=True), "was cut off"),
    "in the status line": (Fault(EXPORT, cut_head=7), "was cut off"),
    "in the head": (Fault(EXPORT, cut_head=60), "was cut off"),
    "in the head, by reset": (Fault(EXPORT, cut_head=60, reset=True), "was cut off"),
    "where the body starts": (Fault(EXPORT, cut=0), "was cut off"),
    "within a compressed block": (Fault(EXPORT, cut=2_000), "was cut off"),
    "within a compressed block, by reset": (Fault(EXPORT, cut=2_000, reset=True), "was cut off"),
    "within a body with a length": (Fault(EXPORT, spoil=with_length, cut=2_000), "was cut off"),
    "before the compressed stream's end": (Fault(EXPORT, cut=-8), "was cut off"),
    "after the last byte, with chunks to come": (Fault(EXPORT, cut=10**9), "was cut off"),
    "within a plain line": (plain_and_cut(2_000), "was cut off"),
    "a body that only the connection ends": (Fault(EXPORT, unframed=True), "neither a length nor an end"),
    "no end of the compressed stream": (
        Fault(EXPORT, spoil=packed(lambda body: body[:-8])),
        "ends within its gzip data",
    ),
    "half an end": (Fault(EXPORT, spoil=packed(lambda body: body[:-3])), "ends within its gzip data"),
    "no end, between lines": (Fault(EXPORT, spoil=told_without_end(some_lines)), "ends within its gzip data"),
    "a wrong checksum": (flipped(-8), "damaged gzip data"),
    "a wrong size": (flipped(-4), "damaged gzip data"),
    "a damaged block": (flipped(3_000), "gzip data"),
    "a damaged beginning": (flipped(0), "within a line|UTF-16"),
    "rubbish behind it": (
        Fault(EXPORT, spoil=packed(lambda body: body + b"rubbish")),
        "gzip data",
    ),
    "a second part that is rubbish": (
        Fault(EXPORT, spoil=packed(lambda body: body + b"\x1f\x8b\x08" + b"rubbish" * 9)),
        "gzip data",
    ),
    "half of a second part": (
        Fault(EXPORT, spoil=packed(lambda body: body + body[:2_000])),
        "ends within its gzip data",
    ),
    "Mixpanel's word": (
        _lines_and(b"terminated early\n"),
        r"was ended early by Mixpanel \('terminated early'\)",
    ),
    "Mixpanel's word, without a newline": (_lines_and(b"export terminated early"), "was ended early"),
    "Mixpanel's word and nothing else": (Fault(EXPORT, spoil=told(lambda _: b"terminated early")), "early"),
    "Mixpanel's word in a plain body": (
        Fault(EXPORT, spoil=lambda answer: uncompressed(told(ended_early(b"terminated early\n"))(answer))),
        "was ended early",
    ),
    "half a line": (Fault(EXPORT, spoil=told(half_a_line)), "ends within a line"),
    "half a line and a newline": (
        Fault(EXPORT, spoil=told(lambda text: half_a_line(text) + b"\n")),
        "ends within a line",
    ),
    "half a line that ends in odd bytes": (
        Fault(EXPORT, spoil=told(lambda text: half_a_line(text) + b"\x06\xff\n")),
        "ends within a line",
    ),
    "an error with the status 200": (
        Fault(EXPORT, status=200, body='{"error": "busy"}'),
        r"instead \(busy\)",
    ),
    "an error after some lines": (_lines_and(b'{"error": "busy"}\n'), r"instead \(busy\)"),
    "a page of HTML": (
        Fault(EXPORT, status=200, body="<html>Please log in</html>\n"),
        "a web page where data should be",
    ),
    "a gzip bomb": (
        Fault(EXPORT, spoil=packed(lambda _: BOMB)),
        "more than 400 times",
    ),
    "a fault of Mixpanel's": (
        Fault(EXPORT, status=500, body='{"error": "An unknown error occurred."}'),
        "500",
    ),
}


@pytest.fixture(autouse=True)
def little_that_is_always_fine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw_files, "ALWAYS_FINE", 10_000_000)  # bytes: a bomb of a test is a small one


@pytest.mark.parametrize("name", FAULTS)
def test_after_a_fault_the_day_comes_whole_and_once(mixpanel: LocalMixpanel, tmp_path: Path, name: str):
    mixpanel.faults.append(replace(FAULTS[name][0]))
    client = exporter(mixpanel.url)

    taken = take_all(client.fetch([DAY], tmp_path))

    assert len(mixpanel.requests) == 2
    assert taken == [(DAY, truth(mixpanel, DAY))]
    assert contents(tmp_path) == []
    client.close()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_stays_is_told_and_leaves_nothing(mixpanel: LocalMixpanel, tmp_path: Path, name: str):
    fault, reason = FAULTS[name]
    mixpanel.faults.append(replace(fault, times=99))
    client = exporter(mixpanel.url)

    with pytest.raises(Unavailable, match=reason) as raised:
        take_all(client.fetch([DAY], tmp_path))

    assert str(DAY) in str(raised.value)
    assert len(mixpanel.requests) == 4
    assert contents(tmp_path) == []
    client.close()


WHOLE: dict[str, Spoil] = {
    "as usual": lambda answer: answer,
    "with its length": with_length,
    "unpacked by a proxy": uncompressed,
    "unpacked by a proxy that says otherwise": uncompressed_in_disguise,
    "unpacked, with its length": lambda answer: with_length(uncompressed(answer)),
    "in two parts": in_two_members,
    "without a newline at its end": told(lambda text: text[:-1]),
    "without a newline at its end, unpacked, with its length": lambda answer: with_length(
        uncompressed(told(lambda text: text[:-1])(answer))
    ),
    "with padding": packed(lambda body: body + bytes(512)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_however_it_is_wrapped_the_day_is_the_same(mixpanel: LocalMixpanel, tmp_path: Path, name: str):
    mixpanel.faults.append(Fault(EXPORT, spoil=WHOLE[name]))
    client = exporter(mixpanel.url)

    [(day, content)] = take_all(client.fetch([DAY], tmp_path))
    assert (day, content.rstrip()) == (DAY, truth(mixpanel, DAY).rstrip())
    assert len(mixpanel.requests) == 1
    client.close()


def test_what_was_received_twice_stays_twice(mixpanel: LocalMixpanel, tmp_path: Path):
    mixpanel.faults.append(Fault(EXPORT, spoil=told(each_line_twice)))
    client = exporter(mixpanel.url)

    assert take_all(client.fetch([DAY], tmp_path)) == [(DAY, each_line_twice(truth(mixpanel, DAY)))]
    client.close()


def test_unicode_line_separators_do_not_split_lines(mixpanel: LocalMixpanel, tmp_path: Path):
    line = '{"event":"Search","properties":{"q":"a\u2028b\u2029c\x85d"}}\n'.encode()
    mixpanel.faults.append(Fault(EXPORT, spoil=told(lambda _: line)))
    client = exporter(mixpanel.url)

    assert take_all(client.fetch([DAY], tmp_path)) == [(DAY, line)]
    client.close()


@pytest.mark.parametrize("body", [b"", b"\n", gzip.compress(b"", mtime=0)])
def test_a_day_without_events_is_whole(tmp_path: Path, body: bytes):
    with LoopbackServer(lambda _: LoopbackAnswer(200, body, "text/plain")) as server:
        client = exporter(server.url)

        assert [raw.strip() for _, raw in take_all(client.fetch([DAY], tmp_path))] == [b""]
        assert len(server.requests) == 1
        client.close()


LONG = b'{"event":"A","properties":{"text":"%b"}}\n' % (b"x" * 3_000_000)


@pytest.mark.parametrize(
    ("last", "reason"),
    [(LONG, None), (LONG[:-2], "ends within a line"), (LONG[:-9] + b"\n", "ends within a line")],
)
def test_a_last_line_may_be_longer_than_any_block(tmp_path: Path, last: bytes, reason: str | None):
    body = gzip.compress(b'{"event":"A","properties":{}}\n' + last)
    with LoopbackServer(lambda _: LoopbackAnswer(200, body)) as server:
        client = exporter(server.url)

        if reason is None:
            [(_, content)] = take_all(client.fetch([DAY], tmp_path))
            assert content.endswith(LONG)
        else:
            assert reason in str(failure_of(client, [DAY], tmp_path))
        client.close()
