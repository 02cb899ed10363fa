"""How many queries a question takes, and which events go into one."""

from collections.abc import Collection
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import Question
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    Ratio,
    Statistic,
)
from reporter.reports.periods import Cadence, Period
from reporter.sources.mixpanel.measures.counts import LONGEST_LIST, counts_query, encoded_length
from reporter.sources.mixpanel.measures.insights import InsightsQuery
from reporter.sources.mixpanel.measures.question import QueryPlan
from reporter.sources.mixpanel.queries import Query

TODAY = date(2026, 11, 23)
WEEK = Cadence.WEEKLY.period(TODAY)
NAMES = st.lists(st.text(max_size=400), max_size=40)
WHERE = st.sampled_from(
    [(), (Condition("plan", Operator.IS_SET),), (Condition("plan", Operator.IS, ("a",)),)]
)
SIMPLE = st.one_of(
    st.builds(ActiveUsers),
    st.builds(EventCount, st.text(), WHERE),
    st.builds(EventUsers, st.text(), WHERE),
    st.builds(PropertyStatistic, st.text(), st.text(), st.sampled_from(Statistic), WHERE),
)
MEASURES = SIMPLE | st.builds(Ratio, SIMPLE, SIMPLE)


def plan(question: Question, shared: Collection[str] = ()) -> tuple[Query[object], ...]:
    return QueryPlan.of(question, shared).costs(shared)


def question(cadence: Cadence, *measures: Measure) -> Question:
    period = cadence.period(TODAY)
    return Question(measures, period, cadence.compared(period))


@given(NAMES, NAMES)
def test_a_list_of_events_always_fits_into_a_url(wanted: list[str], names: list[str]):
    events = counts_query(wanted, names, WEEK).events

    assert encoded_length(events) <= LONGEST_LIST
    assert len(set(events)) == len(events)
    assert set(events) <= {*wanted, *names}


@given(NAMES)
def test_what_fits_is_asked_in_full(names: list[str]):
    if encoded_length(tuple(dict.fromkeys(names))) <= LONGEST_LIST:
        assert set(counts_query((), names, WEEK).events) == set(names)


def test_what_is_wanted_and_known_changes_nothing():
    names = ("Page View", "Sign Up", "Purchase")

    assert counts_query(("Purchase",), names, WEEK) == counts_query(("Sign Up",), names, WEEK)


def test_where_not_all_fits_what_is_wanted_comes_first_and_then_the_most_common():
    names = tuple(f"{number} {'x' * 500}" for number in range(20))

    rare = "rare" * 200

    events = counts_query((rare,), names, WEEK).events

    assert events[0] == rare
    assert events[1:] == names[: len(events) - 1]


def test_what_is_wanted_and_common_enough_does_not_break_the_sharing():
    names = tuple(f"{number} {'x' * 500}" for number in range(20))

    assert counts_query((names[3],), names, WEEK) == counts_query((), names, WEEK)


@given(st.lists(MEASURES, max_size=5), st.sampled_from(Cadence), st.booleans())
def test_no_question_of_counts_users_and_statistics_takes_more_than_five_queries(
    measures: list[Measure], cadence: Cadence, ranks_events: bool
):
    period = cadence.period(TODAY)
    asked = Question(tuple(measures), period, cadence.compared(period), ranks_events)

    assert len(plan(asked)) <= 5
    assert len(set(plan(asked))) == len(plan(asked))


def test_the_three_reports_of_one_monday_take_at_most_ten():
    measures = (EventCount("Sign Up"), ActiveUsers(), EventUsers("Purchase"))
    reports = [question(cadence, *measures) for cadence in (Cadence.DAILY, Cadence.WEEKLY, Cadence.BIWEEKLY)]

    assert len({query for report in reports for query in plan(report)}) == 9


def test_different_events_are_taken_to_need_a_query_each_unless_they_are_shared():
    one, other = question(Cadence.WEEKLY, EventCount("A")), question(Cadence.WEEKLY, EventCount("B"))

    assert len({*plan(one), *plan(other)}) == 3
    assert len({*plan(one, {"A", "B"}), *plan(other, {"A", "B"})}) == 2


def test_users_of_any_event_come_with_those_of_some_so_that_reports_share():
    users = EventUsers("A")
    one, other = question(Cadence.WEEKLY, users), question(Cadence.WEEKLY, users, ActiveUsers())

    assert len({*plan(one), *plan(other)} - {*plan(one)}) == 1  # the days of both


def test_active_users_by_the_day_stay_within_what_mixpanel_takes_for_all_events():
    long = Period(date(2026, 1, 1), date(2026, 11, 1))

    asked = plan(Question((ActiveUsers(), EventUsers("A")), long, long.previous))

    (line,) = (query for query in asked if isinstance(query, InsightsQuery) and query.by_day)
    assert line.period == Period(date(2026, 8, 2), date(2026, 11, 1))


@given(st.lists(MEASURES, max_size=5))
def test_the_order_of_the_metrics_changes_no_query(measures: list[Measure]):
    assert set(plan(question(Cadence.WEEKLY, *measures))) == set(
        plan(question(Cadence.WEEKLY, *measures[::-1]))
    )
