"""Other programs that fetch Mixpanel's raw export, and ours: `python -m bench.export_peers [--events 1e5]`.

Each runs in a virtual environment of its own, kept under the temp dir, against the same loopback server. They
decode every property and stop there or load it; ours decodes what is needed, stores it and measures it. One
that cannot be installed or run is named with the reason. Figures are of whole processes, with their imports.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.export_data import export_files
from bench.export_programs import ours, scratch, served
from bench.export_scale import Scale
from reporter.sources.events.store import Store

FOLDER = Path(__file__).parent / "peers"
ENVIRONMENTS = Path(tempfile.gettempdir()) / "reporter-bench-peers"
INSTALLING = 180  # seconds
RUNNING = 300


@dataclass(frozen=True, slots=True)
class Peer:
    """A program of others, the way it is run, and what it does with the events."""

    name: str
    program: str  # bench/peers/run_<program>.py, with <program>.txt
    does: str
    mode: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Took:
    """What a peer's process took, and how many events it had in the end."""

    version: str
    events: int
    cpu: float  # seconds, with the processes it started
    wall: float  # seconds
    peak: float  # MiB


@dataclass(frozen=True, slots=True)
class Failed:
    reason: str


OURS = Peer(
    "ours", "", "decodes what is asked for, drops duplicates, stores and measures; asks again for a cut body"
)
PEERS = (
    Peer(
        "mixpanel-headless",
        "mixpanel_headless",
        "a request a day, decodes every property, hands over events one by one; stores nothing, no dedupe; "
        "a cut body is asked for again, and what was handed over comes twice",
    ),
    Peer(
        "mixpanel-utils",
        "mixpanel_utils",
        "decodes every property in memory, writes one JSON file; no dedupe; asks again for a cut body",
        ("range",),
    ),
    Peer(
        "mixpanel-utils, by day",
        "mixpanel_utils",
        "the same, a request and a file for each day",
        ("day",),
    ),
    Peer(
        "dlt into DuckDB",
        "dlt",
        "decodes every property and loads it into DuckDB by way of Parquet, with types it finds; no dedupe; "
        "a cut body fails the run, nothing is loaded",
    ),
    Peer(
        "tap-mixpanel",
        "tap_mixpanel",
        "decodes every property, writes Singer records for a target to load; no dedupe; "
        "a cut body is asked for again, and what was written comes twice",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=float, default=1e5)
    scale = Scale(int(parser.parse_args().events))
    export_files(scale)
    with scratch() as folder, served(scale) as port:
        yardstick = ours(port, scale, folder / "store", memory=150, threads=2)
        print(f"{scale.events:,} events of {scale.days} days")
        print(
            f"{'':24}{'version':>9}{'events':>11}{'CPU s':>8}{'wall s':>8}{'peak MiB':>10}{'CPU ×':>7}  does"
        )
        days = Store(folder / "store", ZoneInfo("UTC")).days().values()
        received = sum(facts.lines for facts in days)
        us = Took("", received, yardstick.cpu, yardstick.wall, yardstick.peak)
        print(row(OURS, us, scale, us.cpu), flush=True)
        for peer in PEERS:
            print(row(peer, tried(peer, port, scale, folder), scale, us.cpu), flush=True)


def row(peer: Peer, outcome: Took | Failed, scale: Scale, yardstick: float) -> str:
    match outcome:
        case Failed(reason):
            return f"{peer.name:24}  not measured: {reason}"
        case Took(version, events, cpu, wall, peak):
            short = "" if events == scale.events else f"NOT ALL {scale.events:,} EVENTS; "
            cells = f"{cpu:>8.2f}{wall:>8.2f}{peak:>10.0f}{cpu / yardstick:>7.2f}"
            return f"{peer.name:24}{version:>9}{events:>11,}{cells}  {short}{peer.does}"


def tried(peer: Peer, port: str, scale: Scale, folder: Path) -> Took | Failed:
    python = installed(peer.program)
    if isinstance(python, Failed):
        return python
    home = folder / "peer"
    home.mkdir()
    first, *_, last = scale.dates
    script = FOLDER / f"run_{peer.program}.py"
    took = measured([str(python), str(script), port, str(first), str(last), str(home), *peer.mode], home)
    shutil.rmtree(home)
    return took


def installed(program: str) -> Path | Failed:
    """The Python of the peer's environment, which is made again when its requirements change."""
    requirements = FOLDER / f"{program}.txt"
    environment = ENVIRONMENTS / program
    python, ready = environment / "bin" / "python", environment / ".ready"
    if ready.exists() and ready.read_text() == requirements.read_text():
        return python
    quiet = ("--quiet", "--disable-pip-version-check")
    try:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [str(python), "-m", "pip", "install", *quiet, "--requirement", str(requirements)],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALLING)
    except subprocess.CalledProcessError as error:
        return Failed(f"it could not be installed: {last_line(str(error.stderr))}")
    except subprocess.TimeoutExpired:
        return Failed(f"it was not installed after {INSTALLING} s")
    ready.write_text(requirements.read_text())
    return python


def measured(command: list[str], home: Path) -> Took | Failed:
    """The process gets a home of its own, so that no settings of this machine's user reach it."""
    said = home / "stderr.txt"
    start = time.perf_counter()
    with said.open("wb") as file:
        environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
        process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=file, env=environ)
        clock = threading.Timer(RUNNING, process.kill)
        clock.start()
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        clock.cancel()
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        late = wall >= RUNNING
        return Failed(f"it was not done after {RUNNING} s" if late else last_line(said.read_text()))
    told = json.loads(text.splitlines()[-1])
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return Took(str(told["version"]), int(told["events"]), cpu, wall, peak)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:200]


if __name__ == "__main__":
    main()
