"""How often raw days may be requested, and what to do about an export that failed."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias, assert_never

from reporter.reports.errors import FailureCause, PlanRefused, Refused, ReporterError, TooLong, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.errors import (
    WRONG_ACCESS,
    NoReply,
    OutOfReach,
    Reply,
    is_rate,
    read_reason,
    refusal,
)
from reporter.sources.mixpanel.export.download import Broken
from reporter.sources.mixpanel.limits import (
    HOUR,
    UNTIL_ONE_ENDS,
    RetryBudget,
    TooManyAtOnce,
    read_pressure,
    turn_for,
    wait_or_raise,
)

AN_HOUR = 60  # requests; and 3 a second (Mixpanel, "Raw Event Export")
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
                raise Unavailable(spent, self._turns[0] + HOUR - now, FailureCause("hour_spent"))
            turn = max(now, self._turns[-1] + BETWEEN) if self._turns else now
            self._turns.append(turn)
            return turn - now

    def give_back(self) -> None:
        """For a request that never reached Mixpanel."""
        with self._lock:
            if self._turns:
                self._turns.pop()


MEGABYTE = 1_000_000
MOST_FAILED = 3  # periods; after that, Mixpanel is thought to be down
PLACE = "the raw export"


NotWhole: TypeAlias = Reply | NoReply | Broken


class NotYet(Refused):
    """Some days have not begun yet anywhere, so Mixpanel has nothing to export."""

    def __init__(self, period: Period) -> None:
        super().__init__(f"Mixpanel exports no days to come: {period} ends later than today. Ask up to today")


def judge(answer: NotWhole, period: Period, budget: RetryBudget, access: MixpanelAccess) -> float:
    """How long to wait before asking again. Raises what there is to say when asking again is no use."""
    match answer:
        case Broken(reason):
            problem = f"{PLACE.capitalize()} of {period} did not come whole: {reason}"
            broken = Unavailable(problem, None, FailureCause("cut_off"))
            return wait_or_raise(budget.back_off(), broken)
        case NoReply():
            return wait_or_raise(budget.back_off() if answer.again else None, _lost(answer, period))
        case Reply(status=429):
            return _under_pressure(answer, period, budget, access)
        case Reply():
            error = _refusal(answer.status, read_reason(answer.body, access.secrets), period, access)
            again = isinstance(error, Unavailable) and not isinstance(error, TooLong)
            return wait_or_raise(budget.back_off() if again else None, error)
        case _:
            assert_never(answer)


def concerns_all(failures: Sequence[ReporterError]) -> bool:
    """Whether the latest failure means that nothing else will come either."""
    match failures[-1]:
        case OutOfReach() | NotYet() | TooLong():
            return False
        case Unavailable(after=None):
            return len([one for one in failures if isinstance(one, Unavailable)]) >= MOST_FAILED
        case _:
            return True


def the_worst(failures: Sequence[ReporterError]) -> ReporterError:
    """The one to report: first what a person must fix, then what only time heals."""
    if refused := [one for one in failures if isinstance(one, Refused)]:
        return refused[0]
    if spent := [one for one in failures if isinstance(one, Unavailable) and one.after is not None]:
        return spent[0]
    if too_long := [one for one in failures if isinstance(one, TooLong)]:
        return TooLong(str(too_long[0]), tuple(period for one in too_long for period in one.periods))
    return failures[0]


def unwritten(period: Period, folder: Path, error: OSError, needed: int) -> Unavailable:
    """Why the disk did not take so many bytes; 0 where nobody knows."""
    reason = error.strerror or "it cannot be written"
    size = f" It takes {-(-needed // MEGABYTE)} MB." if needed else ""
    return Unavailable(
        f"{PLACE.capitalize()} of {period} could not be written to {folder}: {reason}."
        f"{size} Make room there, or name another folder"
    )


def _lost(lost: NoReply, period: Period) -> Unavailable:
    took_too_long = lost.sent and not lost.again
    if took_too_long and period.length > 1:
        return _too_long(period, lost.reason)
    problem = f"Mixpanel could not be asked for {PLACE} of {period}: {lost.reason}"
    return Unavailable(problem, None, lost.cause)


def _refusal(status: int, reason: str, period: Period, access: MixpanelAccess) -> ReporterError:
    said = f": {reason}" if reason else ""
    match status:
        case _ if status >= 500 or status == 408:
            return Unavailable(
                f"Mixpanel has a fault of its own at {PLACE} of {period} ({status}{said})",
                None,
                FailureCause("fault", status, reason),
            )
        case 400 if "later than today" in reason.lower():
            return NotYet(period)
        case 400 if "timeout error" in reason.lower() and period.length > 1:
            return _too_long(period, "Timeout Error")
        case 402 if not is_rate(reason):
            return PlanRefused(
                f"This Mixpanel project's plan does not include {PLACE} (402{said}). Upgrade the plan",
                FailureCause("plan_without_export", status, reason),
            )
        case _:
            place = PLACE if status in WRONG_ACCESS else f"{PLACE} of {period}"
            return refusal(status, reason, place, access.names)


def _too_long(period: Period, said: str) -> TooLong:
    # A second try would take as long, and cost one more of the hour's requests.
    return TooLong(
        f"{PLACE.capitalize()} of {period} took too long ({said}). Fewer days at once may help", (period,)
    )


def _under_pressure(reply: Reply, period: Period, budget: RetryBudget, access: MixpanelAccess) -> float:
    pressure = read_pressure(reply.headers)
    if "in progress" in read_reason(reply.body, access.secrets):
        pressure = TooManyAtOnce(max(pressure.after or 0.0, UNTIL_ONE_ENDS))
    return turn_for(f"{PLACE} of {period}", "raw exports", pressure, reply.status, budget)
