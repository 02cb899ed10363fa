"""The SQLite file of a ledger: its owner's alone, of this format, and used only while it is as written.

A row that a flipped bit makes unreadable, or hides, would let a report be sent twice. SQLite notices a part
of that (`integrity_check`); so every row is kept twice, by triggers, and both copies must be the same.
"""

import errno
import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from reporter.folders import FileVersion, make_private_folder, version_of
from reporter.ledger.rows import FORMAT
from reporter.reports.errors import Unavailable
from reporter.versions import is_later, later_version, program_version

LOCKED_FOR = 30.0  # seconds that another program may hold the file
FIRST, UNNUMBERED = 1, 2  # formats
FIX = "Nothing is sent. Install that version again, or put back the copy of the file from before the upgrade."

_ENTRY = (
    "report text not null, first_day text not null, end_day text not null, destination text not null, "
    "state text not null, at text not null, is_told integer not null, channel text, ts text, left_out text, "
    "reason text, said text, notice text, earlier text, id text not null, revision text not null"
)
DELIVERY_KEY = ("report", "first_day", "end_day", "destination")
_TABLES = {  # what they hold, and by what it is found
    "deliveries": (_ENTRY, DELIVERY_KEY),
    "tries": (_ENTRY, (*DELIVERY_KEY, "id")),
    "reports": ("report text not null, first_seen text not null", ("report",)),
    "format": ("number integer not null, reporter text not null", ("number",)),
}


# Files that this process found sound, or wrote, and what they looked like then. A look at one of these does
# not check it again: a process that is paused within a look keeps the others from writing.
_SOUND: dict[Path, FileVersion] = {}


class DamagedLedger(Exception):
    """The file is not as it was written."""


@contextmanager
def transaction(path: Path, *, writes: bool = True) -> Generator[sqlite3.Connection]:
    """One transaction that no other overlaps, or only a look at the file, which holds nobody up.

    Raises Unavailable when the file cannot be used, LaterVersion among it.
    """
    try:
        if not path.exists():
            _create(path)
        with closing(_connected(path)) as database:
            if writes or _format_of(database, path) < FORMAT:
                database.execute("begin immediate")
                _take_over(database, path)
                _check(database)
            elif _SOUND.get(path) != version_of(path.stat()):
                database.execute("begin")
                _check(database)
                _SOUND[path] = version_of(path.stat())
                database.execute("commit")
            yield database
            if database.in_transaction:
                database.execute("commit")
                _SOUND[path] = version_of(path.stat())
    except (sqlite3.Error, OSError, DamagedLedger, ValueError, TypeError, OverflowError) as error:
        raise Unavailable(f"The ledger {path} cannot be used: {_reason(error, path)}") from None


