"""What time it is by the servers that are asked, whatever this machine's clock says."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock


class ServerClock:
    """Set by the `Date` header of each answer (RFC 9110); it goes on by a clock that nobody sets."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._lock = Lock()
        self._set: tuple[datetime, float] | None = None

    def read(self, headers: Mapping[str, str]) -> None:
        """Set it by the headers of an answer, where they tell."""
        if (date := _date(headers.get("date", ""))) is not None:
            with self._lock:
                self._set = date, self._elapsed()

    def now(self) -> datetime | None:
        """The time; None where no answer has told it. While the machine slept it stood still."""
        with self._lock:
            if self._set is None:
                return None
            date, then = self._set
            return date + timedelta(seconds=self._elapsed() - then)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
