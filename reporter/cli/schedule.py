"""The commands for running unattended: serve, due, history, health."""

import argparse
import logging
import os
import signal
import sys
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from reporter.cli.output import DONE, UNCERTAIN
from reporter.reports.errors import ConfigError, Refused, SettingsProblem
from reporter.reports.periods import day_of

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from reporter.app import App
    from reporter.health import ReportHealth
    from reporter.reports.deliveries import DeliveryRecord
    from reporter.reports.subscriptions import Subscription


def serve(app: "App") -> int:
    """Run the schedules until somebody stops it; a delivery that is under way is finished first."""
    from reporter.publishing.scheduler import Server, in_a_thread
    from reporter.publishing.worker import Worker

    logging.getLogger("reporter.sources.events").handlers.clear()  # it goes where all else goes
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with closing(app):
        server = Server(Worker(app), begin=in_a_thread)

        def stop(*_: object) -> None:
            server.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if not server.run():
            logging.shutdown()
            os._exit(UNCERTAIN)  # Python would wait for the threads of what hangs
    return DONE


def due(app: "App", until: date | None) -> int:
    """What will be sent when, over changes of the clock and year ends."""
    from reporter.publishing.untold import tell_untold

    with closing(app):
        tell_untold(app)
        now = app.clock()
        if until is not None and until < now.date():
            fault = SettingsProblem(
                "--until", f"{until} is over: nothing becomes due then", "Name today or a later day."
            )
            raise ConfigError((fault,))
        last = datetime.combine(until or now.date() + timedelta(weeks=4), time.max, tzinfo=UTC)
        dues = [
            (moment, name, one)
            for name, one in app.settings.subscriptions.items()
            for moment in takewhile(lambda moment: moment <= last, one.schedule.due_after(now))
        ]
    for moment, name, one in sorted(dues, key=lambda due: due[:2]):
        paused = "" if one.is_sent(moment) else "  (paused)"
        utc = f"{moment.astimezone(UTC):%H:%M} UTC"
        print(f"{moment:%a %Y-%m-%d %H:%M} {moment.tzname():<5} {utc:>9}  {name}{paused}")
    return 0


def history(app: "App", most: int) -> int:
    """Every try, the last first."""
    from reporter.reports.deliveries import DeliveryRecord

    with closing(app):
        for record in app.ledger.history(most):
            print(_line(DeliveryRecord(record.delivery, record.entry.seen_at(app.clock()))))
    return 0


def _line(record: "DeliveryRecord") -> str:
    delivery, entry = record.delivery, record.entry
    reason = f"  {entry.reason}" if entry.reason else ""
    what = f"{delivery.report}  {delivery.period}  {delivery.destination}"
    return f"{_when(entry.at)}  {entry.state:<9}  {what}{reason}"


def health(app: "App") -> int:
    """Whether every report came when it was due; 1 when one is overdue, or people were not told."""
    from reporter.health import health as look
    from reporter.publishing.untold import sentence, untold

    with closing(app):
        found = look(app.settings.subscriptions, app.ledger, app.clock())
        silent = untold(app)
    for one in found:
        print(_health_line(one))
    for record in silent:
        print(f"fault  {sentence(record)}")
    return 0 if all(one.is_well for one in found) and not silent else 1


def _health_line(one: "ReportHealth") -> str:
    last = ", ".join(f"{_when(record.entry.at)} {record.entry.state}" for record in one.last)
    due = (
        "paused"
        if one.is_paused
        else f"next due {one.next_due:%a %Y-%m-%d %H:%M %Z}"
        if one.next_due
        else "never due"
    )
    overdue = (
        f"  overdue since {_when(one.overdue_since)}: {', '.join(one.overdue)}" if one.overdue_since else ""
    )
    return f"{'ok' if one.is_well else 'fault':<5}  {one.report}: last {last or 'none'}; {due}{overdue}"


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def due_on(subscription: "Subscription", on: date | None, now: datetime) -> datetime:
    """The due moment on that day, in the schedule's zone, or the last one. Raises Refused without one."""
    moment = now
    if on is not None:
        moment = datetime.combine(on, time.max, tzinfo=subscription.schedule.zone)
    found = subscription.schedule.latest_due(min(moment, now))
    if found is None or (on is not None and found.date() != on):
        last = subscription.schedule.latest_due(now)
        then = f" It was last due on {last.date()}: leave --on out, or give that day." if last else ""
        raise Refused(f"The report {subscription.spec.name} was not due on {on or 'any day yet'}.{then}")
    return found


def count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}; write it as 2026-11-16") from None
