"""Definitions that all sources share: what a history covers, the parts of a breakdown, what activity is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import TypeGuard

from reporter.reports.figures import (
    Figure,
    Incomparable,
    Measured,
    Name,
    Part,
    Question,
    RawEvents,
    TooLittleHistory,
    Undefined,
    Unlike,
)
from reporter.reports.measures import (
    ActiveUsers,
    ByDay,
    EventCount,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    Sessions,
    Stickiness,
    has_days,
    parts_of,
    traits,
)
from reporter.reports.periods import Period, is_apart, past_before


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far back a source tells of all events, and the first day of which it knows any."""

    since: date
    first_day: date | None

    @property
    def begins(self) -> date | None:
        """The day of the project's first event; None where there may be earlier ones."""
        return self.first_day if self.first_day and self.since < self.first_day else None

    def figures_before(self, previous: Period, figures: Mapping[Measure, Figure]) -> Mapping[Measure, Figure]:
        """Figures of the previous period; it has no numbers where it began before the first event."""
        first = self.first_day
        if first is None or not self.since <= previous.start < first:
            return figures
        short = TooLittleHistory(first)
        return {
            measure: short if isinstance(figure, Measured | Undefined) else figure
            for measure, figure in figures.items()
        }


# Autocapture's `$mp_web_page_view`, `$mp_click` and the like are activity: Mixpanel bills them, and
# counts them among all events (Mixpanel, "Autocapture"). Bookkeeping is known by its exact name, never by
# how the name begins.
# In these Mixpanel keeps identities, recordings and experiments (Mixpanel, identity and session replay docs).
BOOKKEEPING = frozenset(
    {
        "$identify",
        "$create_alias",
        "$merge",
        "$mp_session_record",
        "$hotshard_events",
        "$experiment_started",
    }
)
# Something happened to the user, who may be asleep: no part of a session (Mixpanel, "Sessions").
NOT_IN_SESSIONS = frozenset(
    {
        "$campaign_delivery",
        "$campaign_bounced",
        "$campaign_marked_spam",
        "$message_suppressed",
        "$unsubscribe",
        "$journey_entered",
    }
)


def is_from_raw(measure: Measure, raw: RawEvents) -> bool:
    """Whether a measure was measured from raw events; a ratio was, when one of its parts was."""
    return raw.is_all or measure in raw.measures or bool(raw.measures.intersection(parts_of(measure)))


def is_activity(event: str) -> bool:
    """Whether an event is something a user did."""
    return event not in BOOKKEEPING


def is_in_sessions(event: str) -> bool:
    """Whether an event begins a session or keeps it going."""
    return is_activity(event) and event not in NOT_IN_SESSIONS


_ROUNDING = 1e-9  # of a sum of many numbers


def largest_parts(
    values: Mapping[Name, float], whole: float, top: int, *, adds_up: bool, is_complete: bool
) -> tuple[Part, ...]:
    """The largest values by number, then by name; what is beyond them is one part more, where values add up.

    They do not where an occurrence has several values, as each item of a list is one. `is_complete` says that
    these are all values there are.
    """
    ranked = sorted(values, key=lambda name: (-values[name], name is None, name or ""))
    largest = tuple(Part(name, values[name]) for name in ranked[:top])
    numbers = [*values.values()]
    remainder, rounding = whole - fsum(numbers), _ROUNDING * fsum(map(abs, numbers))
    if not adds_up or _overlap(numbers, remainder, rounding, is_complete=is_complete):
        return largest
    remainder = 0 if abs(remainder) <= rounding else remainder
    if len(ranked) <= top and not remainder:
        return largest
    rest = fsum((*(values[name] for name in ranked[top:]), remainder))
    return (*largest, Part(None, int(rest) if rest == int(rest) else rest, is_rest=True))


def _overlap(numbers: Sequence[float], remainder: float, rounding: float, *, is_complete: bool) -> bool:
    """Whether the values make more than the whole; with numbers below zero, whether they make another."""
    if any(number < 0 for number in numbers):
        return is_complete and abs(remainder) > rounding
    return remainder < -rounding


def rate_of(measure: Measure) -> tuple[ByDay, ByDay] | None:
    """The numerator and the denominator of each day of what is judged as a rate: of a ratio its parts.

    Of an average, a median or a p90 it is the day's own, and the event's count, by which the days weigh.
    """
    match measure:
        case Ratio(numerator, denominator) if _has_sums_of_days(numerator) and _has_sums_of_days(denominator):
            return numerator, denominator
        case PropertyStatistic(event, where=where) if not traits(measure).is_judged:
            return measure, EventCount(event, where)
        case _:
            return None


def _has_sums_of_days(measure: Measure) -> TypeGuard[ByDay]:
    return has_days(measure) and traits(measure).is_judged


def daily_measures(measure: Measure) -> tuple[ByDay, ...]:
    """The measures whose daily numbers are needed to judge and draw this one; of money also how often."""
    if isinstance(measure, PropertyStatistic):
        return measure, EventCount(measure.event, measure.where)
    return rate_of(measure) or ((measure,) if has_days(measure) else ())


def judged_days(measure: Measure) -> tuple[Measure, ...]:
    """The measures whose daily numbers it is judged by: of a rate both; none of what days do not tell."""
    return rate_of(measure) or ((measure,) if traits(measure).is_judged else ())


def is_judged_by_periods(measure: Measure) -> bool:
    """Whether days do not tell what is usual of it, but whole periods do: each user counts once in them."""
    each = parts_of(measure)
    people = (Funnel, Retention, Stickiness, Lifecycle)
    others = (ActiveUsers, EventCount, Sessions)
    return any(isinstance(one, people) for one in each) and all(
        isinstance(one, (*people, *others)) for one in each
    )


def periods_of(question: Question) -> tuple[Period, ...]:
    """The periods that are asked about: the question's, and what it is compared with, if with anything."""
    return (question.period, question.previous) if question.compares else (question.period,)


def days_around(question: Question, period: Period) -> Period:
    """The days over which what happened by the day is asked, for one of the question's periods."""
    if period == question.period or not is_apart(question.period, question.previous):
        return question.history
    return past_before(question.period, question.previous)


def figures_before(
    question: Question, coverage: Coverage, figure: Callable[[Measure, Period], Figure]
) -> Mapping[Measure, Figure]:
    """The figures of the previous period; reasons in their place where nothing is compared."""
    if question.compares:
        figures = {measure: figure(measure, question.previous) for measure in question.measures}
        return coverage.figures_before(question.previous, figures)
    return dict.fromkeys(question.measures, Incomparable(Unlike.NOT_COMPARED))


def periods_before(question: Question) -> tuple[Period, ...]:
    """The periods before the question's that are like it, with the same weekdays, the oldest first.

    As far as its history reaches; a single day is compared with all days.
    """
    period = question.period
    step = 1 if period.length == 1 else -(-period.length // 7) * 7
    number = (period.start - question.history.start).days // step
    return tuple(period.earlier(step * place) for place in range(number, 0, -1))
