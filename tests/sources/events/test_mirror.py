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

from reporter.folders import holding
from reporter.reports.errors import Unavailable
from reporter.sources.events import cloud
from reporter.sources.events.cloud import Agreed, Blobs, Mirror, Stored, blobs_of
from tests.azurite import Azurite


@dataclass
class MemoryBlobs:
    """Blobs one can look into, and that fail where they are told to."""

    files: dict[str, tuple[Stored, bytes]] = field(default_factory=dict[str, tuple[Stored, bytes]])
    reads: list[str] = field(default_factory=list[str])
    breaks_on: str = ""

    def names(self) -> Mapping[str, Stored]:
        return {name: stored for name, (stored, _) in self.files.items()}

    def read(self, name: str, into: Path) -> Stored | None:
        self.reads.append(name)
        if name == self.breaks_on:
            raise Unavailable("The connection broke.")
        if name not in self.files:
            return None
        stored, content = self.files[name]
        into.write_bytes(content)
        return stored

    def write(self, file: BinaryIO, name: str) -> Stored:
        if name == self.breaks_on:
            raise Unavailable("The connection broke.")
        content = file.read()
        self.files[name] = (Stored(len(content), uuid4().hex, datetime.now(UTC)), content)
        return self.files[name][0]

    def delete(self, name: str) -> None:
        self.files.pop(name, None)


@pytest.fixture(params=["memory", "azurite"])
def blobs(request: pytest.FixtureRequest) -> Iterator[Blobs]:
    if request.param == "memory":
        yield MemoryBlobs()
    else:
        azurite: Azurite = request.getfixturevalue("azurite")
        found = blobs_of(azurite.environ, f"c{uuid4().hex}", "store")
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

    assert set(one.mirror.agree().put) == {"monday", "tuesday"}
    assert set(two.mirror.agree().brought) == {"monday", "tuesday"}
    assert two.files == {"monday": "1", "tuesday": "2"}


def test_agreeing_again_moves_nothing(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.agree()
    two.mirror.agree()

    assert one.mirror.agree() == two.mirror.agree() == Agreed()


def test_only_what_is_wanted_is_brought(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.agree()

    two.mirror.agree({"tuesday"}.__contains__)

    assert two.files == {"tuesday": "2"}


def test_only_what_changed_is_brought_again(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.agree()
    two.mirror.agree()
    one.commit(monday="1, and a late event")
    one.mirror.put(["monday"])

    assert two.mirror.agree() == Agreed(brought=("monday",))
    assert two.files == {"monday": "1, and a late event", "tuesday": "2"}


def test_what_one_machine_drops_goes_from_the_other(one: Machine, two: Machine):
    one.commit(monday="1", tuesday="2")
    one.mirror.agree()
    two.mirror.agree()

    one.mirror.drop(["monday"])

    assert one.files == {"tuesday": "2"}
    assert two.mirror.agree() == Agreed(removed=("monday",))
    assert two.files == {"tuesday": "2"}


def test_the_last_of_two_that_put_up_a_file_wins_and_both_have_it(one: Machine, two: Machine):
    one.commit(monday="one")
    two.commit(monday="two")
    one.mirror.put(["monday"])
    two.mirror.put(["monday"])

    one.mirror.agree()
    two.mirror.agree()

    assert one.files == two.files == {"monday": "two"}


def test_a_file_that_a_killed_process_committed_is_put_up_by_the_next(one: Machine, two: Machine):
    one.commit(monday="1")  # and was killed

    assert one.mirror.agree() == Agreed(put=("monday",))
    two.mirror.agree()
    assert two.files == {"monday": "1"}


def test_a_newer_file_that_is_about_to_be_put_up_is_not_overwritten(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.agree()
    two.mirror.agree()
    two.commit(monday="2")
    ahead = datetime.now(UTC).timestamp() + 5  # Azure's clock tells whole seconds
    os.utime(two.mirror.folder / "monday", (ahead, ahead))

    assert two.mirror.agree() == Agreed(put=("monday",))
    assert two.files == {"monday": "2"}


def test_a_file_whose_note_was_never_written_is_brought_again(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.agree()
    two.mirror.agree()
    (two.mirror.folder / cloud.NOTES / "monday").unlink()  # killed between the two

    assert two.mirror.agree() == Agreed(brought=("monday",))


def test_a_cut_note_counts_as_none(one: Machine, two: Machine):
    one.commit(monday="1")
    one.mirror.agree()
    two.mirror.agree()
    (two.mirror.folder / cloud.NOTES / "monday").write_text("")

    assert two.mirror.agree() == Agreed(brought=("monday",))


def test_a_store_that_breaks_on_the_way_leaves_whole_files_and_is_taken_up_again(tmp_path: Path):
    blobs = MemoryBlobs()
    one, two = machine(blobs, tmp_path / "one"), machine(blobs, tmp_path / "two")
    one.commit(a="1", b="2", c="3")
    one.mirror.agree()
    blobs.breaks_on = "b"

    with pytest.raises(Unavailable, match="The connection broke"):
        two.mirror.agree()

    assert two.files == {name: content for name, content in one.files.items() if name in two.files}
    blobs.breaks_on, blobs.reads = "", []
    there = set(two.files)
    two.mirror.agree()
    assert two.files == one.files
    assert set(blobs.reads) == {"a", "b", "c"} - there


def test_a_file_that_is_removed_since_it_was_listed_is_no_failure(tmp_path: Path):
    class Fleeting(MemoryBlobs):
        def read(self, name: str, into: Path) -> Stored | None:
            self.files.pop(name)
            return super().read(name, into)

    blobs = Fleeting()
    machine(blobs, tmp_path / "one").commit(monday="1")
    machine(blobs, tmp_path / "one").mirror.agree()
    two = machine(blobs, tmp_path / "two")

    assert two.mirror.agree() == Agreed()
    assert two.files == {}


def test_many_at_once_on_one_folder_end_with_whole_files(blobs: Blobs, tmp_path: Path):
    source, shared = machine(blobs, tmp_path / "one"), machine(blobs, tmp_path / "shared")
    content = {f"day{number}": str(number) * 10_000 for number in range(20)}
    source.commit(**content)
    source.mirror.agree()

    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(shared.mirror.agree) for _ in range(4)]
    for run in runs:
        run.result()

    assert shared.files == content
    shared.mirror.agree()
    assert shared.mirror.agree() == Agreed()


def test_what_killed_processes_left_half_done_goes(one: Machine):
    left = one.mirror.folder / f".monday.1{cloud.PART}"
    left.write_text("half")

    with holding(one.mirror.folder, lambda _: None):  # by a process that still lives: it may be its own
        one.mirror.agree()
        assert left.exists()

    one.mirror.agree()
    assert not left.exists()


def test_a_note_that_was_left_half_written_goes_after_a_day(one: Machine):
    one.mirror.agree()
    left = one.mirror.folder / cloud.NOTES / f".monday.1{cloud.PART}"
    left.write_text("half")

    one.mirror.agree()
    assert left.exists()

    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    Mirror(one.mirror.blobs, one.mirror.folder, tomorrow.timestamp).agree()
    assert not left.exists()


def test_a_disk_that_is_too_small_is_said_before_anything_is_brought(tmp_path: Path):
    blobs = MemoryBlobs()
    blobs.files["monday"] = (Stored(2**60, "e", datetime.now(UTC)), b"")
    one = machine(blobs, tmp_path / "one")

    with pytest.raises(
        Unavailable, match=r"do not fit into .*one: 1,099,511,627,776 MiB are needed, .* are free"
    ):
        one.mirror.agree()

    assert blobs.reads == []
