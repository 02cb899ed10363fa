"""A name that does not exist is never a measured zero, whichever source is asked; a real zero stays one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Incident, Product, ProductEvent
from reporter.reports.conditions import Condition, Operator, Scalar, Where
from reporter.reports.figures import (
    Figure,
    Figures,
    Measured,
    NotNumeric,
    Question,
    Undefined,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.measures import (
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Measure,
    PropertyStatistic,
    Ratio,
    Statistic,
    Step,
)
from reporter.reports.periods import Period
from reporter.reports.references import references
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
FIRST = WEEK.start - timedelta(days=28)
PURCHASES = EventCount("Purchase")
KNOWN = frozenset(("amount", "plan", "price", "level", "is_gift"))


def where(name: str, *values: Scalar, operator: Operator = Operator.IS) -> Where:
    return (Condition(name, operator, values),)


def sold(name: str = "amount", statistic: Statistic = Statistic.SUM, *conditions: Condition) -> Measure:
    return PropertyStatistic("Purchase", name, statistic, conditions)


UNKNOWN: dict[Measure, tuple[type, tuple[Scalar, ...]]] = {
    **{sold("amuont", statistic): (UnknownProperty, ("amount",)) for statistic in Statistic},
    EventCount("Purchase", where("plann", "pro")): (UnknownProperty, ("plan",)),
    EventUsers("Purchase", where("plann", "pro")): (UnknownProperty, ("plan",)),
    EventCount("Purchase", where("plann", operator=Operator.IS_SET)): (UnknownProperty, ("plan",)),
    EventCount("Purchase", where("amuont", 5, operator=Operator.AT_LEAST)): (UnknownProperty, ("amount",)),
    EventCount("Purchase", where("plan", "Pro")): (UnknownValue, ("pro",)),
    EventUsers("Purchase", where("plan", "Pro", "teem")): (UnknownValue, ("pro",)),
    EventCount("Purchase", where("level", 3)): (UnknownValue, ("3",)),
    EventCount("Purchase", where("amount", "10")): (UnknownValue, (10,)),
    sold("amount", Statistic.SUM, *where("plan", "Pro")): (UnknownValue, ("pro",)),
    Breakdown(PURCHASES, "plann"): (UnknownProperty, ("plan",)),
    Breakdown(EventUsers("Purchase"), "plann"): (UnknownProperty, ("plan",)),
    Ratio(EventCount("Purchase", where("plan", "Pro")), PURCHASES): (UnknownValue, ("pro",)),
    Ratio(PURCHASES, EventCount("Purchase", where("plan", "Pro"))): (UnknownValue, ("pro",)),
    **{sold("price", statistic): (NotNumeric, ()) for statistic in Statistic},
    sold("plan", Statistic.MEDIAN): (NotNumeric, ()),
    Breakdown(PropertyStatistic("Purchase", "price", Statistic.SUM), "plan"): (NotNumeric, ()),
    EventCount("Purchase", where("price", 5, operator=Operator.AT_LEAST)): (NotNumeric, ()),
    sold("lately"): (NotNumeric, ()),  # numbers once, text in both periods
}
REAL: dict[Measure, Figure] = {
    EventCount("Purchase", where("plan", "old")): Measured(0),
    EventUsers("Purchase", where("plan", "old", "Old")): Measured(0),
    EventCount("Purchase", where("amount", 77)): Measured(0),
    EventCount("Purchase", where("amount", 1_000, operator=Operator.AT_LEAST)): Measured(0),
    EventCount("Purchase", where("is_gift", True)): Measured(0),
    EventCount("Refund", where("plan", "old")): Measured(0),
    PropertyStatistic("Refund", "amount", Statistic.SUM): Measured(0),
    PropertyStatistic("Refund", "amount", Statistic.MEDIAN): Undefined(),
    sold("nothing"): Measured(0),
    sold("amount", Statistic.AVERAGE, *where("plan", "old")): Undefined(),
}
ONLY_RAW: dict[Measure, tuple[type, tuple[Scalar, ...]]] = {
    Funnel((Step("Sign Up"), Step("Purchase", where("plann", "pro"))), 7): (UnknownProperty, ("plan",)),
    Funnel((Step("Purchase", where("plan", "Pro")), Step("Purchase")), 7): (UnknownValue, ("pro",)),
    EventCount("Purchase", where("plan", "Pr", operator=Operator.CONTAINS)): (UnknownValue, ("pro",)),
}


def product() -> Product:
    """Sign-ups, and purchases of two plans; one plan, and all refunds, ended three weeks ago."""
    events: list[ProductEvent] = []
    for number in range(WEEK.length * 5):
        day = FIRST + timedelta(days=number)
        is_old = day < FIRST + timedelta(days=7)
        for place in range(4):
            moment = datetime.combine(day, time(9 + place), UTC)
            plan = "old" if is_old else "pro" if place % 2 else "free"
            properties: dict[str, object] = {
                "plan": plan,
                "amount": 10 + place,
                "price": "800.00",
                "level": "3",
                "is_gift": False,
                "nothing": 0,
                "lately": 5 if is_old else "5",
            }
            names = ["Sign Up", "Purchase", *(["Refund"] if is_old else [])]
            events += [event(name, moment, place, properties) for name in names]
    incident = Incident(WEEK.start, WEEK.last, "Android", "IN", 0.0)
    return Product(
        ZoneInfo("UTC"), FIRST, WEEK.last, incident, tuple(sorted(events, key=lambda one: one.time))
    )


def event(name: str, moment: datetime, place: int, properties: dict[str, object]) -> ProductEvent:
    stamp = int(moment.timestamp() * 1_000) + (name == "Purchase")
    return ProductEvent(name, stamp, f"user-{place}", f"{name}-{moment}", properties, stamp + 1_000)


@dataclass(frozen=True)
class Both:
    query: QuerySource
    events: EventSource
    mixpanel: LocalMixpanel


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder: Path = tmp_path_factory.mktemp("events")
    with LocalMixpanel(product(), now=lambda: NOW, quota=10_000) as mixpanel:
        client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url))
        exporter = Exporter(MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url))
        query = QuerySource(client, now=lambda: NOW)
        feed = ExportFeed(exporter, None, timedelta(0), timedelta(days=400), lambda: NOW)
        kept = frozenset((*KNOWN, "amuont", "plann", "x", "nothing", "lately"))
        events = EventSource(query.project, lambda project: Store(folder, project.zone), feed, kept)
        yield Both(query, events, mixpanel)
        exporter.close()
        client.close()


def question(*measures: Measure) -> Question:
    return Question(measures, WEEK, WEEK.previous, ranks_events=False)


@pytest.fixture(scope="module")
def asked(both: Both) -> tuple[Figures, Figures]:
    measures = question(*UNKNOWN, *REAL)
    return both.query.measure(measures), both.events.measure(measures)


@pytest.mark.parametrize("measure", UNKNOWN, ids=str)
def test_a_name_that_does_not_exist_is_told_with_the_likely_meant_one(
    measure: Measure, asked: tuple[Figures, Figures]
):
    state, near = UNKNOWN[measure]

    for figures in asked:
        for found in (figures.now[measure], figures.before[measure]):
            assert isinstance(found, state), found
            assert getattr(found, "nearest", ())[:1] == near


@pytest.mark.parametrize("measure", REAL, ids=str)
def test_what_is_known_and_did_not_happen_is_a_real_zero(measure: Measure, asked: tuple[Figures, Figures]):
    for figures in asked:
        assert figures.now[measure] == figures.before[measure] == REAL[measure]


@pytest.mark.parametrize("measure", ONLY_RAW, ids=str)
def test_raw_events_tell_it_of_what_they_alone_measure(measure: Measure, both: Both):
    state, near = ONLY_RAW[measure]

    found = both.events.measure(question(measure)).now[measure]

    assert isinstance(found, state)
    assert getattr(found, "nearest", ())[:1] == near


def test_an_unknown_name_has_no_numbers_by_the_day(asked: tuple[Figures, Figures]):
    for figures in asked:
        assert not figures.daily.keys() & UNKNOWN.keys()
        assert figures.daily[EventCount("Purchase", where("plan", "old"))]


def test_nothing_more_is_asked_where_a_number_is_not_nothing(both: Both):
    measures = (EventUsers("Purchase", where("plan", "pro")), sold(), EventUsers("Purchase"))
    source = QuerySource(both.query._client, now=lambda: NOW)  # pyright: ignore[reportPrivateUsage]
    asked_for = question(*measures)

    assert source.measure(asked_for).queries == len(source.plan(asked_for))


def test_a_zero_costs_one_query_and_a_wrong_name_one_more(both: Both):
    zero, wrong = EventUsers("Purchase", where("amount", 77)), EventUsers("Purchase", where("plan", "Pro"))

    for measure, more in ((zero, 1), (wrong, 2)):
        source = QuerySource(both.query._client, now=lambda: NOW)  # pyright: ignore[reportPrivateUsage]
        before = len(both.mixpanel.queries)
        figures = source.measure(question(measure))

        assert figures.queries == len(source.plan(question(measure))) + more
        assert figures.queries == len(both.mixpanel.queries) - before


names = st.sampled_from(("amount", "plan", "price", "level", "is_gift", "amuont", "plann", "x"))
values = st.sampled_from(("pro", "Pro", "old", "3", "true", "")) | st.sampled_from((3, 10, 77, True, False))
conditions = st.builds(where, names, values)
measures = st.one_of(
    st.builds(EventCount, st.just("Purchase"), conditions),
    st.builds(EventUsers, st.just("Purchase"), conditions),
    st.builds(PropertyStatistic, st.just("Purchase"), names, st.sampled_from(Statistic)),
    st.builds(PropertyStatistic, st.just("Purchase"), names, st.just(Statistic.SUM), conditions),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(measure=measures)
def test_both_sources_call_the_same_names_unknown_and_never_a_zero(measure: Measure, both: Both):
    query, events = (source.measure(question(measure)).now[measure] for source in (both.query, both.events))

    assert type(query) is type(events), (query, events)
    if any(reference.property not in KNOWN for reference in references(measure)):
        assert isinstance(query, UnknownProperty | UnknownValue | NotNumeric)
