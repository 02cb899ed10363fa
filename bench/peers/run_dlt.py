"""dlt: `… PORT FIRST LAST FOLDER`; a small resource of ours, its loading into DuckDB. Nothing is patched."""

import json
import os
import sys
from importlib.metadata import version
from itertools import islice

port, first, last, folder = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt  # noqa: E402  it reads the environment
from dlt.common import json as quick_json  # noqa: E402
from dlt.sources.helpers import requests  # noqa: E402

EVENTS_AT_ONCE = 5_000


@dlt.resource(name="events", write_disposition="append")
def export():
    answer = requests.get(
        f"http://127.0.0.1:{port}/api/2.0/export",
        params={"from_date": first, "to_date": last, "project_id": 1},
        auth=("bench", "bench"),
        stream=True,
    )
    lines = answer.iter_lines(chunk_size=1 << 16)
    while some := [quick_json.loadb(line) for line in islice(lines, EVENTS_AT_ONCE)]:
        yield some


destination = dlt.destinations.duckdb(f"{folder}/events.duckdb")
pipeline = dlt.pipeline("bench", destination=destination, dataset_name="mixpanel", pipelines_dir=folder)
# With its default, INSERT statements, 100,000 events take 121 CPU seconds and 8 GB.
pipeline.run(export(), loader_file_format="parquet")
with pipeline.sql_client() as client:
    events = client.execute_sql("select count(*) from events")[0][0]
print(json.dumps({"version": version("dlt"), "events": events}))
