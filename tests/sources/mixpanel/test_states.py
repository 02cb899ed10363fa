"""What a source makes of answers a well-behaved Mixpanel would not give."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.errors import PlanRefused, ReporterError
from reporter.reports.figures import (
    EventTotal,
    Failed,
    Figure,
    Figures,
    Measured,
    Question,
    Ranking,
    TooLittleHistory,
    UnknownEvent,
)
from reporter.reports.measures import ActiveUsers, EventCount, EventUsers, Measure
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

from .fake import PROJECT_ID, SECRET, USERNAME, FakeMixpanel, Turns, error, me

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
QUESTION = Question((), WEEK, WEEK.previous)
SIGN_UPS, ACTIVES, SIGNED_UP = EventCount("Sign Up"), ActiveUsers(), EventUsers("Sign Up")
NAMES, EVENTS, INSIGHTS = "/api/query/events/names", "/api/query/events", "/api/query/insights"


def ask(*measures: Measure) -> Question:
    return Question(measures, WEEK, WEEK.previous)


def days(period: Period = QUESTION.history, suffix: str = "") -> list[str]:
    return [day.isoformat() + suffix for day in period]


def events(
    values: Mapping[str, Mapping[str, object]], series: list[str] | None = None, **more: object
) -> object:
    return {"data": {"series": days() if series is None else series, "values": values}, **more}


def insights(series: object, **more: object) -> object:
    return {"headers": ["$metric"], "series": series, **more}


def mixpanel(**answers: object) -> FakeMixpanel:
    """One with an event "Sign Up", thrice a day ever since, of two users."""
    usual: dict[str, object] = {
        "me": me(),
        "names": ["Sign Up"],
        "events": events({"Sign Up": dict.fromkeys(days(), 3)}),
        "insights": insights({"All Events [Unique]": {"all": 2}, "Sign Up [Unique]": {"all": 2}}),
    }
    paths = {"me": "/api/app/me", "names": NAMES, "events": EVENTS, "insights": INSIGHTS}
    return FakeMixpanel({paths[name]: answer for name, answer in {**usual, **answers}.items()})


def measure(world: FakeMixpanel, *measures: Measure, today: datetime = NOW) -> Figures:
    return QuerySource(world.client(), now=lambda: today).measure(ask(*measures))


def reason(figure: Figure) -> str:
    assert isinstance(figure, Failed)
    return figure.reason


@pytest.mark.parametrize("suffix", ["", "T00:00:00", "T00:00:00+01:00"])
def test_days_come_in_any_order_and_notation(suffix: str):
    keys = days(suffix=suffix)
    counts = {key: place for place, key in enumerate(keys)}

    figures = measure(
        mixpanel(events=events({"Sign Up": dict(sorted(counts.items(), reverse=True))}, keys[::-1])), SIGN_UPS
    )

    assert figures.now[SIGN_UPS] == Measured(sum(range(175, 182)))
    assert figures.daily[SIGN_UPS].values == tuple(range(182))


def test_a_day_without_the_event_is_a_zero():
    figures = measure(mixpanel(events=events({"Sign Up": {"2026-11-02": 1, "2026-11-18": 4}})), SIGN_UPS)

    assert figures.now[SIGN_UPS] == Measured(4)
    assert figures.daily[SIGN_UPS].over(WEEK) == (0, 0, 4, 0, 0, 0, 0)


def test_a_day_that_the_answer_leaves_out_is_no_zero():
    holey = [day for day in days() if day != "2026-11-18"]

    figures = measure(mixpanel(events=events({"Sign Up": dict.fromkeys(holey, 3)}, holey)), SIGN_UPS)

    assert "2026-11-18" in reason(figures.now[SIGN_UPS])
    assert figures.before[SIGN_UPS] == Measured(21)
    assert figures.daily[SIGN_UPS].over(WEEK) == (3, 3, None, 3, 3, 3, 3)
    assert isinstance(figures.ranking, Failed)


def test_an_answer_without_any_day_says_nothing():
    figures = measure(mixpanel(events=events({}, [])), SIGN_UPS)

    assert "2026-11-16" in reason(figures.now[SIGN_UPS])
    assert isinstance(figures.ranking, Failed)


def test_days_before_all_of_the_answer_are_before_the_project():
    young = days(Period(date(2026, 11, 12), WEEK.end))

    figures = measure(mixpanel(events=events({"Sign Up": dict.fromkeys(young, 3)}, young)), SIGN_UPS, ACTIVES)

    assert figures.now == {SIGN_UPS: Measured(21), ACTIVES: Measured(2)}
    assert set(figures.before.values()) == {TooLittleHistory(date(2026, 11, 12))}


def test_active_users_prove_that_the_project_is_older_than_its_present_events():
    renamed = dict.fromkeys(days(Period(date(2026, 11, 12), WEEK.end)), 3)
    users = {"All Events": dict.fromkeys(days(), 2) | {"all": 2}}
    line = {"All Events": dict.fromkeys(days(), 2)}

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = {"/api/app/me": me(), NAMES: ["Sign Up"], EVENTS: events({"Sign Up": renamed})}
        if request.url.path == INSIGHTS:
            return httpx2.Response(200, json=insights(line if b'"line"' in request.content else users))
        return httpx2.Response(200, json=found[request.url.path])

    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, PROJECT_ID, "eu"), transport=httpx2.MockTransport(answer)
    )
    figures = QuerySource(client, now=lambda: NOW).measure(ask(SIGN_UPS, ACTIVES))

    assert figures.before[SIGN_UPS] == Measured(12)


def test_the_same_event_in_two_answers_and_twice_among_the_names_counts_once():
    figures = measure(mixpanel(names=["Sign Up", "Sign Up"]), SIGN_UPS, SIGNED_UP)

    assert figures.now == {SIGN_UPS: Measured(21), SIGNED_UP: Measured(2)}
    assert figures.ranking == Ranking((EventTotal("Sign Up", 21, 21),))


def test_a_project_without_events_has_none_to_rank():
    world = mixpanel(names=list[str](), insights=insights({}))

    figures = measure(world)

    assert figures.ranking == Ranking(())
    assert EVENTS not in world.paths


def test_every_value_of_the_previous_period_is_told_apart_from_a_failure():
    figures = measure(mixpanel(events=error(400, "no counts")), SIGN_UPS, SIGNED_UP, ACTIVES)

    assert "no counts" in reason(figures.before[SIGN_UPS])
    assert figures.before[SIGNED_UP] == figures.before[ACTIVES] == Measured(2)
    assert SIGN_UPS not in figures.daily


def test_a_project_without_events_knows_no_event():
    figures = measure(mixpanel(names=list[str](), events=events({})), SIGN_UPS)

    assert figures.now[SIGN_UPS] == UnknownEvent("Sign Up")


def test_an_estimate_is_marked_as_one():
    sampled = {"sampling_factor": 0.1}
    series = {"All Events": {"all": 2}}

    figures = measure(mixpanel(insights=insights(series, meta=sampled)), SIGN_UPS, ACTIVES)

    assert figures.now == {SIGN_UPS: Measured(21), ACTIVES: Measured(2, sampled=True)}


def test_fewer_days_than_asked_for_are_not_passed_off_as_the_period():
    clipped = {"from_date": "2026-11-18T00:00:00+01:00", "to_date": "2026-11-22T23:59:59+01:00"}

    figures = measure(mixpanel(insights=insights({"All Events": {"all": 2}}, date_range=clipped)), ACTIVES)

    assert "2026-11-18 to 2026-11-22" in reason(figures.now[ACTIVES])


@pytest.mark.parametrize(
    "series", [{"A": {"all": 2}, "B": {"all": 3}}, {}, {"All Events": {"2026-11-16": 2}}]
)
def test_a_number_that_can_not_be_told_fails_by_name(series: object):
    figures = measure(mixpanel(insights=insights(series)), SIGN_UPS, ACTIVES, SIGNED_UP)

    assert figures.now[SIGN_UPS] == Measured(21)
    assert "users of any event" in reason(figures.now[ACTIVES])
    assert "users of Sign Up" in reason(figures.now[SIGNED_UP])


def test_an_event_that_did_not_happen_had_no_users():
    quiet = events({"Sign Up": {"2026-06-01": 1}})

    figures = measure(mixpanel(events=quiet, insights=insights({"All Events": {"all": 2}})), SIGNED_UP)

    assert figures.now[SIGNED_UP] == Measured(0)


def test_a_daily_line_that_makes_no_sense_costs_the_line_only():
    figures = measure(mixpanel(), ACTIVES)

    assert figures.now[ACTIVES] == Measured(2)
    assert ACTIVES not in figures.daily


def test_the_oldest_answer_tells_how_fresh_the_figures_are():
    old = "2026-11-23T01:00:00+00:00"

    assert measure(mixpanel(), SIGN_UPS, ACTIVES).computed_at == NOW
    assert measure(mixpanel(insights=insights({}, computed_at=old)), SIGN_UPS, ACTIVES).computed_at == (
        datetime.fromisoformat(old)
    )


def test_a_full_list_of_names_makes_the_ranking_partial():
    names = ["Sign Up", *(f"Event {number}" for number in range(254))]

    ranking = measure(mixpanel(names=names)).ranking

    assert isinstance(ranking, Ranking)
    assert ranking.is_partial


def test_names_that_do_not_fit_make_the_ranking_partial():
    world = mixpanel(names=["é" * 900, "ü" * 900, "Page View"])

    figures = measure(world, SIGN_UPS)

    assert isinstance(figures.ranking, Ranking)
    assert figures.ranking.is_partial
    asked = next(request.url.params["event"] for request in world.requests if request.url.path == EVENTS)
    assert json.loads(asked) == ["é" * 900, "Page View", "Sign Up"]


def test_an_event_that_does_not_fit_is_named():
    monster = EventCount("x" * 7_000)

    figures = measure(mixpanel(), SIGN_UPS, monster)

    assert figures.now[SIGN_UPS] == Measured(21)
    assert "does not fit" in reason(figures.now[monster])


def test_a_plan_that_shows_ninety_days_is_asked_for_ninety_days():
    short = days(Period(date(2026, 8, 26), WEEK.end))
    beyond = error(403, "Date range exceeds 90 days into the past")
    world = mixpanel(events=Turns([beyond, events({"Sign Up": dict.fromkeys(short, 3)}, short)]))

    figures = measure(world, SIGN_UPS)

    assert (figures.now[SIGN_UPS], figures.before[SIGN_UPS]) == (Measured(21), Measured(21))
    assert figures.daily[SIGN_UPS].start == date(2026, 8, 26)
    assert isinstance(figures.ranking, Ranking)
    assert figures.queries == 3


def test_beyond_what_the_plan_shows_a_number_fails_with_the_reason():
    beyond = error(403, "Date range exceeds 3 days into the past")

    figures = measure(mixpanel(events=beyond, insights=beyond), SIGN_UPS, ACTIVES)

    assert all("3 days into the past" in reason(figure) for figure in figures.now.values())


def test_some_queries_that_the_plan_allows_still_count():
    figures = measure(mixpanel(insights=error(402, "Upgrade")), SIGN_UPS, ACTIVES)

    assert figures.now[SIGN_UPS] == Measured(21)
    assert "Upgrade" in reason(figures.now[ACTIVES])


def test_a_plan_that_allows_nothing_is_raised():
    plan = error(402, "Upgrade")

    with pytest.raises(PlanRefused):
        measure(mixpanel(names=plan, events=plan, insights=plan), SIGN_UPS, ACTIVES)


def test_the_queries_of_one_question_run_at_the_same_time():
    together = threading.Barrier(4)  # the names, and three of users

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path in (NAMES, INSIGHTS):
            together.wait(10)
        found = {"/api/app/me": me(), NAMES: ["Sign Up"], EVENTS: events({}), INSIGHTS: insights({})}
        return httpx2.Response(200, json=found[request.url.path])

    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, PROJECT_ID, "eu"), transport=httpx2.MockTransport(answer)
    )

    assert QuerySource(client).measure(ask(SIGN_UPS, ACTIVES)).queries == 5


def test_another_zone_changes_what_a_recent_period_is():
    september = Period(date(2026, 10, 23), date(2026, 10, 24))
    asked = Question((), september, september.previous)
    late = datetime(2026, 11, 23, 20, tzinfo=UTC)  # the 24th in Auckland

    def is_partial(zone: str) -> bool:
        source = QuerySource(mixpanel().client(), project_zone=ZoneInfo(zone), now=lambda: late)
        ranking = source.measure(asked).ranking
        assert isinstance(ranking, Ranking)
        return ranking.is_partial

    assert not is_partial("Europe/Berlin")
    assert is_partial("Pacific/Auckland")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.sampled_from(days(WEEK)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["series", "data", "values", "Sign Up", "all", *days(WEEK)]), inner)
    ),
    max_leaves=8,
)
POINTS = st.dictionaries(st.sampled_from(days()), st.integers(0, 9) | st.floats(0, 9) | st.none())
LIKELY = (
    JSON
    | st.builds(events, st.dictionaries(st.sampled_from(["Sign Up", "Other"]), POINTS))
    | st.builds(insights, st.dictionaries(st.sampled_from(["Sign Up", "All Events"]), POINTS))
)


def body(value: object) -> httpx2.Response:
    return httpx2.Response(200, content=json.dumps(value).encode())


@settings(deadline=None)  # each one runs threads
@given(LIKELY, LIKELY, LIKELY, LIKELY)
def test_whatever_mixpanel_answers_each_figure_has_a_state(
    one: object, two: object, three: object, four: object
):
    world = mixpanel(me=body(one), names=body(two), events=body(three), insights=body(four))
    source = QuerySource(world.client(), fallback_zone=ZoneInfo("UTC"), now=lambda: NOW)

    try:
        figures = source.measure(ask(SIGN_UPS, ACTIVES, SIGNED_UP))
    except ReporterError:
        return

    assert set(figures.now) == set(figures.before) == {SIGN_UPS, ACTIVES, SIGNED_UP}
    assert all(
        daily.start + timedelta(days=len(daily.values)) == WEEK.end for daily in figures.daily.values()
    )
