"""The command `check`: whether all is ready to run unattended."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli.output import DONE, FAILED, SETTINGS, waiting

if TYPE_CHECKING:  # heavy: loaded when the command runs
    from reporter.app import App


def check(app: "App", folder: Path) -> int:
    """Print what there is to say of each thing; the exit code is 0 only where a send would work."""
    from rich.console import Console

    from reporter.app import has_storage
    from reporter.checkup.checks import check
    from reporter.checkup.names import CheckMark

    console = Console(highlight=False, markup=False, soft_wrap=True)
    worst = DONE
    with closing(app):
        settings = app.settings
        lines = check(
            settings.subscriptions,
            settings.source,
            app.query,
            app.events,
            app.destinations,
            settings.unready,
            app.clock(),
            ledger=app.ledger,
            folder=None if has_storage(os.environ) else folder,
            heartbeat=settings.heartbeat,
            notes=settings.notes,
            server_now=app.server_now,
        )
        while (line := waiting("Looking", lambda: next(lines, None))) is not None:
            fix = f". {line.fix}" if line.fix else ""
            console.print(f"{line.mark:<5}  {line.topic}: {line.text}{fix}")
            if line.mark is CheckMark.BAD:
                worst = max(worst, SETTINGS if line.is_setting else FAILED)
    return worst


def check_offline(folder: Path) -> int:
    """The reports file alone: no settings, no network."""
    from reporter.checkup.names import CheckMark
    from reporter.checkup.schedules import doubts
    from reporter.config import read_reports

    for name, subscription in read_reports(folder, os.environ).items():
        print(f"ok     Report {name}: {len(subscription.spec.metrics)} metrics")
        for doubt in doubts(subscription, datetime.now(UTC), subscription.schedule.zone):
            print(f"{CheckMark.DOUBTFUL:<5}  Report {name}: {doubt.problem}. {doubt.fix}")
    return DONE
