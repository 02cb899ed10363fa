"""Folders of this program's own: private, and cleared of what dead processes left, not of what others use."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reporter.folders import holding, make_private_folder
from reporter.reports.periods import Period
from reporter.sources.events.engine import SPILL, open_database
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.store import Store
from reporter.sources.mixpanel.export.download import TempFiles
from tests.sources.events.event_files import WEEK, event, write_lines
from tests.sources.events.raw_lines import DAY, FETCHED, NOON, SMALL, line, raw

DAYS = Period.of_days(DAY, DAY)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> set[str]:
    return {stat.filemode(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.mark.usefixtures("umask")
def test_days_are_private_whatever_the_umask(tmp_path: Path):
    folder = tmp_path / "one" / "two"
    with_days = Store(folder, ZoneInfo("UTC"), sizing=SMALL)
    make_private_folder(tmp_path / "one")
    incoming = raw(tmp_path / "one", [line()])

    list(with_days.add([incoming], (), FETCHED))

    assert modes(tmp_path / "one") == {"drwx------", "-rw-------"}


def test_what_is_read_of_files_and_of_the_export_is_private(tmp_path: Path, umask: int):
    os.umask(0o022)
    write_lines(tmp_path / "a.json", [event("Open", NOON)])
    os.umask(umask)
    feed = FilesFeed((f"{tmp_path}/a.json",), timedelta(400), lambda: FETCHED, quiet=timedelta(7))

    list(feed.fetch(Store(tmp_path / "one" / "two", ZoneInfo("UTC"), sizing=SMALL), WEEK, ()))
    with closing(TempFiles(tmp_path / "one" / "three")) as place, place.half_made(DAYS) as half:
        assert stat.filemode(half.stat().st_mode) == "-rw-------"

    assert modes(tmp_path / "one") == {"drwx------", "-rw-------"}


@contextmanager
def another_process(code: str) -> Generator[subprocess.Popen[str]]:
    """One that runs this code, says so, and lives on until it is killed."""
    program = f"{code}\nprint('ready', flush=True)\nimport time; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def test_what_a_killed_process_half_wrote_goes_and_what_a_live_one_writes_stays(tmp_path: Path):
    store = Store(tmp_path / "store", ZoneInfo("UTC"), sizing=SMALL)
    make_private_folder(store.folder)
    half = store.folder / f".{DAY}.parquet.1.part"
    half.touch()
    hold = f"hold(Path({str(store.folder)!r}), lambda _: None)"

    with another_process(f"from pathlib import Path; from reporter.folders import hold; {hold}") as other:
        list(store.add([raw(tmp_path, [line()])], (), FETCHED))
        assert half.exists()
        other.send_signal(signal.SIGKILL)
        other.wait()

    list(store.add([raw(tmp_path, [line()])], (), FETCHED))
    assert not half.exists()


def test_the_spill_folder_of_a_killed_process_goes_and_that_of_a_live_one_stays(tmp_path: Path):
    code = f"""
from pathlib import Path
from reporter.sources.events.engine import open_database
from tests.sources.events.raw_lines import SMALL
opening = open_database(SMALL, Path({str(tmp_path)!r}))
opening.__enter__()
"""
    with another_process(code) as other:
        (theirs,) = tmp_path.glob(f"{SPILL}*")
        with open_database(SMALL, tmp_path):
            assert theirs.exists()
        other.send_signal(signal.SIGKILL)
        other.wait()

    with open_database(SMALL, tmp_path):
        assert not theirs.exists()
        (ours,) = tmp_path.glob(f"{SPILL}*")
        assert stat.filemode(ours.stat().st_mode) == "drwx------"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_cleared_by_who_is_alone_in_it(tmp_path: Path):
    cleared: list[Path] = []

    with holding(tmp_path, cleared.append), holding(tmp_path, cleared.append):
        pass

    assert cleared == [tmp_path]
