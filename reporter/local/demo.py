"""The demo: the real program against a Mixpanel and a Slack on this machine, with no account.

The program runs as a user runs it, from a folder with an .env and a reports.toml; only the addresses are
local.
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from babel import Locale

from reporter.config.environment import SETTINGS
from reporter.local import REPORTS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.local.slack import LocalSlack

FOLDER = Path(".demo")
ZONE = ZoneInfo("Europe/Berlin")
WRONG_SETTINGS = 2  # the program's exit code
QUOTA = 1_000  # queries an hour: Mixpanel's own 60 would be used up by a curious afternoon
MIXPANEL_PORT, SLACK_PORT = 8765, 8766


def main() -> int:
    """Run the demo; stay while KEEP is set. The result is an exit code."""
    say("Making a product: 200 days of events up to yesterday …")
    product = demo_product(datetime.now(ZONE).date() - timedelta(days=1))
    try:
        return show(product, stay=bool(os.environ.get("KEEP")))
    except OSError as error:
        if not os.environ.get("KEEP"):
            raise
        say(f"Cannot listen on the demo's ports: {error}. Is another demo running?")
        return 1


def demo_product(until: date, seed: int = 7) -> Product:
    """So many sign up that even a single day of the broken week shows what is behind it."""
    return make_product(until, seed=seed, zone=ZONE.key, newcomers=180)


def show(product: Product, *, stay: bool) -> int:
    """Send the reports, show the weekly one, and say where the messages can be looked at."""
    ports = (MIXPANEL_PORT, SLACK_PORT) if stay else (0, 0)
    with LocalMixpanel(product, port=ports[0], quota=QUOTA) as mixpanel, LocalSlack(port=ports[1]) as slack:
        say(f"A Mixpanel answers at {mixpanel.url}, a Slack at {slack.url}.\n")
        settle(mixpanel, slack)
        names = report_names()
        code = reporter("send", *names)
        if code == WRONG_SETTINGS:
            say(f"\nNothing was sent: correct {FOLDER}/reports.toml and {FOLDER}/.env, or remove them.")
            return code
        say(f"{len(slack.messages)} messages are in Slack; they took {len(mixpanel.queries)} queries.\n")
        code = code or reporter("preview", "weekly" if "weekly" in names else names[0])
        if is_untouched():
            say_what_broke(product)
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
    """A folder with the settings a user would write; what was changed in them since stays."""
    shutil.rmtree(FOLDER / ".reporter", ignore_errors=True)  # what was sent to a Slack that is no more
    FOLDER.mkdir(exist_ok=True)
    if not (FOLDER / "reports.toml").exists():
        shutil.copy(REPORTS, FOLDER)
    elif not is_untouched():
        say(f"Taking {FOLDER}/reports.toml as you have changed it.\n")
    addresses = {"MIXPANEL_BASE_URL": mixpanel.url, "SLACK_WEBHOOK_URL": slack.webhook_url}
    usual = {
        "MIXPANEL_USERNAME": USERNAME,
        "MIXPANEL_SECRET": SECRET,
        "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
        "MIXPANEL_REGION": "eu",
        "COMPANY_NAME": "Acme",
        "TIMEZONE": ZONE.key,
    }
    path = FOLDER / ".env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else settings_lines(usual)
    kept = [line for line in lines if line.partition("=")[0] not in addresses]
    path.touch(0o600)  # it holds secrets, if only local ones
    path.write_text("\n".join([*settings_lines(addresses), *kept, ""]), encoding="utf-8")


def settings_lines(settings: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in settings.items()]


def is_untouched() -> bool:
    """Whether the demo's reports are those it comes with."""
    return (FOLDER / "reports.toml").read_bytes() == REPORTS.read_bytes()


def report_names() -> list[str]:
    """The reports of the demo's file; those that it comes with where it cannot be read: sending says why."""
    for path in (FOLDER / "reports.toml", REPORTS):
        with suppress(ValueError):
            reports = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("reports")
            if isinstance(reports, dict) and reports:
                return [str(name) for name in cast(dict[str, object], reports)]
    raise AssertionError(f"{REPORTS} names no report")


def say_what_broke(product: Product) -> None:
    broken = product.incident
    say(f"\nWhat nobody told it: since {broken.first_day} hardly anybody can sign up on {broken.platform}")
    say(f"in {Locale('en').territories[broken.country]}. The weekly report should have noticed.\n")


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