def _connected(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=rw"  # it is never made here, half
    return sqlite3.connect(address, uri=True, timeout=LOCKED_FOR, isolation_level=None)


def _create(path: Path) -> None:
    """A new ledger, there at once or not at all, and open to its owner alone whatever the umask."""
    make_private_folder(path.parent)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        _lay_out(database, _TABLES)
        _write_format(database)
        new = database.serialize()
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        _write(temporary, new)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return  # another process was faster
        except OSError:  # no links here: a share, or exFAT
            with suppress(FileExistsError):
                _write(path, new)
    finally:
        temporary.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        path.chmod(0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _lay_out(database: sqlite3.Connection, tables: Iterable[str]) -> None:
    """The tables, each with its copy, which triggers keep: also for a program that is not this one."""
    for table in tables:
        columns, key = _TABLES[table]
        for name in (table, f"{table}_copy"):
            database.execute(f"create table {name} ({columns}, primary key ({', '.join(key)})) without rowid")
        new, old = (", ".join(f"new.{name}" for name in column_names(table)), same_columns(key, "old."))
        remove = f"delete from {table}_copy where {old}"  # noqa: S608
        add = f"insert or replace into {table}_copy values ({new})"  # noqa: S608
        for event, body in {"insert": add, "update": f"{remove}; {add}", "delete": remove}.items():
            database.execute(f"create trigger {table}_{event} after {event} on {table} begin {body}; end")


def _check(database: sqlite3.Connection) -> None:
    """Raises DamagedLedger where something is not as it was written."""
    if (found := database.execute("pragma integrity_check(1)").fetchone()[0]) != "ok":
        raise DamagedLedger(found)
    for table in _TABLES:
        if database.execute(_differs(table)).fetchone()[0]:
            raise DamagedLedger("its content is not what was written")


@cache
def _differs(table: str) -> str:
    """The query of whether a table and its copy differ: SQL takes a quarter of the time that Python takes."""
    key = " and ".join(f"one.{name} = other.{name}" for name in _TABLES[table][1])
    other = " or ".join(f"one.{name} is not other.{name}" for name in column_names(table))
    rows = f"select 1 from {table} as one left join {table}_copy as other on {key} where {other}"  # noqa: S608
    counts = f"(select count(*) from {table}) <> (select count(*) from {table}_copy)"  # noqa: S608
    return f"select {counts} or exists ({rows})"


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in database.execute(f"pragma table_info({table})")}


def _format_of(database: sqlite3.Connection, path: Path) -> int:
    """The file's format. Raises LaterVersion, or DamagedLedger where it does not say."""
    if not _columns(database, "format"):
        columns = _columns(database, "deliveries")
        return (
            FIRST if columns and "revision" not in columns and not _columns(database, "tries") else UNNUMBERED
        )
    row = database.execute("select number, reporter from format order by number desc").fetchone()
    number, by = row or (None, "")
    if is_later(number, FORMAT):
        raise later_version(f"The ledger {path} cannot be used: it", number, FORMAT, FIX, by)
    if type(number) is not int or number < UNNUMBERED:
        raise DamagedLedger("it does not say its format")
    return number


def _take_over(database: sqlite3.Connection, path: Path) -> None:
    """Bring the file of an earlier version into this format. Raises LaterVersion."""
    found = _format_of(database, path)
    if found == FIRST:
        _grow(database, path)
    elif found < FORMAT:
        _lay_out(database, ["format"])
    if found < FORMAT:
        _write_format(database)


def _write_format(database: sqlite3.Connection) -> None:
    database.execute("insert into format values (?, ?)", (FORMAT, program_version()))


def _grow(database: sqlite3.Connection, path: Path) -> None:
    """Take over what version 0.1.0 has left; the file becomes its owner's alone.

    People know of all failures; what may have been sent they are told where they were not. Each delivery is
    its own only try.
    """
    path.chmod(0o600)
    has_said = "said" in _columns(database, "deliveries")
    database.execute("create table if not exists reports (report, first_seen)")
    for table in ("deliveries", "reports"):
        database.execute(f"create temp table old_{table} as select * from main.{table}")  # noqa: S608
        database.execute(f"drop table main.{table}")
    _lay_out(database, _TABLES)
    said = "said" if has_said else "null"
    is_told = "case when state in ('claimed', 'uncertain') then is_told else 1 end"
    for table in ("deliveries", "tries"):
        database.execute(
            f"insert into {table} select report, first_day, end_day, destination, state, at, {is_told},"  # noqa: S608
            f" channel, ts, left_out, reason, {said}, null, null, '', '' from temp.old_deliveries"
        )
    database.execute("insert into reports select report, first_seen from temp.old_reports")


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        fix = (
            "Make room"
            if error.errno == errno.ENOSPC
            else "Let this user read and write the file and its folder"
        )
        return f"{(error.strerror or str(error)).lower()}. {fix}."
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return f"another program holds it for over {LOCKED_FOR:.0f} seconds. Close that, then try again."
        case name if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
            return "it may not be written to. Let this user write to the file and to its folder."
        case name if name.startswith("SQLITE_CANTOPEN"):
            return "it cannot be opened. Let this user read and write the file and its folder."
        case name if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            return f"the disk is full or failing ({error}). Make room, then try again."
        case _:
            return (
                f"it is damaged, or of another program ({error}). Nothing is sent, so that nothing is sent "
                f"twice. Put a copy of it back; or move {path.name} away, and look into the channels before "
                "you send what was due in the last days."
            )


def same_columns(names: Iterable[str], prefix: str) -> str:
    return " and ".join(f"{name} = {prefix}{name}" for name in names)


def column_names(table: str) -> list[str]:
    columns, _ = _TABLES[table]
    return [column.split()[0] for column in columns.split(", ")]
