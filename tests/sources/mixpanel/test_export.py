"""Fetching raw days: each once, several at once, in little room."""

import gzip
import json
import os
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault, LoopbackAnswer, LoopbackRequest, LoopbackServer
from reporter.reports.errors import Unavailable
from reporter.sources.mixpanel.export import Exporter

from .exports import DAY, EXPORT, LINE, NOW, WEEK, contents, days, exporter, failure_of, take_all, truth
from .exports import client as client  # a fixture
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture
from .exports import time as time  # a fixture
from .fake import PROJECT_ID, SECRET, USERNAME


def test_every_day_comes_once_as_a_file_of_its_lines(
    client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path
):
    wanted = days(9)

    taken = take_all(client.fetch(wanted, tmp_path / "new"))

    assert dict(taken) == {day: truth(mixpanel, day) for day in wanted}
    assert len(taken) == len(mixpanel.requests) == 9
    assert contents(tmp_path / "new") == []


def test_a_period_is_asked_for_with_its_first_and_its_last_day_in_milliseconds_and_packed(
    client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path
):
    [(_, content)] = take_all(client.fetch([WEEK], tmp_path))

    [request] = mixpanel.requests
    assert request.query == {
        "project_id": PROJECT_ID,
        "from_date": "2026-11-16",
        "to_date": "2026-11-22",
        "time_in_ms": "true",
    }
    assert request.headers["accept-encoding"] == "gzip"
    assert all(json.loads(line)["properties"]["time"] > 10**12 for line in content.splitlines())


def test_events_can_be_chosen(client: Exporter, tmp_path: Path):
    [(_, content)] = take_all(client.fetch([WEEK], tmp_path, ["Sign Up", "Käufe"]))

    assert {json.loads(line)["event"] for line in content.splitlines()} == {"Sign Up"}
    with pytest.raises(ValueError, match="at least one event"):
        take_all(client.fetch([WEEK], tmp_path, []))


def test_it_tells_what_came_over_the_network_and_what_became_of_it(
    client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path
):
    [raw] = client.fetch([DAY], tmp_path)

    assert raw.size == len(truth(mixpanel, DAY)) == raw.path.stat().st_size
    assert 0 < raw.received < raw.size / 2


def test_nothing_asked_for_is_nothing_asked(client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path):
    assert take_all(client.fetch([], tmp_path)) == []
    assert mixpanel.requests == []


def test_six_downloads_run_at_once_and_never_more(tmp_path: Path):
    all_six, lock, running, most = threading.Barrier(6), threading.Lock(), 0, 0

    def answer(_: LoopbackRequest) -> LoopbackAnswer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_six.wait(20)  # they are only answered together
        with lock:
            running -= 1
        return LoopbackAnswer(200, LINE)

    with LoopbackServer(answer) as server:
        client = exporter(server.url)
        assert len(take_all(client.fetch(days(18), tmp_path))) == 18
        client.close()

    assert most == 6


def test_while_the_taker_is_busy_few_files_lie_around(
    client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path
):
    for raw in client.fetch(days(20), tmp_path):
        threading.Event().wait(0.05)  # so that others could get ahead if they were let
        assert len([name for name in contents(tmp_path) if name.endswith(".jsonl")]) <= 2
        assert len(contents(tmp_path)) <= 6 + 2 + 2
        raw.path.unlink()

    assert len(mixpanel.requests) == 20


def test_a_day_of_any_size_takes_little_memory(tmp_path: Path):
    lines = b"".join(LINE.replace(b'"a"', b'"%d"' % (one * 7919)) for one in range(20_000))
    member = gzip.compress(lines, 1)
    with LoopbackServer(lambda _: LoopbackAnswer(200, iter([member] * 60))) as server:
        client = exporter(server.url)
        next(client.fetch([DAY], tmp_path))  # once, so that all is imported
        tracemalloc.start()
        [raw] = client.fetch([DAY], tmp_path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        client.close()

    assert raw.size == 60 * len(lines) > 70_000_000
    assert peak < 6_000_000


def test_a_taker_that_goes_away_leaves_nothing_running_and_nothing_behind(product: Product, tmp_path: Path):
    stalled, go_on = threading.Event(), threading.Event()

    def stall(answer: LoopbackAnswer) -> LoopbackAnswer:
        def body() -> Iterator[bytes]:
            yield LINE
            stalled.set()
            go_on.wait(30)

        return LoopbackAnswer(200, body())

    with LocalMixpanel(product, username=USERNAME, secret=SECRET, now=lambda: NOW) as mixpanel:
        mixpanel.faults.append(Fault(EXPORT, spoil=stall))
        client = exporter(mixpanel.url)
        results = client.fetch(days(10), tmp_path)
        first = next(results)
        assert stalled.wait(30)
        first.path.unlink()
        results.close()

        assert contents(tmp_path) == []
        assert not [thread for thread in threading.enumerate() if thread.name == "raw export"]
        go_on.set()
        client.close()


@pytest.mark.parametrize("full_file", [1, 2])
def test_a_full_disk_is_told_and_leaves_nothing(
    mixpanel: LocalMixpanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_file: int
):
    made = iter(range(1, 9))  # the first file is what comes, the second what it is unpacked to

    def mkstemp(suffix: str, prefix: str, folder: Path) -> tuple[int, str]:
        number = next(made)
        path = folder / f"{prefix}{number}{suffix}"
        path.symlink_to("/dev/full") if number == full_file else path.touch()
        return os.open(os.devnull, os.O_RDONLY), str(path)

    monkeypatch.setattr("tempfile.mkstemp", mkstemp)
    client = exporter(mixpanel.url)

    error = failure_of(client, [DAY], tmp_path)

    assert isinstance(error, Unavailable)
    assert str(tmp_path) in str(error)
    assert "No space left on device" in str(error)
    assert ("It takes 1 MB" in str(error)) == (full_file == 2)
    assert len(mixpanel.requests) == 1
    client.close()


def test_a_folder_that_is_none_is_told(mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="has no place to work"):
        next(client.fetch([DAY], tmp_path / "file"))
