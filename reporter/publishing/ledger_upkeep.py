"""What a ledger needs over the years: it forgets what is old, and people hear of one that cannot be used."""

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from reporter.reports.deliveries import REMEMBERED, Notice
from reporter.reports.errors import Unavailable
from reporter.reports.periods import ONE_DAY

if TYPE_CHECKING:
    from reporter.publishing.publish import Publishers

FORGOT = "old deliveries: forgotten"  # when that was, as the ledger calls it

LOG = logging.getLogger("reporter.publishing.worker")


def forget_old(app: "Publishers", names: Collection[str]) -> None:
    """Once a day it forgets what nobody asks for any more, but no moment that has one of these names."""
    ledger, now = app.ledger, app.clock()
    try:
        if now - ledger.first_seen(FORGOT, now) >= ONE_DAY:
            ledger.mark(FORGOT, now)
            ledger.forget(now - REMEMBERED, {*names, FORGOT})
    except Unavailable as error:
        LOG.warning("not-forgotten: %s", error)


def tell_unusable(app: "Publishers") -> None:
    """Tell people, unless it can be used by now, that nothing is sent until it can."""
    report = next(iter(app.subscriptions.values()))
    try:
        app.ledger.first_seen(report.spec.name, app.clock())
    except Unavailable as error:
        notice = Notice(
            code="ledger-unusable",
            report="All reports",
            period=None,
            problem="No report is sent: the ledger cannot be used, so nobody knows what was sent before.",
            reasons=(str(error),),
            next_step="Follow what it says. What is due then comes at once.",
            company=app.company,
        )
        app.alarm.tell(notice, report.destinations[0])
