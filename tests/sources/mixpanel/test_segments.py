"""How each part of the product did, for the causes of a change."""

import json
from datetime import timedelta

import httpx2
import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from reporter.reports.conditions import Condition, Operator
from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.reports.figures import Segmentation
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Sessions,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.sources.mixpanel.source import QuerySource
from tests.sources.events import reference

from .fake import FakeMixpanel, Turns, error
from .truth import TODAY, stored

SIGN_UPS, ACTIVES, PAID = (
    EventCount("Sign Up"),
    ActiveUsers(),
    PropertyStatistic("Purchase", "amount", Statistic.SUM),
)
WEEKS = tuple(
    Period(end - timedelta(days=7), end) for end in (TODAY - timedelta(weeks=ago) for ago in range(8, -1, -1))
)
MONDAYS = tuple(Period(day, day + timedelta(days=1)) for day in (week.start for week in WEEKS))
INSIGHTS = "/api/query/insights"


def daily_sum(
    events: reference.Events, measure: EventCount | ActiveUsers | PropertyStatistic, period: Period
) -> float:
    """What Mixpanel's days add up to; users are those of each day."""
    days = [[event for event in events if event.day == day] for day in period]
    return sum(reference.number(those, measure) or 0 for those in days)


@pytest.mark.parametrize("periods", [WEEKS, MONDAYS])
def test_each_value_has_a_number_for_each_period(
    source: QuerySource, product: Product, periods: tuple[Period, ...]
):
    found = source.segments(Segmentation((SIGN_UPS, ACTIVES, PAID), ("$os", "$browser"), periods)).measures

    for name in ("$os", "$browser"):
        by_value = reference.by_value(stored(product), name)
        for value, events in by_value.items():
            for measure in (SIGN_UPS, ACTIVES, PAID) if value is not None else ():
                true = [daily_sum(events, measure, period) for period in periods]
                told = found[measure][name].get(str(value), (0,) * len(periods))
                assert told == pytest.approx(true), (measure, name, value)
    assert not {"$overall", "undefined"} & {*found[SIGN_UPS]["$os"], *found[ACTIVES]["$browser"]}


def test_they_cost_one_query_for_each_property(source: QuerySource, mixpanel: LocalMixpanel):
    source.segments(Segmentation((SIGN_UPS, ACTIVES, PAID), ("$os", "$browser", "mp_country_code"), WEEKS))

    assert [query.path for query in mixpanel.queries] == [INSIGHTS] * 3
    asked = json.loads(mixpanel.queries[0].body)
    assert asked["queryLimits"] == {"limit": 200}


def test_what_has_no_parts_by_the_day_is_left_out(source: QuerySource, mixpanel: LocalMixpanel):
    average = PropertyStatistic("Purchase", "amount", Statistic.AVERAGE)
    inexact = EventUsers("Search", (Condition("query", Operator.CONTAINS, ("road",)),))

    assert source.segments(Segmentation((Sessions(), average, inexact), ("$os",), WEEKS)).measures == {}
    assert mixpanel.queries == []


def test_users_of_any_event_are_left_out_beyond_the_days_that_mixpanel_takes(source: QuerySource):
    months = tuple(
        Period(TODAY - timedelta(days=30 * ago + 30), TODAY - timedelta(days=30 * ago))
        for ago in (3, 2, 1, 0)
    )

    assert set(source.segments(Segmentation((SIGN_UPS, ACTIVES), ("$os",), months)).measures) == {SIGN_UPS}


def test_the_largest_values_are_told(source: QuerySource, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("reporter.sources.mixpanel.measures.breakdowns.MOST_SEGMENTS", 2)

    assert (
        len(
            source.segments(Segmentation((SIGN_UPS,), ("mp_country_code",), WEEKS)).measures[SIGN_UPS][
                "mp_country_code"
            ]
        )
        == 2
    )


@pytest.mark.parametrize(("status", "raised"), [(403, Refused), (402, PlanRefused), (429, Unavailable)])
def test_what_can_not_be_had_is_raised(
    source: QuerySource, mixpanel: LocalMixpanel, status: int, raised: type[ReporterError]
):
    spent = {"RateLimit": '"project";r=0;t=1200'}
    mixpanel.faults.append(Fault(INSIGHTS, status=status, headers=spent, body='{"error":"No"}'))

    with pytest.raises(raised):
        source.segments(Segmentation((SIGN_UPS,), ("$os", "$browser"), WEEKS))


LINE = {day.isoformat(): 1 for day in WEEKS[-1]}


@pytest.mark.parametrize(
    "answer",
    [
        {"series": {}},
        {"series": {"A": {"iOS": LINE}, "B": {"iOS": LINE}}},
        {"series": {"Sign Up": LINE}},
        {"series": {"Sign Up": {"iOS": {"all": 3}}}},
        {"series": {"Sign Up": {"iOS": {"2026-11-16": "3"}}}},
        {
            "series": {"Sign Up": {"iOS": LINE}},
            "date_range": {"from_date": "2026-11-16", "to_date": "2026-11-22"},
        },
        error(403, "Date range exceeds 30 days into the past"),
    ],
)
def test_an_answer_that_does_not_tell_is_never_half_read(answer: object):
    source = QuerySource(FakeMixpanel({INSIGHTS: answer}).client())

    with pytest.raises(Refused):
        source.segments(Segmentation((SIGN_UPS,), ("$os",), WEEKS))


def test_days_that_a_value_lacks_are_zeros():
    answer: object = {
        "series": {"Sign Up [Total]": {"$overall": LINE, "iOS": {"2026-11-16": 3, "2026-11-09": None}}}
    }
    world = FakeMixpanel({INSIGHTS: Turns([httpx2.Response(200, json=answer)])})

    found = QuerySource(world.client()).segments(Segmentation((SIGN_UPS,), ("$os",), WEEKS[-2:])).measures

    assert found == {SIGN_UPS: {"$os": {"iOS": (0, 3)}}}
