"""What one question may cost: queries of the hour, and time."""

import threading
from collections.abc import Callable

MOST_WAITING = 60.0  # seconds, for one request
MOST_FAULTS = 3


class Tally:
    """Counts the queries that Mixpanel counts against the hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def add(self) -> None:
        with self._lock:
            self.count += 1


class Patience:
    """How long one request may go on being tried: a few faults, and a minute of waiting in all."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._faults = 0
        self._left = MOST_WAITING

    def wait(self, seconds: float) -> float | None:
        """So long and a little longer: those who were turned away together shall not come back together."""
        wait = max(seconds, 1.0) + self._random()
        if wait > self._left:
            return None
        self._left -= wait
        return wait

    def back_off(self, at_least: float = 0.0) -> float | None:
        """A random time up to a bound that doubles with each fault ("full jitter"); three times at most."""
        self._faults += 1
        wait = at_least + self._random() * 2.0**self._faults
        if self._faults > MOST_FAULTS or wait > self._left:
            return None
        self._left -= wait
        return wait
