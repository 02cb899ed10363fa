"""Telling people that the settings are wrong, when the settings are all there is to tell them with."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from typing import TypeVar

from reporter.app import SlackChannel, open_ledger
from reporter.config.checks import base_address, bot_token, webhook_address
from reporter.destinations.slack_bot import SLACK, SlackBot
from reporter.destinations.slack_webhook import SlackWebhook
from reporter.reports.deliveries import Notice
from reporter.reports.errors import ReporterError, SettingsProblem
from reporter.setting_files import SettingFiles, read_files, value_of
from reporter.validation import Invalid

MOST_CHANNELS = 6  # that are tried
_URL, _TOKEN = (re.compile(rf'\b{key}\s*=\s*["\']([A-Z][A-Z0-9_]{{0,60}})["\']') for key in ("url", "token"))
_CHANNEL = re.compile(r'\bchannel\s*=\s*["\']([CGD][A-Z0-9]{4,20})["\']')

LOG = logging.getLogger("reporter.trouble")

Checked = TypeVar("Checked")


def tell_wrong_settings(faults: tuple[SettingsProblem, ...], files: SettingFiles) -> None:
    """Tell every fault in the error channel, else in the first channel of a report that takes it."""
    words = " ".join(str(fault) for fault in faults)
    LOG.error("settings-wrong: %s", words)
    notice = Notice(
        code="settings-wrong",
        report="Reporter",
        period=None,
        problem="No report can be sent: the settings are wrong.",
        reasons=tuple(str(fault) for fault in faults),
        next_step="Fix the settings or reports.toml; `reporter check` says whether all is well.",
        company=value_of(files.values, "COMPANY_NAME"),
    )
    for channel in islice(_channels(files), MOST_CHANNELS):
        try:
            channel.send(channel.draw_notice(notice))
        except ReporterError as error:
            LOG.warning("not-told: %s did not take the notice settings-wrong: %s", channel.name, error)
        else:
            return
    LOG.error("not-told: no channel could be told that the settings are wrong")


def tell_once_a_day(faults: tuple[SettingsProblem, ...], root: Path, environ: Mapping[str, str]) -> None:
    """The same where the program is started again and again, as a service is that ends."""
    words = "\n".join(str(fault) for fault in faults)
    now = datetime.now(UTC)
    key = f"settings-wrong {now:%Y-%m-%d} {sha256(words.encode()).hexdigest()[:16]}"
    try:
        with closing(open_ledger(environ, root / ".reporter")) as ledger:
            is_new = ledger.first_seen(key, now) == now
    except ReporterError:  # told twice is better than not told
        is_new = True
    if is_new:
        tell_wrong_settings(faults, read_files(root, environ))


def _channels(files: SettingFiles) -> Iterator[SlackChannel]:
    """Every channel that can be made out, also in a reports file that is broken."""
    values, text = files.values, files.reports_text or ""
    for setting in dict.fromkeys(("ERROR_WEBHOOK_URL", *_URL.findall(text), "SLACK_WEBHOOK_URL")):
        if url := _checked(values, setting, webhook_address):
            yield SlackChannel(setting, SlackWebhook(url))
    base_url = _checked(values, "SLACK_API_URL", base_address) or SLACK
    tokens = dict.fromkeys((*_TOKEN.findall(text), "SLACK_BOT_TOKEN"))
    for setting, channel in product(tokens, dict.fromkeys(_CHANNEL.findall(text))):
        if token := _checked(values, setting, bot_token):
            yield SlackChannel(f"{setting} in {channel}", SlackBot(token, channel, base_url=base_url))


def _checked(values: Mapping[str, str], setting: str, check: Callable[[str], Checked]) -> Checked | None:
    try:
        return check(value_of(values, setting))
    except Invalid:
        return None
