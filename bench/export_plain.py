"""The yardstick of the export bench: a plain loop over `json.loads`, with sets and dicts.

`python -m bench.export_plain PORT DAY...` downloads each day and prints the numbers as JSON.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple
from urllib.request import urlopen

DAY = 86_400
GRACE = 2  # seconds
STEPS = ("View Item", "Add To Cart", "Purchase")


class Event(NamedTuple):
    name: str
    user: str
    time: int
    insert_id: str
    ingested: int
    plan: str | None
    country: str | None
    amount: float | None

    @property
    def day(self) -> int:
        return self.time // DAY

    @property
    def is_activity(self) -> bool:
        return self.name != "$identify"


def events_of(port: int, day: str) -> Iterator[Event]:
    url = f"http://127.0.0.1:{port}/api/2.0/export?project_id=1&from_date={day}&to_date={day}"
    with urlopen(url) as answer, gzip.open(answer) as lines:
        for line in lines:
            event = json.loads(line)
            has = event["properties"]
            yield Event(
                event["event"],
                has["distinct_id"],
                has["time"],
                has["$insert_id"],
                has["mp_processing_time_ms"],
                has.get("plan"),
                has.get("mp_country_code"),
                has.get("amount"),
            )


def once_each(events: Iterator[Event]) -> list[Event]:
    latest: dict[tuple[str, str, int, str], Event] = {}
    for event in events:
        before = latest.get(event[:4])
        if before is None or event.ingested > before.ingested:
            latest[event[:4]] = event
    return list(latest.values())


class Numbers:
    """Everything that is counted."""

    def __init__(self, first: int, days: int) -> None:
        self.first, self.days = first, days
        self.totals: Counter[str] = Counter()
        self.users: dict[str, set[str]] = defaultdict(set)
        self.active: dict[int, set[str]] = defaultdict(set)
        self.plans: Counter[str | None] = Counter()
        self.countries: dict[str | None, set[str]] = defaultdict(set)
        self.cents = 0
        self.steps: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.born: dict[str, int] = {}
        self.seen: dict[str, list[int]] = defaultdict(list)

    def add(self, event: Event) -> None:
        self.totals[event.name] += 1
        self.users[event.name].add(event.user)
        if event.is_activity:
            self.active[event.day].add(event.user)
            if event.day >= self.first + self.days - 8:
                self.seen[event.user].append(event.time)
        if event.name == "Page View":
            self.plans[event.plan] += 1
        if event.name == "Purchase":
            self.countries[event.country].add(event.user)
            self.cents += round((event.amount or 0) * 100)
        if event.name in STEPS:
            self.steps[event.user].append((event.time, STEPS.index(event.name)))
        if event.name == "Sign Up" and self.first + self.days - 15 <= event.day < self.first + self.days - 8:
            self.born[event.user] = min(event.time, self.born.get(event.user, event.time))

    def answer(self) -> dict[str, object]:
        days = range(self.first, self.first + self.days)
        return {
            "totals": self.totals,
            "users": {name: len(users) for name, users in self.users.items()},
            "dau": [len(self.active[day]) for day in days],
            "wau": [len(self.active_in(day - 6, day)) for day in days[6:]],
            "range": len(self.active_in(days[0], days[-1])),
            "page_views_by_plan": {name or "null": count for name, count in self.plans.items()},
            "buyers_by_country": {name or "null": len(users) for name, users in self.countries.items()},
            "cents": self.cents,
            "funnel": self.funnel(),
            "retention": self.retention(),
        }

    def active_in(self, first: int, last: int) -> set[str]:
        return set[str]().union(*(self.active[day] for day in range(first, last + 1)))

    def funnel(self) -> list[int]:
        reached = Counter(farthest(sorted(moments)) for moments in self.steps.values())
        return [sum(count for step, count in reached.items() if step >= least) for least in range(3)]

    def retention(self) -> float:
        back = sum(
            any(7 * DAY <= time - born < 8 * DAY for time in self.seen[user])
            for user, born in self.born.items()
        )
        return round(back / len(self.born), 9)


def farthest(moments: list[tuple[int, int]]) -> int:
    """How far the best attempt came; a step may be up to two seconds ahead of the one before."""
    before = [(time, time) for time, step in moments if step == 0]  # and the latest first step
    far = 0 if before else -1
    while before and far + 1 < len(STEPS):
        here: list[tuple[int, int]] = []
        next_one = 0
        for time in (time for time, step in moments if step == far + 1):
            while next_one < len(before) and before[next_one][0] <= time + GRACE:
                next_one += 1
            if next_one and time - before[next_one - 1][1] <= 7 * DAY:
                here.append((time, before[next_one - 1][1]))
        before = here
        far += bool(here)
    return far


def main(port: int, days: list[str]) -> None:
    start = datetime.combine(date.fromisoformat(days[0]), datetime.min.time(), UTC)
    numbers = Numbers(int(start.timestamp()) // DAY, len(days))
    for day in days:
        for event in once_each(events_of(port, day)):
            numbers.add(event)
    print(json.dumps(numbers.answer()))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
