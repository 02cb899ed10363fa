"""The commands that send nothing: check, preview, explain."""

import argparse
import os
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli.context import (
    add_command,
    add_days,
    add_events,
    add_format,
    add_report,
    completes,
    locale,
    open_app,
    order_of,
)
from reporter.cli.output import (
    DONE,
    FAILED,
    INCOMPLETE,
    LATER,
    SETTINGS,
    UNWRITTEN,
    columns,
    completeness,
    print_data,
    print_text,
    with_spinner,
)
from reporter.reports.errors import ConfigError
from reporter.reports.references import nearest

if TYPE_CHECKING:
    from reporter.anomalies.explanation import MetricExplanation
    from reporter.app import App
    from reporter.cli.context import Commands
    from reporter.reports.report import Report
    from reporter.reports.subscriptions import MetricSpec, ReportSpec


def register(commands: "Commands") -> None:
    check_command = add_command(
        commands,
        "check",
        "check whether everything is ready to run unattended",
        "reporter check --offline",
        (DONE, FAILED, SETTINGS, UNWRITTEN),
    )
    offline = "check the reports file alone: no settings, no network"
    how = check_command.add_mutually_exclusive_group()
    how.add_argument("--offline", action="store_true", help=offline)
    prove = "take a small day out of the warehouse, and hold each measure against DuckDB's"
    how.add_argument("--prove", action="store_true", help=prove)
    check_command.set_defaults(run=run_check)

    preview_command = add_command(
        commands,
        "preview",
        "show a report, without sending it",
        "reporter preview weekly --format html > weekly.html",
        (DONE, FAILED, SETTINGS, INCOMPLETE, UNWRITTEN, LATER),
    )
    add_report(preview_command)
    add_format(preview_command, "terminal", "slack", "json", "html")
    add_days(preview_command)
    add_events(preview_command)
    language = "such as de or en_GB (default: that of its first destination)"
    preview_command.add_argument("--locale", type=locale, metavar="NAME", help=language)
    preview_command.set_defaults(run=preview)

    explain_command = add_command(
        commands,
        "explain",
        "show why a metric is called unusual, or not",
        "reporter explain weekly new_signups",
        (DONE, FAILED, SETTINGS, UNWRITTEN, LATER),
    )
    add_report(explain_command)
    named = 'its name in reports.toml, or its label, such as "New Signups"'
    completes(explain_command.add_argument("metric", help=named), "metrics")
    picture = "draw it, too: a file name ending in .svg"
    explain_command.add_argument("--picture", type=Path, metavar="FILE", help=picture)
    add_days(explain_command)
    explain_command.set_defaults(run=explain, events=())


def run_check(arguments: argparse.Namespace) -> int:
    """Whether all is ready to run unattended."""
    if arguments.offline:
        return check_offline(arguments.directory)
    return check(open_app(arguments), arguments.directory, proves=arguments.prove)


def check(app: "App", root: Path, *, proves: bool = False) -> int:
    """Print what there is to say of each thing; the exit code is 0 only where a send would work."""
    from reporter.app import FOLDER
    from reporter.assembly import has_storage
    from reporter.checkup.names import CheckMark

    worst = DONE
    with closing(app):
        if proves and not app.has_warehouse:
            raise ConfigError.at("--prove", "no numbers come from a warehouse", "Leave it out.")
        lines = app.check(None if has_storage(os.environ) else root / FOLDER, proves=proves)
        while (line := with_spinner("Looking", lambda: next(lines, None))) is not None:
            text = f"{line.text.rstrip('.')}. {line.fix}" if line.fix else line.text
            print_text(f"{line.mark:<5}  {line.topic}: {text}")
            if line.mark is CheckMark.BAD:
                worst = max(worst, SETTINGS if line.is_setting else FAILED)
    return worst


def check_offline(folder: Path) -> int:
    """The reports file alone: no settings, no network."""
    from reporter.checkup.due_dates import doubts
    from reporter.checkup.names import CheckMark
    from reporter.config.settings import read_reports

    for name, subscription in read_reports(folder, os.environ).items():
        print_text(f"ok     Report {name}: {len(subscription.spec.metrics)} metrics")
        for doubt in doubts(subscription, datetime.now(UTC), subscription.schedule.zone):
            print_text(f"{CheckMark.DOUBTFUL:<5}  Report {name}: {doubt.problem}. {doubt.fix}")
    return DONE


def preview(arguments: argparse.Namespace) -> int:
    """A report, shown here and sent nowhere."""
    with closing(open_app(arguments)) as app:
        order = order_of(app, arguments.report, arguments)
        report = with_spinner("Asking Mixpanel", lambda: app.preview(order))
        first = app.subscriptions[arguments.report].destinations[0]
        own = None if arguments.format == "json" else app.settings.locales.get(first)
    _show(replace(report, locale=arguments.locale or own or report.locale), arguments.format)
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

            terminal.draw(report, Console(width=columns(sys.stdout)))


def explain(arguments: argparse.Namespace) -> int:
    """Print why the metric is called unusual, or not, and draw that where a file is named."""
    from reporter.render import explanation

    picture: Path | None = arguments.picture
    with closing(open_app(arguments)) as app:
        order = order_of(app, arguments.report, arguments)
        _check_name(picture)
        metric = metric_of(order.spec, arguments.metric)
        found = with_spinner("Asking Mixpanel", lambda: app.explain(order, metric))
    width = columns(sys.stdout)
    print_text(explanation.draw(found, width or explanation.WIDE).rstrip("\n"))
    if picture is not None:
        _draw_picture(found, picture)
    return DONE


def metric_of(spec: "ReportSpec", label: str) -> "MetricSpec":
    """The report's metric of this key or label, in any case. Raises ConfigError, which says what it has."""
    wanted = label.strip().casefold()
    found = [metric for metric in spec.metrics if wanted in (metric.key.casefold(), metric.label.casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        keys = " or ".join(metric.key for metric in found)
        raise ConfigError.at(label, "two metrics of the report have this name", f"Use {keys}.")
    labels = [metric.label for metric in spec.metrics]
    meant = nearest(label, labels) or nearest(label, [metric.key for metric in spec.metrics])
    fix = f"Did you mean {' or '.join(meant)}?" if meant else f"It has: {', '.join(labels)}."
    raise ConfigError.at(label, f"the report {spec.name} has no metric of this name", fix)


def _check_name(file: Path | None) -> None:
    """Before Mixpanel is asked. Raises ConfigError for a picture that could not be drawn."""
    if file is not None and file.suffix.casefold() != ".svg":
        raise ConfigError.at("--picture", f"{file.name} is not an SVG file", "Name it so: signups.svg.")


def _draw_picture(found: "MetricExplanation", file: Path) -> None:
    from reporter.render import explanation_picture

    drawing = explanation_picture.draw_picture(found)
    if drawing is None:
        raise ConfigError.at(found.metric.label, "it has no daily numbers to draw", "Leave --picture out.")
    try:
        file.write_text(drawing, encoding="utf-8")
    except OSError as error:
        problem = f"it cannot be written ({error.strerror})"
        raise ConfigError.at(str(file), problem, "Name another file.") from None
    print_text(f"Drawn to {file}.")
