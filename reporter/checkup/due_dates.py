"""Whether the reports of a schedule, one after the other, tell of each day once."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from reporter.anomalies.causes import most_queries
from reporter.anomalies.parts import part_queries
from reporter.checkup.names import CheckLine, CheckMark
from reporter.reports.deliveries import DATA_PAUSE
from reporter.reports.figures import Project, Question
from reporter.reports.periods import Cadence, Period, moment_text
from reporter.reports.subscriptions import Order, Subscription

A_YEAR = timedelta(days=366)
LEAST_METRICS = 4  # by which a day is called incomplete (anomalies.tracking)
MOST_DUES = 1_000  # looked at: more than two a day make no other doubt


@dataclass(frozen=True, slots=True)
class ScheduleDoubt:
    """What a schedule would mean that hardly anybody wants, and what to write instead."""

    problem: str
    fix: str


def doubts(one: Subscription, now: datetime, zone: ZoneInfo) -> Iterator[ScheduleDoubt]:
    """What is doubtful about a report's schedule, over a year. `zone` is the project's."""
    if one.schedule.means_either_day:
        yield ScheduleDoubt(
            "a day and a weekday are both given, and cron takes either (Azure's NCRONTAB would take both)",
            'For a weekday of a month write its number: "0 9 * * 1#1" is the first Monday.',
        )
    if one.waits_until and len(one.spec.metrics) < LEAST_METRICS:
        yield ScheduleDoubt(
            f"with fewer than {LEAST_METRICS} metrics no day that has come in part is called incomplete: "
            "it waits only while nothing at all has come of its days",
            "Show more metrics, or remove wait_for_data_until.",
        )
    periods = _periods(one, now, zone)
    distinct = list(dict.fromkeys(periods))
    missing = [Period(a.end, b.start) for a, b in pairwise(distinct) if a.end < b.start]
    double = [Period(b.start, min(a.end, b.end)) for a, b in pairwise(distinct) if b.start < a.end]
    fix, count = _fix(one.spec.cadence), f"it comes {len(distinct)} times in a year"
    if missing:
        yield ScheduleDoubt(f"{count}, with {_days(missing)} in no report, such as {missing[0]}", fix)
    if double:
        yield ScheduleDoubt(f"{count}, with {_days(double)} in two reports, such as {double[0]}", fix)
    if len(distinct) < len(periods):
        yield ScheduleDoubt("it is due more than once for the same days, and only the first one is sent", fix)


def _periods(one: Subscription, now: datetime, zone: ZoneInfo) -> Sequence[Period]:
    """What the reports of the next year would cover."""
    coming = takewhile(lambda due: due <= now + A_YEAR, one.schedule.due_after(now))
    return [Order.of(one, due).edition(due, zone).period for due in islice(coming, MOST_DUES)]


def _days(periods: Sequence[Period]) -> str:
    count = sum(period.length for period in periods)
    return "1 day" if count == 1 else f"{count} days"


def _fix(cadence: Cadence) -> str:
    match cadence:
        case Cadence.DAILY:
            return 'Use one time a day: "0 9 * * *", or "0 9 * * 1-5" for weekdays.'
        case Cadence.WEEKLY:
            return 'Use one time a week, as in "0 9 * * 1", or another period.'
        case Cadence.BIWEEKLY:
            return 'Use one weekday, as in "0 9 * * 1": it then comes every 14 days. Or use another period.'
        case Cadence.MONTHLY:
            return 'Use one day that each month has: "0 9 1 * *", or "0 9 L * *" for its last day.'
        case _:
            assert_never(cadence)


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
            yield never_due(name)
            continue
        question = Order.of(one, due).edition(now, project.zone).question
        asked = (*plan(question), *part_queries(one.spec, question))
        cost = _queries(len(asked), most_queries(one.spec)) + (_tries(len(asked)) if one.waits_until else "")
        yield CheckLine(CheckMark.GOOD, f"Report {name}", f"costs {cost}; next due {moment_text(due)}")
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
            question = Order.of(one, due).edition(now, project.zone).question
            asked = (*plan(question), *part_queries(one.spec, question))
            for moment in _tried_at(one, due):
                plans.setdefault(moment, set()).update(asked)
            more[due] = more.get(due, 0) + most_queries(one.spec)
    hours = {
        start: sum(
            len(asked) + more.get(due, 0) for due, asked in plans.items() if start <= due < start + AN_HOUR
        )
        for start in plans
    }
    if not hours:
        return CheckLine(CheckMark.DOUBTFUL, "Quota", "no report is due in the next four weeks")
    start, cost = max(hours.items(), key=lambda hour: hour[1])
    text = f"the worst hour takes up to {cost} of Mixpanel's {QUOTA} queries ({moment_text(start)})"
    if cost > QUOTA:
        return CheckLine(CheckMark.BAD, "Quota", text, "Move some schedules to another hour.")
    return CheckLine(CheckMark.GOOD if cost <= QUOTA / 2 else CheckMark.DOUBTFUL, "Quota", text)


def _tried_at(one: Subscription, due: datetime) -> Iterator[datetime]:
    """When it asks, at most: a wait for data ends it at its deadline."""
    moment, deadline = due, one.data_deadline(due) or due
    yield due
    while (moment := (moment.astimezone(UTC) + DATA_PAUSE).astimezone(due.tzinfo)) <= deadline:
        yield moment


def _queries(cost: int, more: int) -> str:
    least = "1 query" if cost == 1 else f"{cost} queries"
    return f"{least}, and up to {more} more where something is unusual" if more else least


def _tries(cost: int) -> str:
    """What a wait for data may cost besides."""
    return f", and {_queries(cost, 0)} each quarter of an hour while its data are not complete"


def next_dues(subscriptions: Mapping[str, Subscription], now: datetime) -> Iterator[CheckLine]:
    for name, one in subscriptions.items():
        due = one.schedule.next_due(now)
        yield (
            never_due(name)
            if due is None
            else CheckLine(CheckMark.GOOD, f"Report {name}", f"next due {moment_text(due)}")
        )


def never_due(name: str) -> CheckLine:
    return CheckLine(CheckMark.BAD, f"Report {name}", "is never due", "Fix its schedule in reports.toml.")
