"""Raw days are stored several at a time, while the next is on its way."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reporter.events.day_file import DayFacts
from reporter.events.ingest import Ingest
from reporter.events.sizing import Sizing
from reporter.model.period import Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

IN_MEMORY = 0.35  # of the bytes of a file: the few columns of its lines, and the sorting of them


class RawDays(Protocol):
    """Whole days as they came, in plain JSON lines."""

    @property
    def period(self) -> Period: ...  # days as the export cuts them

    @property
    def path(self) -> Path: ...

    @property
    def size(self) -> int: ...  # bytes of the file

    def done(self) -> None:
        """The file is not needed any more."""
        ...


@dataclass(slots=True)
class Pipeline:
    """Stores raw days: small files next to each other, a large one alone with all threads."""

    connection: "DuckDBPyConnection"
    ingest: Ingest
    sizing: Sizing
    _running: set[Future[list[DayFacts]]] = field(default_factory=set[Future[list[DayFacts]]])

    def store(self, raws: Iterable[RawDays]) -> Iterator[DayFacts]:
        """The days as they are stored. Where fetching or storing one fails, the others are stored first."""
        # A query of one thread for each small file: more threads for each would cost half as much again.
        self._use(1)
        with ThreadPoolExecutor(self.sizing.threads) as pool:
            try:
                for raw in raws:
                    if self._is_large(raw):
                        yield from self._finished(at_most=0)
                        yield from self._store_alone(raw)
                    else:
                        self._running.add(pool.submit(self._store, raw))
                        yield from self._finished(at_most=self.sizing.threads - 1)
            finally:
                wait(self._running)
            yield from self._finished(at_most=0)

    def _finished(self, at_most: int) -> Iterator[DayFacts]:
        """Waits until no more than so many are running."""
        while len(self._running) > at_most:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()

    def _is_large(self, raw: RawDays) -> bool:
        """Whether as many files of its size as there are threads would not fit into the memory."""
        return raw.size * IN_MEMORY * self.sizing.threads > self.sizing.memory

    def _store_alone(self, raw: RawDays) -> list[DayFacts]:
        self._use(self.sizing.threads)
        try:
            return self._store(raw)
        finally:
            self._use(1)

    def _store(self, raw: RawDays) -> list[DayFacts]:
        try:
            with self.connection.cursor() as cursor:
                return self.ingest.run(cursor, raw.path, raw.period)
        finally:
            raw.done()

    def _use(self, threads: int) -> None:
        self.connection.execute(f"SET threads = {threads}")
