"""The Query API and raw events tell the same numbers, for every measure that both have."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, ProductEvent, days_between, make_product, start_of
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.definitions import is_activity
from reporter.reports.figures import (
    EventTotal,
    Failed,
    Figures,
    Measured,
    Question,
    Ranking,
    Segmentation,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.filters import filtered
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    Statistic,
    Stickiness,
    Unit,
)
from reporter.reports.periods import Period
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

ANDROID = (Condition("$os", Operator.IS, ("Android",)),)
ELSEWHERE = (Condition("mp_country_code", Operator.IS_NOT, ("IN", "US")),)
DEAR = (Condition("amount", Operator.AT_LEAST, (19.0,)),)
PURCHASES = EventCount("Purchase")
REVENUE = PropertyStatistic("Purchase", "amount", Statistic.SUM)

# Lists of every kind, and what reads like one or like nothing.
TAGS: tuple[object, ...] = (
    *(["P1", "P2", "P4"], ["P2", "P3", "P4"], ["P3", "P4"], ["P4", "P4"], "P4"),
    *([], [None], [None, "P1"], None, "undefined", ["undefined", "P1"], "[not a list]"),
    *([1, 1.0, 2.5], 1, [True, False], [["a", "b"], "a"], [{"brand": "Puma"}], {"brand": "Puma"}, ["é", ""]),
)
TAGGED = EventCount("Tagged")


def with_tag(operator: Operator, *values: str | float) -> tuple[Condition, ...]:
    return (Condition("tags", operator, values),)


LISTS: tuple[Measure, ...] = (
    *(Breakdown(TAGGED, "tags", top) for top in (1, 5, 20)),
    Breakdown(EventUsers("Tagged"), "tags", 20),
    *(Breakdown(PropertyStatistic("Tagged", "size", one), "tags", 20) for one in Statistic),
    *(Breakdown(PURCHASES, "products", top) for top in (1, 5)),
    Breakdown(REVENUE, "products", 2),
    Breakdown(EventCount("Page View"), "products"),
    EventCount("Tagged", with_tag(Operator.IS, "P2")),
    EventUsers("Tagged", with_tag(Operator.IS, "P4", 1)),
    EventCount("Tagged", with_tag(Operator.IS, True)),
    EventUsers("Tagged", with_tag(Operator.IS_NOT, "P4")),
    EventCount("Tagged", with_tag(Operator.AT_LEAST, 1)),
    EventCount("Tagged", with_tag(Operator.LESS_THAN, 2)),
    EventCount("Tagged", with_tag(Operator.CONTAINS, "4")),
    EventCount("Tagged", with_tag(Operator.IS_SET)),
    EventCount("Tagged", with_tag(Operator.IS_NOT_SET)),
    PropertyStatistic("Tagged", "tags", Statistic.SUM),
    Ratio(EventCount("Tagged", with_tag(Operator.IS, "P2")), TAGGED),
)

MEASURES: tuple[Measure, ...] = (
    EventCount("Sign Up"),
    EventCount("Page View", ANDROID),
    EventCount("Purchase", DEAR),
    EventCount("No Such Event"),
    EventUsers("Purchase"),
    EventUsers("Page View", ELSEWHERE),
    ActiveUsers(),
    *(PropertyStatistic("Purchase", "amount", statistic) for statistic in Statistic),
    PropertyStatistic("Purchase", "amount", Statistic.SUM, ANDROID),
    Breakdown(EventCount("Sign Up"), "mp_country_code", 3),
    Breakdown(EventUsers("Page View"), "$os", 2),
    Breakdown(REVENUE, "plan"),
    Ratio(PURCHASES, ActiveUsers()),
    Ratio(REVENUE, PURCHASES),
    Stickiness(),
    Retention("Sign Up", None, 1),
    Retention("Sign Up", "Page View", 3),
    Retention("Sign Up", None, 1, Unit.WEEK),
    *LISTS,
)

IN_EUROPE = (Condition("mp_country_code", Operator.IS, ("DE", "FR")),)
FILTERS: tuple[Where, ...] = (IN_EUROPE, (*ANDROID, *ELSEWHERE), with_tag(Operator.IS, "P4"))
OFFERED = tuple(one for one in MEASURES if not isinstance(one, Retention) and one not in LISTS)


@dataclass(frozen=True)
class Both:
    """The same project, asked in both ways."""

    query: QuerySource
    events: EventSource
    days: Period  # the last complete week


@pytest.fixture(
    scope="module", params=[("Europe/Berlin", True), ("America/New_York", True), ("Asia/Kolkata", False)]
)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Two new projects and an old one, east and west of UTC."""
    zone, is_new = request.param
    now = datetime.now(UTC)
    product = tagged(make_product(now.date() - timedelta(days=2), zone=zone, days=60, scale=0.25))
    folder: Path = tmp_path_factory.mktemp("events")
    with LocalMixpanel(product, new_time_rules=is_new, quota=1_000) as mixpanel:
        client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url))
        exporter = Exporter(MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url))
        query = QuerySource(client)
        feed = ExportFeed(exporter, None, timedelta(days=5), timedelta(days=400), lambda: now)
        events = EventSource(query.project, lambda project: Store(folder, project.zone), feed, frozenset())
        end = product.last_day + timedelta(days=1)
        yield Both(query, events, Period(end - timedelta(days=7), end))
        exporter.close()
        client.close()


