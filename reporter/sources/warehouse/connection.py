"""A warehouse as it is reached: sessions that are opened when needed, and opened anew when they were lost."""

import re
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from threading import Timer
from types import ModuleType
from typing import Protocol, TypeAlias
from urllib.parse import unquote

from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.reports.references import nearest
from reporter.sources.warehouse.event_table import SqlRow

Values: TypeAlias = Mapping[str, str | float]
NO_VALUES: Values = {}
_SECRETS = re.compile(
    r"""(?:://[^/@:]*:|(?:password|token|secret|key)\s*=\s*'?)([^\s'&]+?)(?=@|'|&|\s|$)""", re.I
)
PATIENCE = 60  # seconds that an engine may take to end a query that took too long
IDLE = 60  # seconds; what lies between may forget a connection on which nothing is said


@dataclass(frozen=True, slots=True)
class EngineAccess:
    """How an engine is reached, and what its queries may take."""

    address: str = field(repr=False)  # a URL with all it takes, so a secret
    setting: str = "the warehouse's address"  # the name of the setting that holds it, for messages
    timeout: float = 600  # seconds of a query
    label: str = "reporter"  # what the engine's own log of queries shows
    max_bytes: int | None = None  # that a query may read, where the engine can hold it to that

    @property
    def secrets(self) -> Iterator[str]:
        """The address, and what stands for a password in it, as it is written and as it is meant."""
        yield self.address
        for found in _SECRETS.finditer(self.address):
            yield found[1]
            yield unquote(found[1])


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What a query finds, while it is read."""

    columns: tuple[str, ...]
    rows: Iterator[SqlRow]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a query would read, as the engine says without running it; None of what it does not say."""

    bytes: int | None = None
    rows: int | None = None


class NameMissing(Refused):
    """A table or a column is not there: `name`, where the engine says which."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


class Lost(Exception):
    """The session is gone, and with it what ran in it."""


class EngineClient(Protocol):
    """What an engine's own client does, whose sessions only it looks into. Errors are the client's."""

    @property
    def name(self) -> str:
        """The engine, as people know it."""
        ...

    def open(self) -> object: ...

    def run(self, session: object, text: str, values: Values) -> Iterator[SqlRow]:
        """The names of the columns, then the rows."""
        ...

    def estimate(self, session: object, text: str, values: Values) -> Estimate | None:
        """What the query would read; None where the engine cannot say."""
        ...

    def cancel(self, session: object) -> None:
        """Ends what runs in the session; called by other threads, too."""
        ...

    def abandon(self, session: object) -> None:
        """Lets nobody wait for the session any more, where the engine does not answer at all."""
        ...

    def close(self, session: object) -> None: ...

    def sorted(self, error: Exception) -> ReporterError | Lost:
        """What an error means."""
        ...


@dataclass(slots=True)
class EngineConnection:
    """Any number of threads may ask at once: each query has a session for itself.

    All raise Unavailable or Refused, and ConfigError where the client is not installed.
    """

    client: EngineClient
    access: EngineAccess
    _idle: list[tuple[object, float]] = field(default_factory=list[tuple[object, float]])
    _running: dict[int, object] = field(default_factory=dict[int, object])

    def query(self, text: str, values: Values = NO_VALUES) -> QueryResult:
        """Begins to ask; closing its rows early ends the query."""
        rows = self._run(text, values)
        return QueryResult(tuple(map(str, next(rows))), rows)

    def rows(self, text: str, values: Values) -> Iterator[SqlRow]:
        """What a query finds."""
        return self.query(text, values).rows

    def estimate(self, text: str, values: Values = NO_VALUES) -> Estimate | None:
        """What a query would read; None where the engine cannot say without running it."""
        is_whole, session = False, self._opened()
        try:
            found = self.client.estimate(session, text, values)
            is_whole = True
        except Exception as error:
            raise self._failure(error) from None
        finally:
            self._put_back(session, is_whole=is_whole)
        return found

    def cancel(self) -> None:
        """Ends all that runs; may be called by any thread, and by the handler of a signal."""
        for session in [*self._running.values()]:
            self._end(session)

    def close(self) -> None:
        """Ends all that runs, and leaves."""
        self.cancel()
        while self._idle:
            self._quietly_close(self._idle.pop()[0])

    def _run(self, text: str, values: Values) -> Generator[SqlRow]:
        """The names of the columns, then the rows; asks again where a session had been closed meanwhile."""
        is_used, session = self._taken()
        self._running[id(session)] = session
        is_whole, is_begun = False, False
        watch = Timer(self.access.timeout + PATIENCE, self.client.abandon, (session,))
        watch.daemon = True
        watch.start()
        try:
            for row in self.client.run(session, text, values):
                is_begun = True
                yield row
            is_whole = True
        except Exception as error:
            is_asked_again = is_used and not is_begun and isinstance(self.client.sorted(error), Lost)
            if not is_asked_again:
                raise self._failure(error) from None
        finally:
            watch.cancel()
            del self._running[id(session)]
            self._put_back(session, is_whole=is_whole)
        if not is_whole:
            yield from self._run(text, values)

    def _taken(self) -> tuple[bool, object]:
        """A session, and whether it was used before."""
        while self._idle:
            session, since = self._idle.pop()
            if time.monotonic() - since < IDLE:
                return True, session
            self._quietly_close(session)
        return False, self._opened()

    def _opened(self) -> object:
        try:
            return self.client.open()
        except Exception as error:
            raise self._failure(error) from None

    def _put_back(self, session: object, *, is_whole: bool) -> None:
        """For the next query; but where nobody wants the rest, or the process is stopped, it is ended."""
        if is_whole:
            self._idle.append((session, time.monotonic()))
        else:
            self._end(session)
            self._quietly_close(session)

    def _failure(self, error: Exception) -> ReporterError:
        known = error if isinstance(error, ReporterError) else self.client.sorted(error)
        match known:
            case NameMissing(name=name) if name and (near := nearest(name, names := self._names())):
                is_there = name.lower() in names
                hint = (
                    f"{name} is in another schema" if is_there else f"Near to {name} is {' or '.join(near)}"
                )
                return NameMissing(f"{known}. {hint}", name)
            case Lost():
                said = f": {known}" if str(known) else ""
                return Unavailable(f"{self.client.name} ended the connection in the middle of a query{said}")
            case _:
                return known

    def _names(self) -> list[str]:
        """What tables and columns are called; nothing where that cannot be asked."""
        with suppress(Exception):  # it is a help only, and what failed is told
            session = self.client.open()
            try:
                return [str(name).lower() for (name,) in islice(self.client.run(session, NAMES, {}), 1, None)]
            finally:
                self._quietly_close(session)
        return []

    def _end(self, session: object) -> None:
        with suppress(Exception):  # it may have ended by itself
            self.client.cancel(session)

    def _quietly_close(self, session: object) -> None:
        with suppress(Exception):  # it may be gone
            self.client.close(session)


OWN = "('information_schema', 'INFORMATION_SCHEMA', 'pg_catalog', 'system')"
NAMES = f"""SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN {OWN}
    UNION SELECT column_name FROM information_schema.columns WHERE table_schema NOT IN {OWN} LIMIT 20000"""


def library(module: str, extra: str, engine: str) -> ModuleType:
    """The engine's client, loaded now. Raises ConfigError where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        problem = f"{engine} needs its client, which is not installed ({module})"
        fix = f"It is the extra {extra}: in the project's folder, pip install '.[{extra}]'."
        raise ConfigError.at("[warehouse] engine", problem, fix) from None
