"""What measuring takes of a machine."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.errors import Unavailable
from reporter.sources.events.engine import MIB, available_memory, memory_limit, require_room, sizing_for

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("memory", "events", "threads"),
    [(512 * MIB, 10_000_000, 1), (2 * GIB, 100_000_000, 2), (64 * GIB, 100_000_000, 8)],
)
def test_a_function_is_asked_for_what_it_can_do(memory: int, events: int, threads: int) -> None:
    sizing = sizing_for(memory, cores=8 if memory > 2 * GIB else 2)

    assert sizing.threads == threads
    assert sizing.memory <= memory * 0.65
    assert sizing.buckets(events) <= 32
    assert events / sizing.buckets(events) <= sizing.events_at_once


@given(st.integers(1, 1 << 40), st.integers(1, 64))
def test_every_machine_gets_some_of_each(memory: int, cores: int) -> None:
    sizing = sizing_for(memory, cores)

    assert 1 <= sizing.threads <= cores
    assert sizing.memory >= 128 * MIB
    assert sizing.buckets(0) == 1


@dataclass(frozen=True)
class Linux:
    """What a process sees of its control groups."""

    folder: Path

    def process(self, groups: str, *mounts: tuple[str, str, str]) -> Path:
        """In these groups; each mount is of a kind, from a root on, under a path."""
        lines = [
            f"30 23 0:26 {root} {self.folder}{point} rw,nosuid shared:4 - {kind} {kind} rw,memory"
            for kind, root, point in mounts
        ]
        place = self.folder / "proc"
        place.mkdir()
        (place / "cgroup").write_text(groups)
        (place / "mountinfo").write_text("\n".join(["22 1 8:1 / / rw - ext4 /dev/sda rw", *lines]) + "\n")
        return place

    def limit(self, group: str, text: str, name: str = "memory.max") -> None:
        folder = self.folder / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n")


@pytest.fixture
def linux(tmp_path: Path) -> Linux:
    return Linux(tmp_path)


V2 = ("cgroup2", "/", "/sys")
V1 = ("cgroup", "/", "/sys/memory")


def test_a_service_has_what_its_own_group_leaves_it(linux: Linux) -> None:
    linux.limit("sys/system.slice", "max")
    linux.limit("sys/system.slice/reporter.service", str(512 * MIB))

    assert memory_limit(linux.process("0::/system.slice/reporter.service\n", V2)) == 512 * MIB


@pytest.mark.parametrize("lowest", ["sys", "sys/user.slice", "sys/user.slice/a", "sys/user.slice/a/b"])
def test_of_groups_within_groups_the_lowest_limit_holds(linux: Linux, lowest: str) -> None:
    for group in ("sys", "sys/user.slice", "sys/user.slice/a", "sys/user.slice/a/b"):
        linux.limit(group, str(GIB if group != lowest else 300 * MIB))
    linux.limit("sys/user.slice/other", str(1 * MIB))

    assert memory_limit(linux.process("0::/user.slice/a/b\n", V2)) == 300 * MIB


def test_a_group_that_is_slowed_down_beyond_a_limit_has_that_limit(linux: Linux) -> None:
    linux.limit("sys/a", "max")
    linux.limit("sys/a", str(400 * MIB), "memory.high")

    assert memory_limit(linux.process("0::/a\n", V2)) == 400 * MIB


def test_groups_of_the_first_version_are_found_among_other_controllers(linux: Linux) -> None:
    linux.limit("sys/memory", "9223372036854771712", "memory.limit_in_bytes")
    linux.limit("sys/memory/docker/a", str(600 * MIB), "memory.limit_in_bytes")
    groups = "5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n1:name=systemd:/docker/a\n0::/\n"

    assert memory_limit(linux.process(groups, V1, ("cgroup2", "/", "/sys/unified"))) == 600 * MIB


@pytest.mark.parametrize("root", ["/docker/a", "/"])
def test_a_container_sees_its_own_group_as_the_topmost(linux: Linux, root: str) -> None:
    linux.limit("sys", str(700 * MIB))
    group = "/docker/a" if root != "/" else "/"  # without and with a name space of its own

    assert memory_limit(linux.process(f"0::{group}\n", ("cgroup2", root, "/sys"))) == 700 * MIB


def test_a_group_that_lies_outside_of_what_is_mounted_is_limited_by_that(linux: Linux) -> None:
    linux.limit("sys", str(800 * MIB))

    assert memory_limit(linux.process("0::/../other\n", ("cgroup2", "/docker/a", "/sys"))) == 800 * MIB


def test_without_control_groups_the_machine_counts(linux: Linux) -> None:
    assert memory_limit(linux.folder) is None
    assert memory_limit(linux.process("0::/a\n", V2)) is None
    machine = available_memory(lambda: None)
    assert available_memory(lambda: 1_048_576) == 1_048_576
    assert available_memory(lambda: machine + 1) == machine


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    require_room(tmp_path, 1, "a byte")

    with pytest.raises(Unavailable) as told:
        require_room(tmp_path, 1 << 60, "the events of 2026-10-20")

    assert f"{tmp_path} has no room for the events of 2026-10-20: 1099511627776 MiB are needed" in str(
        told.value
    )
    assert "MiB are free. Make room there, or name another folder" in str(told.value)
