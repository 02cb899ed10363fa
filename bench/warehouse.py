"""What a report from a warehouse costs: python -m bench.warehouse --events 1e6 1e7

ClickHouse's engine (chdb) runs in another process behind its HTTP protocol: the memory is the reporter's.
"""

import argparse
import resource
import subprocess
import sys
import time
from contextlib import closing

from reporter.reports.conditions import Condition, Operator
from reporter.sources.warehouse.connection import EngineAccess
from reporter.sources.warehouse.engines import connect
from reporter.sources.warehouse.event_table import WarehouseEvents
from reporter.sources.warehouse.measures import measure_plan
from tests.sources.events.strategies import ZONE, midnight
from tests.sources.warehouse.clickhouse_http import PASSWORD, clickhouse_server
from tests.sources.warehouse.engines import clickhouse, use_engines
from tests.sources.warehouse.test_engines import weekly_plan

WEEKS_MS = 14 * 86_400_000
NAMES = "['Open', 'Buy', 'View', 'Login', 'Sign Up']"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", nargs="+", type=float, default=[1e6, 1e7])
    parser.add_argument("--conditions", type=int, default=2)
    parser.add_argument("--serve", type=float)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve))
        return
    use_engines()
    print(f"{'events':>12} {'queries':>8} {'seconds':>8} {'µs/event':>9} {'reporter MiB':>13}")
    for events in map(int, arguments.events):
        measure(events, arguments.conditions)


def measure(events: int, conditions: int) -> None:
    command = [sys.executable, "-m", "bench.warehouse", "--serve", str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdin
        port = server.stdout.readline().strip()
        access = EngineAccess(f"http://reader:{PASSWORD}@127.0.0.1:{port}/default", timeout=3_000)
        dialect, connection = connect("clickhouse", access)
        table = WarehouseEvents(dialect, ZONE, "mp_master_event", "mp_identity_mappings_data")
        plan = weekly_plan([(Condition("plan", Operator.IS, (f"plan {one}",)),) for one in range(conditions)])
        began = time.monotonic()
        with closing(connection):
            _, queries = measure_plan(plan, connection, table)
        took = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{events:>12,} {queries:>8} {took:>8.1f} {took / events * 1e6:>9.2f} {peak:>13.0f}", flush=True
        )
        server.stdin.close()


def serve(events: int) -> None:
    """Two weeks of events, 2 % of them twice, 20 a user."""
    engine = clickhouse()
    engine.load([], {})
    users = max(events // 20, 10)
    rows = f"SELECT number FROM numbers({events}) UNION ALL SELECT number FROM numbers({events // 50})"  # noqa: S608
    moment = f"toInt64({midnight(-7)} + cityHash64(number, 3) % {WEEKS_MS})"
    engine.session.query(
        f"""INSERT INTO mp_master_event SELECT arrayElement({NAMES}, 1 + cityHash64(number, 1) % 5),
            concat('user ', toString(cityHash64(number, 2) % {users})), concat('insert ', toString(number)),
            fromUnixTimestamp64Milli({moment}, 'UTC'),
            concat('{{"plan": "plan ', toString(cityHash64(number, 4) % 10), '", "price": ',
                toString(cityHash64(number, 5) % 10000 / 100), ', "mp_processing_time_ms": 1}}')
        FROM ({rows})""",  # noqa: S608
        "CSV",
    )
    with clickhouse_server(engine.session) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
