"""Numbers in order, of any amount: each run is sorted, and large ones lie in a file."""

import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Scalar = TypeVar("Scalar", np.float64, np.int64)

IN_MEMORY = 32_768  # numbers of a run that need no file
SIGN = 1 << 63


@dataclass(slots=True)
class SortedRuns:
    """Finds the number at any rank, without merging the runs."""

    folder: Path | None = None  # where large runs lie; None: the system's own for temporary files
    size: int = 0
    _runs: list[tuple[Floats, Integers]] = field(default_factory=list[tuple[Floats, Integers]])

    def add(self, values: Floats, counts: Integers) -> None:
        """Distinct values in order, and how often each is there."""
        if not len(values):
            return
        upto = np.cumsum(counts)
        self.size += int(upto[-1])
        self._runs.append((self._kept(values), self._kept(upto)))

    def at(self, rank: int) -> float:
        """The number that has `rank` numbers before it."""
        low, high = place(-np.inf), place(np.inf)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._up_to(number_at(middle)) > rank else (middle + 1, high)
        return number_at(low) + 0.0  # and so never the negative zero

    def _up_to(self, value: float) -> int:
        """How many numbers are at most this one."""
        found = ((upto, int(np.searchsorted(values, value, side="right"))) for values, upto in self._runs)
        return sum(int(upto[number - 1]) for upto, number in found if number)

    def _kept(self, numbers: NDArray[Scalar]) -> NDArray[Scalar]:
        if len(numbers) <= IN_MEMORY:
            return numbers
        with tempfile.TemporaryFile(dir=self.folder) as file:  # the map keeps it alive
            numbers.tofile(file)
            return np.memmap(file, numbers.dtype, mode="r")


def place(number: float) -> int:
    """Where a number stands among all there can be: in the same order, and whole."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", number))
    return SIGN - 1 - (bits - SIGN) if bits >= SIGN else bits + SIGN


def number_at(place: int) -> float:
    """The number at a place."""
    bits = place - SIGN if place >= SIGN else SIGN + (SIGN - 1 - place)
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    return number
