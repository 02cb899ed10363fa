"""The commands for running unattended: serve, due, history, health."""

import argparse
import ctypes
import json
import logging
import os
import signal
import sys
from contextlib import closing, suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from reporter.cli.context import add_command, add_format, alarming, count, day, open_app
from reporter.cli.output import DONE, FAILED, LATER, OUTSPOKEN, SETTINGS, UNCERTAIN, UNWRITTEN, print_text
from reporter.reports.errors import ConfigError
from reporter.reports.periods import moment_text

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from reporter.app import App
    from reporter.cli.context import Commands
    from reporter.health import ReportHealth
    from reporter.http.listener import Listener
    from reporter.publishing.scheduler import Server
    from reporter.reports.deliveries import DeliveryRecord


def register(commands: "Commands") -> None:
    serve_command = add_command(
        commands,
        "serve",
        "run the schedules on this machine until stopped",
        "reporter serve --http 127.0.0.1:8080",
        (DONE, SETTINGS, UNCERTAIN),
    )
    http = "answer CustomReport, Due and Health there, too, such as 127.0.0.1:8080"
    serve_command.add_argument("--http", metavar="ADDRESS", help=http)
    serve_command.set_defaults(run=serve)

    due_command = add_command(
        commands,
        "due",
        "show what will be sent when",
        "reporter due --until 2027-02-01",
        (DONE, SETTINGS, UNWRITTEN),
    )
    due_command.add_argument("--until", type=day, metavar="DATE", help="last day (default: in four weeks)")
    due_command.set_defaults(run=due)

    history_command = add_command(
        commands,
        "history",
        "show what was delivered, the latest first",
        "reporter history --most 50",
        (DONE, SETTINGS, UNWRITTEN, LATER),
    )
    history_command.add_argument("--most", type=count, default=20, metavar="N", help="how many (default: 20)")
    add_format(history_command, "lines", "json")
    history_command.set_defaults(run=history)

    health_command = add_command(
        commands,
        "health",
        "show whether every report came when it was due",
        "reporter health",
        (DONE, FAILED, SETTINGS, UNWRITTEN, LATER),
    )
    health_command.set_defaults(run=health)


def serve(arguments: argparse.Namespace) -> int:
    """Run the schedules until somebody stops it; a delivery that is under way is finished first."""
    from reporter import telemetry
    from reporter.app import FOLDER
    from reporter.health import gauges
    from reporter.publishing.kept_orders import KeptOrders
    from reporter.publishing.scheduler import Server, in_a_thread
    from reporter.publishing.worker import Worker

    for name in OUTSPOKEN:
        logging.getLogger(name).handlers.clear()  # it goes where all else goes
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with alarming(arguments.directory):
        app = open_app(arguments, sends=True)
    share_arenas()
    with closing(app):
        telemetry.watch(lambda: gauges(app.subscriptions, app.ledger, app.clock()))
        orders = KeptOrders(arguments.directory / FOLDER / "orders")
        server = Server(Worker(app), begin=in_a_thread, orders=orders)
        listener = _listener(arguments.http, app, server) if arguments.http else None

        def stop(*_: object) -> None:
            server.stop()
            if listener:
                listener.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        if listener:
            listener.start()
        has_ended = server.run()
        if not (listener is None or listener.join()) or not has_ended:
            telemetry.stop()
            logging.shutdown()
            os._exit(UNCERTAIN)  # Python would wait for the threads of what hangs
    return DONE


def share_arenas() -> None:
    """Let threads share their memory: glibc keeps arenas of short ones that only grow (mallopt, M_ARENA_MAX).

    It grew by 0.35 MB a day with twenty reports. Elsewhere there is nothing to do.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(-8, 2)


def _listener(address: str, app: "App", server: "Server") -> "Listener":
    """Raises ConfigError where it cannot, or should not, listen there."""
    from reporter.http.listener import Endpoints, Listener, bind

    key = app.settings.api_key
    return Listener(bind(address, key), Endpoints(app, server.accept, key))


def due(arguments: argparse.Namespace) -> int:
    """What will be sent when, over changes of the clock and year ends."""
    from reporter.publishing.claims import send_pending

    until: date | None = arguments.until
    with closing(open_app(arguments)) as app:
        send_pending(app)
        now = app.clock()
        if until is not None and until < now.date():
            problem = f"{until} is over: nothing will be due then"
            raise ConfigError.at("--until", problem, "Name today or a later day.")
        last = datetime.combine(until or now.date() + timedelta(weeks=4), time.max, tzinfo=UTC)
        dues = [
            (moment, name, one)
            for name, one in app.settings.subscriptions.items()
            for moment in takewhile(lambda moment: moment <= last, one.schedule.due_after(now))
        ]
    for moment, name, one in sorted(dues, key=lambda due: due[:2]):
        paused = "" if one.is_sent(moment) else "  (paused)"
        utc = f"{moment.astimezone(UTC):%H:%M} UTC"
        print_text(f"{moment_text(moment):<28} {utc:>9}  {name}{paused}")
    return 0


def history(arguments: argparse.Namespace) -> int:
    """Every try, the last first."""
    from reporter.reports.deliveries import DeliveryRecord

    with closing(open_app(arguments)) as app:
        records = [
            DeliveryRecord(record.delivery, record.entry.seen_at(app.clock()))
            for record in app.ledger.history(arguments.most)
        ]
    if arguments.format == "json":
        print(json.dumps([_fields(record) for record in records], indent=2))
    else:
        for record in records:
            print_text(_line(record))
    return 0


def _fields(record: "DeliveryRecord") -> dict[str, str | None]:
    """A try for other programs: days and the moment by ISO 8601."""
    delivery, entry = record.delivery, record.entry
    return {
        "report": delivery.report,
        "first_day": delivery.period.start.isoformat(),
        "last_day": delivery.period.last.isoformat(),
        "destination": delivery.destination,
        "state": entry.state.value,
        "at": entry.at.isoformat(),
        "reason": entry.reason or None,
    }


def _line(record: "DeliveryRecord") -> str:
    delivery, entry = record.delivery, record.entry
    reason = f"  {entry.reason}" if entry.reason else ""
    what = f"{delivery.report}  {delivery.period}  {delivery.destination}"
    return f"{_when(entry.at)}  {entry.state:<9}  {what}{reason}"


def health(arguments: argparse.Namespace) -> int:
    """Whether every report came when it was due; 1 when one is overdue, or people were not told."""
    from reporter.health import health as look
    from reporter.publishing.claims import describe, pending

    with closing(open_app(arguments)) as app:
        found = look(app.settings.subscriptions, app.ledger, app.clock())
        silent = pending(app)
    for one in found:
        print_text(_health_line(one))
    for record in silent:
        print_text(f"fault  {describe(record)}")
    return 0 if all(one.is_well for one in found) and not silent else 1


def _health_line(one: "ReportHealth") -> str:
    last = ", ".join(f"{_when(record.entry.at)} {record.entry.state}" for record in one.last)
    due = (
        "paused"
        if one.is_paused
        else f"next due {moment_text(one.next_due)}"
        if one.next_due
        else "never due"
    )
    overdue = (
        f"  overdue since {_when(one.overdue_since)}: {', '.join(one.overdue)}" if one.overdue_since else ""
    )
    return f"{'ok' if one.is_well else 'fault':<5}  {one.report}: last {last or 'none'}; {due}{overdue}"


def _when(moment: datetime) -> str:
    return moment_text(moment.astimezone(UTC))
