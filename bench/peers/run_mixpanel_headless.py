"""mixpanel-headless: `… PORT FIRST LAST FOLDER`; its MP_API_BASE_URL names the server, nothing is patched."""

import json
import os
import sys
from datetime import date, timedelta
from importlib.metadata import version

port, first, last, _folder = sys.argv[1:]
os.environ |= {
    "MP_API_BASE_URL": f"http://127.0.0.1:{port}",
    "MP_USERNAME": "bench",
    "MP_SECRET": "bench",
    "MP_PROJECT_ID": "1",
    "MP_REGION": "us",
}

from mixpanel_headless import Workspace  # noqa: E402  it reads the environment

# Day by day: of several gzip files in one body, its HTTP client, httpx, unpacks only the first.
workspace = Workspace()
start, days = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
dates = [str(start + timedelta(days=number)) for number in range(days)]
events = sum(1 for day in dates for _ in workspace.stream_events(from_date=day, to_date=day, raw=True))
print(json.dumps({"version": version("mixpanel-headless"), "events": events}))
