"""Asks Mixpanel for raw events and hands them on as files, each of whole, checked days."""

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import SystemRandom

from reporter.reports.errors import Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.errors import check_project_id
from reporter.sources.mixpanel.export.download import Wire
from reporter.sources.mixpanel.export.fetching import Fetching, Means
from reporter.sources.mixpanel.export.integrity import ExportedDays
from reporter.sources.mixpanel.export.rate_limit import Pace
from reporter.sources.mixpanel.export.temp_files import Workplace
from reporter.sources.mixpanel.http import Hosts, Region

MOST_AT_ONCE = 100  # exports of one project (Mixpanel, "Raw Event Export")
FIRST_ZONE = timedelta(hours=14)  # ahead of UTC: where a day begins first
_DICE = SystemRandom()


class Exporter:
    """One service account that reads one project's raw events."""

    def __init__(
        self,
        *,
        username: str,
        secret: str,
        project_id: str,
        region: Region = "us",
        base_url: str | None = None,
        at_once: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _DICE.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not 1 <= at_once <= MOST_AT_ONCE:
            raise ValueError(f"at_once must be 1 to {MOST_AT_ONCE}, not {at_once}")
        self.project_id = project_id
        self._url = (Hosts.under(base_url) if base_url else Hosts.of(region)).export
        self._login = (username, secret)
        self._at_once = at_once
        self._sleep, self._clock, self._random, self._now = sleep, clock, random, now
        self._pace = Pace(clock)
        self._places: dict[Path, Workplace] = {}

    def fetch(
        self, periods: Sequence[Period], folder: Path, events: Sequence[str] | None = None
    ) -> Generator[ExportedDays]:
        """Each period's raw days, as they come, several downloads at once; no events named means all of them.

        A file is yours until you say that you are done with it, or delete it; when you ask for the next, one
        more is unpacked. What is left in the folder by a dead process goes when the folder is first used.
        Raises Unavailable (TooLong, where fewer days at once may help) or Refused, when all that could be had
        is given.
        """
        check_project_id(self.project_id)
        if events is not None and not events:
            raise ValueError("name at least one event, or none at all to have all")
        wire = Wire(*self._login, self._url, at_once=self._at_once, clock=self._clock)
        means = Means(
            wire=wire,
            pace=self._pace,
            place=self._place(folder),
            sleep=self._sleep,
            random=self._random,
            parameters=lambda period: self._parameters(period, events),
            latest_day=self._latest_day,
        )
        try:
            yield from Fetching(means, periods).results(self._at_once)
        finally:
            wire.close()

    def close(self) -> None:
        """Lets go of the folders that were worked in; files that nobody has taken are then no longer safe."""
        for place in self._places.values():
            place.close()
        self._places.clear()

    def _place(self, folder: Path) -> Workplace:
        if folder not in self._places:
            self._places[folder] = _workplace(folder)
        return self._places[folder]

    def _parameters(self, period: Period, events: Sequence[str] | None) -> Mapping[str, str]:
        chosen = {} if events is None else {"event": json.dumps([*events], ensure_ascii=False)}
        return {
            "project_id": self.project_id,
            "from_date": period.start.isoformat(),
            "to_date": period.last.isoformat(),
            "time_in_ms": "true",
            **chosen,
        }

    def _latest_day(self) -> date:
        return (self._now().astimezone(UTC) + FIRST_ZONE).date()


def _workplace(folder: Path) -> Workplace:
    try:
        return Workplace(folder)
    except OSError as error:
        reason = error.strerror or "it can not be used"
    raise Unavailable(f"The raw export has no place to work: {folder}: {reason}. Name another folder")
