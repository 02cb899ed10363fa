"""How often raw days may be requested: 3 times a second, 60 times an hour (Mixpanel, "Raw Event Export")."""

import threading
from collections import deque
from collections.abc import Callable

from reporter.reports.errors import Unavailable
from reporter.sources.mixpanel.limits import HOUR

AN_HOUR = 60  # requests
BETWEEN = 0.35  # seconds: evenly, as requests sent in a burst may bunch up on their way


class Pace:
    """Gives turns to all who share it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: deque[float] = deque()  # of the last hour

    def take(self) -> float:
        """Takes a turn, which comes after so many seconds. Raises Unavailable when the hour has none left."""
        with self._lock:
            now = self._clock()
            while self._turns and self._turns[0] <= now - HOUR:
                self._turns.popleft()
            if len(self._turns) >= AN_HOUR:
                spent = f"{AN_HOUR} raw exports were requested within an hour, which is all Mixpanel allows"
                raise Unavailable(spent, self._turns[0] + HOUR - now)
            turn = max(now, self._turns[-1] + BETWEEN) if self._turns else now
            self._turns.append(turn)
            return turn - now

    def give_back(self) -> None:
        """For a request that never reached Mixpanel."""
        with self._lock:
            if self._turns:
                self._turns.pop()
