"""Telling people that the settings are wrong, when the settings are all there is to tell them with."""

import logging
from collections.abc import Mapping

from reporter.config.checks import webhook_address
from reporter.config.faults import Wrong
from reporter.deliver.alarm import ChannelAlarm
from reporter.deliver.slack import SlackWebhook
from reporter.model.errors import Fault
from reporter.model.notice import Notice
from reporter.wiring import SlackChannel

LOG = logging.getLogger("reporter.trouble")


def tell_wrong_settings(faults: tuple[Fault, ...], environ: Mapping[str, str]) -> None:
    """Tell every fault in the error channel, else in the usual one, where that has a usable address."""
    notice = Notice(
        code="settings-wrong",
        report="Reporter",
        period=None,
        problem="No report can be sent: the settings are wrong.",
        reasons=tuple(str(fault) for fault in faults),
        next_step="Mend the app settings or reports.toml; `reporter check` tells whether all is well.",
        company=environ.get("COMPANY_NAME", ""),
    )
    for setting in ("ERROR_WEBHOOK_URL", "SLACK_WEBHOOK_URL"):
        try:
            channel = SlackChannel(setting, SlackWebhook(webhook_address(environ.get(setting, "").strip())))
        except Wrong:
            continue
        ChannelAlarm({setting: channel}).tell(notice, setting)
        return
