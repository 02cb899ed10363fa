"""What reports make of the demo's product: they find what is broken and where, and else stay calm."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from reporter.local.demo import demo_product
from reporter.publishing.make import make
from reporter.render import sentences
from reporter.reports.findings import Unusual
from reporter.reports.measures import EventCount
from reporter.reports.periods import Cadence
from reporter.reports.report import Report
from reporter.reports.subscriptions import MetricSpec, Order, ReportSpec
from tests.anomalies.product_figures import CountedProduct
from tests.world import ACTIVE_USERS, PAGE_VIEWS, SIGN_UPS, UTC_ZONE, spec

UNTIL = date(2026, 11, 22)
CADENCES = (Cadence.DAILY, Cadence.WEEKLY, Cadence.BIWEEKLY)
BROKEN = {("mp_country_code", ("IN",)), ("$os", ("Android",))}


def report_spec(cadence: Cadence) -> ReportSpec:
    return spec(
        cadence,
        metrics=(
            MetricSpec("New Signups", SIGN_UPS, "{value} new users joined"),
            MetricSpec("Active Users", ACTIVE_USERS, "{value} users were active"),
            MetricSpec("Users Onboarded", EventCount("User Onboarded")),
            MetricSpec("Active Sessions", EventCount("$ae_session")),
            MetricSpec("Page Views", PAGE_VIEWS),
            MetricSpec("Purchases", EventCount("Purchase")),
        ),
        drivers=("mp_country_code", "$os", "utm_source"),
    )


@pytest.fixture(scope="module")
def product() -> CountedProduct:
    return CountedProduct(demo_product(UNTIL))


def report_on(product: CountedProduct, weeks_ago: int, cadence: Cadence = Cadence.WEEKLY) -> Report:
    """The report of the product's last days, or of those some weeks before."""
    now = datetime.combine(UNTIL + timedelta(days=1, weeks=-weeks_ago), time(9), UTC)
    return make(Order(report_spec(cadence)).edition(now, UTC_ZONE), product, lambda: now, waits=False)


def sign_ups_of(report: Report) -> Unusual:
    (found,) = (one for one in report.findings if isinstance(one, Unusual) and one.label == "New Signups")
    return found


def test_the_weekly_report_tells_the_product_like_this(product: CountedProduct):
    report = report_on(product, 0)
    told = [sentences.finding(found, report).whole for found in report.findings]

    assert told[0].startswith("New Signups ")
    assert "India" in told[0]
    assert "Android" in told[0]
    assert not report.notes


@pytest.mark.parametrize("cadence", CADENCES)
def test_android_and_india_are_named_as_what_is_behind_it(product: CountedProduct, cadence: Cadence):
    found = sign_ups_of(report_on(product, 0, cadence))

    assert found.low is not None
    assert found.value < found.low
    assert {(cause.property, cause.values) for cause in found.causes} == BROKEN


@pytest.mark.parametrize("cadence", CADENCES)
def test_weeks_in_which_nothing_broke_are_calm(product: CountedProduct, cadence: Cadence):
    calm = [report_on(product, weeks_ago, cadence).is_unusual for weeks_ago in range(1, 7)]

    assert calm == [False] * 6


@pytest.mark.parametrize("seed", [8])  # whose last Sunday is the hardest
def test_with_other_dice_the_broken_days_are_found_too(seed: int):
    product = CountedProduct(demo_product(UNTIL, seed))

    for cadence in CADENCES:
        causes = sign_ups_of(report_on(product, 0, cadence)).causes
        assert {(cause.property, cause.values) for cause in causes} == BROKEN
        assert not report_on(product, 2, cadence).is_unusual
