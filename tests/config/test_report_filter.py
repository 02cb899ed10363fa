"""A filter for a whole report: what it reaches, what it cannot, and what it costs."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given

from reporter.render import page
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.filters import filtered
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    Lifecycle,
    Measure,
    Ratio,
    SavedFunnel,
    SavedInsights,
    Sessions,
    UserGroup,
)
from reporter.reports.references import references
from reporter.reports.subscriptions import Order
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.measures.insights import MOST_METRICS, InsightsQuery
from reporter.sources.mixpanel.source import QuerySource
from tests.config.examples import DESTINATION, METRICS, REPORT, access, faults, settings
from tests.samples import BIWEEKLY
from tests.sources.events.strategies import measures, wheres

GERMANY = (Condition("mp_country_code", Operator.IS, ("DE",)),)
NO_STAFF = (Condition("is_staff", Operator.IS_NOT, (True,)),)
FILTER = 'where = { mp_country_code = "DE" }\n'
DEFAULTS = "[defaults]\nwhere = { is_staff = { is_not = true } }\n"
SAVED = '[metrics.saved]\nlabel = "Saved"\nmeasure = "saved_insights"\nid = 7\n'
SAVED_RATIO = (
    '[metrics.share]\nlabel = "Share"\nmeasure = "ratio"\nnumerator = "saved"\ndenominator = "signups"\n'
)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def file(*parts: str) -> str:
    return "".join((*parts, METRICS, REPORT))


def where_of(text: str) -> Where:
    return settings(text + DESTINATION).subscriptions["weekly"].spec.where


def test_a_report_filters_all_its_metrics():
    spec = settings(file() + FILTER + DESTINATION).subscriptions["weekly"].spec

    assert [metric.measure for metric in spec.metrics] == [
        EventCount("Sign Up", GERMANY),
        ActiveUsers(GERMANY),
    ]
    assert spec.about(("Purchase",)).metrics[0].measure == EventCount("Purchase", GERMANY)


def test_a_report_has_the_filter_of_the_defaults_unless_it_has_its_own():
    assert where_of(file(DEFAULTS)) == NO_STAFF
    assert where_of(file(DEFAULTS) + FILTER) == GERMANY
    assert where_of(file(DEFAULTS) + "where = {}\n") == ()
    assert where_of(file()) == ()


def test_a_metrics_own_conditions_hold_as_well():
    own = METRICS.replace('event = "Sign Up"', 'event = "Sign Up"\nwhere = { plan = "pro" }')

    spec = settings(own + REPORT + FILTER + DESTINATION).subscriptions["weekly"].spec

    pro = Condition("plan", Operator.IS, ("pro",))
    assert spec.metrics[0].measure == EventCount("Sign Up", (pro, *GERMANY))


@given(measure=measures, where=wheres())
def test_every_measure_of_events_reads_what_the_filter_is_about(measure: Measure, where: Where):
    properties = {reference.property for reference in references(filtered(measure, where))}

    assert {condition.property for condition in where} <= properties
    assert filtered(measure, ()) == measure


def test_both_parts_of_a_ratio_are_filtered_and_what_is_saved_is_not():
    ratio = Ratio(Sessions(), Lifecycle(UserGroup.NEW))

    assert filtered(ratio, GERMANY) == Ratio(Sessions(GERMANY), Lifecycle(UserGroup.NEW, where=GERMANY))
    parts = filtered(Breakdown(EventCount("A"), "$os"), GERMANY)
    assert parts == Breakdown(EventCount("A", GERMANY), "$os")
    for saved in (SavedInsights(7), SavedFunnel(7)):
        assert filtered(saved, GERMANY) == saved


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (file(SAVED) + FILTER, "saved"),
        (file(DEFAULTS, SAVED), "saved"),
        (file(DEFAULTS, SAVED, SAVED_RATIO) + 'metrics = ["share"]\n', "share"),
        (file("[defaults]\nmetrics = ['saved']\n", SAVED) + FILTER, "saved"),
    ],
)
def test_what_is_saved_in_mixpanel_is_refused_in_a_report_with_a_filter(text: str, name: str):
    (fault,) = faults(text + DESTINATION)

    assert fault.problem == f"'{name}' is saved in Mixpanel, and a filter does not reach it"
    assert "reports.weekly.where" in fault.place
    assert fault.fix == "Leave it out of metrics, or write where = {} and filter it in Mixpanel."


def test_what_is_saved_may_stand_in_reports_without_a_filter():
    assert not faults(file(DEFAULTS, SAVED) + 'metrics = ["signups"]\n' + DESTINATION)
    assert not faults(file(DEFAULTS, SAVED) + "where = {}\n" + DESTINATION)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "only Germany, “plan” = pro"),
        ("de", "nur Deutschland, „plan“ = pro"),
        ("fr", "uniquement Allemagne, « plan » = pro"),
    ],
)
def test_a_message_names_its_filter(locale: str, words: str):
    report = replace(BIWEEKLY, locale=locale, where=(*GERMANY, Condition("plan", Operator.IS, ("pro",))))

    context = page.page_of(report).footer

    assert context[-1].replace("\N{NO-BREAK SPACE}", " ") == words
    assert context[:-1] == page.page_of(replace(report, where=())).footer


def plan_of(text: str) -> tuple[object, ...]:
    """The queries of the weekly report."""
    one = settings(text + DESTINATION).subscriptions["weekly"]
    question = Order.of(one, NOW).edition(NOW, ZoneInfo("UTC")).question
    transport = httpx2.MockTransport(lambda _: httpx2.Response(500))
    with closing(MixpanelClient(access(), transport=transport)) as client:
        return QuerySource(client).plan(question)


def test_a_filter_costs_the_ranking_and_no_report_without_one_pays_for_it():
    plain, with_filter = plan_of(file()), plan_of(file() + FILTER)

    assert len(plain) == 5  # names, counts, users now and before, users by day
    assert len(with_filter) == 6
    assert len(plan_of(file() + FILTER + "top_events = 0\n")) == 5


def test_no_query_has_more_metrics_than_mixpanel_takes():
    many = "".join(f'[metrics.m{n}]\nlabel = "M{n}"\nmeasure = "users"\nevent = "E{n}"\n' for n in range(90))

    asked = [query for query in plan_of(many + REPORT) if isinstance(query, InsightsQuery)]

    assert len(asked) == 9
    assert all(len(query.metrics) <= MOST_METRICS for query in asked)
    assert len({metric for query in asked for metric in query.metrics}) == 91


def test_what_is_saved_is_refused_under_a_heading_too():
    for sections in (
        file(SAVED) + FILTER + 'sections = { Growth = ["saved"] }\n',
        file('[defaults]\nsections = { Growth = ["saved"] }\n', SAVED) + FILTER,
    ):
        (fault,) = faults(sections + DESTINATION)
        assert fault.problem == "'saved' is saved in Mixpanel, and a filter does not reach it"
