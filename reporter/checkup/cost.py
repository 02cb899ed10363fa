"""When reports are due, and what they cost of Mixpanel's queries of an hour."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from reporter.anomalies.causes import most_queries
from reporter.checkup.names import CheckLine, CheckMark
from reporter.reports.edition import Order
from reporter.reports.figures import Project, Question
from reporter.reports.subscriptions import Subscription

QUOTA = 60  # queries an hour, for everybody who asks the project (Mixpanel, rate limits of the Query API)
HORIZON = timedelta(weeks=4)  # long enough for daily, weekly, two-weekly and monthly reports to meet
AN_HOUR = timedelta(hours=1)

PlannedCost: TypeAlias = Callable[
    [Question], Sequence[Hashable]
]  # the queries a question costs; equal ones once


def costs(
    subscriptions: Mapping[str, Subscription], plan: PlannedCost, project: Project, now: datetime
) -> Iterator[CheckLine]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        if due is None:
            yield _never(name)
            continue
        asked = plan(Order.of(one, due).edition(now, project.zone).question)
        cost = _queries(len(asked), most_queries(one.spec))
        yield CheckLine(
            CheckMark.GOOD, f"Report {name}", f"costs {cost}; next due {due:%a %d %b %Y %H:%M} {due.tzname()}"
        )
    yield _worst_hour(subscriptions, plan, project, now)


def _worst_hour(
    subscriptions: Mapping[str, Subscription], plan: PlannedCost, project: Project, now: datetime
) -> CheckLine:
    """Reports that are due at one moment share their queries; those of other moments add up.

    What is asked about causes is shared by none, and counts as if all of them had something unusual.
    """
    plans: dict[datetime, set[Hashable]] = {}
    more: dict[datetime, int] = {}
    for one in subscriptions.values():
        for due in one.schedule.due_after(now):
            if due > now + HORIZON:
                break
            asked = plan(Order.of(one, due).edition(now, project.zone).question)
            plans.setdefault(due, set()).update(asked)
            more[due] = more.get(due, 0) + most_queries(one.spec)
    hours = {
        start: sum(len(asked) + more[due] for due, asked in plans.items() if start <= due < start + AN_HOUR)
        for start in plans
    }
    if not hours:
        return CheckLine(CheckMark.DOUBTFUL, "Quota", "no report is due in the next four weeks")
    start, cost = max(hours.items(), key=lambda hour: hour[1])
    when = f"{start:%A %H:%M} {start.tzname()}"
    text = f"the worst hour takes up to {cost} of Mixpanel's {QUOTA} queries ({when})"
    if cost > QUOTA:
        return CheckLine(CheckMark.BAD, "Quota", text, "Move some schedules to another hour.")
    return CheckLine(CheckMark.GOOD if cost <= QUOTA / 2 else CheckMark.DOUBTFUL, "Quota", text)


def _queries(cost: int, more: int) -> str:
    least = "1 query" if cost == 1 else f"{cost} queries"
    return f"{least}, and up to {more} more where something is unusual" if more else least


def next_dues(subscriptions: Mapping[str, Subscription], now: datetime) -> Iterator[CheckLine]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        yield (
            _never(name)
            if due is None
            else CheckLine(
                CheckMark.GOOD, f"Report {name}", f"next due {due:%a %d %b %Y %H:%M} {due.tzname()}"
            )
        )


def _never(name: str) -> CheckLine:
    return CheckLine(CheckMark.BAD, f"Report {name}", "is never due", "Mend its schedule in reports.toml.")
