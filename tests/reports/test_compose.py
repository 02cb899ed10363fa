"""What is worth showing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from reporter.reports.definitions import is_activity
from reporter.reports.figures import (
    Daily,
    EventTotal,
    Failed,
    Figures,
    Measured,
    Ranking,
    TooLittleHistory,
    UnknownEvent,
)
from reporter.reports.findings import (
    BusiestEvent,
    Late,
    MetricChange,
    Next,
    NoEarlierData,
    NothingHappened,
    NotMeasured,
    RankedPartly,
    Sampled,
)
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Change, Report, TopEvents
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Edition, Insights, Order, Subscription
from tests.world import (
    ACTIVE_USERS,
    MONDAY,
    PAGE_VIEWS,
    SIGN_UPS,
    UTC_ZONE,
    FakeSource,
    composed,
    edition,
    spec,
)


def report_of(source: FakeSource, what: Edition | None = None, now: datetime = MONDAY) -> Report:
    made = what or edition()
    return composed(made, source.measure(made.question), now)


def test_the_summary_tells_the_headlines_in_the_order_of_the_settings_and_then_the_busiest_event():
    findings = report_of(FakeSource(), edition(spec(insights=Insights.QUIET))).findings

    assert findings == (
        MetricChange("New Signups", "{value} new users joined", 89, 79),
        MetricChange("Active Users", "{value} users were active", 1_204, 1_068),
        BusiestEvent("Page View", 12_500, pytest.approx(12_500 / 12_589)),  # pyright: ignore[reportArgumentType]
    )


def test_a_metric_is_shown_with_its_change():
    metric = report_of(FakeSource()).metrics[0]

    assert (metric.label, metric.figure, metric.previous) == ("New Signups", Measured(89), Measured(79))
    assert metric.change == Change(79, 89)


def test_there_is_no_relative_change_from_zero():
    assert (Change(0, 5).absolute, Change(0, 5).relative) == (5, None)
    assert (Change(4, 5).absolute, Change(4, 5).relative) == (1, 0.25)


@pytest.mark.parametrize(
    "state", [UnknownEvent("Sign Up"), Failed("Mixpanel is down"), TooLittleHistory(date(2026, 11, 12))]
)
def test_a_metric_without_both_figures_has_no_change(state: UnknownEvent | Failed | TooLittleHistory):
    source = FakeSource(before={SIGN_UPS: state, ACTIVE_USERS: 1, PAGE_VIEWS: 1})

    assert report_of(source).metrics[0].change is None


def test_one_failed_metric_leaves_the_others_standing_and_is_named():
    source = FakeSource(
        values={SIGN_UPS: Failed("no"), ACTIVE_USERS: 5, PAGE_VIEWS: UnknownEvent("Page View")}
    )

    report = report_of(source)

    assert not report.is_empty
    assert report.metrics[0].figure == Failed("no")
    assert report.findings[-1] == NotMeasured(("New Signups", "Page Views"))
    assert len(report.findings) == 3


def test_a_report_in_which_nothing_was_measured_is_empty():
    failed = Failed("no")
    source = FakeSource(
        values={SIGN_UPS: failed, ACTIVE_USERS: failed, PAGE_VIEWS: UnknownEvent("Page View")}, ranking=failed
    )

    assert report_of(source).is_empty


def test_a_period_without_any_activity_says_so_and_is_no_empty_report():
    source = FakeSource(values={SIGN_UPS: 0, ACTIVE_USERS: 0, PAGE_VIEWS: 0}, ranking=Ranking(()))

    report = report_of(source)

    assert report.findings == (NothingHappened(),)
    assert not report.is_empty


def test_the_top_events_leave_out_identity_events_hidden_ones_and_those_that_did_not_happen():
    ranking = Ranking(
        (
            EventTotal("$identify", 900, 0),
            EventTotal("$mp_session_record", 800, 0),
            EventTotal("Heartbeat", 700, 0),
            EventTotal("Page View", 600, 300),
            EventTotal("Sign Up", 89, 0),
            EventTotal("Old Event", 0, 50),
        )
    )

    top = report_of(
        FakeSource(ranking=ranking), edition(spec(hidden_events=frozenset({"Heartbeat"})))
    ).top_events

    assert isinstance(top, TopEvents)
    assert [(row.name, row.count) for row in top.rows] == [("Page View", 600), ("Sign Up", 89)]
    assert (top.total, top.known) == (689, 2)
    assert top.rows[0].change == Change(300, 600)


def test_as_many_top_events_are_shown_as_were_asked_for():
    ranking = Ranking(tuple(EventTotal(f"Event {place}", 100 - place, 1) for place in range(30)))

    top = report_of(FakeSource(ranking=ranking), edition(spec(top_events=7))).top_events

    assert isinstance(top, TopEvents)
    assert len(top.rows) == 7
    assert top.known == 30


def test_a_report_without_top_events_does_not_ask_for_them():
    source = FakeSource()

    assert report_of(source, edition(spec(top_events=0))).top_events is None
    assert not source.questions[0].ranks_events


def test_events_that_only_keep_identities_are_no_activity():
    assert not is_activity("$create_alias")
    assert is_activity("$ae_session")
    assert is_activity("$mp_web_page_view")


def test_the_charts_are_active_users_and_the_first_count_this_week_against_the_last():
    charts = report_of(FakeSource()).charts

    assert [chart.label for chart in charts] == ["Active Users", "New Signups"]
    assert [span.start.isoweekday() for span in charts[0].spans] == [1, 2, 3, 4, 5, 6, 7]
    assert len(charts[0].values) == len(charts[0].previous) == 7
    assert charts[0].values[0] == (charts[0].previous[0] or 0) + 7  # the fake source counts one up each day


def test_a_single_day_is_drawn_in_its_week():
    chart = report_of(FakeSource(), edition(spec(Cadence.DAILY))).charts[0]

    assert (chart.spans[0].start, chart.spans[-1].last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert len(chart.previous) == 7


@pytest.mark.parametrize("now", [datetime(2026, month, 2, 9, tzinfo=UTC) for month in range(1, 13)])
def test_a_month_is_drawn_in_weeks_beside_the_month_before(now: datetime):
    made = edition(spec(Cadence.MONTHLY), now)
    chart = report_of(FakeSource(), made).charts[0]

    assert [span.start.day for span in chart.spans] == [1, 8, 15, 22]
    assert chart.spans[-1].end == made.period.end
    assert len(chart.values) == len(chart.previous) == 4


def test_a_line_never_has_more_points_than_can_be_read():
    made = Order(spec(), first=date(2026, 1, 1), last=date(2026, 11, 20)).edition(MONDAY, UTC_ZONE)

    chart = report_of(FakeSource(), made).charts[0]

    assert len(chart.spans) <= 20
    assert sum(span.length for span in chart.spans) == made.period.length


def test_days_without_a_number_make_no_chart():
    made = edition()
    figures = FakeSource().measure(made.question)
    holes = replace(figures, daily={ACTIVE_USERS: Daily(date(2026, 11, 20), (1.0, 2.0, 3.0))})

    assert composed(made, holes, MONDAY).charts == ()


@pytest.mark.parametrize(
    ("cadence", "begins", "first", "is_compared"),
    [
        (Cadence.WEEKLY, date(2026, 11, 19), date(2026, 11, 19), False),
        (Cadence.WEEKLY, date(2026, 11, 12), date(2026, 11, 16), False),
        (Cadence.WEEKLY, date(2026, 11, 9), date(2026, 11, 16), True),
        (Cadence.BIWEEKLY, date(2026, 11, 13), date(2026, 11, 13), False),
        (Cadence.DAILY, date(2026, 11, 12), date(2026, 11, 16), False),  # the week before is partly there
    ],
)
def test_a_chart_begins_where_the_data_does_and_is_held_against_no_part_of_a_period(
    cadence: Cadence, begins: date, first: date, is_compared: bool
):
    made = edition(spec(cadence))
    chart = composed(made, replace(FakeSource().measure(made.question), begins=begins)).charts[0]

    assert chart.whole.spans[0].start == first
    assert len(chart.values) == len(chart.spans)
    assert [value is None for value in chart.values] == [span.start < begins for span in chart.spans]
    assert bool(chart.previous) is is_compared


def test_one_day_of_data_makes_no_line():
    made = edition()
    figures = replace(FakeSource().measure(made.question), begins=made.period.last)

    assert composed(made, figures).charts == ()


def notes_of(figures: Figures, made: Edition, now: datetime = MONDAY) -> tuple[object, ...]:
    return composed(made, figures, now).notes


def test_a_late_report_says_when_it_was_due():
    made = Order(spec(), due=MONDAY).edition(MONDAY, UTC_ZONE)
    figures = FakeSource().measure(made.question)

    assert notes_of(figures, made, MONDAY + timedelta(hours=3)) == (Late(MONDAY),)
    assert notes_of(figures, made, MONDAY + timedelta(minutes=20)) == ()


def test_too_little_history_is_said_once_and_nothing_is_compared():
    short = TooLittleHistory(date(2026, 11, 12))
    source = FakeSource(before={SIGN_UPS: short, ACTIVE_USERS: short, PAGE_VIEWS: short})

    report = report_of(source)

    assert report.notes == (NoEarlierData(date(2026, 11, 12)),)
    assert report.charts[0].previous == ()
    assert isinstance(report.top_events, TopEvents)
    assert {row.change for row in report.top_events.rows} == {None}


def test_estimates_and_partial_rankings_are_told():
    source = FakeSource(
        values={SIGN_UPS: Measured(89, sampled=True), ACTIVE_USERS: 1, PAGE_VIEWS: 1},
        ranking=Ranking((EventTotal("Page View", 1, 1),), is_partial=True),
    )

    assert report_of(source).notes == (Sampled(), RankedPartly(1))


def test_daily_numbers_outside_the_history_are_missing_not_zero():
    daily = Daily(date(2026, 11, 2), (1.0, 2.0))

    assert daily.over(Period(date(2026, 11, 1), date(2026, 11, 6))) == (None, 1.0, 2.0, None, None)


def test_one_reads_in_the_singular():
    joined = replace(spec().metrics[0], sentence_for_one="{value} new user joined")
    source = FakeSource(values={SIGN_UPS: 1, ACTIVE_USERS: 5, PAGE_VIEWS: 5})

    one = report_of(source, edition(spec(metrics=(joined, *spec().metrics[1:])))).findings[0]
    more = report_of(FakeSource(), edition(spec(metrics=(joined, *spec().metrics[1:])))).findings[0]

    assert one == MetricChange("New Signups", "{value} new user joined", 1, 79)
    assert more == MetricChange("New Signups", "{value} new users joined", 89, 79)


def test_a_report_of_every_other_week_says_when_it_comes_next():
    fortnightly = Subscription(
        spec(Cadence.BIWEEKLY), Schedule("0 9 * * 1", UTC_ZONE, date(2026, 11, 23)), ("slack",)
    )
    weekly = Subscription(spec(), Schedule("0 9 * * 1", UTC_ZONE), ("slack",))

    assert report_of(FakeSource(), Order.of(fortnightly, MONDAY).edition(MONDAY, UTC_ZONE)).notes == (
        Next(MONDAY + timedelta(days=14)),
    )
    assert report_of(FakeSource(), Order.of(weekly, MONDAY).edition(MONDAY, UTC_ZONE)).notes == ()
