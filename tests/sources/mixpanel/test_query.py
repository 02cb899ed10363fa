"""A source that asks the local Mixpanel over HTTP, against the reference of the events its product had."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from reporter.reports.errors import PlanRefused
from reporter.reports.figures import (
    Failed,
    Figures,
    Measured,
    Question,
    Ranking,
    TooLittleHistory,
    UnknownEvent,
)
from reporter.reports.measures import ActiveUsers, Breakdown, EventCount, EventUsers, Measure, Simple
from reporter.reports.periods import Cadence, Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.measures.question import read_measure
from reporter.sources.mixpanel.queries import QueryReading
from reporter.sources.mixpanel.source import QuerySource

from .fake import SECRET, USERNAME
from .truth import NOW, TODAY, ZONE, Seconds, each_day, happened, true_figure, true_number

MEASURES = (EventCount("Sign Up"), EventCount("Page View"), ActiveUsers(), EventUsers("Purchase"))
CADENCES = [Cadence.DAILY, Cadence.WEEKLY, Cadence.BIWEEKLY]


def question(cadence: Cadence = Cadence.WEEKLY, *measures: EventCount | ActiveUsers | EventUsers) -> Question:
    period = cadence.period(TODAY)
    return Question(measures or MEASURES, period, cadence.compared(period))


@pytest.mark.parametrize("cadence", [*CADENCES, Cadence.MONTHLY])
def test_the_figures_are_those_of_the_reference(source: QuerySource, product: Product, cadence: Cadence):
    asked = question(cadence)

    figures = source.measure(asked)

    for period, found in ((asked.period, figures.now), (asked.previous, figures.before)):
        assert found == {measure: true_figure(product, measure, period) for measure in MEASURES}
    assert figures.failures == ()


def test_the_ranking_is_that_of_a_plain_count(source: QuerySource, product: Product):
    asked = question()
    now, before = happened(product, asked.period), happened(product, asked.previous)

    ranking = source.measure(asked).ranking

    assert isinstance(ranking, Ranking)
    assert not ranking.is_partial
    counts = [Counter(event.name for event in events) for events in (now, before)]
    assert {total.name: (total.count, total.previous) for total in ranking.events} == {
        name: (counts[0][name], counts[1][name]) for name in (*counts[0], *counts[1])
    }
    assert [total.count for total in ranking.events] == sorted(
        (total.count for total in ranking.events), reverse=True
    )


def test_the_daily_numbers_are_those_of_the_reference(source: QuerySource, product: Product):
    asked = question()

    daily = source.measure(asked).daily

    sign_ups, actives, buyers = (
        daily[measure] for measure in (EventCount("Sign Up"), ActiveUsers(), EventUsers("Purchase"))
    )
    for measure, numbers in daily.items():
        days = tuple(true_number(product, measure, day) for day in each_day(asked.period))
        assert numbers.over(asked.period) == days
    assert (sign_ups.start, len(sign_ups.values)) == (TODAY - timedelta(weeks=26), 182)
    assert (actives.start, len(actives.values)) == (TODAY - timedelta(days=91), 91)
    assert (buyers.start, len(buyers.values)) == (actives.start, 91)


def test_numbers_that_are_whole_are_whole(source: QuerySource):
    figures = source.measure(question())

    assert all(
        isinstance(figure, Measured) and isinstance(figure.value, int) for figure in figures.now.values()
    )


def test_three_reports_of_one_monday_cost_at_most_ten_queries(source: QuerySource, mixpanel: LocalMixpanel):
    figures = [source.measure(question(cadence)) for cadence in CADENCES]

    assert [one.queries for one in figures] == [5, 2, 2]
    assert len(mixpanel.queries) == 9
    planned = {query for cadence in CADENCES for query in source.plan(question(cadence))}
    assert len(planned) == 9
    assert [len(source.plan(question(cadence))) for cadence in CADENCES] == [5, 5, 5]


def test_answers_serve_for_ten_minutes(source: QuerySource, seconds: Seconds):
    seconds_before = source.measure(question()).queries
    seconds.now = 9 * 60
    again = source.measure(question()).queries
    seconds.now = 11 * 60
    later = source.measure(question()).queries

    assert (seconds_before, again, later) == (5, 0, 5)


def test_only_what_is_needed_is_asked(source: QuerySource):
    period = Cadence.WEEKLY.period(TODAY)
    actives = Question((ActiveUsers(),), period, period.previous, ranks_events=False)
    counts = Question((EventCount("Sign Up"),), period, period.previous, ranks_events=False)
    nothing = Question((), period, period.previous, ranks_events=False)

    assert [len(source.plan(one)) for one in (actives, counts, nothing)] == [3, 2, 0]
    assert source.measure(actives).queries == 3
    assert source.measure(counts).queries == 2
    assert source.measure(nothing) == Figures(
        source.project(), nothing, {}, {}, {}, None, computed_at=NOW, queries=0
    )


def test_reports_with_different_known_events_share_their_counts(source: QuerySource):
    source.measure(question(Cadence.WEEKLY, EventCount("Sign Up")))

    assert source.measure(question(Cadence.BIWEEKLY, EventCount("Purchase"))).queries == 0


def test_shared_events_are_asked_for_each_time(mixpanel: LocalMixpanel):
    client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url))
    source = QuerySource(client, shared=("Rare", "Rarer"), now=lambda: NOW)
    weekly = question(Cadence.WEEKLY, EventCount("Rare"))
    biweekly = question(Cadence.BIWEEKLY, EventCount("Rarer"))

    assert source.measure(weekly).queries == 2
    assert source.measure(biweekly).queries == 0
    assert len({*source.plan(weekly), *source.plan(biweekly)}) == 2
    client.close()


def test_a_measure_says_once_for_each_period_what_it_asks(
    source: QuerySource, monkeypatch: pytest.MonkeyPatch
):
    asked: list[tuple[Measure, Period]] = []

    def counting(measure: Simple | Breakdown, period: Period, about: Question) -> QueryReading:
        asked.append((measure, period))
        return read_measure(measure, period, about)

    monkeypatch.setattr("reporter.sources.mixpanel.measures.question.read_measure", counting)
    monday = question(Cadence.WEEKLY, EventCount("Sing Up"), EventUsers("Sign Up"), ActiveUsers())

    source.measure(monday)

    assert asked == [(one, period) for period in (monday.period, monday.previous) for one in monday.measures]


def test_an_event_nobody_knows_is_unknown_with_the_nearest_names(source: QuerySource):
    typo, nonsense = EventCount("sign_up"), EventUsers("Zqxj")

    figures = source.measure(question(Cadence.WEEKLY, typo, nonsense))

    assert figures.now[typo] == figures.before[typo] == UnknownEvent("sign_up", ("Sign Up",))
    assert figures.now[nonsense] == UnknownEvent("Zqxj")


def test_an_event_that_did_not_happen_is_a_zero(product: Product, source: QuerySource):
    busy = {
        datetime.fromtimestamp(event.time / 1_000, ZONE).date()
        for event in product.events
        if event.name == "Purchase"
    }
    quiet = max(day for day in question().history if day not in busy)
    period = Period(quiet, quiet + timedelta(days=1))

    figures = source.measure(
        Question((EventCount("Purchase"), EventUsers("Purchase")), period, period.previous)
    )

    assert set(figures.now.values()) == {Measured(0)}


def test_a_period_that_names_no_longer_reach_is_ranked_partly(source: QuerySource):
    long_ago = Period.of_days(date(2026, 9, 1), date(2026, 9, 7))

    ranking = source.measure(Question((), long_ago, long_ago.previous)).ranking

    assert isinstance(ranking, Ranking)
    assert ranking.is_partial


def test_before_the_first_event_there_is_too_little_history(mixpanel: LocalMixpanel, source: QuerySource):
    first = mixpanel.product.first_day
    period = Period.of_days(first + timedelta(days=3), first + timedelta(days=9))

    figures = source.measure(Question(MEASURES, period, period.previous))

    assert set(figures.before.values()) == {TooLittleHistory(first)}
    assert figures.begins == first
    assert all(isinstance(figure, Measured) for figure in figures.now.values())


def test_a_period_that_begins_with_the_first_event_can_be_compared(
    mixpanel: LocalMixpanel, source: QuerySource
):
    first = mixpanel.product.first_day
    period = Period.of_days(first + timedelta(days=7), first + timedelta(days=13))

    figures = source.measure(Question(MEASURES, period, period.previous))

    assert all(isinstance(figure, Measured) for figure in figures.before.values())


def test_users_that_can_not_be_had_leave_the_counts_standing(mixpanel: LocalMixpanel, source: QuerySource):
    mixpanel.faults.append(Fault("/api/query/insights", status=403, body='{"error":"No"}', times=3))

    figures = source.measure(question())

    assert isinstance(figures.now[EventCount("Sign Up")], Measured)
    failure = figures.now[ActiveUsers()]
    assert isinstance(failure, Failed)
    assert "(403: No)" in failure.reason
    assert not failure.is_temporary
    assert ActiveUsers() not in figures.daily


def test_counts_that_can_not_be_had_leave_the_users_standing(mixpanel: LocalMixpanel, source: QuerySource):
    spent = {"RateLimit": '"project";r=0;t=1200'}
    mixpanel.faults.append(Fault("/api/query/events", status=429, headers=spent, times=2))

    figures = source.measure(question())

    assert isinstance(figures.now[ActiveUsers()], Measured)
    failure = figures.now[EventCount("Sign Up")]
    assert isinstance(failure, Failed)
    assert (failure.is_temporary, failure.after) == (True, 1200)
    assert figures.ranking == failure


def test_without_names_the_counts_stand_and_the_ranking_fails(mixpanel: LocalMixpanel, source: QuerySource):
    mixpanel.faults.append(Fault("/api/query/events/names", status=400, body="no names today"))

    figures = source.measure(question(Cadence.WEEKLY, EventCount("Sign Up"), EventCount("Sing Up")))

    assert isinstance(figures.now[EventCount("Sign Up")], Measured)
    assert isinstance(figures.ranking, Failed)
    assert figures.now[EventCount("Sing Up")] == figures.ranking
    assert "no names today" in figures.ranking.reason


def test_a_failure_is_not_remembered(mixpanel: LocalMixpanel, source: QuerySource):
    mixpanel.faults.append(Fault("/api/query/events/names", status=400, body="no names today"))

    source.measure(question())

    assert source.measure(question()).failures == ()


def test_a_plan_without_the_query_api_is_told_as_that(product: Product):
    with LocalMixpanel(product, username=USERNAME, secret=SECRET, free_plan=True) as mixpanel:
        client = MixpanelClient(
            MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url)
        )
        with pytest.raises(PlanRefused, match=r"mixpanel\.com/pricing"):
            QuerySource(client).measure(question())
        client.close()


def test_the_hour_spent_fails_every_figure_in_passing(product: Product):
    with LocalMixpanel(product, username=USERNAME, secret=SECRET, quota=0) as mixpanel:
        client = MixpanelClient(
            MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url)
        )
        figures = QuerySource(client).measure(question())
        client.close()

    assert all(isinstance(figure, Failed) and figure.is_temporary for figure in figures.now.values())
    assert all(failure.after and 3_000 <= failure.after <= 3_600 for failure in figures.failures)
    assert figures.queries == 0
