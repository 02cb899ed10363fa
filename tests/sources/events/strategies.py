"""Streams of events, and plans to measure them by: few users and names, so that all meets all."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reporter.reports.conditions import Condition, Operator, Scalar, Where
from reporter.reports.figures import Segmentation
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    ByDay,
    EventCount,
    EventUsers,
    Funnel,
    Groupable,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    Unit,
    UserGroup,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import NO_SEGMENTATION, EventsPlan, MeasureRequest, RawMeasure

from .reference import Event

ZONE = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 10, 20)  # the clocks go back on the 25th
LENGTH = 12
HOSTILE = ['say "hi"', "it's", "a;--", "new\nline", "p:x", "Ünï 😀", "%_\\", "$1", "{x}", " "]

NAMES = ["Open", "Open", "Buy", "Buy", "View", "$mp_click", "$identify", "$campaign_delivery", *HOSTILE[:2]]
names = st.sampled_from(NAMES)
PROPERTIES = ["plan", "price", *HOSTILE[:6]]
properties = st.sampled_from(["price", "price", "plan", "plan", *PROPERTIES])
texts = st.one_of(st.sampled_from(["pro", "free", "12", "true", "", *HOSTILE]), st.text(max_size=3))
plain_numbers = st.one_of(st.sampled_from([0, 1, 12, 12.0, 12.5, 0.1, 0.2, -3]), st.integers(-5, 5))
odd_numbers = st.floats(-1e14, 1e14, allow_subnormal=True)
scalars = st.one_of(texts, plain_numbers, odd_numbers, st.booleans(), st.none(), st.just("undefined"))
lists = st.lists(scalars | st.just([1, "a"]) | st.just({"a": None}), max_size=4)
values = scalars | lists | st.just({"a": None})


def of_property(value: object) -> SearchStrategy[str]:
    """JSON that says it, in either of the ways that text can be written."""
    return st.booleans().map(lambda is_ascii: json.dumps(value, ensure_ascii=is_ascii))


json_texts = values.flatmap(of_property)


def moments() -> SearchStrategy[int]:
    """Milliseconds, crowded around midnights of the zone, half hours and each other."""
    days = st.integers(0, LENGTH - 1)
    nearby = st.sampled_from([0, 1, -1, 1_800_000, 1_799_999, -1_800_000, 3_600_000, 82_800_000, 43_200_000])
    return st.builds(moment, days, nearby | st.integers(0, 86_400_000))


def moment(day: int, off: int) -> int:
    return midnight(day) + off


def midnight(day: int) -> int:
    start = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), ZONE)
    return int(start.timestamp()) * 1_000


def day_of(time: int) -> date:
    return datetime.fromtimestamp(time / 1_000, UTC).astimezone(ZONE).date()


def made(name: str, user: int | None, time: int, properties: dict[str, str]) -> Event:
    return Event(name, user, time, day_of(time), properties)


numeric = (plain_numbers | odd_numbers).flatmap(of_property)
some_properties = st.fixed_dictionaries(
    {}, optional={"price": numeric | json_texts, "plan": texts.flatmap(of_property), "it's": json_texts}
) | st.dictionaries(properties, json_texts, max_size=2)
events = st.builds(made, names, st.none() | st.integers(0, 3), moments(), some_properties)
streams = st.lists(events, max_size=40)


def stretch(first: int, length: int) -> Period:
    return Period(FIRST + timedelta(days=first), FIRST + timedelta(days=first + length))


periods = st.builds(stretch, st.integers(-1, LENGTH), st.integers(1, 5))


def conditions() -> SearchStrategy[Condition]:
    scalars: SearchStrategy[Scalar] = texts | plain_numbers | st.booleans()
    some = st.lists(scalars, min_size=1, max_size=2).map(tuple)
    limits = st.tuples(plain_numbers)
    equal = st.builds(Condition, properties, st.sampled_from([Operator.IS, Operator.IS_NOT]), some)
    holding = st.builds(Condition, properties, st.just(Operator.CONTAINS), st.tuples(texts))
    signs = [Operator.GREATER_THAN, Operator.AT_LEAST, Operator.LESS_THAN, Operator.AT_MOST]
    compared = st.builds(Condition, properties, st.sampled_from(signs), limits)
    is_set = st.builds(Condition, properties, st.sampled_from([Operator.IS_SET, Operator.IS_NOT_SET]))
    return equal | holding | compared | is_set


def wheres() -> SearchStrategy[Where]:
    return st.just(()) | st.lists(conditions(), min_size=1, max_size=2).map(tuple)


counts = st.builds(EventCount, names, wheres())
event_users = st.builds(EventUsers, names, wheres())
amounts = st.just("price") | properties
statistics = st.builds(PropertyStatistic, names, amounts, st.sampled_from(Statistic), wheres())
sums = st.builds(PropertyStatistic, names, amounts, st.just(Statistic.SUM), wheres())
active: SearchStrategy[ActiveUsers] = st.builds(ActiveUsers, wheres())
sessions = st.builds(Sessions, wheres())
divisible = counts | event_users | statistics

steps = st.lists(st.builds(Step, names, wheres()), min_size=1, max_size=4).map(tuple)
funnels = st.builds(Funnel, steps, st.integers(1, 3))

lifecycles = st.builds(Lifecycle, st.sampled_from(UserGroup), st.integers(1, 10), wheres())

measures: SearchStrategy[RawMeasure] = st.one_of(
    counts,
    event_users,
    active,
    statistics,
    st.builds(Breakdown, divisible, properties, st.integers(1, 3)),
    st.builds(Stickiness, st.integers(1, 10), wheres()),
    funnels,
    st.builds(
        Retention,
        st.none() | names,
        st.none() | names,
        st.integers(0, 2),
        st.sampled_from(Unit),
        st.booleans(),
        wheres(),
    ),
    lifecycles,
    sessions,
)
by_day: SearchStrategy[ByDay] = counts | event_users | active | statistics | sessions
divided: SearchStrategy[Groupable] = counts | event_users | active | sums


def segmentation(measures: list[Groupable], properties: list[str], last: Period) -> Segmentation:
    return Segmentation(tuple(measures), tuple(properties), (last.previous.previous, last.previous, last))


segmentations = st.builds(
    segmentation,
    st.lists(divided, min_size=1, max_size=3, unique=True),
    st.lists(properties, min_size=1, max_size=2, unique=True),
    periods,
)


def requests(
    measures: SearchStrategy[RawMeasure], periods: SearchStrategy[Period]
) -> SearchStrategy[frozenset[MeasureRequest]]:
    """Each measure over each period, as reports compare them, and judge what has no days."""
    some, compared = st.sets(measures, max_size=8), st.sets(periods, min_size=1, max_size=4)
    return st.builds(all_requests, some, compared)


def all_requests(measures: set[RawMeasure], periods: set[Period]) -> frozenset[MeasureRequest]:
    return frozenset(MeasureRequest(measure, period) for measure in measures for period in periods)


plans = st.builds(
    EventsPlan,
    requests=requests(measures, periods),
    daily=st.frozensets(by_day, max_size=3),
    history=periods,
    ranking=st.none() | st.tuples(periods, periods),
    ranked=wheres(),
    segmentation=st.just(NO_SEGMENTATION) | segmentations,
)

# A small world, in which paths cross: two events, two users, and few moments.
few_names = st.sampled_from(["A", "A", "B", "C"])
few_moments = st.builds(
    moment,
    st.integers(3, 6),
    st.sampled_from([6 * number * 3_600_000 + off for number in range(4) for off in (0, 0, 2_000, 2_001)]),
)
few_prices = st.sampled_from(["1", "2", "3.0", "3", "0.1", "null", '"1"'])
few_plans = st.sampled_from(['"a"', '"b"', "1", "null", '["a","b"]', '["a", "a", 1]', "[]", '["b"]'])
few_values = st.fixed_dictionaries({"price": few_prices}, optional={"plan": few_plans})
few_events = st.builds(made, few_names, st.integers(0, 1), few_moments, few_values)
small_streams = st.lists(few_events, min_size=6, max_size=20)
few_periods = st.builds(stretch, st.integers(3, 5), st.integers(1, 3))
few_wheres: SearchStrategy[Where] = st.just(()) | st.builds(
    Condition, st.just("price"), st.just(Operator.IS), st.just((1, 3))
).map(lambda condition: (condition,))
few_users = st.builds(EventUsers, few_names) | st.builds(ActiveUsers, few_wheres)

small_plans = st.builds(
    EventsPlan,
    requests=requests(
        st.one_of(
            few_users,
            st.builds(
                Funnel,
                st.lists(st.builds(Step, few_names), min_size=2, max_size=4).map(tuple)
                | st.permutations(["A", "B", "C"]).map(lambda order: tuple(map(Step, order))),
                st.integers(1, 2),
            ),
            st.builds(
                Retention,
                st.none() | few_names,
                st.none() | few_names,
                st.integers(0, 1),
                unbounded=st.booleans(),
                where=few_wheres,
            ),
            st.builds(Lifecycle, st.sampled_from(UserGroup), st.integers(1, 3), few_wheres),
            st.builds(Stickiness, st.integers(1, 3), few_wheres),
        ),
        few_periods,
    ),
    daily=st.frozensets(few_users, max_size=2),
    history=few_periods,
)

few_statistics = st.builds(
    PropertyStatistic, few_names, st.just("price"), st.sampled_from(Statistic), few_wheres
)
few_divisible = st.one_of(
    st.builds(EventCount, few_names, few_wheres), st.builds(EventUsers, few_names, few_wheres), few_statistics
)

valued_plans = st.builds(
    EventsPlan,
    requests=requests(st.builds(Breakdown, few_divisible, st.just("plan"), st.integers(1, 2)), few_periods),
    daily=st.frozensets(st.builds(EventUsers, few_names, few_wheres) | few_statistics, max_size=2),
    history=few_periods,
    segmentation=st.just(NO_SEGMENTATION)
    | st.builds(
        segmentation,
        st.lists(
            few_statistics | few_users | st.builds(EventCount, few_names), min_size=1, max_size=2, unique=True
        ),
        st.just(["plan"]),
        few_periods,
    ),
)
