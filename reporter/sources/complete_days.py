"""A source that tells no day as complete that is not over at Mixpanel, whatever this machine's clock says."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.figures import Figures, Project, Question, SegmentAnswer, Segmentation, Source
from reporter.reports.periods import Period, apart

WAITED_FOR = timedelta(seconds=90)  # a timer may fire a minute early, and no two clocks agree to the second


@dataclass(frozen=True, slots=True)
class CompleteDays:
    """The same source, for periods that are over by the servers' clock."""

    source: Source
    server_now: Callable[[], datetime | None]  # None where no server has told it
    ask: Callable[[], object]  # Mixpanel, for what time it is. Raises Unavailable or Refused
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def project(self) -> Project:
        return self.source.project()

    def measure(self, question: Question) -> Figures:
        """What was asked. Raises Unavailable, too, where the period is not over."""
        self._wait_for(question.period, self.project().zone)
        return self.source.measure(question)

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        return self.source.segments(segmentation)

    def _wait_for(self, period: Period, zone: ZoneInfo) -> None:
        end = datetime.combine(period.end, time.min, zone)
        if self._left(end) <= timedelta(0):
            return
        with suppress(Refused):  # an answer, too; the one that is known may be from before the machine slept
            self.ask()
        left = self._left(end)
        if left > WAITED_FOR:
            raise Unavailable(self._problem(period), after=left.total_seconds())
        self.sleep(max(left.total_seconds(), 0.0))

    def _left(self, end: datetime) -> timedelta:
        """How long until then; nothing where no server has told the time."""
        server = self.server_now()
        return end - server if server is not None else timedelta(0)

    def _problem(self, period: Period) -> str:
        server = self.server_now() or self.clock()
        ahead = apart(self.clock() - server)
        return (
            f"{period.last} is not over at Mixpanel: this machine's clock is {ahead} ahead. "
            "Let it be set by the network (NTP)"
        )
