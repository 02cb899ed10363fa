"""Ours in the export bench: download, store, measure, in one process.

`python -m bench.export_ours PORT EVENTS FOLDER MIB THREADS` fills the folder and prints the numbers as JSON;
with port 0 it measures what is there.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.export_scale import Scale
from bench.export_set import PROPERTIES, days_of, numbers_of, plan_for
from reporter.reports.periods import Period
from reporter.sources.events.engine import MIB, Sizing
from reporter.sources.events.measures import PlanRun
from reporter.sources.events.store import Store
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter

QUICKER = 1_000  # the pace of 3 requests a second, which Mixpanel allows, is not what is measured
EVENTS_A_REQUEST = 100_000  # about; of small days several are asked for at once


def fetch(store: Store, port: int, scale: Scale) -> None:
    exporter = Exporter(
        MixpanelAccess("bench", "bench", "1", base_url=f"http://127.0.0.1:{port}"),
        clock=lambda: time.monotonic() * QUICKER,
    )
    length = max(1, EVENTS_A_REQUEST * scale.days // scale.events)
    periods = [Period.of_days(days[0], days[-1]) for days in batched(scale.dates, length)]
    for _ in store.add(exporter.fetch(periods, store.folder / "incoming"), PROPERTIES, datetime.now(UTC)):
        pass
    exporter.close()


def batched(days: list[date], length: int) -> list[list[date]]:
    return [days[place : place + length] for place in range(0, len(days), length)]


def measure(store: Store, scale: Scale) -> dict[str, object]:
    run = PlanRun(plan_for(scale))
    for bucket in store.buckets(days_of(scale), PROPERTIES):
        run.add(bucket)
    return {**numbers_of(run.result(), scale)}


def timed(name: str, work: Callable[[], object]) -> object:
    cpu, wall = time.process_time(), time.perf_counter()
    done = work()
    print(
        f"{name}: {time.process_time() - cpu:.2f} CPU s, {time.perf_counter() - wall:.2f} s",
        file=sys.stderr,
    )
    return done


def main(port: int, events: int, folder: Path, memory: int, threads: int) -> None:
    scale = Scale(events)
    sizing = Sizing(memory * MIB, threads, events_at_once=memory * MIB // 100)
    store = Store(folder, ZoneInfo("UTC"), sizing=sizing)
    if port:
        timed("fetched and stored", lambda: fetch(store, port, scale))
    print(json.dumps(timed("measured", lambda: measure(store, scale))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
