"""The command `check`: whether all is ready to run unattended."""

import argparse
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli.context import FOLDER, open_app
from reporter.cli.output import DONE, FAILED, SETTINGS, with_spinner

if TYPE_CHECKING:
    from reporter.app import App
    from reporter.cli.context import Commands


def register(commands: "Commands") -> None:
    command = commands.add_parser("check", help="check whether everything is ready to run unattended")
    offline = "check the reports file alone: no settings, no network"
    command.add_argument("--offline", action="store_true", help=offline)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.offline:
        return check_offline(arguments.directory)
    return check(open_app(arguments), arguments.directory / FOLDER)


def check(app: "App", folder: Path) -> int:
    """Print what there is to say of each thing; the exit code is 0 only where a send would work."""
    from rich.console import Console

    from reporter.assembly import has_storage
    from reporter.checkup.names import CheckMark

    console = Console(highlight=False, markup=False, soft_wrap=True)
    worst = DONE
    with closing(app):
        lines = app.check(None if has_storage(os.environ) else folder)
        while (line := with_spinner("Looking", lambda: next(lines, None))) is not None:
            fix = f". {line.fix}" if line.fix else ""
            console.print(f"{line.mark:<5}  {line.topic}: {line.text}{fix}")
            if line.mark is CheckMark.BAD:
                worst = max(worst, SETTINGS if line.is_setting else FAILED)
    return worst


def check_offline(folder: Path) -> int:
    """The reports file alone: no settings, no network."""
    from reporter.checkup.due_dates import doubts
    from reporter.checkup.names import CheckMark
    from reporter.config import read_reports

    for name, subscription in read_reports(folder, os.environ).items():
        print(f"ok     Report {name}: {len(subscription.spec.metrics)} metrics")
        for doubt in doubts(subscription, datetime.now(UTC), subscription.schedule.zone):
            print(f"{CheckMark.DOUBTFUL:<5}  Report {name}: {doubt.problem}. {doubt.fix}")
    return DONE