def tagged(product: Product) -> Product:
    """The product, with an event of each tag a day."""
    starts = [start_of(day, product.zone) for day in days_between(product.first_day, product.last_day)]
    events = [
        ProductEvent(
            "Tagged", moment, f"user {number % 7}", f"{moment}", {"tags": tag, "size": number}, moment
        )
        for start in starts
        for number, tag in enumerate(TAGS)
        for moment in (start + 1_000 * number,)
    ]
    return replace(product, events=sorted((*product.events, *events), key=lambda event: event.time))


@pytest.fixture(scope="module")
def asked(both: Both) -> tuple[Figures, Figures]:
    question = Question(MEASURES, both.days, both.days.previous)
    return both.query.measure(question), both.events.measure(question)


@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_a_figure_is_the_same_from_both(measure: Measure, asked: tuple[Figures, Figures]):
    query, events = asked

    assert not isinstance(query.now[measure], Failed), query.now[measure]
    for ours, theirs in ((events.now, query.now), (events.before, query.before)):
        assert is_same(ours[measure], theirs[measure]), (ours[measure], theirs[measure])


@pytest.mark.parametrize("measure", MEASURES, ids=str)
def test_daily_numbers_are_the_same_where_both_have_them(measure: Measure, asked: tuple[Figures, Figures]):
    query, events = asked
    days = query.question.history
    if measure not in query.daily or measure not in events.daily:
        assert (
            not isinstance(measure, EventCount | EventUsers | ActiveUsers) or measure.__class__ is EventCount
        )
        return

    told = [
        pair
        for pair in zip(query.daily[measure].over(days), events.daily[measure].over(days), strict=True)
        if None not in pair
    ]

    assert len(told) >= 14
    assert all(one == pytest.approx(other) for one, other in told)


def test_the_ranking_is_the_same_from_both(asked: tuple[Figures, Figures]):
    query, events = asked

    assert isinstance(query.ranking, Ranking)
    assert isinstance(events.ranking, Ranking)
    assert activities(events.ranking) == activities(query.ranking)
    measured = [total for total in events.ranking.events if EventUsers(total.name) in query.now]
    assert measured
    assert [Measured(total.users or 0) for total in measured] == [
        query.now[EventUsers(total.name)] for total in measured
    ]


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_what_a_report_filters_is_the_same_from_both(both: Both, where: Where):
    measures = tuple(filtered(measure, where) for measure in OFFERED)
    question = Question(measures, both.days, both.days.previous, where=where)

    query, events = both.query.measure(question), both.events.measure(question)

    for measure in measures:
        assert not isinstance(query.now[measure], Failed), query.now[measure]
        for ours, theirs in ((events.now, query.now), (events.before, query.before)):
            assert is_same(ours[measure], theirs[measure]), (measure, ours[measure], theirs[measure])
    actives = filtered(ActiveUsers(), where)
    assert query.daily[actives].over(both.days) == events.daily[actives].over(both.days)
    assert isinstance(query.ranking, Ranking)
    assert isinstance(events.ranking, Ranking)
    assert activities(events.ranking) == activities(query.ranking)
    assert sum(total.count for total in events.ranking.events)


def test_a_filter_that_nothing_fulfils_is_an_unknown_value_for_both(both: Both):
    nowhere = (Condition("mp_country_code", Operator.IS, ("Atlantis",)),)
    measures = (ActiveUsers(nowhere), Stickiness(where=nowhere), EventCount("Sign Up", nowhere))
    question = Question(measures, both.days, both.days.previous, where=nowhere)

    query, events = both.query.measure(question), both.events.measure(question)

    for figures in (query, events):
        for measure in measures:
            unknown = figures.now[measure]
            assert isinstance(unknown, UnknownValue), unknown
            assert unknown.value == "Atlantis"


def test_the_parts_of_a_change_are_the_same_from_both(both: Both):
    asked = Segmentation(
        (EventCount("Sign Up"), ActiveUsers(), ActiveUsers(ANDROID), TAGGED),
        ("$os", "mp_country_code", "tags"),
        (both.days.previous, both.days),
    )

    query, events = both.query.segments(asked).measures, both.events.segments(asked).measures

    for measure in asked.measures:
        for name in asked.properties:
            assert query[measure][name].keys() == events[measure][name].keys()
            for value, numbers in query[measure][name].items():
                assert events[measure][name][value] == pytest.approx(numbers), (measure, name, value)


def activities(ranking: Ranking) -> dict[str, EventTotal]:
    """What is shown of a ranking, but for the users, whom only raw events tell without a query more."""
    return {
        total.name: replace(total, users=None)
        for total in ranking.events
        if total.count and is_activity(total.name)
    }


def is_same(one: object, other: object) -> bool:
    """Alike in what they tell; how far back each source looks is its own."""
    if isinstance(one, UnknownProperty) and isinstance(other, UnknownProperty):
        return replace(one, since=other.since) == other
    if not isinstance(one, Measured) or not isinstance(other, Measured):
        return one == other
    parts = [[(part.name, part.is_rest) for part in figure.parts] for figure in (one, other)]
    values = [[figure.value, *(part.value for part in figure.parts)] for figure in (one, other)]
    return parts[0] == parts[1] and values[0] == pytest.approx(values[1])
