"""The command `explain`: why a metric of a report is called unusual, or not."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli.context import add_days, add_report, open_app, order_of
from reporter.cli.output import DONE, with_spinner
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.references import nearest

if TYPE_CHECKING:  # heavy: loaded when the command runs
    from reporter.anomalies.explanation import MetricExplanation
    from reporter.cli.context import Commands
    from reporter.reports.subscriptions import MetricSpec, ReportSpec


def register(commands: "Commands") -> None:
    command = commands.add_parser("explain", help="show why a metric is called unusual, or not")
    add_report(command)
    command.add_argument("metric", help='its name in reports.toml, or its label, such as "New Signups"')
    command.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw it, too: a file name ending in .svg"
    )
    add_days(command)
    command.set_defaults(run=run, events=())


def run(arguments: argparse.Namespace) -> int:
    """Print what a verdict on the metric rests on, and draw it where a file is named."""
    from reporter.render import explanation

    picture: Path | None = arguments.picture
    with closing(open_app(arguments)) as app:
        order = order_of(app, arguments.report, arguments)
        _check_name(picture)
        metric = metric_of(order.spec, arguments.metric)
        found = with_spinner("Asking Mixpanel", lambda: app.explain(order, metric))
    print(explanation.draw(found), end="")
    if picture is not None:
        _draw(found, picture)
    return DONE


def metric_of(spec: "ReportSpec", label: str) -> "MetricSpec":
    """The report's metric of this key or label, in any case. Raises ConfigError, which says what it has."""
    wanted = label.strip().casefold()
    found = [metric for metric in spec.metrics if wanted in (metric.key.casefold(), metric.label.casefold())]
    if len(found) == 1:
        return found[0]
    if found:
        keys = " or ".join(metric.key for metric in found)
        raise ConfigError(
            (SettingsProblem(label, "two metrics of the report have this name", f"Use {keys}."),)
        )
    labels = [metric.label for metric in spec.metrics]
    meant = nearest(label, labels) or nearest(label, [metric.key for metric in spec.metrics])
    fix = f"Did you mean {' or '.join(meant)}?" if meant else f"It has: {', '.join(labels)}."
    raise ConfigError((SettingsProblem(label, f"the report {spec.name} has no metric of this name", fix),))


def _check_name(file: Path | None) -> None:
    """Before Mixpanel is asked. Raises ConfigError for a picture that could not be drawn."""
    if file is not None and file.suffix.casefold() != ".svg":
        raise ConfigError(
            (SettingsProblem("--picture", f"{file.name} is not an SVG file", "Name it so: signups.svg."),)
        )


def _draw(found: "MetricExplanation", file: Path) -> None:
    from reporter.render import explanation

    drawing = explanation.draw_picture(found)
    if drawing is None:
        raise ConfigError(
            (SettingsProblem(found.metric.label, "it has no daily numbers to draw", "Leave --picture out."),)
        )
    try:
        file.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            (SettingsProblem(str(file), f"it cannot be written ({error.strerror})", "Name another file."),)
        ) from None
    print(f"Drawn to {file}.")
