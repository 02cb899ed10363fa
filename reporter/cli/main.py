"""The command line: each command's file adds it to the parser, with the function that runs it."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.cli import events, inspect, output, schedule, send
from reporter.cli.context import CommandParser, exit_codes
from reporter.cli.output import DONE, EXIT_CODES, OUTSPOKEN, SETTINGS, STOPPED, exit_code, print_error
from reporter.folders import machine_failure
from reporter.reports.errors import ReporterError

if TYPE_CHECKING:
    from reporter.cli.context import Commands

COMPLETES = "_ARGCOMPLETE"  # set by the shell that asks for completions (argcomplete's documentation)
COMMANDS = (inspect, send, schedule, events)  # in the order of the help


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    output.prepare()
    try:
        arguments = _arguments(list(sys.argv[1:] if words is None else words))
    except SystemExit as end:  # argparse has printed the help, or what is wrong
        sys.exit(output.finish(end.code if isinstance(end.code, int) else DONE))
    logging.getLogger("reporter").addHandler(logging.NullHandler())  # a command says it in its own words
    for name in OUTSPOKEN:
        logging.getLogger(name).addHandler(logging.StreamHandler())
    return output.finish(_run(arguments))


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = _parser()
    if COMPLETES in os.environ:
        from argcomplete import autocomplete

        autocomplete(parser)
    if not words:  # a person who looks what there is; a script that forgot the command
        parser.print_help(sys.stderr)
        parser.exit(SETTINGS)
    return parser.parse_args(words)


class PrintVersion(argparse.Action):
    """`--version`, of what is installed; a copied folder has none."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from reporter.versions import program_version

        print(
            f"reporter {program_version()}"
            if program_version()
            else "reporter, not installed: the version is in its pyproject.toml"
        )
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="reporter",
        description="True, readable product analytics from Mixpanel in Slack.",
        epilog=exit_codes(EXIT_CODES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = "where .env and reports.toml are (default: here)"
    parser.add_argument("--version", action=PrintVersion, nargs=0, help="show the version")
    parser.add_argument("-C", "--directory", type=Path, default=Path(), help=where)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(commands)
    _register_help(parser, commands)
    return parser


def _register_help(parser: argparse.ArgumentParser, commands: "Commands") -> None:
    """`help COMMAND`, which is in no list of commands."""
    parsers: dict[str | None, argparse.ArgumentParser] = {None: parser, **commands.choices}

    def run(arguments: argparse.Namespace) -> int:
        parsers[arguments.name].print_help()
        return DONE

    helping = commands.add_parser("help", description="Show the help of a command.")
    helping.add_argument("name", nargs="?", choices=[name for name in parsers if name], metavar="COMMAND")
    helping.set_defaults(run=run)


def _run(arguments: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except ReporterError as error:
        return _failed(error)
    except BrokenPipeError:  # `finish` says so
        return DONE
    except OSError as error:
        if output.is_of_output(error):
            return output.print_unwritten(error)
        return _failed(machine_failure(error, "This machine"))
    except KeyboardInterrupt:
        return STOPPED


def _failed(error: ReporterError) -> int:
    print_error(f"reporter: {error}", error)
    return exit_code(error)
