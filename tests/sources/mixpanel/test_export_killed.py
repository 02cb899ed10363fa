"""A process that is killed while it exports leaves nothing that looks whole, nor anything for long."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.mixpanel.spoiled_export import packed_body
from reporter.local.server import Fault, LoopbackAnswer

from .exports import DAY, EXPORT, contents, days, exporter, take_all, truth
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture

PROGRAM = """
import sys
from pathlib import Path
from tests.sources.mixpanel.exports import days, exporter
for raw in exporter(sys.argv[1]).fetch(days(9), Path(sys.argv[2])):
    print(raw.period, flush=True)  # and keeps the file, as if it were still reading it
"""
ROOT = Path(__file__).parents[3]


class Child:
    """A process of its own that exports nine days into a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        arguments = [sys.executable, "-c", PROGRAM, url, str(folder)]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    @property
    def out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        self.out.close()


def whole_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix == ".jsonl"]


@pytest.mark.parametrize("taken", [0, 1, 4])
def test_killed_at_any_time_whatever_looks_whole_is_whole(
    mixpanel: LocalMixpanel, tmp_path: Path, taken: int
):
    stalled, go_on = threading.Event(), threading.Event()
    if taken == 0:
        mixpanel.faults.append(Fault(EXPORT, spoil=_stall(stalled, go_on), times=99))
    child = Child(mixpanel.url, tmp_path)
    if taken == 0:
        assert stalled.wait(60)
    for _ in range(taken):
        child.out.readline()
    child.kill()
    go_on.set()
    mixpanel.faults.clear()

    left = contents(tmp_path)
    rights = [truth(mixpanel, day) for day in days(9)]
    assert left
    assert len(whole_files(tmp_path)) >= taken
    assert all(path.read_bytes() in rights for path in whole_files(tmp_path))

    client = exporter(mixpanel.url)
    assert dict(take_all(client.fetch(days(9), tmp_path))) == dict(zip(days(9), rights, strict=True))
    assert contents(tmp_path) == []
    client.close()


def test_what_a_living_process_works_on_is_left_alone(mixpanel: LocalMixpanel, tmp_path: Path):
    child = Child(mixpanel.url, tmp_path)
    child.out.readline()
    child_files = set(whole_files(tmp_path))

    client = exporter(mixpanel.url)
    assert [day for day, _ in take_all(client.fetch([DAY], tmp_path))] == [DAY]

    assert child_files
    assert child_files <= set(whole_files(tmp_path))
    child.kill()
    client.close()


def test_files_of_others_are_never_cleared(mixpanel: LocalMixpanel, tmp_path: Path):
    for name in ("raw-.gz", "2026-11-21.parquet", "raw.jsonl", "notes.part"):
        (tmp_path / name).touch()
    (tmp_path / "raw-2026-11-21-2026-11-21-x.part").touch()

    client = exporter(mixpanel.url)
    take_all(client.fetch([DAY], tmp_path))
    client.close()

    assert contents(tmp_path) == ["2026-11-21.parquet", "notes.part", "raw-.gz", "raw.jsonl"]


def test_what_was_given_stays_until_the_exporter_is_closed(mixpanel: LocalMixpanel, tmp_path: Path):
    client, another = exporter(mixpanel.url), exporter(mixpanel.url)
    [first] = client.fetch([DAY], tmp_path)

    take_all(client.fetch(days(2), tmp_path))
    take_all(another.fetch(days(2), tmp_path))

    assert contents(tmp_path) == [first.path.name]
    client.close()
    another.close()


def _stall(stalled: threading.Event, go_on: threading.Event):
    def spoil(answer: LoopbackAnswer) -> LoopbackAnswer:
        def body() -> Iterator[bytes]:
            packed = packed_body(answer)
            yield packed[: len(packed) // 2]
            stalled.set()
            go_on.wait(60)

        return LoopbackAnswer(200, body())

    return spoil
