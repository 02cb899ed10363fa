"""What a metric is made of, and where it is on the way to its goal."""

from dataclasses import replace
from datetime import date

import pytest

from reporter.reports.figures import (
    Figure,
    Figures,
    Measured,
    Part,
    RawEvents,
    RawReason,
    TooLittleHistory,
    Undefined,
)
from reporter.reports.findings import MeasuredFromRaw, NotMeasured
from reporter.reports.measures import (
    Breakdown,
    EventUsers,
    Funnel,
    Measure,
    PropertyStatistic,
    Ratio,
    Statistic,
    Step,
)
from reporter.reports.report import Change, Detail, DetailKind, DetailRow, Progress, Report
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal, MetricSpec
from tests.world import MONDAY, PAGE_VIEWS, SIGN_UPS, FakeSource, composed, edition, spec

EUROS = Format(currency="EUR")
BY_PLAN = Breakdown(SIGN_UPS, "plan")
FUNNEL = Funnel((Step("Sign Up"), Step("Page View"), Step("Sign Up")), 7)


def report_of(metric: MetricSpec, now: Figure, before: Figure) -> Report:
    made = edition(spec(metrics=(metric,)))
    source = FakeSource(values={metric.measure: now}, before={metric.measure: before})
    return composed(made, source.measure(made.question))


def only_detail(measure: Measure, now: Figure, before: Figure) -> Detail:
    (detail,) = report_of(MetricSpec("Metric", measure, format=EUROS), now, before).details
    return detail


def test_a_breakdown_is_told_by_its_values_with_shares_and_changes():
    now = Measured(100, parts=(Part("pro", 50), Part(None, 30), Part(None, 20, is_rest=True)))
    before = Measured(90, parts=(Part("free", 45), Part("pro", 40), Part(None, 5, is_rest=True)))

    assert only_detail(BY_PLAN, now, before) == Detail(
        "Metric",
        DetailKind.BREAKDOWN,
        "plan",
        (
            DetailRow("pro", 50, 0.5, Change(40, 50)),
            DetailRow(None, 30, 0.3, None),  # "not set" was not among the largest, so nobody knows
            DetailRow(None, 20, 0.2, None, is_rest=True),  # others than the week before
        ),
        EUROS,
    )


def test_a_rest_is_not_compared_with_lists_whose_items_overlap():
    now = Measured(100, parts=(Part("P1", 70), Part(None, 30, is_rest=True)))
    before = Measured(80, parts=(Part("P1", 70), Part("P2", 60)))

    rows = only_detail(BY_PLAN, now, before).rows

    assert [row.change for row in rows] == [Change(70, 70), None]


def test_a_value_that_was_not_there_before_is_new_and_the_rest_is_compared_with_the_same_rest():
    now = Measured(100, parts=(Part("FR", 50), Part("DE", 30), Part(None, 20, is_rest=True)))
    before = Measured(60, parts=(Part("DE", 40), Part("IT", 12), Part("ES", 8)))

    rows = only_detail(Breakdown(SIGN_UPS, "country", 2), now, before).rows

    assert [row.change for row in rows] == [Change(0, 50), Change(40, 30), Change(20, 20)]


def test_a_value_that_was_small_before_has_its_true_change():
    now = Measured(100, parts=(Part("FR", 60), Part("DE", 40)))
    before = Measured(100, parts=(Part("DE", 50), Part("IT", 45), Part("FR", 5)))

    assert only_detail(BY_PLAN, now, before).rows[0].change == Change(5, 60)


def test_an_average_of_what_was_not_there_is_unknown_but_its_users_were_none():
    now, before = Measured(10, parts=(Part("FR", 8),)), Measured(10, parts=(Part("DE", 9),))
    average = Breakdown(PropertyStatistic("Purchase", "amount", Statistic.AVERAGE), "country")
    users = Breakdown(EventUsers("Sign Up"), "country")

    assert only_detail(average, now, before).rows[0].change is None
    assert only_detail(users, now, before).rows[0].change == Change(0, 8)


def test_a_value_that_may_have_been_left_out_before_has_no_change():
    now = Measured(10, parts=(Part("FR", 8),))
    before = Measured(9_000, parts=tuple(Part(f"value {number}", 3) for number in range(3_000)))

    assert only_detail(BY_PLAN, now, before).rows[0].change is None


def test_users_have_no_share_of_a_total_that_their_groups_do_not_add_up_to():
    now = Measured(10, parts=(Part("pro", 8), Part("free", 7)))

    rows = only_detail(Breakdown(EventUsers("Sign Up"), "plan"), now, now).rows

    assert [row.share for row in rows] == [None, None]


def test_a_breakdown_of_nothing_has_no_shares():
    row = only_detail(BY_PLAN, Measured(0, parts=(Part("pro", 0),)), Measured(0)).rows[0]

    assert (row.share, row.change) == (None, Change(0, 0))


