"""Parts of queries, as readable text."""

from collections.abc import Iterable

from reporter.model.period import Period

HAS_USER = '"user" IS NOT NULL'


class Given:
    """The values of a query, which are never part of its text: each call answers with what stands for one.

    >>> given = Given()
    >>> f"event = {given('Sign Up')}", given.values
    ('event = $1', ['Sign Up'])
    """

    def __init__(self) -> None:
        self.values: list[str | float] = []

    def __call__(self, value: str | float) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def within(period: Period) -> str:
    """The condition that an event happened in the period."""
    return f"day >= DATE '{period.start}' AND day < DATE '{period.end}'"


def count_of(condition: str) -> str:
    """How many rows fulfil a condition. As `count(*) FILTER` this takes twice as long."""
    return f"coalesce(count_if({condition}), 0)"


def span(periods: Iterable[Period]) -> Period:
    """From the first day of them all to the last."""
    every = tuple(periods)
    return Period(min(period.start for period in every), max(period.end for period in every))
