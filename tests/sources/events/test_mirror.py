"""A folder and its blobs: they agree, whoever else is at it and whenever a process is killed."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import pytest

from reporter.folders import PART, holding
from reporter.reports.errors import Unavailable
from reporter.sources.events import cloud
from reporter.sources.events.cloud import AzureBlobs, Blobs, Mirror, StoredBlob, SyncResult
from tests.azurite import Azurite


@dataclass
class MemoryBlobs:
    """Blobs one can look into, and that fail where they are told to."""

    files: dict[str, tuple[StoredBlob, bytes]] = field(default_factory=dict[str, tuple[StoredBlob, bytes]])
    reads: list[str] = field(default_factory=list[str])
    breaks_on: str = ""

    def names(self) -> Mapping[str, StoredBlob]:
        return {name: stored for name, (stored, _) in self.files.items()}

    def read(self, name: str, into: Path) -> StoredBlob | None:
        self.reads.append(name)
        if name == self.breaks_on:
            raise Unavailable("The connection broke.")
        if name not in self.files:
            return None
        stored, content = self.files[name]
        into.write_bytes(content)
        return stored

    def write(self, file: BinaryIO, name: str) -> StoredBlob:
        if name == self.breaks_on:
            raise Unavailable("The connection broke.")
        content = file.read()
        self.files[name] = (StoredBlob(len(content), uuid4().hex, datetime.now(UTC)), content)
        return self.files[name][0]

    def delete(self, name: str) -> None:
        self.files.pop(name, None)


@pytest.fixture(params=["memory", "azurite"])
def blobs(request: pytest.FixtureRequest) -> Iterator[Blobs]:
    if request.param == "memory":
        yield MemoryBlobs()
    else:
        azurite: Azurite = request.getfixturevalue("azurite")
        found = AzureBlobs.of(azurite.environ, f"c{uuid4().hex}", "store")
        assert found
        with closing(found):
            yield found


@dataclass(frozen=True)
class Machine:
    """A folder, and what it is mirrored with."""

    mirror: Mirror

    def commit(self, **files: str) -> None:
        """As the store does it: a file is there whole, by its name, at once."""
        for name, content in files.items():
            part = self.mirror.folder / f".{name}.being-written"
            part.write_text(content)
            part.replace(self.mirror.folder / name)

    @property
    def files(self) -> dict[str, str]:
        return {file.name: file.read_text() for file in self.mirror.folder.iterdir() if file.is_file()}


@pytest.fixture
def one(blobs: Blobs, tmp_path: Path) -> Machine:
    return machine(blobs, tmp_path / "one")


@pytest.fixture
def two(blobs: Blobs, tmp_path: Path) -> Machine:
    return machine(blobs, tmp_path / "two")


def machine(blobs: Blobs, folder: Path) -> Machine:
    folder.mkdir(exist_ok=True)
    return Machine(Mirror(blobs, folder))


def test_what_one_machine_commits_another_has(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")

    assert set(one.mirror.sync().uploaded) == {"monday", "tuesday"}
    assert set(two.mirror.sync().downloaded) == {"monday", "tuesday"}
    assert two.files == {"monday": "1", "tuesday": "2"}


def test_agreeing_again_moves_nothing(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.sync()
    two.mirror.sync()

    assert one.mirror.sync() == two.mirror.sync() == SyncResult()


def test_only_what_is_wanted_is_brought(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.sync()

    two.mirror.sync({"tuesday"}.__contains__)

    assert two.files == {"tuesday": "2"}


def test_only_what_changed_is_brought_again(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.sync()
    two.mirror.sync()
    one.commit(monday="1, and a late event")
    one.mirror.upload(["monday"])

    assert two.mirror.sync() == SyncResult(downloaded=("monday",))
    assert two.files == {"monday": "1, and a late event", "tuesday": "2"}


def test_what_one_machine_drops_goes_from_the_other(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.sync()
    two.mirror.sync()

    one.mirror.delete(["monday"])

    assert one.files == {"tuesday": "2"}
    assert two.mirror.sync() == SyncResult(removed=("monday",))
    assert two.files == {"tuesday": "2"}


def test_the_last_of_two_that_put_up_a_file_wins_and_both_have_it(one: Machine, two: Machine):
    one.commit(monday="one")
    two.commit(monday="two")
    one.mirror.upload(["monday"])
    two.mirror.upload(["monday"])

    one.mirror.sync()
    two.mirror.sync()

    assert one.files == two.files == {"monday": "two"}


def test_a_file_that_a_killed_process_committed_is_put_up_by_the_next(one: Machine, two: Machine):
    one.commit(monday="1")  # and was killed

    assert one.mirror.sync() == SyncResult(uploaded=("monday",))
    two.mirror.sync()
    assert two.files == {"monday": "1"}


def test_a_newer_file_that_is_about_to_be_put_up_is_not_overwritten(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.sync()
    two.mirror.sync()
    two.commit(monday="2")
    ahead = datetime.now(UTC).timestamp() + 5  # Azure's clock tells whole seconds
    os.utime(two.mirror.folder / "monday", (ahead, ahead))

    assert two.mirror.sync() == SyncResult(uploaded=("monday",))
    assert two.files == {"monday": "2"}


def test_a_file_whose_note_was_never_written_is_brought_again(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.sync()
    two.mirror.sync()
    (two.mirror.folder / cloud.NOTES / "monday").unlink()  # killed between the two

    assert two.mirror.sync() == SyncResult(downloaded=("monday",))


def test_a_cut_note_counts_as_none(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.sync()
    two.mirror.sync()
    (two.mirror.folder / cloud.NOTES / "monday").write_text("")

    assert two.mirror.sync() == SyncResult(downloaded=("monday",))


def test_a_store_that_breaks_on_the_way_leaves_whole_files_and_is_taken_up_again(tmp_path: Path):
    blobs = MemoryBlobs()
    one, two = machine(blobs, tmp_path / "one"), machine(blobs, tmp_path / "two")
    one.commit(a="1", b="2", c="3")
    one.mirror.sync()
    blobs.breaks_on = "b"

    with pytest.raises(Unavailable, match="The connection broke"):
        two.mirror.sync()

    assert two.files == {name: content for name, content in one.files.items() if name in two.files}
    blobs.breaks_on, blobs.reads = "", []
    there = set(two.files)
    two.mirror.sync()
    assert two.files == one.files
    assert set(blobs.reads) == {"a", "b", "c"} - there


def test_a_file_that_is_removed_since_it_was_listed_is_no_failure(tmp_path: Path):
    class Fleeting(MemoryBlobs):
        def read(self, name: str, into: Path) -> StoredBlob | None:
            self.files.pop(name)
            return super().read(name, into)

    blobs = Fleeting()
    machine(blobs, tmp_path / "one").commit(monday="1")
    machine(blobs, tmp_path / "one").mirror.sync()
    two = machine(blobs, tmp_path / "two")

    assert two.mirror.sync() == SyncResult()
    assert two.files == {}


def test_many_at_once_on_one_folder_end_with_whole_files(blobs: Blobs, tmp_path: Path):
    source, shared = machine(blobs, tmp_path / "one"), machine(blobs, tmp_path / "shared")
    content = {f"day{number}": str(number) * 10_000 for number in range(20)}
    source.commit(**content)
    source.mirror.sync()

    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(shared.mirror.sync) for _ in range(4)]
    for run in runs:
        run.result()

    assert shared.files == content
    shared.mirror.sync()
    assert shared.mirror.sync() == SyncResult()


def test_what_killed_processes_left_half_done_goes(one: Machine):
    left = one.mirror.folder / f".monday.1{PART}"
    left.write_text("half")

    with holding(one.mirror.folder, lambda _: None):  # by a process that still lives: it may be its own
        one.mirror.sync()
        assert left.exists()

    one.mirror.sync()
    assert not left.exists()


def test_a_note_that_was_left_half_written_goes_after_a_day(one: Machine):
    one.mirror.sync()
    left = one.mirror.folder / cloud.NOTES / f".monday.1{PART}"
    left.write_text("half")

    one.mirror.sync()
    assert left.exists()

    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    Mirror(one.mirror.blobs, one.mirror.folder, tomorrow.timestamp).sync()
    assert not left.exists()


def test_a_disk_that_is_too_small_is_said_before_anything_is_brought(tmp_path: Path):
    blobs = MemoryBlobs()
    blobs.files["monday"] = (StoredBlob(2**60, "e", datetime.now(UTC)), b"")
    one = machine(blobs, tmp_path / "one")

    with pytest.raises(
        Unavailable,
        match=r"one has no room for the stored raw events: 1099511627776 MiB are needed",
    ):
        one.mirror.sync()

    assert blobs.reads == []
