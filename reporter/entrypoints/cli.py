"""The command line: check, preview, send."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, assert_never

from reporter.entrypoints import running
from reporter.model.errors import ConfigError, DeliveryUncertain, Fault, ReporterError, Unavailable

if TYPE_CHECKING:  # heavy: loaded when a command runs, so that `reporter --help` answers at once
    from reporter.config import Settings
    from reporter.model.edition import Order
    from reporter.model.report import Report
    from reporter.model.subscription import Subscription
    from reporter.publish import Stands
    from reporter.wiring import App

Result = TypeVar("Result")

# What a script can tell from the exit code (75 is EX_TEMPFAIL of sysexits.h).
DONE, FAILED, SETTINGS, INCOMPLETE, UNCERTAIN, LATER = 0, 1, 2, 3, 4, 75

EXIT_CODES = """\
exit codes:
  0   done
  1   refused or failed: nothing was sent
  2   the settings or the command are wrong
  3   done, but something in the report could not be measured
  4   uncertain: the message may have been posted; look into the channel
  75  may work later: nothing was sent"""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    arguments = _parser().parse_args(words)
    logging.getLogger("reporter").addHandler(logging.NullHandler())  # a command says it in its own words
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except ReporterError as error:
        _complain(f"reporter: {error}", error)
        return _exit_code(error)
    except BrokenPipeError:  # the reader of our output has gone: `reporter preview weekly | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return 130  # as the shell says it


def _exit_code(error: ReporterError) -> int:
    match error:
        case ConfigError():
            return SETTINGS
        case DeliveryUncertain():
            return UNCERTAIN
        case Unavailable():
            return LATER
        case _:
            return FAILED


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

    send = commands.add_parser("send", help="send reports to their destinations, each at most once")
    send.add_argument("reports", nargs="+", metavar="report", help="names in reports.toml")
    send.add_argument("--again", action="store_true", help="send even what was or may have been sent before")
    send.set_defaults(run=_send)

    _add_running(commands)
    for command in (preview, send):
        command.add_argument(
            "--from", dest="first", type=running.day, metavar="DATE", help="first day (YYYY-MM-DD)"
        )
        command.add_argument("--to", dest="last", type=running.day, metavar="DATE", help="last day, covered")
        command.add_argument(
            "--events",
            type=_names,
            default=(),
            metavar="NAMES",
            help="comma-separated, instead of the metrics",
        )
    return parser


def _add_running(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="run the schedules on this machine until stopped")
    serve.set_defaults(run=_serve)

    due = commands.add_parser("due", help="show what will be sent when")
    due.add_argument("--until", type=running.day, metavar="DATE", help="last day (default: in four weeks)")
    due.set_defaults(run=_due)

    history = commands.add_parser("history", help="show what was delivered, the last first")
    history.add_argument("--most", type=int, default=20, metavar="N", help="how many (default: 20)")
    history.set_defaults(run=_history)

    health = commands.add_parser("health", help="show whether every report came when it was due")
    health.set_defaults(run=_health)

    resend = commands.add_parser("resend", help="send the report of a due moment once more")
    resend.add_argument("report", help="its name in reports.toml")
    resend.add_argument(
        "--on", type=running.day, metavar="DATE", help="the day it was due (default: the last)"
    )
    resend.set_defaults(run=_resend)


def _serve(arguments: argparse.Namespace) -> int:
    return running.serve(_app(arguments, sends=True))


def _due(arguments: argparse.Namespace) -> int:
    return running.due(_app(arguments, sends=False), arguments.until)


def _history(arguments: argparse.Namespace) -> int:
    return running.history(_app(arguments, sends=False), arguments.most)


def _health(arguments: argparse.Namespace) -> int:
    return running.health(_app(arguments, sends=False))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _app(arguments: argparse.Namespace, *, sends: bool) -> "App":
    from reporter.config import read
    from reporter.wiring import assemble, open_ledger

    root: Path = arguments.directory
    settings = read(root, os.environ, need_destinations=sends)
    return assemble(settings, open_ledger(os.environ, root / ".reporter"))


def _order(app: "App", name: str, arguments: argparse.Namespace) -> "Order":
    from reporter.model.edition import Order

    spec = _subscribed(app.settings, name).spec
    return Order(spec, first=arguments.first, last=arguments.last, events=arguments.events)


def _subscribed(settings: "Settings", name: str) -> "Subscription":
    if name not in settings.subscriptions:
        names = ", ".join(settings.subscriptions)
        raise ConfigError((Fault(name, "no report has this name", f"The file names: {names}."),))
    return settings.subscriptions[name]


def _check(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from reporter.checkup import Mark, check

    console = Console(highlight=False, markup=False, soft_wrap=True)
    worst = DONE
    with closing(_app(arguments, sends=False)) as app:
        settings = app.settings
        lines = check(settings.subscriptions, app.source, app.destinations, settings.unready, app.clock())
        while (line := _waiting("Looking", lambda: next(lines, None))) is not None:
            mend = f". {line.mend}" if line.mend else ""
            console.print(f"{line.mark:<5}  {line.topic}: {line.text}{mend}")
            worst = FAILED if line.mark is Mark.BAD else worst
    return worst


def _preview(arguments: argparse.Namespace) -> int:
    from reporter.publish import read

    with closing(_app(arguments, sends=False)) as app:
        order = _order(app, arguments.report, arguments)
        report = _waiting("Asking Mixpanel", lambda: read(order, app.source, app.clock))
    _show(report, arguments.format)
    return _completeness(report)


def _show(report: "Report", form: str) -> None:
    match form:
        case "slack":
            from reporter.render import slack

            print(slack.payloads(report)[0].body.decode())
        case "json":
            from reporter.render import document

            print(document.draw(report))
        case "html":
            from reporter.render import html

            print(html.draw(report))
        case _:
            from rich.console import Console

            from reporter.render import terminal

            terminal.draw(report, Console())


def _completeness(report: "Report") -> int:
    return DONE if report.is_complete else INCOMPLETE


def _send(arguments: argparse.Namespace) -> int:
    """Every report is tried, whatever becomes of the others; the exit code is the worst of them."""
    with closing(_app(arguments, sends=True)) as app:
        orders = [(name, _order(app, name, arguments)) for name in arguments.reports]
        return _deliver_all(app, orders, again=arguments.again)


def _resend(arguments: argparse.Namespace) -> int:
    """The same days as the report that was due, whatever became of it."""
    from reporter.model.edition import Order

    with closing(_app(arguments, sends=True)) as app:
        name: str = arguments.report
        subscription = _subscribed(app.settings, name)
        due = running.due_on(subscription, arguments.on, app.clock())
        return _deliver_all(app, [(name, Order.of(subscription, due))], again=True)


def _deliver_all(app: "App", orders: list[tuple[str, "Order"]], *, again: bool) -> int:
    codes = [
        _deliver(app, name, order, destination, again=again)
        for name, order in orders
        for destination in _subscribed(app.settings, name).destinations
    ]
    return max(codes, key=(DONE, INCOMPLETE, LATER, FAILED, UNCERTAIN).index)


def _deliver(app: "App", name: str, order: "Order", destination: str, *, again: bool) -> int:
    from reporter.publish import Sent, Stands

    try:
        publisher = app.publisher(destination)
        outcome = _waiting(f"Sending {name}", lambda: publisher.publish(order, again=again))
    except ReporterError as error:
        _complain(f"{name}: not sent to {destination}. {error}", error)
        return _exit_code(error)
    match outcome:
        case Sent(report, receipt):
            plainer = f" (without {', '.join(receipt.left_out)})" if receipt.left_out else ""
            print(f"{name}: {report.period} sent to {destination}{plainer}.")
            return _completeness(report)
        case Stands():
            return _stands(outcome)
        case _:
            assert_never(outcome)


def _stands(outcome: "Stands") -> int:
    from reporter.model.delivery import State

    entry, one = outcome.entry, outcome.delivery
    when = f"{entry.at:%Y-%m-%d %H:%M} UTC"
    if entry.state is State.DELIVERED:
        print(
            f"{one.report}: {one.period} was sent to {one.destination} on {when}; --again sends it once more."
        )
        return DONE
    if entry.state is State.CLAIMED:
        print(
            f"{one.report}: {one.period} is being sent to {one.destination} by another process since {when}."
        )
        return LATER
    _complain(
        f"{one.report}: {one.period} may have been sent to {one.destination} on {when}: {entry.reason} "
        "Look into the channel; if it is not there, --again sends it."
    )
    return UNCERTAIN


def _complain(words: str, error: ReporterError | None = None) -> None:
    print("\n".join((words, *getattr(error, "__notes__", ()))), file=sys.stderr)


def _waiting(what: str, work: Callable[[], Result]) -> Result:
    """Do the work; on a terminal, show that it goes on."""
    if not sys.stderr.isatty():
        return work()
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        return work()
