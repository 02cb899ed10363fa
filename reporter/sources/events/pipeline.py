"""Raw days are stored several at a time, while the next is on its way."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reporter.reports.periods import Period
from reporter.sources.events.day_file import DayFacts
from reporter.sources.events.engine import Sizing
from reporter.sources.events.ingest import Ingest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
    """Stores raw days, as many next to each other as there are threads.

    A query of one thread for each file: two threads in one cost up to 40 % more. What files together need
    beyond the memory is spilled, and that costs less than to have them one after the other.
    """

    connection: "DuckDBPyConnection"
    ingest: Ingest
    sizing: Sizing
    _running: set[Future[list[DayFacts]]] = field(default_factory=set[Future[list[DayFacts]]])

    def store(self, raws: Iterable[RawDays]) -> Iterator[DayFacts]:
        """The days as they are stored. Where fetching or storing one fails, the others are stored first."""
        self.connection.execute("SET threads = 1")
        with ThreadPoolExecutor(self.sizing.threads) as pool:
            try:
                for raw in raws:
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

    def _store(self, raw: RawDays) -> list[DayFacts]:
        try:
            with self.connection.cursor() as cursor:
                return self.ingest.run(cursor, raw.path, raw.period)
        finally:
            raw.done()
