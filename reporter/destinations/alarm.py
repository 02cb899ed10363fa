"""Telling people what went wrong, on the best way there is."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from reporter.destinations.table import MessageChannel
from reporter.reports.deliveries import Notice
from reporter.reports.errors import ReporterError

LOG = logging.getLogger("reporter.alarm")


@dataclass(frozen=True, slots=True)
class ChannelAlarm:
    """Tells the error channel where there is one, else the destination concerned, else the log alone."""

    channels: Mapping[str, MessageChannel]
    errors: MessageChannel | None = None

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
        try:
            channel.send(channel.draw_notice(notice))
        except ReporterError as error:
            LOG.error(
                "not-told: the notice %s of %s could not be sent: %s", notice.code, notice.report, error
            )
            return False
        return True
