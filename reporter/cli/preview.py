"""The command `preview`: a report, shown here and sent nowhere."""

import argparse
from contextlib import closing
from typing import TYPE_CHECKING

from reporter.cli.context import add_days, add_events, add_report, open_app, order_of
from reporter.cli.output import completeness, print_data, with_spinner

if TYPE_CHECKING:
    from reporter.cli.context import Commands
    from reporter.reports.report import Report


def register(commands: "Commands") -> None:
    command = commands.add_parser("preview", help="show a report, without sending it")
    add_report(command)
    forms = ("terminal", "slack", "json", "html")
    command.add_argument("--format", choices=forms, default="terminal", help="default: terminal")
    add_days(command)
    add_events(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with closing(open_app(arguments)) as app:
        order = order_of(app, arguments.report, arguments)
        report = with_spinner("Asking Mixpanel", lambda: app.preview(order))
    _show(report, arguments.format)
    return completeness(report)


def _show(report: "Report", form: str) -> None:
    match form:
        case "slack":
            from reporter.render import slack

            print_data(slack.payloads(report)[0].body.decode())
        case "json":
            from reporter.render import document

            print_data(document.draw(report))
        case "html":
            from reporter.render import html

            print_data(html.draw(report))
        case _:
            from rich.console import Console

            from reporter.render import terminal

            terminal.draw(report, Console())
