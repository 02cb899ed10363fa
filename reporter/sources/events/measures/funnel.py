"""How far users came through steps in order."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from reporter.reports.measures import Funnel, Step
from reporter.reports.periods import Period
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import HAS_USER, Parameters, within

DAY = 24 * 3_600 * 1_000  # milliseconds


class Funnels:
    """Users who came to each step.

    To every occurrence of a step belongs the latest first step it can be reached from, for that leaves the
    most time. Of the occurrences of a step that one of the next can follow, the latest began no earlier than
    the others: so looking back at just the nearest finds it.
    """

    def __init__(self) -> None:
        self._wanted: set[tuple[Funnel, Period]] = set()
        self._users: Counter[tuple[Funnel, Period, int]] = Counter()

    def wish(self, funnel: Funnel, period: Period) -> Callable[[], list[int]]:
        """The users of each step."""
        self._wanted.add((funnel, period))
        return lambda: [self._users[funnel, period, number] for number in range(len(funnel.steps))]

    def add(self, bucket: Bucket) -> None:
        for funnel, period in self._wanted:
            given = Parameters()
            text = query(funnel, period, bucket, given)
            for counts in bucket.rows(text, given, tuple[int, ...]):
                for number, count in enumerate(counts):
                    self._users[funnel, period, number] += count


def query(funnel: Funnel, period: Period, bucket: Bucket, given: Parameters) -> str:
    names = [f"step_{number}" for number in range(len(funnel.steps))]
    done = [occurrences(step, period, bucket, given) for step in funnel.steps]
    first = f"step_0 AS MATERIALIZED (SELECT member, time, time AS start FROM ({done[0]}))"
    follows = "later.time > earlier.time"
    if funnel.grace is not None:
        follows = f"later.time + {funnel.grace} >= earlier.time"
    later = (
        f"""{name} AS MATERIALIZED (
            SELECT later.member, later.time, earlier.start
            FROM ({step}) later ASOF JOIN {before} earlier
              ON later.member = earlier.member AND {follows}
            WHERE later.time - earlier.start <= {funnel.days * DAY}
        )"""
        for (before, name), step in zip(pairwise(names), done[1:], strict=True)
    )
    users = ", ".join(f"(SELECT count(DISTINCT member) FROM {name})" for name in names)
    return f"WITH {', '.join((first, *later))} SELECT {users}"


def occurrences(step: Step, period: Period, bucket: Bucket, given: Parameters) -> str:
    """Who did a step, and when."""
    done = Occurrences(step.event, step.where)
    return f"""
        SELECT "user" AS member, time FROM occurred
        WHERE {HAS_USER} AND {within(period)} AND {bucket.chosen(done, given)}
    """