def test_the_steps_of_a_funnel_are_shares_of_its_first_and_count_people():
    now = Measured(0.1, parts=(Part("Sign Up", 200), Part("Page View", 50), Part("Sign Up", 20)))
    before = Measured(0.1, parts=(Part("Sign Up", 100), Part("Page View", 50), Part("Sign Up", 10)))

    detail = only_detail(FUNNEL, now, before)

    assert (detail.kind, detail.by, detail.format) == (DetailKind.STEPS, None, NUMBER)
    assert [(row.share, row.change) for row in detail.rows] == [
        (1.0, Change(100, 200)),
        (0.25, Change(50, 50)),
        (0.1, Change(10, 20)),  # the second "Sign Up" against the second one, not against the first
    ]


def test_too_little_history_compares_no_part():
    now = Measured(0.1, parts=(Part("Sign Up", 200), Part("Page View", 50), Part("Sign Up", 20)))

    detail = only_detail(FUNNEL, now, TooLittleHistory(date(2026, 11, 12)))

    assert [row.change for row in detail.rows] == [None, None, None]


def test_a_share_of_nobody_is_measured_and_no_failure():
    report = report_of(MetricSpec("Conversion", FUNNEL, format=PERCENT), Undefined(), Measured(0.2))

    assert report.is_complete
    assert not report.is_empty
    assert not any(isinstance(found, NotMeasured) for found in report.findings)
    assert report.metrics[0].change is None


@pytest.mark.parametrize(
    ("goal", "value", "share", "is_reached"),
    [
        (Goal(300), 150, 0.5, False),
        (Goal(300), 300, 1.0, True),
        (Goal(300, is_limit=True), 300, 1.0, True),
        (Goal(300, is_limit=True), 301, 301 / 300, False),
    ],
)
def test_a_goal_is_reached_at_its_target_and_a_limit_kept_up_to_it(
    goal: Goal, value: float, share: float, is_reached: bool
):
    metric = report_of(MetricSpec("Metric", SIGN_UPS, goals=(goal,)), Measured(value), Measured(1)).metrics[0]

    assert metric.progress == Progress(goal, share, is_reached)


@pytest.mark.parametrize("figure", [Undefined(), TooLittleHistory(date(2026, 11, 12))])
def test_without_a_number_there_is_no_progress(figure: Figure):
    report = report_of(MetricSpec("Metric", SIGN_UPS, goals=(Goal(300),)), figure, Measured(1))

    assert report.metrics[0].progress is None


def test_there_is_no_way_to_a_goal_of_zero():
    report = report_of(
        MetricSpec("Errors", SIGN_UPS, goals=(Goal(0, is_limit=True),)), Measured(3), Measured(1)
    )

    assert report.metrics[0].progress is None


def test_a_metric_keeps_its_format_in_all_that_is_told_of_it():
    revenue = PropertyStatistic("Purchase", "amount", Statistic.SUM)
    metric = MetricSpec("Revenue", revenue, "{value} came in", format=EUROS)

    report = report_of(metric, Measured(500), Measured(400))

    assert report.metrics[0].format == EUROS
    assert [chart.format for chart in report.charts] == [EUROS]  # sums have a course, too
    assert [getattr(found, "format", None) for found in report.findings][:1] == [EUROS]


RAW = RawEvents(RawReason.NOT_OFFERED, frozenset({BY_PLAN}), is_all=False, events=1_000)


def notes_with(raw: RawEvents, *specs: MetricSpec) -> tuple[object, ...]:
    made = edition(spec(metrics=specs, top_events=0))
    numbers = dict.fromkeys((metric.measure for metric in specs), 5.0)
    figures: Figures = FakeSource(values=numbers, before=numbers).measure(made.question)
    notes = composed(made, replace(figures, raw=raw), MONDAY).notes
    return tuple(note for note in notes if isinstance(note, MeasuredFromRaw))


def test_metrics_that_were_measured_from_raw_events_are_named():
    by_plan, views = MetricSpec("By plan", BY_PLAN), MetricSpec("Views", PAGE_VIEWS)

    assert notes_with(RAW, by_plan, views) == (MeasuredFromRaw(RAW, ("By plan",)),)


def test_a_ratio_was_measured_from_raw_events_where_one_of_its_parts_was():
    raw = replace(RAW, measures=frozenset({SIGN_UPS}))

    assert notes_with(raw, MetricSpec("Ratio", Ratio(SIGN_UPS, PAGE_VIEWS))) == (
        MeasuredFromRaw(raw, ("Ratio",)),
    )


def test_where_all_was_measured_from_raw_events_no_metric_is_named():
    raw = replace(RAW, is_all=True)

    assert notes_with(raw, MetricSpec("Views", PAGE_VIEWS)) == (MeasuredFromRaw(raw),)
