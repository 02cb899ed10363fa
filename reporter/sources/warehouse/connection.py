"""A warehouse as it is reached: sessions that are opened when needed, and opened anew when they were lost."""

import re
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Protocol, TypeAlias
from urllib.parse import unquote

from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.sources.warehouse.event_table import SqlRow

Values: TypeAlias = Mapping[str, str | float]
NO_VALUES: Values = {}
_SECRETS = re.compile(
    r"""(?:://[^/@:]*:|(?:password|token|secret|key)\s*=\s*'?)([^\s'&]+?)(?=@|'|&|\s|$)""", re.I
)
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
    """A table or a column is not there."""


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
    _idle: list[tuple[object, float]] = field(default_factory=list[tuple[object, float]])
    _running: list[object] = field(default_factory=list[object])

    def query(self, text: str, values: Values = NO_VALUES) -> QueryResult:
        """Begins to ask; closing its rows early ends the query."""
        rows = self._run(text, values)
        columns = next(rows)
        return QueryResult(tuple(map(str, columns)), rows)

    def rows(self, text: str, values: Values) -> Iterator[SqlRow]:
        """What a query finds."""
        return self.query(text, values).rows

    def estimate(self, text: str, values: Values = NO_VALUES) -> Estimate | None:
        """What a query would read; None where the engine cannot say without running it."""
        session = self._opened()
        try:
            return self.client.estimate(session, text, values)
        except Exception as error:
            raise self._failure(error) from None
        finally:
            self._quietly_close(session)

    def cancel(self) -> None:
        """Ends all that runs; may be called by any thread, and by the handler of a signal."""
        for session in [*self._running]:
            with suppress(Exception):  # it may have ended by itself
                self.client.cancel(session)

    def close(self) -> None:
        """Ends all that runs, and leaves."""
        self.cancel()
        while self._idle:
            self._quietly_close(self._idle.pop()[0])

    def _run(self, text: str, values: Values) -> Generator[SqlRow]:
        session, rows = self._begun(text, values)
        is_whole = False
        try:
            yield from rows
            is_whole = True
        except Exception as error:
            raise self._failure(error) from None
        finally:
            self._running.remove(session)
            if is_whole:
                self._idle.append((session, time.monotonic()))
            else:  # also where nobody wants the rest, or the process is stopped
                with suppress(Exception):
                    self.client.cancel(session)
                self._quietly_close(session)

    def _begun(self, text: str, values: Values) -> tuple[object, Iterator[SqlRow]]:
        """A session and what it finds; once more where one that was used before had been closed."""
        while True:
            is_used, session = self._taken()
            self._running.append(session)
            try:
                rows = self.client.run(session, text, values)
                return session, chain((next(rows),), rows)
            except BaseException as error:
                self._running.remove(session)
                if not isinstance(error, Exception):
                    with suppress(Exception):
                        self.client.cancel(session)
                self._quietly_close(session)
                if not isinstance(error, Exception):
                    raise
                if not (is_used and isinstance(self.client.sorted(error), Lost)):
                    raise self._failure(error) from None

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

    def _failure(self, error: Exception) -> ReporterError:
        if isinstance(error, ReporterError):
            return error
        known = self.client.sorted(error)
        if isinstance(known, ReporterError):
            return known
        return Unavailable(f"{self.client.name} ended the connection before its answer was whole: {known}")

    def _quietly_close(self, session: object) -> None:
        with suppress(Exception):  # it may be gone
            self.client.close(session)


def library(module: str, extra: str, engine: str) -> ModuleType:
    """The engine's client, loaded now. Raises ConfigError where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        problem = f"{engine} needs its client, which is not installed ({module})"
        fix = f"It is the extra {extra}: in the project's folder, pip install '.[{extra}]'."
        raise ConfigError.at("[warehouse] engine", problem, fix) from None
