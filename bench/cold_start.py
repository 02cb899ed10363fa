"""How long the program takes to start, over a bare interpreter: `python bench/cold_start.py`.

Each start is a process of its own, in turn with a bare one; the figures are lower quartiles of CPU and wall
time, as other work on the machine only ever adds to them.
"""

import resource
import statistics
import subprocess
import sys
import time

RUNS = 15
NUMPY_PARTS = ("fft", "linalg", "ma", "polynomial", "random", "testing")

READ = """
from pathlib import Path
from reporter.config.settings import read_reports
read_reports(Path(), {})
"""
JUDGE = """
import numpy as np
from reporter.anomalies.expectation import assess
from reporter.anomalies.fit import fit
from reporter.reports.subscriptions import Sensitivity
model = fit(np.stack([100.0 + 10 * (np.arange(112) % 7)]), (105, 112))
assess(model, model.expected(112), Sensitivity.NORMAL)
"""
AZURE_ALONE, AZURE = "Azure's library alone", "Azure: the app indexed"
CASES = {
    "command line (reporter --help)": "import reporter.cli.main",
    "settings read": READ,
    "app put together": f"{READ}import reporter.app",
    "a report judged": f"{READ}import reporter.app{JUDGE}",
    AZURE_ALONE: "import azure.functions",
    AZURE: "import function_app; function_app.app.get_functions()",
    "telemetry on": """
from reporter import telemetry
telemetry.start({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
""",
}


def timed(code: str) -> tuple[float, float]:
    """CPU and wall time of one process, in milliseconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu * 1000, wall * 1000


def compared(code: str) -> tuple[float, float]:
    """CPU and wall milliseconds over a bare interpreter."""
    timed(code)
    pairs = [(timed(code), timed("pass")) for _ in range(RUNS)]
    return lower([ours[0] - bare[0] for ours, bare in pairs]), lower([a[1] - b[1] for a, b in pairs])


def lower(values: list[float]) -> float:
    return statistics.quantiles(values, n=4)[0]


def numpy_parts(code: str) -> str:
    """Which parts of numpy, beside its core, the code has loaded."""
    asks = f"{code}\nimport sys; print(*[one for one in {NUMPY_PARTS} if f'numpy.{{one}}' in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asks], check=True, capture_output=True, text=True)
    return done.stdout.strip() or "none"


def main() -> None:
    print(f"Python {sys.version.split()[0]}, over a bare interpreter, lower quartiles of {RUNS} runs")
    print(f"{'':34}{'CPU ms':>10}{'wall ms':>10}")
    found = {name: compared(code) for name, code in CASES.items()}
    for name, (cpu, wall) in found.items():
        print(f"{name:34}{cpu:>+10.0f}{wall:>+10.0f}")
    print(f"Azure: the app's import is {found[AZURE][0] / found[AZURE_ALONE][0]:.2f} × its library's (CPU)")
    for name in list(CASES)[:4]:
        print(f"numpy's parts after {name!r}: {numpy_parts(CASES[name])}")


if __name__ == "__main__":
    main()
