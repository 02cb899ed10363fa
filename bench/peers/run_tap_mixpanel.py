"""tap-mixpanel: `… PORT FIRST LAST FOLDER`; its Singer messages go to a file, as to a target.

It knows only https hosts of Mixpanel, so `requests.Session.request` is patched: exports go to the bench's
server; what it asks beforehand is answered here: access is there, the properties are the first event's.
"""

import json
import sys
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

import requests

port, first, last, folder = sys.argv[1:]
real_request = requests.Session.request


def export(session, **others):
    return real_request(session, "GET", f"http://127.0.0.1:{port}/api/2.0/export", **others)


def names(session):
    """As discovery is told them: `{"plan": {"count": 1}, …}`."""
    line = export(session, params={"from_date": first, "to_date": first}).content.partition(b"\n")[0]
    return {name: {"count": 1} for name in json.loads(line)["properties"]}


def request(session, method, url, **others):
    if url.endswith("/export"):
        return export(session, **others)
    answer = requests.Response()
    answer.status_code = 200
    answer._content = json.dumps(names(session) if url.endswith("/top") else {}).encode()
    return answer


requests.Session.request = request

from tap_mixpanel.client import MixpanelClient  # noqa: E402
from tap_mixpanel.discover import discover  # noqa: E402
from tap_mixpanel.sync import sync  # noqa: E402

config = {
    "project_timezone": "UTC",
    "start_date": f"{first}T00:00:00Z",
    "end_date": f"{last}T23:59:59Z",
    "attribution_window": "0",
    "date_window_size": "30",
}
messages = Path(folder) / "messages.jsonl"
with MixpanelClient("bench", "mixpanel.com", 300, "bench") as client, messages.open("w") as file:
    client.__api_domain = "mixpanel.com"  # as its main does
    catalog = discover(client, True)
    for stream in catalog.streams:
        if stream.stream == "export":
            for entry in stream.metadata:
                entry["metadata"]["selected"] = True
    with redirect_stdout(file):
        sync(client=client, config=config, catalog=catalog, state={}, start_date=config["start_date"])
with messages.open("rb") as file:
    events = sum(b'"type": "RECORD"' in line[:40] for line in file)
print(json.dumps({"version": version("tap-mixpanel"), "events": events}))
