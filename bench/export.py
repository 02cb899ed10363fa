"""From the raw export to all numbers of a report: `python -m bench.export [--events 1e6] [--runs 3]`.

All programs download from the same loopback server, in turn, and must give the same numbers. Ours stores the
days as well; the C++ program stores nothing and shows what one core can do. Ours also runs over the same days
as they were before a third of the users signed up: known by their devices in the first half. The plain loop
is run up to a million events. Figures are medians of whole processes, with what they import, the peak that of
the largest; ratios are medians of those within a round, since a machine has faster and slower minutes.
"""

import argparse
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.export_data import export_files
from bench.export_programs import Run, built_limit, limit, ours, plain, scratch, served
from bench.export_scale import Scale

PLAIN_UP_TO = 1_000_000
MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", type=int, default=120, help="MiB that DuckDB gets")
    parser.add_argument("--threads", type=int, default=2)
    words = parser.parse_args()
    scale = Scale(int(words.events))
    merging = replace(scale, merging=True)
    packed = sum(path.stat().st_size for path in export_files(scale))
    export_files(merging)
    with scratch() as folder, served(scale) as port, served(merging) as merging_port:
        store, merging_store = folder / "store", folder / "merging"

        def fresh(port: str, store: Path, title: str = "") -> Run:
            shutil.rmtree(store, ignore_errors=True)
            return titled(ours(port, scale, store, words.memory, words.threads), title)

        program = built_limit(folder)
        turns: list[Callable[[], Run]] = [
            *([lambda: limit(program, port, scale)] if program else []),
            *([lambda: plain(port, scale)] if scale.events <= PLAIN_UP_TO else []),
            lambda: fresh(port, store),
            lambda: ours("0", scale, store, words.memory, words.threads),
            lambda: fresh(merging_port, merging_store, "ours, where a third of the users sign up"),
            lambda: titled(
                ours("0", scale, merging_store, words.memory, words.threads),
                "ours, again over these days",
            ),
        ]
        rounds = [[turn() for turn in turns] for _ in range(words.runs)]
        size = sum(path.stat().st_size for path in store.glob("*.parquet"))
    for turn in rounds:
        check(turn)
    print(
        f"{scale.events:,} events of {scale.days} days, {packed / MIB:.0f} MiB of gzip; "
        f"stored: {size / MIB:.0f} MiB"
    )
    show(rounds)


def titled(run: Run, title: str) -> Run:
    return replace(run, name=title or run.name)


def check(runs: list[Run]) -> None:
    """All programs must say the same."""
    first, *others = runs
    for other in others:
        for key, numbers in first.numbers.items():
            if other.numbers[key] != numbers:
                raise SystemExit(f"{first.name} and {other.name} differ in {key}")


def show(rounds: list[list[Run]]) -> None:
    programs = list(zip(*rounds, strict=True))
    print(f"{'':40}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'CPU ×':>8}{'wall ×':>8}")
    for runs in programs:
        cpu, wall = median(one.cpu for one in runs), median(one.wall for one in runs)
        pairs = list(zip(runs, programs[0], strict=True))
        ratios = (
            median(one.cpu / yardstick.cpu for one, yardstick in pairs),
            median(one.wall / yardstick.wall for one, yardstick in pairs),
        )
        peak = max(one.peak for one in runs)
        print(f"{runs[0].name:40}{cpu:>9.2f}{wall:>9.2f}{peak:>10.0f}{ratios[0]:>8.2f}{ratios[1]:>8.2f}")


if __name__ == "__main__":
    main()
