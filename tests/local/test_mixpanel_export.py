"""The raw export of the local Mixpanel."""

import base64
import gzip
import socket
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.mixpanel.spoiled_export import (
    each_line_twice,
    ended_early,
    half_a_line,
    in_two_members,
    packed,
    some_lines,
    told,
    told_without_end,
    uncompressed,
    with_length,
)
from reporter.local.product import Product
from reporter.local.server import Fault
from tests.local.mixpanel_caller import LAST, NOON, WEEK, Caller, Clock, asking_about, happened


def exported_times(product: Product, day: dict[str, str], *, new_time_rules: bool) -> dict[str, int]:
    clock = Clock(NOON)
    with (
        LocalMixpanel(product, now=clock, new_time_rules=new_time_rules) as mixpanel,
        Caller(mixpanel) as ask,
    ):
        properties = [line["properties"] for line in ask.export(**day)]
    return {str(one["$insert_id"]): int(str(one["time"])) for one in properties}


def test_the_raw_export_has_what_was_received_twice_twice(ask: Caller, product: Product):
    lines = ask.export(**WEEK)

    start = datetime(2026, 11, 9, tzinfo=UTC).timestamp() * 1_000
    end = datetime(2026, 11, 16, tzinfo=UTC).timestamp() * 1_000
    received = [
        one
        for one in product.events
        if start <= one.time < end and one.ingested_at <= NOON.timestamp() * 1_000
    ]
    assert Counter(str(line["properties"]["$insert_id"]) for line in lines) == Counter(
        event.insert_id for event in received
    )
    assert len({str(line["properties"]["$insert_id"]) for line in lines}) < len(lines)


def test_an_exported_event_has_all_its_properties(ask: Caller, product: Product):
    line = ask.export(event='["Purchase"]', **WEEK)[0]

    sale = next(one for one in product.events if one.insert_id == line["properties"]["$insert_id"])
    assert line == {
        "event": "Purchase",
        "properties": {
            "time": sale.time // 1_000,
            "distinct_id": sale.distinct_id,
            "$insert_id": sale.insert_id,
            "mp_processing_time_ms": sale.ingested_at,
            **sale.properties,
        },
    }


def test_a_new_project_exports_utc_days_and_an_old_one_days_and_clock_times_of_its_zone(product: Product):
    differ = 0
    for number in range(9, 16):
        day = {"from_date": f"2026-11-{number:02}", "to_date": f"2026-11-{number:02}"}
        new_times = exported_times(product, day, new_time_rules=True)
        old_times = exported_times(product, day, new_time_rules=False)

        midnight = int(datetime(2026, 11, number, tzinfo=UTC).timestamp())
        both = new_times.keys() & old_times.keys()
        assert all(midnight <= time < midnight + 86_400 for time in new_times.values())
        assert all(midnight <= time < midnight + 86_400 for time in old_times.values())
        assert all(old_times[key] - new_times[key] == 3_600 for key in both)
        differ += new_times.keys() != old_times.keys()
    assert differ


def test_events_can_be_chosen_limited_and_timed_in_milliseconds(ask: Caller):
    chosen = ask.export(event='["Sign Up", "Purchase"]', **WEEK)
    precise = ask.export(time_in_ms="true", limit="10", **WEEK)

    assert {str(line["event"]) for line in chosen} == {"Sign Up", "Purchase"}
    assert len(precise) == 10
    assert all(int(str(line["properties"]["time"])) > 10**12 for line in precise)


def test_the_export_is_chunked_compressed_on_demand_and_ends_with_a_newline(ask: Caller):
    address = ask.mixpanel.url + "/api/2.0/export"
    parameters = {"project_id": str(PROJECT_ID), **WEEK}

    with httpx2.Client(auth=(USERNAME, SECRET), params=parameters) as http:
        plain = http.get(address, headers={"Accept-Encoding": "identity"})
        with http.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
            body = b"".join(packed.iter_raw())

    assert plain.headers["Transfer-Encoding"] == packed.headers["Transfer-Encoding"] == "chunked"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert plain.content.endswith(b"}\n")
    assert "\u2028".encode() in plain.content


def test_what_has_not_arrived_yet_is_not_exported(product: Product):
    late = happened("Search", LAST, arrives=timedelta(days=30))

    with asking_about(product, happened("Page View", LAST), late) as ask:
        assert [line["event"] for line in ask.export(**WEEK)] == ["Page View"]


def test_a_day_without_events_is_an_empty_body(ask: Caller):
    assert ask.export(from_date="2026-01-01", to_date="2026-01-01") == []


def test_an_export_into_the_future_is_refused_in_plain_text(ask: Caller):
    answer = ask.get("/api/2.0/export", from_date="2026-11-20", to_date="2026-11-23")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == "to_date cannot be later than today"


@pytest.mark.parametrize("wrong", [{"limit": "100001"}, {"from_date": "2026-11-16"}, {"event": "Sign Up"}])
def test_an_export_that_makes_no_sense_is_refused(ask: Caller, wrong: dict[str, str]):
    answer = ask.get("/api/2.0/export", **{**WEEK, **wrong})

    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.fixture
def faulty(product: Product) -> Iterator[LocalMixpanel]:
    with LocalMixpanel(product, now=Clock(NOON)) as mixpanel:
        yield mixpanel


