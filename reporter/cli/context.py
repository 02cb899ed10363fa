"""What commands begin with: the settings of a folder, the app they make, and the reports that are named."""

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.reports.errors import ConfigError, SettingsProblem

if TYPE_CHECKING:  # heavy: loaded when a command runs, so that `reporter --help` answers at once
    from reporter.app import App
    from reporter.config import Settings
    from reporter.reports.edition import Order
    from reporter.reports.subscriptions import Subscription

FOLDER = ".reporter"  # of the ledger and the raw events


class UnknownReport(ConfigError):
    """The command names a report that there is not: the command is wrong, not the settings."""


def open_app(arguments: argparse.Namespace, *, sends: bool = False) -> "App":
    """The app of the folder's settings, which a command closes. Raises ConfigError or Unavailable."""
    from reporter.app import EventStorage, assemble, open_ledger
    from reporter.config import read

    root: Path = arguments.directory
    settings = read(root, os.environ, need_destinations=sends)
    folder = root / FOLDER
    return assemble(settings, open_ledger(os.environ, folder), EventStorage.of(os.environ, folder))


@contextmanager
def alarming(root: Path) -> Generator[None]:
    """Wrong settings are told in Slack, too, where nobody sits at the terminal: each fault once a day."""
    try:
        yield
    except ConfigError as error:
        if not sys.stderr.isatty() and not isinstance(error, UnknownReport):
            from reporter.settings_alarm import tell_once_a_day

            tell_once_a_day(error.faults, root, os.environ)
        raise


def order_of(app: "App", name: str, arguments: argparse.Namespace) -> "Order":
    """The report of this name, for the days and events that the arguments name."""
    from reporter.reports.edition import Order

    subscription = subscription_of(app.settings, name)
    chosen = Order(subscription.spec, first=arguments.first, last=arguments.last, events=arguments.events)
    return replace(chosen, next_due=subscription.next_due(app.clock()))


def subscription_of(settings: "Settings", name: str) -> "Subscription":
    """Raises UnknownReport."""
    if name not in settings.subscriptions:
        names = ", ".join(settings.subscriptions)
        raise UnknownReport((SettingsProblem(name, "no report has this name", f"The file names: {names}."),))
    return settings.subscriptions[name]
