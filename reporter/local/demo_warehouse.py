"""The demo with a warehouse: the weekly report from a PostgreSQL on this machine, beside that of Mixpanel.

The program runs as a user runs it: once with the settings of the demo, once with a table [warehouse] and an
address, and no account of Mixpanel's.
"""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from reporter.config.environment import SETTINGS
from reporter.local import REPORTS
from reporter.local.demo import FOLDER, QUOTA, ZONE, demo_product, say, settings_lines
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product
from reporter.local.slack import LocalSlack
from reporter.local.warehouse_server import ENGINES, LocalPostgres, is_there, local_postgres

WITH_CLIENT = (
    f"import sys; sys.path.append({str(ENGINES)!r}); "
    "from reporter.cli.main import main; sys.exit(main(sys.argv[1:]))"
)
TABLE = 'source = "warehouse"\n\n[warehouse]\nengine = "postgres"\nconnection = "WAREHOUSE_URL"\n'
WHERE_FROM = (
    "notes",
    "details",
    "project",
    "computed_at",
    "queries",
    "link",
    "users",
)  # users: of the ranking


def main() -> int:
    """Send the weekly report from the warehouse, and hold it against Mixpanel's. Returns an exit code."""
    if not is_there():
        say("The demo needs PostgreSQL: install Debian's package postgresql.")
        return 1
    say("Making a product: 200 days of events up to yesterday …")
    product = demo_product(datetime.now(ZONE).date() - timedelta(days=1))
    say(f"Starting a PostgreSQL, and writing {len(product.events):,} events into it …")
    with local_postgres() as server:
        server.fill(product)
        return show(product, server)


def show(product: Product, server: LocalPostgres) -> int:
    """Check, send, and compare."""
    with LocalMixpanel(product, quota=QUOTA) as mixpanel, LocalSlack() as slack:
        common = {"SLACK_WEBHOOK_URL": slack.webhook_url, "COMPANY_NAME": "Acme", "TIMEZONE": ZONE.key}
        account = {
            "MIXPANEL_USERNAME": USERNAME,
            "MIXPANEL_SECRET": SECRET,
            "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
            "MIXPANEL_REGION": "eu",
            "MIXPANEL_BASE_URL": mixpanel.url,
        }
        text = REPORTS.read_text(encoding="utf-8")
        of_mixpanel = settle("mixpanel", text, {**common, **account})
        moved = text.replace('source = "auto"\n', TABLE, 1)
        of_warehouse = settle("warehouse", moved, {**common, "WAREHOUSE_URL": server.address})
        code = reporter(of_warehouse, "check") or reporter(of_warehouse, "send", "weekly")
        code = code or reporter(of_warehouse, "preview", "weekly")
        if code:
            return code
        asked = len(mixpanel.requests)
        there, here = numbers(of_warehouse), numbers(of_mixpanel)
        say(f"{len(slack.messages)} message is in Slack; Mixpanel was asked {asked} times for it.")
        say(f"By Mixpanel's Query API the report has {'the same' if there == here else 'OTHER'} numbers.")
        return int(there != here)


def settle(name: str, reports: str, settings: dict[str, str]) -> Path:
    """A folder with the settings a user would write."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reports.toml").write_text(reports, encoding="utf-8")
    (folder / ".env").touch(0o600)
    (folder / ".env").write_text("\n".join([*settings_lines(settings), ""]), encoding="utf-8")
    (folder / ".reporter" / "ledger.sqlite").unlink(missing_ok=True)  # of a Slack that is no more
    return folder


def numbers(folder: Path) -> dict[str, object]:
    """What the weekly report says, but for where it comes from."""
    command = [sys.executable, "-c", WITH_CLIENT, "-C", str(folder), "preview", "weekly", "--format", "json"]
    document = subprocess.run(command, check=True, env=environ(), capture_output=True).stdout  # noqa: S603
    return json.loads(document, object_hook=_without_origin)


def _without_origin(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name not in WHERE_FROM}


def reporter(folder: Path, *words: str) -> int:
    say(f"\n$ reporter {' '.join(words)}")
    command = [sys.executable, "-c", WITH_CLIENT, "-C", str(folder), *words]
    return subprocess.run(command, check=False, env=environ()).returncode  # noqa: S603  (our own words)


def environ() -> dict[str, str]:
    """Without settings of the machine's own."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


if __name__ == "__main__":
    sys.exit(main())
