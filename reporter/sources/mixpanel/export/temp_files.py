"""The folder in which raw days are made: names that tell half from whole, and what dead processes left."""

import os
import tempfile
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from reporter.folders import PRIVATE_FILE, hold, make_private_folder, release
from reporter.reports.periods import Period

_PREFIX = "raw-"
_HALF, _WHOLE = ".part", ".jsonl"


class TempFiles:
    """Held from the first use of a folder until it is closed; several processes may hold one together."""

    def __init__(self, folder: Path) -> None:
        make_private_folder(folder)
        self.folder = folder
        self._handle = hold(folder, _clear)
        self._spare: deque[Path] = deque()

    @contextmanager
    def half_made(self, period: Period) -> Generator[Path]:
        """A new file, gone afterwards unless it was declared whole."""
        path = self._new(period)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def half_made_over_a_spare(self, period: Period) -> Generator[Path]:
        """The same, and it may hold something old: to write over that costs a third of writing it anew."""
        with self.half_made(period) as path:
            with suppress(IndexError):
                self._spare.pop().replace(path)
            yield path

    def spare(self, whole: Path) -> None:
        """Takes back a file that nobody needs any more."""
        self._spare.append(whole.rename(whole.with_suffix(_HALF)))

    def delete_spares(self) -> None:
        while self._spare:
            self._spare.pop().unlink(missing_ok=True)

    @staticmethod
    def declare_whole(half_made: Path) -> Path:
        return half_made.rename(half_made.with_suffix(_WHOLE))

    def close(self) -> None:
        self.delete_spares()
        release(self._handle)
        self._handle = None

    def _new(self, period: Period) -> Path:
        handle, path = tempfile.mkstemp(_HALF, f"{_PREFIX}{period.start}-{period.last}-", self.folder)
        os.close(handle)
        Path(path).chmod(PRIVATE_FILE)  # where the umask took even more
        return Path(path)


def _clear(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        if path.suffix in {_HALF, _WHOLE}:
            path.unlink(missing_ok=True)
