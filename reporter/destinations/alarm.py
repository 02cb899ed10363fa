"""Telling people what went wrong, on the best way there is."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from reporter.destinations import KINDS
from reporter.destinations.table import MessageChannel
from reporter.reports.deliveries import Notice
from reporter.reports.errors import ReporterError, SettingsProblem
from reporter.setting_files import SettingFiles, value_of

LOG = logging.getLogger("reporter.alarm")


@dataclass(frozen=True, slots=True)
class ChannelAlarm:
    """Tells the error channel where there is one, else the destination concerned, else the log alone."""

    channels: Mapping[str, MessageChannel]
    errors: MessageChannel | None = None
    locales: Mapping[str, str] = field(default_factory=dict[str, str])  # of channels that have their own

    def tell(self, notice: Notice, destination: str) -> bool:
        """Whether people were told; the log has it in any case, under the notice's stable code.

        Where there is no channel, the log is what people have. Never raises ReporterError.
        """
        LOG.error(
            "%s: %s, %s: %s %s",
            notice.code,
            notice.report,
            notice.period or "no period",
            notice.problem,
            " ".join(notice.reasons),
        )
        channel = self.errors or self.channels.get(destination)
        if channel is None:
            return True
        own = None if self.errors else self.locales.get(destination)
        try:
            channel.send(channel.draw_notice(replace(notice, locale=own or notice.locale)))
        except ReporterError as error:
            LOG.error(
                "not-told: the notice %s of %s could not be sent: %s", notice.code, notice.report, error
            )
            return False
        return True


MOST_CHANNELS = 6  # that are tried


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


def _channels(files: SettingFiles) -> Iterator[MessageChannel]:
    """Every channel that can be made out, also in a reports file that is broken."""
    for kind in KINDS.values():
        yield from kind.guess(files)
