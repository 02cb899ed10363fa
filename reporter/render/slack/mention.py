"""Whom a message calls. Nothing else in a message ever does."""

import re

from reporter.reports.report import Report


def mention(report: Report) -> str:
    """The call in Slack's mrkdwn; empty for nobody, and for what is neither a word nor an id of Slack."""
    who = report.mention or ""
    if who in ("here", "channel"):
        return f"<!{who}>"
    if re.fullmatch(r"[UW][A-Z0-9]{1,30}", who):
        return f"<@{who}>"
    return f"<!subteam^{who}>" if re.fullmatch(r"S[A-Z0-9]{1,30}", who) else ""
