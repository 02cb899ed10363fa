"""The commands for raw events: fetch, query."""

import argparse
import csv
import json
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from reporter.cli.context import add_command, add_days, add_format, add_project, count, open_app, project_of
from reporter.cli.output import (
    DONE,
    FAILED,
    LATER,
    SETTINGS,
    UNWRITTEN,
    columns,
    print_data,
    print_error,
    print_text,
)
from reporter.reports.errors import Refused, ReporterError

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from duckdb import DuckDBPyConnection
    from rich.progress import Progress

    from reporter.cli.context import Commands
    from reporter.reports.periods import Period
    from reporter.sources.events.feed import Fetched
    from reporter.sources.events.source import EventSource
    from reporter.sources.warehouse.event_table import SqlRow

MEGABYTE = 1_000_000
ROWS_AT_ONCE = 1_000
BAR_FROM = 90  # a narrower terminal has no place for all that a bar may tell
MOST_SHOWN = 1_000  # rows of a table for people
WIDEST = 100_000  # columns, to find out how wide a table would like to be
LINES = "\t\n\r"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def register(commands: "Commands") -> None:
    fetching = add_command(
        commands,
        "fetch",
        "fetch raw events into the store; continues where it stopped",
        "reporter fetch --from 2026-11-01",
        (DONE, FAILED, SETTINGS, UNWRITTEN, LATER),
    )
    add_days(fetching, "last day (default: yesterday)", required=True)
    add_project(fetching)
    fetching.set_defaults(run=fetch)

    querying = add_command(
        commands,
        "query",
        "query the raw events in SQL: those that are stored (DuckDB, a view `events`), or the warehouse",
        'reporter query "SELECT event, count(*) FROM events GROUP BY event"',
        (DONE, FAILED, SETTINGS, UNWRITTEN, LATER),
    )
    querying.add_argument("sql", help='such as "SELECT event, count(*) FROM events GROUP BY event"')
    add_format(querying, "table", "csv", "json")
    limit = f"how many rows at most (default: {MOST_SHOWN:,} of a warehouse, all of what is stored)"
    querying.add_argument("--limit", type=count, metavar="ROWS", help=limit)
    add_project(querying)
    querying.set_defaults(run=query)


@dataclass(slots=True)
class Sum:
    """What has been fetched until now."""

    days: list[date] = field(default_factory=list[date])
    events: int = 0
    duplicates: int = 0
    unreadable: int = 0
    received: int = 0

    def add(self, fetched: "Fetched") -> None:
        self.days.append(fetched.facts.day)
        self.events += fetched.facts.events
        self.duplicates += fetched.facts.duplicates
        self.unreadable += fetched.facts.unreadable
        self.received = fetched.received

    def __str__(self) -> str:
        dropped = f", {self.duplicates:,} duplicates dropped" if self.duplicates else ""
        unread = f", {self.unreadable:,} lines that are not events" if self.unreadable else ""
        days = "1 day" if len(self.days) == 1 else f"{len(self.days)} days"
        return f"{days} fetched: {self.events:,} events{dropped}{unread}"


def fetch(arguments: argparse.Namespace) -> int:
    """Fill the store; what is there and will not change any more is not fetched again."""
    with closing(open_app(arguments)) as app:
        project = project_of(app.settings, arguments.project)
        if app.warehouse(project) is not None:
            raise Refused(
                'With source = "warehouse" nothing is fetched: the events are measured where they are'
            )
        source = app.raw_events(project)
        zone = source.project().zone
        days = _chosen(arguments.first, arguments.last, app.clock().astimezone(zone).date())
        missing = source.missing(days)
        done = Sum()
        try:
            with _progress() as progress:
                task = progress.add_task("Fetching", total=len(missing), events="0", speed="")
                for fetched in source.fetch(days):
                    done.add(fetched)
                    speed = _speed(done, progress.tasks[0].elapsed or 0.0)
                    progress.update(task, advance=1, events=f"{done.events:,}", speed=speed)
        except ReporterError:
            if done.days:
                print_error(f"{done}. They are stored: the same command continues from there.")
            raise
        stock = source.stock()
        print_text(f"{done}." if missing else f"All of {days} is there.")
        print_text(f"{stock.days} days are stored, {stock.size / MEGABYTE:,.1f} MB in {stock.folder}.")
        if stock.unlinked_from:
            print_text(
                f"From {stock.unlinked_from} on, days were stored by an earlier version that did not note "
                "who signed in later, so some people may count twice. "
                f"`reporter fetch --from {stock.unlinked_from}` fetches them again."
            )
    return DONE


