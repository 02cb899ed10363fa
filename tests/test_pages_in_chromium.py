"""The pages, laid out by a real browser: nothing runs over the edge of a phone, and the charts are drawn."""

import html as escaping
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.local.slack.channel import CHANNEL_NAME, Channel
from reporter.local.slack.inbox import draw_inbox
from reporter.render import html, slack
from tests.samples import REPORTS

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom"),
)
MEASURE = """
const found = {};
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument;
  found[frame.id] = {wide: page.documentElement.scrollWidth, charts: page.querySelectorAll("figure").length};
}
document.body.textContent = JSON.stringify(found);
"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")


def inbox_of(name: str) -> str:
    channel = Channel(lambda: datetime(2026, 11, 23, 9, tzinfo=UTC))
    channel.post(json.loads(slack.payloads(REPORTS[name])[0].body))
    return draw_inbox(tuple(channel.messages), CHANNEL_NAME, theme="light")


def laid_out(pages: Mapping[str, str], width: int, folder: Path) -> dict[str, dict[str, int]]:
    """How wide each page is when its window is so wide, and how many drawings it has."""
    frames = "".join(
        f'<iframe id="{name}" style="width:{width}px;height:900px;border:0" '
        f'srcdoc="{escaping.escape(page, quote=True)}"></iframe>'
        for name, page in pages.items()
    )
    wrapper = folder / "pages.html"
    script = f"<script>addEventListener('load', () => {{ {MEASURE} }})</script>"
    text = f"<!doctype html><meta charset=utf-8><body>{frames}{script}"
    wrapper.write_text(text.encode("utf-8", "replace").decode(), encoding="utf-8")
    assert BROWSER is not None
    dumped = subprocess.run(  # noqa: S603  (our own words)
        [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", wrapper.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout
    found = re.search(r"<body[^>]*>(\{.*\})", dumped, re.DOTALL)
    assert found, dumped[-2000:]
    return json.loads(escaping.unescape(found[1]))


@pytest.mark.parametrize("width", [320, 390, 900])
def test_no_report_runs_over_the_edge(width: int, tmp_path: Path):
    pages = {name: html.draw(report) for name, report in REPORTS.items()}

    found = laid_out(pages, width, tmp_path)

    assert {name: page["wide"] for name, page in found.items() if page["wide"] > width} == {}
    assert found["weekly"]["charts"] == 2


@pytest.mark.parametrize("width", [320, 390, 900])
def test_no_message_in_the_inbox_runs_over_the_edge(width: int, tmp_path: Path):
    found = laid_out({name: inbox_of(name) for name in REPORTS}, width, tmp_path)

    assert {name: page["wide"] for name, page in found.items() if page["wide"] > width} == {}
    assert found["weekly"]["charts"] == 2
