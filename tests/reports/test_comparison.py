"""What a report is compared with: the period before, the same days a year ago, or nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.comparison import DAYS_BACK
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import make_product
from reporter.publishing.make import make
from reporter.render import page
from reporter.render.slack.metrics import table_of
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.errors import SettingsProblem
from reporter.reports.figures import Figures, Incomparable, Measured, Question, Ranking, Unlike
from reporter.reports.filters import filtered
from reporter.reports.measures import ActiveUsers, Breakdown, EventCount, EventUsers, Measure, Stickiness
from reporter.reports.periods import (
    Cadence,
    Comparison,
    Period,
    history_before,
    past_before,
    year_before,
)
from reporter.reports.subscriptions import Insights, MetricSpec, Order, ReportSpec
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource
from tests import samples, world
from tests.config.examples import DESTINATION, METRICS, REPORT, faults

YEAR = 366  # days: Mixpanel takes 12 months in a query by the day
LAST_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def complete(cadence: Cadence, today: date) -> Period:
    return cadence.period(today)


PERIODS = st.builds(complete, st.sampled_from(Cadence), st.dates(date(2016, 1, 1), date(2100, 1, 1)))


@given(PERIODS)
def test_a_year_ago_has_the_same_weekdays_and_a_month_is_the_same_month(period: Period):
    before = year_before(period)

    assert 360 <= (period.start - before.start).days <= YEAR
    if period.is_month:
        assert (before.start.month, before.is_month) == (period.start.month, True)
    else:
        assert before == period.earlier(364)
        assert before.start.weekday() == period.start.weekday()


@given(PERIODS, st.booleans())
def test_no_days_are_asked_for_at_once_that_are_more_than_mixpanel_takes(period: Period, of_a_year: bool):
    before = year_before(period) if of_a_year else period.previous
    history, past = history_before(period, before), past_before(period, before)

    assert max(history.length, past.length) <= YEAR
    assert history.length >= 26 * 7
    assert past.start == before.start
    assert not of_a_year or (past.end == history.start and history == history_before(period, period.previous))


def spec(
    compare: Comparison, where: Where = (), cadence: Cadence = Cadence.WEEKLY, locale: str = "en"
) -> ReportSpec:
    metrics = tuple(MetricSpec(str(one), filtered(one, where), "{value} came") for one in MEASURES[:3])
    return ReportSpec(
        "one", "One", cadence, metrics, compare=compare, where=where, locale=locale, insights=Insights.OFF
    )


MEASURES: tuple[Measure, ...] = (
    EventCount("Sign Up"),
    EventUsers("Purchase"),
    ActiveUsers(),
    Breakdown(EventCount("Sign Up"), "$os", 3),
    Stickiness(),
)
ANDROID: Where = (Condition("$os", Operator.IS, ("Android",)),)


@pytest.fixture(scope="module")
def mixpanel() -> Iterator[LocalMixpanel]:
    product = make_product(LAST_DAY, zone="Europe/Berlin", days=400, scale=0.04)
    with LocalMixpanel(product, quota=10_000, now=lambda: NOW) as running:
        yield running


Ask = Callable[[], QuerySource]


@pytest.fixture
def ask(mixpanel: LocalMixpanel) -> Iterator[Ask]:
    """Sources that have asked for nothing yet."""
    access = MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url)
    with ExitStack() as stack:

        def source() -> QuerySource:
            client = stack.enter_context(closing(MixpanelClient(access, sleep=lambda _: None)))
            return QuerySource(client, now=lambda: NOW)

        yield source


@pytest.mark.parametrize("where", [(), ANDROID], ids=["all", "filtered"])
def test_a_year_ago_reads_the_same_from_both_sources(
    ask: Ask, mixpanel: LocalMixpanel, where: Where, tmp_path: Path
):
    week = Period(date(2026, 11, 16), date(2026, 11, 23))
    query, access = ask(), MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=mixpanel.url)
    measures = tuple(filtered(one, where) for one in MEASURES)
    question = Question(measures, week, year_before(week), where=where)
    with closing(Exporter(access)) as exporter:
        feed = ExportFeed(exporter, None, timedelta(days=5), timedelta(days=400), lambda: NOW)
        raw = EventSource(query.project, lambda one: Store(tmp_path, one.zone), feed, frozenset())
        told: tuple[Figures, Figures] = query.measure(question), raw.measure(question)

    for measure in measures:
        for one, other in ((told[0].now, told[1].now), (told[0].before, told[1].before)):
            assert isinstance(one[measure], Measured), one[measure]
            assert one[measure].value == pytest.approx(other[measure].value)  # pyright: ignore
            assert one[measure].value > 0  # pyright: ignore
    ours, theirs = (
        {
            one.name: (one.count, one.previous)
            for one in each.ranking.events
            if one.count and not one.name.startswith("$")
        }
        for each in told
        if isinstance(each.ranking, Ranking)
    )
    assert ours == theirs
    assert any(previous for _, previous in ours.values())


@pytest.mark.parametrize("where", [(), ANDROID], ids=["all", "filtered"])
def test_what_a_comparison_costs_is_said_before_and_nothing_costs_less(
    ask: Ask, mixpanel: LocalMixpanel, where: Where
):
    costs: dict[Comparison, int] = {}
    for compare in Comparison:
        asked, before = ask(), len(mixpanel.queries)
        edition = Order(spec(compare, where)).edition(NOW, ZoneInfo("Europe/Berlin"))
        planned = len(set(asked.plan(edition.question)))
        report = make(edition, asked, lambda: NOW, waits=False)
        costs[compare] = report.queries
        assert report.queries == planned == len(mixpanel.queries) - before

    assert costs[Comparison.NONE] == costs[Comparison.PREVIOUS] - 1  # the users of the period before
    assert costs[Comparison.YEAR] <= costs[Comparison.PREVIOUS] + (2 if where else 1)


def test_without_a_comparison_nothing_is_told_of_a_period_before(ask: Ask):
    edition = Order(spec(Comparison.NONE)).edition(NOW, ZoneInfo("Europe/Berlin"))

    report = make(edition, ask(), lambda: NOW, waits=False)
    told = page.page_of(report)

    assert {metric.previous for metric in report.metrics} == {Incomparable(Unlike.NOT_COMPARED)}
    assert not any(metric.change or metric.previous or metric.before for metric in told.metrics)
    assert told.ranking is not None
    assert not told.ranking.has_changes
    assert report.charts
    assert not any(chart.previous for chart in report.charts)
    assert len(table_of(told, 3, is_native=True)[0]["rows"][0]) == 2  # pyright: ignore
    assert not any(" vs " in f" {part}" for part in told.footer)


@pytest.mark.parametrize(
    ("locale", "said", "footer"),
    [
        ("en", "the same week last year", "vs 17–23 Nov 2025"),
        ("de", "in derselben Woche im Vorjahr", "verglichen mit 17.–23. Nov. 2025"),
        ("fr", "la même semaine l’an dernier", "17–23 nov. 2025"),
    ],
)
def test_a_year_ago_is_said_in_each_language(locale: str, said: str, footer: str, ask: Ask):
    edition = Order(spec(Comparison.YEAR, locale=locale)).edition(NOW, ZoneInfo("Europe/Berlin"))

    told = page.page_of(make(edition, ask(), lambda: NOW, waits=False))

    assert said in told.findings[0].whole
    assert footer in told.footer[0]


@pytest.mark.parametrize(
    ("day", "value", "told"),
    [
        (date(2026, 3, 1), 280, "no change per day"),  # 28 days beside 31
        (date(2026, 3, 1), 248, "−11.4% per day"),
        (date(2026, 10, 1), 280, ""),  # 30 beside 31: a fall in both
        (date(2026, 10, 1), 309, "+3.0% per day"),  # a fall in sum, and more on each day
        (date(2026, 9, 1), 280, ""),  # 31 beside 31
    ],
)
def test_a_short_month_beside_a_long_one_is_told_by_the_day_too(day: date, value: float, told: str):
    now = datetime(day.year, day.month, 1, 9, tzinfo=UTC)
    edition = world.edition(world.spec(Cadence.MONTHLY, insights=Insights.OFF), now)
    values: dict[Measure, float] = {world.SIGN_UPS: value, world.ACTIVE_USERS: 280, world.PAGE_VIEWS: 280}
    before: dict[Measure, float] = {world.SIGN_UPS: 310, world.ACTIVE_USERS: 310, world.PAGE_VIEWS: 310}
    figures = world.FakeSource(values, before).measure(edition.question)

    signups, users, _ = page.page_of(world.composed(edition, figures, now)).metrics

    assert (signups.per_day, users.per_day) == (told, "")
    assert told in signups.line


def test_a_table_has_the_dates_of_a_year_ago_over_their_numbers():
    many = replace(samples.MANY, previous=year_before(samples.MANY.period), compare=Comparison.YEAR)

    table = table_of(page.page_of(many), 9, is_native=True)
    assert "17–23 Nov 2025" in json.dumps(table, ensure_ascii=False)


@pytest.mark.parametrize(("period", "least"), [("daily", 365), ("weekly", 371), ("monthly", 397)])
@pytest.mark.parametrize("is_default", [True, False])
def test_a_year_needs_raw_events_to_be_kept_for_one(period: str, least: int, is_default: bool):
    report = REPORT.replace('"weekly"', f'"{period}"')

    def found(kept: int, source: str = "auto") -> tuple[SettingsProblem, ...]:
        year = 'compare = "year"\n'
        defaults = f"[defaults]\n{year}" if is_default else ""
        events = f'source = "{source}"\n[events]\nkeep_days = {kept}\n'
        return faults(events + defaults + METRICS + report + ("" if is_default else year) + DESTINATION)

    [fault] = found(least - 1)
    place = "defaults.compare" if is_default else "reports.weekly.compare"
    assert fault.place.endswith(place)
    assert fault.problem == (
        f"raw events are deleted after {least - 1} days, and a {period} report needs those of {least}"
    )
    assert f"to {least} or more" in fault.fix
    assert not found(least)
    assert not found(100, "query")


def test_a_period_that_is_none_is_the_one_fault_of_its_report():
    file = '[events]\nkeep_days = 100\n[defaults]\ncompare = "year"\n'

    found = faults(file + METRICS + REPORT.replace('"weekly"', "[]") + DESTINATION)

    assert [fault.place.split(", ")[-1] for fault in found] == ["reports.weekly.period"]


@given(st.sampled_from(Cadence), st.dates(date(2016, 1, 1), date(2100, 1, 1)))
def test_the_days_that_must_be_kept_reach_back_to_last_year_s_first(cadence: Cadence, today: date):
    first = year_before(cadence.period(today)).start
    of_month = cadence is Cadence.MONTHLY and today.day > 1  # it is due on the first

    assert of_month or (today - first).days <= DAYS_BACK[cadence.value]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "no data for the same week last year."),
        ("de", "keine Daten in derselben Woche im Vorjahr."),
        ("fr", "pas de données pour la même semaine l’an dernier."),
    ],
)
def test_a_product_younger_than_a_year_has_nothing_a_year_ago_and_that_is_said_once(locale: str, said: str):
    product = make_product(LAST_DAY, zone="Europe/Berlin", days=200, scale=0.04)
    edition = Order(spec(Comparison.YEAR, locale=locale)).edition(NOW, ZoneInfo("Europe/Berlin"))

    with LocalMixpanel(product, quota=1_000, now=lambda: NOW) as running:
        access = MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=running.url)
        with closing(MixpanelClient(access, sleep=lambda _: None)) as client:
            told = page.page_of(make(edition, QuerySource(client, now=lambda: NOW), lambda: NOW, waits=False))

    assert [note.endswith(said) for note in told.notes] == [True]
    assert not any(metric.change or metric.previous for metric in told.metrics)
    assert told.ranking is not None
    assert not told.ranking.has_changes
