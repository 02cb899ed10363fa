"""What the weekly report makes of the made-up product: it finds what is broken, and else stays calm."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from reporter.anomalies.judge import judge
from reporter.anomalies.segments import Explanation, explain
from reporter.local.product import make_product
from reporter.render import sentences
from reporter.reports.compose import compose
from reporter.reports.findings import Unusual
from reporter.reports.measures import EventCount
from reporter.reports.report import Report, Verdict
from reporter.reports.subscriptions import Edition, MetricSpec, Order
from tests.anomalies.product_figures import CountedProduct
from tests.world import ACTIVE_USERS, PAGE_VIEWS, SIGN_UPS, UTC_ZONE, spec

UNTIL = date(2026, 11, 22)
WEEKLY = spec(
    metrics=(
        MetricSpec("New Signups", SIGN_UPS, "{value} new users joined"),
        MetricSpec("Active Users", ACTIVE_USERS, "{value} users were active"),
        MetricSpec("Users Onboarded", EventCount("User Onboarded")),
        MetricSpec("Active Sessions", EventCount("$ae_session")),
        MetricSpec("Page Views", PAGE_VIEWS),
        MetricSpec("Purchases", EventCount("Purchase")),
    ),
)
PROPERTIES = ("mp_country_code", "$os", "$city", "utm_source")


@pytest.fixture(scope="module")
def product() -> CountedProduct:
    return CountedProduct(make_product(UNTIL))


def week_before(weeks_ago: int) -> tuple[Edition, datetime]:
    """The weekly report of the product's last week, or of one before; and the moment it is made."""
    now = datetime.combine(UNTIL + timedelta(days=1, weeks=-weeks_ago), time(9), UTC)
    return Order(WEEKLY).edition(now, UTC_ZONE), now


def verdict_on(product: CountedProduct, weeks_ago: int) -> Verdict:
    edition, now = week_before(weeks_ago)
    return judge(WEEKLY, product.measure(edition.question, now))


def report_on(product: CountedProduct, weeks_ago: int) -> Report:
    edition, now = week_before(weeks_ago)
    figures = product.measure(edition.question, now)
    return compose(edition, figures, judge(WEEKLY, figures), now)


def causes_of(product: CountedProduct, *properties: str) -> Explanation:
    edition, _ = week_before(0)
    return explain(*product.segments("Sign Up", properties, edition.period))


GOLDEN = {  # by how many weeks ago; the last week is the broken one
    0: (
        "New Signups fell to 167, below the usual 228–319.",
        "Users Onboarded fell to 146, below the usual 173–253.",
        "1,228 users were active last week, up 5.3% from 1,166 the week before.",
    ),
    1: (
        "260 new users joined last week, down 2.3% from 266 the week before.",
        "1,166 users were active last week, up 2.1% from 1,142 the week before.",
        "“Page View” was the busiest event: 3,408 times, 36% of all events.",
    ),
    3: (
        "268 new users joined last week, up 3.5% from 259 the week before.",
        "1,144 users were active last week, up 3.2% from 1,108 the week before.",
        "“Page View” was the busiest event: 3,304 times, 37% of all events.",
    ),
}


@pytest.mark.parametrize("weeks_ago", GOLDEN)
def test_the_weekly_report_tells_the_product_like_this(product: CountedProduct, weeks_ago: int):
    report = report_on(product, weeks_ago)
    assert tuple(sentences.finding(found, report) for found in report.findings) == GOLDEN[weeks_ago]


def test_the_new_sign_ups_are_below_their_usual_range_and_the_data_is_not_doubted(product: CountedProduct):
    verdict = verdict_on(product, 0)
    first = verdict.unusual[0]

    assert isinstance(first, Unusual)
    assert first.label == "New Signups"
    assert first.low is not None
    assert first.value < first.low
    assert verdict.doubts == ()


def test_android_and_india_are_named_as_what_is_behind_it(product: CountedProduct):
    causes = causes_of(product, *PROPERTIES)

    assert causes.claim
    assert set(causes.ranked[:2]) == {("mp_country_code", "IN"), ("$os", "Android")}
    assert all(
        driver.can_be_named for driver in causes.drivers if driver.dimension in ("mp_country_code", "$os")
    )


def test_where_people_came_from_is_not_blamed(product: CountedProduct):
    assert not causes_of(product, "utm_source").claim


@pytest.mark.parametrize("seed", [1, 2])
def test_with_other_dice_the_broken_week_is_found_and_quiet_weeks_are_quiet(seed: int):
    product = CountedProduct(make_product(UNTIL, seed=seed))
    broken, *quiet = (verdict_on(product, weeks_ago) for weeks_ago in range(7))

    assert "New Signups" in [one.label for one in broken.unusual if isinstance(one, Unusual)]
    assert causes_of(product, *PROPERTIES).claim
    assert [(one.doubts, one.unusual) for one in quiet] == [((), ())] * 6
