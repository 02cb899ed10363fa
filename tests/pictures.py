"""Draws the pictures of README: `.venv/bin/python -m tests.pictures` (needs Chromium).

The messages are samples, posted to the local Slack; the pictures are of its inbox.
"""

import shutil
import subprocess
from pathlib import Path

import httpx2

from reporter.local.slack import LocalSlack
from reporter.render.slack import payloads
from reporter.reports.report import Report
from tests import samples_of_messages

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = {
    "weekly-report.png": (samples_of_messages.TWO_FALLS, 1_620),
    "alert.png": (samples_of_messages.ALERT, 656),
}


def draw(name: str, report: Report, height: int) -> None:
    """A message in the inbox, as wide as a channel; the height is in CSS pixels."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with LocalSlack() as slack:
        httpx2.post(slack.webhook_url, content=payloads(report)[0].body).raise_for_status()
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        size = ("--force-device-scale-factor=2", f"--window-size=720,{height}", "--virtual-time-budget=3000")
        shot = f"--screenshot={DOCS / name}"
        subprocess.run([browser, *flags, *size, shot, slack.inbox_url], check=True, capture_output=True)  # noqa: S603


if __name__ == "__main__":
    for each, (sample, tall) in PICTURES.items():
        draw(each, sample, tall)
