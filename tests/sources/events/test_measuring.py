"""Whatever is asked of whatever happened, SQL says what plain counting says."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.reports.figures import Figure, Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    Funnel,
    Lifecycle,
    Sessions,
    UserGroup,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, EventsResult, MeasureRequest

from . import reference
from .buckets import database, measured
from .reference import Event
from .strategies import (
    PROPERTIES,
    counts,
    funnels,
    periods,
    plans,
    properties,
    small_plans,
    small_streams,
    streams,
    valued_plans,
)

thoroughly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
quickly = settings(thoroughly, max_examples=60)


@thoroughly
@given(events=streams, plan=plans, buckets=st.integers(1, 4))
def test_sql_says_what_plain_counting_says(events: list[Event], plan: EventsPlan, buckets: int):
    assert measured(events, plan, PROPERTIES, buckets) == reference.answer(events, plan)


@thoroughly
@given(events=small_streams, plan=small_plans, buckets=st.integers(1, 2))
def test_sql_follows_users_as_plain_loops_do(events: list[Event], plan: EventsPlan, buckets: int):
    assert measured(events, plan, ["price"], buckets) == reference.answer(events, plan)


@thoroughly
@given(events=small_streams, plan=valued_plans, buckets=st.integers(1, 2))
def test_sql_tells_values_apart_as_plain_dicts_do(events: list[Event], plan: EventsPlan, buckets: int):
    assert measured(events, plan, ["plan", "price"], buckets) == reference.answer(events, plan)


@quickly
@given(events=streams, plan=plans)
def test_a_plan_needs_no_more_days_and_properties_than_it_says(events: list[Event], plan: EventsPlan):
    assert measured_with_its_needs(events, plan) == measured_with_all(events, plan)


@thoroughly
@given(events=small_streams, plan=small_plans)
def test_users_need_no_more_days_than_their_plan_says(events: list[Event], plan: EventsPlan):
    assert measured_with_its_needs(events, plan) == measured_with_all(events, plan)


@quickly
@given(events=streams, period=periods, lookback=st.integers(1, 10))
def test_new_retained_and_resurrected_users_make_up_the_active_ones(
    events: list[Event], period: Period, lookback: int
):
    groups = (UserGroup.NEW, UserGroup.RETAINED, UserGroup.RESURRECTED)

    active, *parts = figures(events, period, ActiveUsers(), *(Lifecycle(group, lookback) for group in groups))

    assert sum(number(part) for part in parts) == number(active)


@quickly
@given(events=streams, period=periods)
def test_sessions_are_at_least_the_days_of_users_and_at_most_their_events(
    events: list[Event], period: Period
):
    own = [event for event in events if event.user is not None and period.covers(event.day)]
    active = [event for event in own if event.name not in ("$identify", "$campaign_delivery")]

    (sessions,) = figures(events, period, Sessions())

    assert len({(event.user, event.day) for event in active}) <= number(sessions) <= len(active)


@quickly
@given(events=streams, period=periods, funnel=funnels)
def test_no_step_of_a_funnel_has_more_users_than_the_one_before(
    events: list[Event], period: Period, funnel: Funnel
):
    (figure,) = figures(events, period, funnel)

    users = [part.value for part in figure.parts] if isinstance(figure, Measured) else []
    assert users == sorted(users, reverse=True)


@quickly
@given(events=streams, period=periods, count=counts, property=properties, top=st.integers(1, 3))
def test_the_parts_of_a_count_add_up_to_it(
    events: list[Event], period: Period, count: EventCount, property: str, top: int
):
    single = [event for event in events if not event.properties.get(property, "").startswith("[")]

    (figure,) = figures(single, period, Breakdown(count, property, top))

    assert isinstance(figure, Measured)
    assert sum(part.value for part in figure.parts) == figure.value


@quickly
@given(events=streams, period=periods, count=counts, property=properties)
def test_the_values_of_lists_make_no_less_than_the_whole(
    events: list[Event], period: Period, count: EventCount, property: str
):
    (figure,) = figures(events, period, Breakdown(count, property, 1_000))

    assert isinstance(figure, Measured)
    assert sum(part.value for part in figure.parts) >= figure.value
    assert not any(part.is_rest or part.value > figure.value for part in figure.parts)


@quickly
@given(events=streams, plan=plans)
def test_measuring_leaves_nothing_behind(events: list[Event], plan: EventsPlan):
    measured(events, plan, PROPERTIES, 2)

    assert database().execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("events",)]


def measured_with_its_needs(events: list[Event], plan: EventsPlan) -> EventsResult:
    days = plan.days
    needed = [event for event in events if days and days.covers(event.day)]
    return replace(measured(needed, plan, sorted(plan.columns.properties)), seen={}, events=0)


def measured_with_all(events: list[Event], plan: EventsPlan) -> EventsResult:
    return replace(measured(events, plan, PROPERTIES), seen={}, events=0)


def figures(
    events: list[Event],
    period: Period,
    *measures: ActiveUsers | Lifecycle | Sessions | Funnel | Breakdown,
) -> list[Figure]:
    asks = [MeasureRequest(measure, period) for measure in measures]
    answer = measured(events, EventsPlan(frozenset(asks)), PROPERTIES, 2)
    return [answer.figures[ask] for ask in asks]


def number(figure: Figure) -> float:
    assert isinstance(figure, Measured)
    return figure.value