def _chosen(first: date, last: date | None, today: date) -> "Period":
    from reporter.reports.periods import Period

    if last is None and first >= today:
        raise Refused(f"{first} is not complete yet: the last complete day is {today - timedelta(days=1)}.")
    last = last or today - timedelta(days=1)
    if last >= today:
        raise Refused(f"{last} is not complete yet: the last complete day is {today - timedelta(days=1)}.")
    if last < first:
        raise Refused(f"The range is reversed: it starts on {first} and ends on {last}.")
    return Period.of_days(first, last)


@contextmanager
def _progress() -> "Generator[Progress]":
    """A bar of days, where somebody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, width=columns(sys.stderr))
    wide = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days  {task.fields[events]} events  {task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    narrow = (MofNCompleteColumn(), TextColumn("days"), BarColumn(None), TimeRemainingColumn())
    parts = wide if console.width >= BAR_FROM else narrow
    with Progress(*parts, console=console, disable=not console.is_terminal) as progress:
        yield progress


def _speed(done: Sum, seconds: float) -> str:
    return f"{done.received / MEGABYTE / seconds:,.1f} MB/s" if seconds else ""


def query(arguments: argparse.Namespace) -> int:
    """Answer a query of SQL about the raw events. Raises Unavailable, and Refused where it is wrong."""
    with closing(open_app(arguments)) as app:
        project = project_of(app.settings, arguments.project)
        warehouse = app.warehouse(project)
        if warehouse is None:
            return _query_store(app.raw_events(project), arguments)
        found = warehouse.query(arguments.sql)
        _show(found.columns, _limited(found.rows, arguments.limit or MOST_SHOWN), arguments.format)
    return DONE


def _limited(rows: "Iterator[SqlRow]", most: int) -> "Iterator[SqlRow]":
    """The first rows; who wants more is told how."""
    yield from islice(rows, most)
    if next(rows, None) is not None:
        print_error(f"These are the first {most:,} rows; --limit gives more.")
    if isinstance(rows, Generator):
        cast("Generator[SqlRow]", rows).close()  # the engine need not go on


def _query_store(source: "EventSource", arguments: argparse.Namespace) -> int:
    """In a view `events`."""
    from duckdb import BinderException, Error

    with source.opened_for_sql() as connection:
        try:
            names, rows = _results(connection, arguments.sql)
            _show(names, islice(rows, arguments.limit), arguments.format)
        except BinderException as error:
            columns = ", ".join(_columns(connection, "SELECT * FROM events LIMIT 0"))
            hint = f"The view `events` has the columns {columns}"
            raise Refused(f"{_refusal(error)}\n{hint}") from None
        except Error as error:
            raise Refused(_refusal(error)) from None
    return DONE


def _refusal(error: Exception) -> str:
    return f"DuckDB refuses the query: {_clean(str(error), LINES)}"


def _results(connection: "DuckDBPyConnection", text: str) -> tuple[list[str], Iterator[Sequence[object]]]:
    if not connection.extract_statements(text):
        raise Refused(
            'There is no SQL in the query. Write, say, "SELECT event, count(*) FROM events GROUP BY 1"'
        )
    names = _columns(connection, text)

    def rows() -> Iterator[Sequence[object]]:
        while some := connection.fetchmany(ROWS_AT_ONCE):
            yield from cast("list[Sequence[object]]", some)

    return names, rows()


def _columns(connection: "DuckDBPyConnection", text: str) -> list[str]:
    return [str(column[0]) for column in connection.execute(text).description or ()]


def _show(names: Sequence[str], rows: Iterator[Sequence[object]], form: str) -> None:
    match form:
        case "csv":
            writer = csv.writer(sys.stdout)
            writer.writerows([_disarmed(value) for value in row] for row in chain([names], rows))
        case "json":
            for row in rows:
                line = json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False)
                print_data(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line))
        case _:
            _draw(names, rows)


def _clean(text: str, kept: str = "") -> str:
    """Text of others without what a terminal would obey: an event may be named by anybody."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in kept else "\ufffd", text)


def _disarmed(value: object) -> object:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection"); numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = _clean(value, LINES)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _draw(names: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    titles, console = [_clean(name) for name in names], Console(width=columns(sys.stdout))
    cells = [
        ["" if value is None else _clean(str(value), "\n") for value in row]
        for row in islice(rows, MOST_SHOWN)
    ]
    table = Table()
    for title in titles:
        table.add_column(Text(title))
    for row in cells:
        table.add_row(*map(Text, row))
    if Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum <= console.width:
        console.print(table)
    else:
        _draw_records(titles, cells)
    if next(rows, None) is not None:
        print_text(f"The first {MOST_SHOWN:,} rows; --format csv gives all of them.")


def _draw_records(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Each row by itself, a line for each of its columns, where a table is wider than the terminal."""
    longest = max(map(len, titles))
    for number, row in enumerate(rows):
        print_text(
            "\n".join(
                (("",) if number else ())
                + tuple(
                    f"{title:<{longest}}  {cell}".rstrip() for title, cell in zip(titles, row, strict=True)
                )
            )
        )
