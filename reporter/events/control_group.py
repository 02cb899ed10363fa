"""How much memory the control groups of this process leave it: its service's, its container's, all above.

Linux tells the group in /proc/self/cgroup, and where groups are mounted in /proc/self/mountinfo; the limit
of any group on the way up holds (Linux kernel documentation, "Control Group v2").
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# memory.high slows a process down until it hardly moves, so it counts as a limit.
_LIMIT_FILES = {"cgroup2": ("memory.max", "memory.high"), "cgroup": ("memory.limit_in_bytes",)}
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    """Where a tree of control groups can be seen, or the part of it from `root` on."""

    kind: str
    root: PurePosixPath
    point: Path


def memory_limit(process: Path = Path("/proc/self")) -> int | None:
    """In bytes; None where there is none."""
    mounts = list(_mounts(_lines(process / "mountinfo")))
    limits = [
        limit
        for kind, group in _groups(_lines(process / "cgroup"))
        for mount in mounts
        if mount.kind == kind
        for folder in _folders(mount, group)
        for name in _LIMIT_FILES[kind]
        if (limit := _limit(folder / name)) is not None
    ]
    return min(limits, default=None)


def _groups(lines: list[str]) -> Iterator[tuple[str, PurePosixPath]]:
    """Those of this process that limit memory: lines such as 0::/a/b, or 4:memory:/a/b before version 2."""
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield "cgroup2", PurePosixPath(path)
        elif "memory" in controllers.split(","):
            yield "cgroup", PurePosixPath(path)


def _mounts(lines: list[str]) -> Iterator[_Mount]:
    """Lines such as 30 23 0:26 ROOT POINT rw,nosuid shared:4 - cgroup2 cgroup2 rw,memory"""
    for line in lines:
        place, _, kind = line.partition(" - ")
        system, _, options = kind.split(" ", 2)
        if system == "cgroup2" or (system == "cgroup" and "memory" in options.split(",")):
            root, point = map(_unescaped, place.split(" ")[3:5])
            yield _Mount(system, PurePosixPath(root), Path(point))


def _folders(mount: _Mount, group: PurePosixPath) -> Iterator[Path]:
    """The group's folder and those above it, as far as they can be seen from here."""
    inside = group.relative_to(mount.root) if group.is_relative_to(mount.root) else PurePosixPath()
    folder = mount.point / inside
    yield folder
    yield from (above for above in folder.parents if above.is_relative_to(mount.point))


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return path.read_text().splitlines()
    return []  # no Linux


def _limit(path: Path) -> int | None:
    with suppress(OSError):
        text = path.read_text().strip()
        return int(text) if text.isdecimal() else None  # "max": without a limit
    return None  # the topmost group has no such file


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
