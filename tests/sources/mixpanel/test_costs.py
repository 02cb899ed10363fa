"""What a report costs: what `check` says of it is what Mixpanel counts."""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.anomalies.causes import most_queries
from reporter.anomalies.parts import part_queries
from reporter.checkup.checks import ProjectCheck
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.publishing.make import make
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
)
from reporter.reports.periods import Cadence
from reporter.reports.report import Report
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Insights, MetricSpec, Order, ReportSpec, Subscription
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

from .fake import SECRET, USERNAME
from .truth import NOW, ZONE

SIGN_UPS = EventCount("Sign Up")  # they fall at the end of the product's story
MEASURES: tuple[Measure, ...] = (
    SIGN_UPS,
    EventCount("Page View"),
    EventUsers("Sign Up"),
    EventUsers("Purchase"),
    ActiveUsers(),
    PropertyStatistic("Purchase", "amount", Statistic.SUM),
    PropertyStatistic("Purchase", "amount", Statistic.MEDIAN),
    Breakdown(SIGN_UPS, "$os", 3),
    Ratio(EventCount("Purchase"), ActiveUsers()),
    Stickiness(),
    Retention("Sign Up", None, 1),
)
PROPERTIES = ("mp_country_code", "$os", "utm_source")


@pytest.fixture(scope="module")
def mixpanel(product: Product) -> Iterator[LocalMixpanel]:
    with LocalMixpanel(product, username=USERNAME, secret=SECRET, now=lambda: NOW, quota=10**9) as running:
        yield running


@contextmanager
def fresh_source(mixpanel: LocalMixpanel) -> Generator[QuerySource]:
    """A source that has asked for nothing yet; as in the app, it shares the events of all reports."""
    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url),
        sleep=lambda _: None,
    )
    with closing(client):
        yield QuerySource(client, shared=("Sign Up", "Purchase", "Page View"), now=lambda: NOW)


def spec_of(
    measures: Sequence[Measure], drivers: Sequence[str], cadence: Cadence = Cadence.WEEKLY, top: int = 5
) -> ReportSpec:
    metrics = tuple(MetricSpec(f"Metric {place}", measure) for place, measure in enumerate(measures))
    return ReportSpec(cadence.value, "Report", cadence, metrics, top_events=top, drivers=tuple(drivers))


def made(source: QuerySource, spec: ReportSpec) -> Report:
    return make(Order(spec).edition(NOW, source.project().zone), source, lambda: NOW, waits=False)


class NoEvents:
    """Raw events that nobody looks at."""

    def project(self) -> NoReturn:
        raise AssertionError

    def stock(self) -> NoReturn:
        raise AssertionError

    def check(self) -> NoReturn:
        raise AssertionError

    def look_up(self, references: object) -> NoReturn:
        raise AssertionError


@given(
    st.lists(st.sampled_from(MEASURES), min_size=1, max_size=6, unique=True),
    st.lists(st.sampled_from(PROPERTIES), max_size=3, unique=True),
    st.sampled_from((Cadence.DAILY, Cadence.WEEKLY, Cadence.BIWEEKLY)),
    st.sampled_from((0, 5)),
)
@example([SIGN_UPS], PROPERTIES, Cadence.WEEKLY, 5)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_report_costs_what_is_said_and_what_causes_take(
    mixpanel: LocalMixpanel, measures: list[Measure], drivers: list[str], cadence: Cadence, top: int
):
    spec, before = spec_of(measures, drivers, cadence, top), len(mixpanel.queries)
    with fresh_source(mixpanel) as source:
        plan = source.plan(Order(spec).edition(NOW, ZONE).question)
        report = made(source, spec)
    counted = len(mixpanel.queries) - before

    assert report.queries == counted
    assert counted in (len(plan), len(plan) + most_queries(spec))


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY])
def test_what_is_judged_by_a_property_costs_a_query_more_in_each_report(
    mixpanel: LocalMixpanel, cadence: Cadence
):
    paid = PropertyStatistic("Purchase", "amount", Statistic.SUM)
    plain = spec_of([EventCount("Page View"), paid], (), cadence)
    judged = replace(plain, metrics=tuple(replace(one, judge_by="$os") for one in plain.metrics))

    costs: list[int] = []
    for spec in (plain, judged):
        with fresh_source(mixpanel) as source:
            question = Order(spec).edition(NOW, ZONE).question
            costs.append(made(source, spec).queries)
            assert costs[-1] == len(source.plan(question)) + len(part_queries(spec, question))

    assert costs[1] == costs[0] + 1


def test_a_report_with_something_unusual_costs_a_query_more_for_each_driver(mixpanel: LocalMixpanel):
    calm, unusual = spec_of([SIGN_UPS], ()), spec_of([SIGN_UPS], PROPERTIES)

    costs: list[int] = []
    for spec in (calm, unusual):
        with fresh_source(mixpanel) as source:
            costs.append(made(source, spec).queries)

    assert costs[1] == costs[0] + 3


@pytest.mark.parametrize(
    "spec",
    [
        spec_of([Stickiness(), Retention("Sign Up", None, 1)], PROPERTIES),
        spec_of([PropertyStatistic("Purchase", "amount", Statistic.MEDIAN)], PROPERTIES),
    ],
)
def test_what_is_never_called_unusual_has_no_causes_to_pay_for(spec: ReportSpec):
    assert most_queries(spec) == 0


def test_who_turns_insights_off_pays_for_no_causes():
    assert most_queries(replace(spec_of([SIGN_UPS], PROPERTIES), insights=Insights.OFF)) == 0


def test_check_says_the_worst_hour_as_mixpanel_counts_it(mixpanel: LocalMixpanel):
    both = ([SIGN_UPS, ActiveUsers()], PROPERTIES[:2]), ([SIGN_UPS, EventUsers("Purchase")], PROPERTIES[2:])
    specs = [replace(spec_of(*one), name=f"report {place}") for place, one in enumerate(both)]
    schedule = Schedule("0 9 * * *", ZONE)
    subscriptions = {spec.name: Subscription(spec, schedule, ("slack",)) for spec in specs}
    with fresh_source(mixpanel) as source:
        lines = list(ProjectCheck("acme", subscriptions, "query", source, NoEvents(), NOW).lines())
    before = len(mixpanel.queries)
    with fresh_source(mixpanel) as source:
        reports = [made(source, spec) for spec in specs]
    counted = len(mixpanel.queries) - before

    assert sum(report.queries for report in reports) == counted
    quota = next(line.text for line in lines if line.topic == "Quota")
    assert re.findall(r"up to (\d+) of", quota) == [str(counted)]
