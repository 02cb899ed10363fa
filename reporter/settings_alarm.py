"""Telling people that the settings are wrong, when the settings are all there is to tell them with."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from reporter.app import open_ledger
from reporter.destinations import KINDS
from reporter.destinations.table import MessageChannel
from reporter.reports.deliveries import Notice
from reporter.reports.errors import ReporterError, SettingsProblem
from reporter.setting_files import SettingFiles, read_files, value_of

MOST_CHANNELS = 6  # that are tried

LOG = logging.getLogger("reporter.trouble")


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
    LOG.error("not-told: no channel took the notice that the settings are wrong")


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


def _channels(files: SettingFiles) -> Iterator[MessageChannel]:
    """Every channel that can be made out, also in a reports file that is broken."""
    for kind in KINDS.values():
        yield from kind.guess(files)