def exchange(mixpanel: LocalMixpanel) -> tuple[bytes, bool]:
    """All bytes of an answer as they come, and whether the connection was reset rather than closed."""
    host, port = mixpanel.url.removeprefix("http://").split(":")
    login = base64.b64encode(f"{USERNAME}:{SECRET}".encode()).decode()
    days = "from_date=2026-11-09&to_date=2026-11-09"
    head = f"GET /api/2.0/export?project_id={PROJECT_ID}&{days} HTTP/1.1\r\nHost: {host}\r\n"
    came = bytearray()
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{head}Authorization: Basic {login}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        try:
            while not came.endswith(b"\r\n0\r\n\r\n") and (part := connection.recv(65_536)):
                came += part
        except ConnectionResetError:
            return bytes(came), True
    return bytes(came), False


def body_of(answer: bytes) -> tuple[bytes, bytes, bool]:
    """Head and body of an answer in chunks, and whether it was ended as it should."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    body = bytearray()
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if size == b"0":
            return head, bytes(body), True
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return head, bytes(body), False


def told_body(mixpanel: LocalMixpanel, fault: Fault) -> bytes:
    """What the lines of a spoiled answer say, as far as they go."""
    mixpanel.faults.append(fault)
    head, body, ended = body_of(exchange(mixpanel)[0])
    assert ended
    assert b"Transfer-Encoding: chunked" in head
    stream = zlib.decompressobj(wbits=31)
    return stream.decompress(body)


@pytest.fixture
def day(faulty: LocalMixpanel) -> bytes:
    head, body, ended = body_of(exchange(faulty)[0])
    assert ended
    assert head.startswith(b"HTTP/1.1 200 OK")
    return gzip.decompress(body)


def test_an_answer_can_end_before_and_within_its_head(faulty: LocalMixpanel):
    faulty.faults.extend([Fault(drop=True), Fault(cut_head=0), Fault(cut_head=30)])

    assert exchange(faulty) == (b"", False)
    assert exchange(faulty) == (b"", False)
    assert len(exchange(faulty)[0]) == 30


@pytest.mark.parametrize("at", [0, 1, 700])
def test_an_answer_can_end_anywhere_in_its_body(faulty: LocalMixpanel, day: bytes, at: int):
    faulty.faults.append(Fault(cut=at))

    head, body, ended = body_of(exchange(faulty)[0])

    assert b"Transfer-Encoding: chunked" in head
    assert (len(body), ended) == (at, False)
    assert day.startswith(zlib.decompressobj(wbits=31).decompress(body))


def test_an_answer_can_lack_its_last_bytes_or_only_its_end(faulty: LocalMixpanel, day: bytes):
    faulty.faults.extend([Fault(cut=-8), Fault(cut=10**9)])

    _, without_trailer, ended = body_of(exchange(faulty)[0])
    _, whole, ended_too = body_of(exchange(faulty)[0])

    assert (ended, ended_too) == (False, False)
    assert whole[:-8] == without_trailer
    assert gzip.decompress(whole) == day


def test_an_answer_can_end_between_lines_or_within_one_though_the_stream_ends_well(
    faulty: LocalMixpanel, day: bytes
):
    between = told_body(faulty, Fault(spoil=told(some_lines)))
    within = told_body(faulty, Fault(spoil=told(half_a_line)))
    unfinished = told_body(faulty, Fault(spoil=told_without_end(some_lines)))

    assert day.startswith(between)
    assert between.endswith(b"}\n")
    assert day.startswith(within)
    assert not within.endswith(b"\n")
    assert unfinished == between


def test_an_answer_can_end_with_mixpanels_own_word(faulty: LocalMixpanel, day: bytes):
    said = told_body(faulty, Fault(spoil=told(ended_early(b"terminated early\n"))))

    assert said == some_lines(day) + b"terminated early\n"


def test_lines_can_come_twice(faulty: LocalMixpanel, day: bytes):
    said = told_body(faulty, Fault(spoil=told(each_line_twice)))

    assert Counter(said.splitlines()) == Counter(day.splitlines() * 2)


def test_a_connection_can_be_reset_and_closed(faulty: LocalMixpanel):
    faulty.faults.extend([Fault(drop=True, reset=True), Fault(drop=True), Fault(cut_head=9, reset=True)])

    assert [exchange(faulty)[1] for _ in range(2)] == [True, False]
    assert exchange(faulty)[1]


def test_an_answer_can_come_with_its_length_or_without_any_end(faulty: LocalMixpanel, day: bytes):
    faulty.faults.extend([Fault(spoil=with_length, cut=10**9), Fault(unframed=True)])

    with_its_length, unframed = exchange(faulty)[0], exchange(faulty)[0]

    head, _, body = with_its_length.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}\r\n".encode() in head + b"\r\n"
    assert gzip.decompress(body) == day
    head, _, body = unframed.partition(b"\r\n\r\n")
    assert b"Content-Length" not in head
    assert b"chunked" not in head
    assert gzip.decompress(body) == day


def test_an_answer_can_come_unpacked_in_parts_or_with_other_bytes(faulty: LocalMixpanel, day: bytes):
    faulty.faults.extend(
        [
            Fault(spoil=uncompressed),
            Fault(spoil=in_two_members),
            Fault(spoil=packed(lambda body: body + b"!")),
        ]
    )

    head, plain, _ = body_of(exchange(faulty)[0])
    assert b"Content-Encoding" not in head
    assert plain == day
    _, parts, _ = body_of(exchange(faulty)[0])
    assert zlib.decompressobj(wbits=31).decompress(parts) == some_lines(day)
    assert gzip.decompress(parts) == day
    assert body_of(exchange(faulty)[0])[1].endswith(b"!")
