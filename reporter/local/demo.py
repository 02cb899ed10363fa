"""The demo: the real program against a Mixpanel and a Slack on this machine, with no account.

The program runs as a user runs it, from a folder with an .env and a reports.toml; only the addresses are
local.
"""

import os
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from reporter.config.environment import SETTINGS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.local.slack import LocalSlack

FOLDER = Path(".demo")
ZONE = ZoneInfo("Europe/Berlin")
REPORTS = ("daily", "weekly", "biweekly")
MIXPANEL_PORT, SLACK_PORT = 8765, 8766


def main() -> int:
    """Run the demo; stay while KEEP is set. The result is an exit code."""
    say("Making a product: 200 days of events up to yesterday …")
    product = make_product(datetime.now(ZONE).date() - timedelta(days=1), zone=ZONE.key)
    try:
        return show(product, stay=bool(os.environ.get("KEEP")))
    except OSError as error:
        if not os.environ.get("KEEP"):
            raise
        say(f"Cannot listen on the demo's ports: {error}. Is another demo running?")
        return 1


def show(product: Product, *, stay: bool) -> int:
    """Send the three reports, show the weekly one, and say where the messages can be looked at."""
    ports = (MIXPANEL_PORT, SLACK_PORT) if stay else (0, 0)
    with LocalMixpanel(product, port=ports[0]) as mixpanel, LocalSlack(port=ports[1]) as slack:
        say(f"A Mixpanel answers at {mixpanel.url}, a Slack at {slack.url}.\n")
        settle(mixpanel, slack)
        code = reporter("send", *REPORTS)
        say(f"{len(slack.messages)} messages are in Slack; they took {len(mixpanel.queries)} queries.\n")
        code = code or reporter("preview", "weekly")
        broken = product.incident
        say(
            f"\nWhat nobody told it: since {broken.first_day} hardly anybody can sign up on {broken.platform}"
        )
        say(f"in {broken.country}. The weekly report should have noticed.\n")
        inbox = FOLDER / "inbox.html"
        with urlopen(slack.inbox_url) as page:  # noqa: S310  (our own server)
            inbox.write_bytes(page.read())
        if stay:
            linger(slack.inbox_url)
        else:
            say(f"Look at the messages in a browser: {inbox.absolute().as_uri()}")
            say("`KEEP=1 make demo` keeps Mixpanel and Slack running, to try more commands.")
    return code


def settle(mixpanel: LocalMixpanel, slack: LocalSlack) -> None:
    """A fresh folder with the settings a user would write."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    shutil.copy("reports.toml", FOLDER)
    settings = {
        "MIXPANEL_USERNAME": USERNAME,
        "MIXPANEL_SECRET": SECRET,
        "MIXPANEL_PROJECT_ID": PROJECT_ID,
        "MIXPANEL_REGION": "eu",
        "MIXPANEL_BASE_URL": mixpanel.url,
        "SLACK_WEBHOOK_URL": slack.webhook_url,
        "COMPANY_NAME": "Acme",
        "TIMEZONE": ZONE.key,
    }
    lines = (f"{name}={value}\n" for name, value in settings.items())
    (FOLDER / ".env").write_text("".join(lines), encoding="utf-8")


def reporter(*words: str) -> int:
    """Run the program as a user would, with the settings of the demo's folder alone."""
    command = [sys.executable, "-m", "reporter", "-C", str(FOLDER), *words]
    say(f"$ reporter {' '.join(words)}")
    environ = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(command, check=False, env=environ).returncode  # noqa: S603  (our own words)


def linger(inbox: str) -> None:
    """Stay until somebody presses Ctrl-C."""
    say(f"Look at the messages in a browser: {inbox}")
    say(f"Try more from another terminal: .venv/bin/reporter -C {FOLDER} check")
    say("Ctrl-C ends the demo.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("")


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201  (the demo talks to a person)


if __name__ == "__main__":
    sys.exit(main())
