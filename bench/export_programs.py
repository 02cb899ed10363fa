"""The programs that the export bench compares, each run as a process of its own and measured whole."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.export_scale import Scale

ROOT = Path(__file__).parent.parent
LIMIT = Path(__file__).parent / "limit" / "limit.cpp"
COMPILE = ("g++", "-std=c++17", "-O3", "-march=native", "-Wall", "-Wextra")
LIBRARIES = ("-lisal", "-lsimdjson")


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took, and what it answered."""

    name: str
    cpu: float  # seconds, with the processes it started
    wall: float  # seconds
    peak: float  # MiB
    numbers: Mapping[str, object]


def run(name: str, command: Sequence[str], environ: Mapping[str, str] | None = None) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed: {' '.join(command)}")
    return Run(name, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, json.loads(text))


@contextmanager
def served(scale: Scale) -> Generator[str]:
    """The port of a server of its own process."""
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.export_server", str(scale.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait()


def built_limit(folder: Path) -> Path | None:
    """The C++ program, where a compiler and its libraries are there."""
    if shutil.which("g++") is None:
        return None
    program = folder / "limit"
    command = [*COMPILE, str(LIMIT), "-o", str(program), *LIBRARIES]
    done = subprocess.run(command, check=False, capture_output=True)
    return program if done.returncode == 0 else None


def limit(program: Path, port: str, scale: Scale) -> Run:
    return run("C++ on one core (ISA-L, simdjson)", [str(program), port, *map(str, scale.dates)])


def plain(port: str, scale: Scale) -> Run:
    command = [sys.executable, "-m", "bench.export_plain", port, *map(str, scale.dates)]
    return run("plain Python (json, sets and dicts)", command)


def ours(port: str, scale: Scale, store: Path, memory: int, threads: int) -> Run:
    """Port 0 measures what the store has."""
    name = "ours, again over stored days" if port == "0" else "ours: fetched, stored and measured"
    words = [port, str(scale.events), str(store), str(memory), str(threads)]
    return run(name, [sys.executable, "-m", "bench.export_ours", *words])


@contextmanager
def scratch() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="reporter-bench-") as folder:
        yield Path(folder)
