"""What to do about a raw export that did not come: ask again after a while, or say what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from reporter.reports.errors import PlanRefused, Refused, ReporterError, TooLong, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.errors import (
    WRONG_ACCESS,
    NoReply,
    OutOfReach,
    Reply,
    is_rate,
    read_reason,
    refusal,
)
from reporter.sources.mixpanel.export.integrity import Broken
from reporter.sources.mixpanel.limits import (
    UNTIL_ONE_ENDS,
    RetryBudget,
    TooManyAtOnce,
    read_pressure,
    turn_for,
    wait_or_raise,
)

MEGABYTE = 1_000_000
MOST_FAILED = 3  # periods; after that, Mixpanel is thought to be down
PLACE = "the raw export"


@dataclass(frozen=True, slots=True)
class Unwritten:
    """The disk would not take it."""

    folder: str
    reason: str
    needed: int  # bytes; 0 where nobody knows


NotWhole: TypeAlias = Reply | NoReply | Broken | Unwritten


class NotYet(Refused):
    """Some days have not begun yet anywhere, so Mixpanel has nothing to export."""

    def __init__(self, period: Period) -> None:
        super().__init__(f"Mixpanel exports no days to come: {period} ends later than today. Ask up to today")


def judge(answer: NotWhole, period: Period, budget: RetryBudget, secrets: Sequence[str]) -> float:
    """How long to wait before asking again. Raises what there is to say when asking again is no use."""
    match answer:
        case Broken(reason):
            broken = Unavailable(f"{PLACE.capitalize()} of {period} did not come whole: {reason}")
            return wait_or_raise(budget.back_off(), broken)
        case NoReply():
            return wait_or_raise(budget.back_off() if answer.again else None, _lost(answer, period))
        case Unwritten():
            raise _unwritten(answer, period)
        case Reply(status=429):
            return _under_pressure(answer, period, budget, secrets)
        case Reply():
            error = _refusal(answer.status, read_reason(answer.body, secrets), period)
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
    """What to tell: first what a person must see to, then what only time heals."""
    if refused := [one for one in failures if isinstance(one, Refused)]:
        return refused[0]
    if spent := [one for one in failures if isinstance(one, Unavailable) and one.after is not None]:
        return spent[0]
    if too_long := [one for one in failures if isinstance(one, TooLong)]:
        return TooLong(str(too_long[0]), tuple(period for one in too_long for period in one.periods))
    return failures[0]


def _lost(lost: NoReply, period: Period) -> Unavailable:
    took_too_long = lost.sent and not lost.again
    if took_too_long and period.length > 1:
        return _too_long(period, lost.reason)
    return Unavailable(f"Mixpanel could not be asked for {PLACE} of {period}: {lost.reason}")


def _unwritten(unwritten: Unwritten, period: Period) -> Unavailable:
    needed = f" It takes {-(-unwritten.needed // MEGABYTE)} MB." if unwritten.needed else ""
    return Unavailable(
        f"{PLACE.capitalize()} of {period} could not be written to {unwritten.folder}: {unwritten.reason}."
        f"{needed} Make room there, or name another folder"
    )


def _refusal(status: int, reason: str, period: Period) -> ReporterError:
    said = f": {reason}" if reason else ""
    match status:
        case _ if status >= 500 or status == 408:
            return Unavailable(f"Mixpanel has a fault of its own at {PLACE} of {period} ({status}{said})")
        case 400 if "later than today" in reason.lower():
            return NotYet(period)
        case 400 if "timeout error" in reason.lower() and period.length > 1:
            return _too_long(period, "Timeout Error")
        case 402 if not is_rate(reason):
            return PlanRefused(
                f"This Mixpanel project's plan does not include {PLACE} (402{said}). Upgrade the plan"
            )
        case _:
            return refusal(status, reason, PLACE if status in WRONG_ACCESS else f"{PLACE} of {period}")


def _too_long(period: Period, said: str) -> TooLong:
    # Asked once more it would take as long again, and cost one more of the hour's requests.
    return TooLong(
        f"{PLACE.capitalize()} of {period} took too long ({said}). Fewer days at once may help", (period,)
    )


def _under_pressure(reply: Reply, period: Period, budget: RetryBudget, secrets: Sequence[str]) -> float:
    pressure = read_pressure(reply.headers)
    if "in progress" in read_reason(reply.body, secrets):
        pressure = TooManyAtOnce(max(pressure.after or 0.0, UNTIL_ONE_ENDS))
    return turn_for(f"{PLACE} of {period}", "raw exports", pressure, reply.status, budget)
