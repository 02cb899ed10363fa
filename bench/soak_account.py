"""What was due by the calendar alone, held against what is in Slack: posted once, told, or lost."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.soak_world import REPORTS, Posted
from reporter.ledger.sqlite import SQLiteLedger
from reporter.reports.deliveries import State

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TITLES = {name.title(): name for name, *_ in REPORTS}
COMMAND = re.compile(r"resend (\w+) --on (\d{4}-\d\d-\d\d)")
MISSED = re.compile(r"Due on \w+ (\d+ \w+ \d{4}),")
ORDERED = "Custom Report"


@dataclass(frozen=True, slots=True, order=True)
class DueReport:
    """A report at one destination that is due at a moment."""

    at: datetime
    report: str
    destination: str


@dataclass(slots=True)
class Account:
    """What became of all that was due."""

    due: int = 0
    fates: Counter[str] = field(default_factory=Counter[str])
    by_cadence: Counter[str] = field(default_factory=Counter[str])
    doubled: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    strays: list[str] = field(default_factory=list[str])  # posted, and not due
    notices: Counter[str] = field(default_factory=Counter[str])
    ordered: int = 0  # messages of orders over HTTP

    @property
    def is_well(self) -> bool:
        return not (self.doubled or self.lost or self.strays)

    def lines(self) -> Iterator[str]:
        yield f"due {self.due}: {dict(self.fates)}; by cadence {dict(self.by_cadence)}"
        yield f"doubled {self.doubled[:9]}, lost {self.lost[:9]}, strays {self.strays[:9]}"
        yield f"messages of orders {self.ordered}"
        yield f"notices {dict(self.notices)}"


def account(start: datetime, end: datetime, posted: Sequence[Posted], ledger: Path) -> Account:
    """The account of a soak."""
    dues = sorted(due_by_calendar(start, end))
    messages = _messages(posted, sorted(due_by_calendar(start, end + DAY)))
    told, quiet = _told(posted), _quiet(ledger)
    ordered = Counter((one.text, one.by) for one in posted if ORDERED in one.text and one.by != "errors")
    made = Account(due=len(dues), ordered=ordered.total())
    made.doubled = [f"{text} {by}" for (text, by), count in ordered.items() if count > 1]
    cadences = {name: cadence for name, cadence, *_ in REPORTS}
    for one in dues:
        zone = _zone(one.report)
        count, day = messages[one], one.at.astimezone(zone).date()
        known = min(told[one.report, day], 1)
        if count > 1:
            made.doubled.append(f"{one.report} {one.at} {one.destination}")
        if count:
            fate = "posted, and told that it may be" if known and one.destination == "team" else "posted"
        else:
            fate = "told" if known else "quiet" if day in quiet and one.report == "alert" else "lost"
        if fate == "lost":
            made.lost.append(f"{one.report} {one.at} {one.destination}")
        made.fates[fate] += 1
        made.by_cadence[cadences[one.report]] += 1
    made.strays = [f"{one.report} {one.at}" for one in messages if one.at <= end and one not in set(dues)]
    made.notices = Counter(
        one.text.partition(": ")[2].partition(". ")[0] for one in posted if one.by == "errors"
    )
    return made


def _messages(posted: Sequence[Posted], dues: Sequence[DueReport]) -> Counter[DueReport]:
    """How often each was posted: a message is of the last due moment before it."""
    by_place: dict[tuple[str, str], list[DueReport]] = {}
    for one in dues:
        by_place.setdefault((one.report, one.destination), []).append(one)
    found = Counter[DueReport]()
    for message in posted:
        title = next((part for part in message.text.split(" · ") if part in TITLES), None)
        if message.by == "errors" or title is None:
            continue
        before = [one for one in by_place.get((TITLES[title], message.by), ()) if one.at <= message.at]
        stray = DueReport(message.at, TITLES[title], message.by)
        found[before[-1] if before else stray] += 1
    return found


def _told(posted: Sequence[Posted]) -> Counter[tuple[str, date]]:
    """How many notices name a report of a day."""
    told = Counter[tuple[str, date]]()
    for one in posted:
        if one.by != "errors":
            continue
        days = {(report, date.fromisoformat(day)) for report, day in COMMAND.findall(one.words)}
        if missed := MISSED.findall(one.words):
            report = next(iter(days))[0]
            days |= {(report, _day(text)) for text in missed}
        told.update(days)
    return told


def _quiet(ledger: Path) -> set[date]:
    """On which days the alert had nothing to say."""
    return {
        one.delivery.period.end
        for one in SQLiteLedger(ledger).history(10**6)
        if one.delivery.report == "alert" and one.entry.state is State.QUIET
    }


def due_by_calendar(start: datetime, end: datetime) -> Iterator[DueReport]:
    """Every report that is due in these days, at each of its destinations."""
    for name, cadence, cron, _, destinations, more in REPORTS:
        zone = _zone(name)
        anchor = (
            date.fromisoformat(found[1]) if (found := re.search(r"from = (\S+)", more)) else date(2026, 1, 5)
        )
        day = start.date() - DAY
        while day <= end.date() + DAY:
            moment = _moment(day, cron, zone)
            if _is_on(day, cron, cadence, anchor) and start < moment <= end:
                for destination in re.findall(r"\w+", destinations):
                    yield DueReport(moment, name, destination)
            day += DAY


def _is_on(day: date, cron: str, cadence: str, anchor: date) -> bool:
    _, _, month_day, _, week_day = cron.split()
    first, _, last = week_day.partition("-")
    number = day.isoweekday() % 7
    is_week_day = week_day == "*" or int(first) <= number <= int(last or first)
    is_month_day = month_day == "*" or int(month_day) == day.day
    weeks = (day - day.weekday() * DAY - (anchor - anchor.weekday() * DAY)).days // 7
    return is_week_day and is_month_day and (cadence != "biweekly" or weeks % 2 == 0)


def _moment(day: date, cron: str, zone: ZoneInfo) -> datetime:
    """The first time at which the clock shows it, or right after the hour that it skips."""
    minute, hour, *_ = map(str, cron.split())
    shown = datetime(day.year, day.month, day.day, int(hour), int(minute))  # noqa: DTZ001
    while True:
        moment = shown.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == shown:
            return moment
        shown += MINUTE


def _zone(report: str) -> ZoneInfo:
    return ZoneInfo(_ZONES[report])


_ZONES: Mapping[str, str] = {name: zone for name, _, _, zone, *_ in REPORTS}


def _day(text: str) -> date:
    """9 Mar 2027."""
    return datetime.strptime(text, "%d %b %Y").replace(tzinfo=UTC).date()
