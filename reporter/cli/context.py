"""What commands share: arguments, the app of a folder, and the reports that are named."""

import argparse
import json
import os
import sys
from collections.abc import Collection, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from reporter.cli.output import EXIT_CODES, columns, folded
from reporter.reports.errors import ConfigError, ReporterError, SettingsProblem
from reporter.reports.periods import day_of

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["CommandParser"]
    from reporter.app import App
    from reporter.config.settings import Settings
    from reporter.reports.subscriptions import Order, Subscription


class CommandParser(argparse.ArgumentParser):
    """Says what it says in lines that fit the terminal."""

    def _print_message(self, message: str, file: Any = None) -> None:
        stream: TextIO = file or sys.stderr
        super()._print_message(folded(message, columns(stream)), stream)


def add_command(
    commands: "Commands", name: str, does: str, example: str, codes: Collection[int]
) -> argparse.ArgumentParser:
    """A command with what it does in the list of all and at the top of its own help, and an example below."""
    return commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"example: {example}\n\n{exit_codes(codes)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def exit_codes(codes: Collection[int]) -> str:
    """What each of them means."""
    return "\n".join(("exit codes:", *(f"  {code:<2}  {EXIT_CODES[code]}" for code in sorted(codes))))


def add_report(command: argparse.ArgumentParser) -> None:
    completes(command.add_argument("report", help="its name in reports.toml"), "reports")


def completes(argument: argparse.Action, table: str) -> None:
    """Let the shell offer the names in this table of the reports file; none where the file cannot be read."""

    def names(parsed_args: argparse.Namespace, **_: object) -> tuple[str, ...]:
        from reporter.setting_files import read_files, table_of

        return tuple(table_of(read_files(parsed_args.directory, os.environ).reports_text, table))

    setattr(argument, "completer", names)  # noqa: B010  (argcomplete's documentation; argparse knows none)


def add_days(
    command: argparse.ArgumentParser, last: str = "last day, covered", *, required: bool = False
) -> None:
    """`--from` and `--to`."""
    first = "first day (YYYY-MM-DD)"
    command.add_argument("--from", dest="first", type=day, required=required, metavar="DATE", help=first)
    command.add_argument("--to", dest="last", type=day, metavar="DATE", help=last)


def add_events(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--events",
        action=EventNames,
        default=(),
        metavar="NAMES",
        help="instead of the metrics: comma-separated, a JSON list, or the option repeated, one name each",
    )


def add_format(command: argparse.ArgumentParser, *forms: str) -> None:
    """`--format`, which is the first of them where none is chosen."""
    choice = f"{forms[0]} (default), {', '.join(forms[1:-1])} or {forms[-1]}".replace(",  or", " or")
    command.add_argument("--format", choices=forms, default=forms[0], metavar="FORMAT", help=choice)


def count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}; write it as 2026-11-16") from None


def locale(text: str) -> str:
    from reporter.validation import Invalid, check_locale

    try:
        return check_locale(text)
    except Invalid as wrong:
        raise argparse.ArgumentTypeError(f"{text!r}: {wrong.problem}. {wrong.fix}") from None


class EventNames(argparse.Action):
    """Names of events. One option separates them by commas, of several each is a name as it is."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: "str | Sequence[object] | None",
        option_string: str | None = None,
    ) -> None:
        given: list[str] = [*getattr(namespace, "given_events", []), str(values)]
        namespace.given_events = given
        names = given if len(given) > 1 else names_in(given[0])
        if not names or not all(name.strip() for name in names):
            raise argparse.ArgumentError(
                self, "it names no event; leave it out to get the report's own metrics"
            )
        setattr(namespace, self.dest, tuple(dict.fromkeys(names)))


def names_in(text: str) -> list[str]:
    """The names of a list in JSON, or of one separated by commas."""
    if text.lstrip().startswith("["):
        with suppress(ValueError):
            found: object = json.loads(text)
            if isinstance(found, list) and all(isinstance(name, str) for name in cast("list[object]", found)):
                return cast("list[str]", found)
    return [name.strip() for name in text.split(",") if name.strip()]


class UnknownName(ConfigError):
    """The command names a report or project that there is not: the command is wrong, not the settings."""


def open_app(arguments: argparse.Namespace, *, sends: bool = False) -> "App":
    """The app of the folder's settings, which a command closes. Raises ConfigError or Unavailable."""
    from reporter import app

    return app.open_app(arguments.directory, os.environ, sends=sends)


@contextmanager
def alarming(root: Path) -> Generator[None]:
    """Wrong settings are told in Slack, too, where nobody sits at the terminal: each fault once a day."""
    try:
        yield
    except ConfigError as error:
        if not sys.stderr.isatty() and not isinstance(error, UnknownName):
            _tell_once_a_day(error, root)
        raise


def _tell_once_a_day(error: ConfigError, root: Path) -> None:
    """A service that ends is started again and again."""
    from reporter.app import FOLDER, open_ledger
    from reporter.destinations.alarm import tell_wrong_settings
    from reporter.setting_files import read_files

    now = datetime.now(UTC)
    key = f"settings-wrong {now:%Y-%m-%d} {sha256(str(error).encode()).hexdigest()[:16]}"
    try:
        with closing(open_ledger(os.environ, root / FOLDER)) as ledger:
            is_new = ledger.first_seen(key, now) == now
    except ReporterError:  # told twice is better than not told
        is_new = True
    if is_new:
        tell_wrong_settings(error.faults, read_files(root, os.environ))


def order_of(app: "App", name: str, arguments: argparse.Namespace) -> "Order":
    """The report of this name, for the days and events that the arguments name."""
    from reporter.reports.subscriptions import Order

    subscription = subscription_of(app.settings, name)
    chosen = Order(subscription.spec, first=arguments.first, last=arguments.last, events=arguments.events)
    return replace(chosen, next_due=subscription.next_due(app.clock()))


def subscription_of(settings: "Settings", name: str) -> "Subscription":
    """Raises UnknownName."""
    if name not in settings.subscriptions:
        names = ", ".join(settings.subscriptions)
        raise UnknownName((SettingsProblem(name, "no report has this name", f"The file names: {names}."),))
    return settings.subscriptions[name]


def add_project(command: argparse.ArgumentParser) -> None:
    which = "where there are several: its name in reports.toml, or its id"
    completes(command.add_argument("--project", metavar="NAME", help=which), "projects")


def project_of(settings: "Settings", given: str | None) -> str | None:
    """The key of the project of this name or id; of the only one, or the environment's, where none is given.

    Raises UnknownName.
    """
    ids = {name: project.id for name, project in settings.projects.items()}
    chosen = [name for name, project_id in ids.items() if given in (name, project_id)]
    if given is None and len(ids) == 1:
        chosen = list(ids)
    if chosen:
        return chosen[0]
    place, problem = (
        given or "--project",
        "no project has this name" if given else "there are several, and none is named",
    )
    names = ", ".join(name or project_id for name, project_id in ids.items())
    raise UnknownName((SettingsProblem(place, problem, f"The projects of the reports are: {names}."),))
