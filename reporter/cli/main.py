"""The command line: its words, and which room each leads to."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli import checks, events, explain, schedule, table
from reporter.cli.event_names import EventNames
from reporter.cli.output import DONE, EXIT_CODES, STOPPED, complain, exit_code, waiting
from reporter.cli.send import completeness, deliver_all
from reporter.machine import failure
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem

if TYPE_CHECKING:  # heavy: loaded when a command runs, so that `reporter --help` answers at once
    from reporter.app import App
    from reporter.config import Settings
    from reporter.reports.edition import Order
    from reporter.reports.report import Report
    from reporter.reports.subscriptions import Subscription


FOLDER = ".reporter"  # of the ledger and the raw events


class UnknownReport(ConfigError):
    """The command names a report that there is not: the command is wrong, not the settings."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    table.prepare()
    try:
        arguments = _parser().parse_args(words)
    except SystemExit as said:  # argparse has said it: the help, or what is wrong
        sys.exit(table.finish(said.code if isinstance(said.code, int) else DONE))
    logging.getLogger("reporter").addHandler(logging.NullHandler())  # a command says it in its own words
    logging.getLogger("reporter.sources.events").addHandler(
        logging.StreamHandler()
    )  # but for damage that is repaired
    return table.finish(_run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except ReporterError as error:
        return _failed(error)
    except BrokenPipeError:  # `finish` says so
        return DONE
    except OSError as error:
        if table.is_of_output(error):
            return table.unwritten(error)
        return _failed(failure(error, "This machine"))
    except KeyboardInterrupt:
        return STOPPED


def _failed(error: ReporterError) -> int:
    complain(f"reporter: {error}", error)
    return exit_code(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reporter",
        description="True, readable product analytics from Mixpanel in Slack.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-C",
        "--directory",
        type=Path,
        default=Path(),
        help="where .env and reports.toml are (default: here)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="look whether everything is ready to run unattended")
    check.add_argument(
        "--offline", action="store_true", help="check the reports file alone: no settings, no network"
    )
    check.set_defaults(run=_check)

    preview = commands.add_parser("preview", help="show a report, without sending it")
    preview.add_argument("report", help="its name in reports.toml")
    preview.add_argument(
        "--format",
        choices=("terminal", "slack", "json", "html"),
        default="terminal",
        help="default: terminal",
    )
    preview.set_defaults(run=_preview)

    explained = commands.add_parser("explain", help="show why a metric is called unusual, or not")
    explained.add_argument("report", help="its name in reports.toml")
    explained.add_argument("metric", help='its name in reports.toml, or its label, such as "New Signups"')
    explained.add_argument("--picture", type=Path, metavar="FILE", help="draw it, too: a name in .svg")
    explained.set_defaults(run=_explain, events=())

    send = commands.add_parser("send", help="send reports to their destinations, each at most once")
    send.add_argument("reports", nargs="+", metavar="report", help="names in reports.toml")
    send.add_argument("--again", action="store_true", help="send even what was or may have been sent before")
    send.set_defaults(run=_send)

    _add_running(commands)
    _add_raw(commands)
    for command in (preview, explained, send):
        command.add_argument(
            "--from", dest="first", type=schedule.day, metavar="DATE", help="first day (YYYY-MM-DD)"
        )
        command.add_argument("--to", dest="last", type=schedule.day, metavar="DATE", help="last day, covered")
    for command in (preview, send):
        command.add_argument(
            "--events",
            action=EventNames,
            default=(),
            metavar="NAMES",
            help="instead of the metrics: comma-separated, a JSON list, or the option repeated, a name each",
        )
    return parser


def _add_running(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="run the schedules on this machine until stopped")
    serve.set_defaults(run=_serve)

    due = commands.add_parser("due", help="show what will be sent when")
    due.add_argument("--until", type=schedule.day, metavar="DATE", help="last day (default: in four weeks)")
    due.set_defaults(run=_due)

    history = commands.add_parser("history", help="show what was delivered, the last first")
    history.add_argument(
        "--most", type=schedule.count, default=20, metavar="N", help="how many (default: 20)"
    )
    history.set_defaults(run=_history)

    health = commands.add_parser("health", help="show whether every report came when it was due")
    health.set_defaults(run=_health)

    resend = commands.add_parser("resend", help="send the report of a due moment once more")
    resend.add_argument("report", help="its name in reports.toml")
    resend.add_argument(
        "--on", type=schedule.day, metavar="DATE", help="the day it was due (default: the last)"
    )
    resend.set_defaults(run=_resend)


def _add_raw(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    fetch = commands.add_parser("fetch", help="fetch raw events into the store, and go on where it stopped")
    fetch.add_argument(
        "--from",
        dest="first",
        type=schedule.day,
        required=True,
        metavar="DATE",
        help="first day (YYYY-MM-DD)",
    )
    fetch.add_argument(
        "--to", dest="last", type=schedule.day, metavar="DATE", help="last day (default: yesterday)"
    )
    fetch.set_defaults(run=_fetch)

    query = commands.add_parser("query", help="ask the stored raw events in SQL (DuckDB, a view `events`)")
    query.add_argument("sql", help='such as "SELECT event, count(*) FROM events GROUP BY event"')
    query.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: table")
    query.set_defaults(run=_query)


def _fetch(arguments: argparse.Namespace) -> int:
    return events.fetch(_app(arguments, sends=False), arguments.first, arguments.last)


def _query(arguments: argparse.Namespace) -> int:
    return events.query(_app(arguments, sends=False), arguments.sql, arguments.format)


def _serve(arguments: argparse.Namespace) -> int:
    with _telling(arguments.directory):
        app = _app(arguments, sends=True)
    return schedule.serve(app)


def _due(arguments: argparse.Namespace) -> int:
    return schedule.due(_app(arguments, sends=False), arguments.until)


def _history(arguments: argparse.Namespace) -> int:
    return schedule.history(_app(arguments, sends=False), arguments.most)


def _health(arguments: argparse.Namespace) -> int:
    return schedule.health(_app(arguments, sends=False))


def _app(arguments: argparse.Namespace, *, sends: bool) -> "App":
    from reporter.app import EventStorage, assemble, open_ledger
    from reporter.config import read

    root: Path = arguments.directory
    settings = read(root, os.environ, need_destinations=sends)
    folder = root / FOLDER
    return assemble(settings, open_ledger(os.environ, folder), EventStorage.of(os.environ, folder))


@contextmanager
def _telling(root: Path) -> Generator[None]:
    """Wrong settings are told in Slack, too, where nobody sits at the terminal: each fault once a day."""
    try:
        yield
    except ConfigError as error:
        if not sys.stderr.isatty() and not isinstance(error, UnknownReport):
            from reporter.settings_alarm import tell_once_a_day

            tell_once_a_day(error.faults, root, os.environ)
        raise


def _order(app: "App", name: str, arguments: argparse.Namespace) -> "Order":
    from reporter.reports.edition import Order

    subscription = _subscribed(app.settings, name)
    chosen = Order(subscription.spec, first=arguments.first, last=arguments.last, events=arguments.events)
    return replace(chosen, next_due=subscription.next_due(app.clock()))


def _subscribed(settings: "Settings", name: str) -> "Subscription":
    if name not in settings.subscriptions:
        names = ", ".join(settings.subscriptions)
        raise UnknownReport((SettingsProblem(name, "no report has this name", f"The file names: {names}."),))
    return settings.subscriptions[name]


def _check(arguments: argparse.Namespace) -> int:
    if arguments.offline:
        return checks.check_offline(arguments.directory)
    return checks.check(_app(arguments, sends=False), arguments.directory / FOLDER)


def _preview(arguments: argparse.Namespace) -> int:
    from reporter.publishing.make import preview

    with closing(_app(arguments, sends=False)) as app:
        order = _order(app, arguments.report, arguments)
        report = waiting("Asking Mixpanel", lambda: preview(order, app.source, app.clock))
    _show(report, arguments.format)
    return completeness(report)


def _explain(arguments: argparse.Namespace) -> int:
    app = _app(arguments, sends=False)
    order = _order(app, arguments.report, arguments)
    return explain.explain(app, order, arguments.metric, arguments.picture)


def _show(report: "Report", form: str) -> None:
    match form:
        case "slack":
            from reporter.render import slack

            table.print_data(slack.payloads(report)[0].body.decode())
        case "json":
            from reporter.render import document

            table.print_data(document.draw(report))
        case "html":
            from reporter.render import html

            table.print_data(html.draw(report))
        case _:
            from rich.console import Console

            from reporter.render import terminal

            terminal.draw(report, Console())


def _send(arguments: argparse.Namespace) -> int:
    """Every report is tried, whatever becomes of the others; the exit code is the worst of them."""
    with _telling(arguments.directory), closing(_app(arguments, sends=True)) as app:
        orders = [_order(app, name, arguments) for name in arguments.reports]
        return deliver_all(app, orders, again=arguments.again)


def _resend(arguments: argparse.Namespace) -> int:
    """The same days as the report that was due, whatever became of it."""
    from reporter.reports.edition import Order

    with _telling(arguments.directory), closing(_app(arguments, sends=True)) as app:
        subscription = _subscribed(app.settings, arguments.report)
        due = schedule.due_on(subscription, arguments.on, app.clock())
        return deliver_all(app, [Order.of(subscription, due)], again=True)
