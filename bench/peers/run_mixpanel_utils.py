"""mixpanel-utils: `… PORT FIRST LAST FOLDER MODE`, MODE range or day; its attribute `raw_api` is set."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from mixpanel_utils import MixpanelUtils

port, first, last, folder, mode = sys.argv[1:]
client = MixpanelUtils("bench", service_account_username="bench", project_id=1)
client.raw_api = f"http://127.0.0.1:{port}/api"
client.export_events(
    f"{folder}/events.json",
    {"from_date": first, "to_date": last},
    add_gzip_header=True,
    request_per_day=mode == "day",
)
# Counted as text: decoding again would be counted against it.
events = sum(path.read_bytes().count(b'{"event": ') for path in Path(folder).glob("events*.json"))
print(json.dumps({"version": version("mixpanel-utils"), "events": events}))
