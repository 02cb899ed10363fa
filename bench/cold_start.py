"""How long the program takes to start, over a bare interpreter: `python bench/cold_start.py`.

Each start is a process of its own, in turn with a bare one; the figures are medians of CPU and of wall time.
"""

import os
import statistics
import subprocess
import sys
import time

RUNS = 15

CASES = {
    "command line (reporter --help)": "import reporter.cli.main",
    "settings read": "import reporter.config",
    "app put together": "import reporter.app",
    "Azure: the app indexed": "import function_app; function_app.app.get_functions()",
}


def timed(code: str) -> tuple[float, float]:
    """CPU and wall time of one process, in milliseconds."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu * 1000, wall * 1000


def compared(code: str) -> tuple[float, float, float]:
    """Median CPU and wall milliseconds over a bare interpreter, and the median ratio of wall times."""
    timed(code)
    timed("pass")
    pairs = [(timed(code), timed("pass")) for _ in range(RUNS)]
    return (
        statistics.median(ours[0] - bare[0] for ours, bare in pairs),
        statistics.median(ours[1] - bare[1] for ours, bare in pairs),
        statistics.median(ours[1] / bare[1] for ours, bare in pairs),
    )


def main() -> None:
    print(f"Python {sys.version.split()[0]}, medians of {RUNS} pairs of processes")
    print(f"{'':34}{'CPU ms':>10}{'wall ms':>10}{'× bare':>10}")
    for name, code in CASES.items():
        cpu, wall, ratio = compared(code)
        print(f"{name:34}{cpu:>+10.0f}{wall:>+10.0f}{ratio:>10.1f}")


if __name__ == "__main__":
    main()
