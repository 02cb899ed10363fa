"""How many queries a project may ask: so many an hour, five at once (Mixpanel, Query API, "Rate limits")."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
AT_ONCE = 5


class TooManyQueriesError(Exception):
    """Not now. Only the header RateLimit tells which limit was hit and how long to wait: Retry-After speaks
    of the hour also where it is ten seconds.
    """

    def __init__(self, text: str, headers: Mapping[str, str]) -> None:
        super().__init__(text)
        self.headers = headers


class Quota:
    """Counts the queries of the last hour, and those being answered; enter it around each query."""

    def __init__(self, hourly: int, now: Callable[[], datetime]) -> None:
        self._hourly = hourly
        self._now = now
        self._lock = threading.Lock()
        self._asked: deque[datetime] = deque()
        self._running = 0

    def __enter__(self) -> None:
        with self._lock:
            now = self._now()
            while self._asked and self._asked[0] <= now - HOUR:
                self._asked.popleft()
            left = self._hourly - len(self._asked)
            free = AT_ONCE - self._running
            if left <= 0:
                seconds = round((self._asked[0] + HOUR - now).total_seconds()) if self._asked else 3600
                raise TooManyQueriesError(
                    "Query rate limit exceeded: too many queries in the last hour",
                    self._headers(seconds, f'"project";r=0;t={seconds}, "project-concurrency";r={free}'),
                )
            if free <= 0:
                raise TooManyQueriesError(
                    "Query rate limit exceeded: too many concurrent queries",
                    self._headers(3600, f'"project";r={left}, "project-concurrency";r=0;t=10'),
                )
            self._asked.append(now)
            self._running += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._running -= 1

    def _headers(self, seconds: int, state: str) -> dict[str, str]:
        return {
            "Retry-After": str(seconds),
            "RateLimit-Policy": (
                f'"project";q={self._hourly};w=3600, '
                f'"project-concurrency";q={AT_ONCE};qu="concurrent-requests"'
            ),
            "RateLimit": state,
        }
