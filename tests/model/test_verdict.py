"""Which numbers of a report are unusual, and which can be trusted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporter.model.compose import compose
from reporter.model.fault import Code
from reporter.model.figures import Daily, Figures, Measured
from reporter.model.insights import Doubt, Moved, Together, Unusual, UnusualDay
from reporter.model.measure import EventCount, Measure
from reporter.model.report import Report
from reporter.model.subscription import Insights, MetricSpec
from tests.world import ACTIVE_USERS, MONDAY, PAGE_VIEWS, SIGN_UPS, FakeSource, edition, spec

WEEKDAYS = (100, 110, 108, 104, 96, 60, 58)  # Monday first


def noise(day: date, salt: int) -> float:
    """A steady wobble of about 5 %, the same on every run."""
    return 1 + 0.05 * (((day.toordinal() * 7919 + salt * 104729) % 1000) / 500 - 1)


def usual_days(figures: Figures, scale: float, salt: int) -> list[float]:
    history = figures.question.history
    return [round(scale * WEEKDAYS[day.weekday()] * noise(day, salt)) for day in history]


def report_with(
    last_week: Mapping[Measure, Mapping[int, float]], insights: Insights = Insights.FULL
) -> Report:
    """A report of half a year of usual days, but for the last week: a factor by place of the day."""
    made = edition(spec(insights=insights))
    figures = FakeSource().measure(made.question)
    daily: dict[Measure, Daily] = {}
    now = dict(figures.now)
    for salt, measure in enumerate((SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS)):
        days = usual_days(figures, {SIGN_UPS: 0.5, ACTIVE_USERS: 3, PAGE_VIEWS: 20}[measure], salt)
        for place, factor in last_week.get(measure, {}).items():
            days[place - 7] = round(days[place - 7] * factor)
        daily[measure] = Daily(figures.question.history.start, tuple(days))
        now[measure] = Measured(sum(days[-7:]))
    return compose(made, replace(figures, daily=daily, now=now), MONDAY)


ALL_WEEK = dict.fromkeys(range(7), 0.5)


def test_a_usual_week_is_told_in_plain_facts_alone():
    report = report_with({})

    assert [type(finding).__name__ for finding in report.findings] == ["Moved", "Moved", "Busiest"]
    assert all(metric.usual is None for metric in report.metrics)


def test_a_metric_that_left_its_range_is_told_after_the_headline_with_its_range():
    report = report_with({PAGE_VIEWS: ALL_WEEK})
    headline, unusual, *_ = report.findings

    assert isinstance(headline, Moved)
    assert isinstance(unusual, Unusual)
    assert unusual.label == "Page Views"
    assert unusual.ratio == pytest.approx(-0.5, abs=0.05)  # pyright: ignore[reportUnknownMemberType]
    usual = report.metrics[2].usual
    assert usual is not None
    assert unusual.value < usual.low < usual.expected < usual.high
    assert report.metrics[0].usual is None


def test_users_have_a_ratio_and_no_range():
    report = report_with({ACTIVE_USERS: ALL_WEEK})
    unusual = report.findings[1]

    assert isinstance(unusual, Unusual)
    assert (unusual.low, unusual.high) == (None, None)
    assert report.metrics[1].usual is None


def test_one_day_that_departs_is_told_with_its_date():
    unusual = report_with({PAGE_VIEWS: {2: 1.9}}).findings[1]

    assert isinstance(unusual, UnusualDay | Unusual)
    if isinstance(unusual, UnusualDay):
        assert unusual.day == date(2026, 11, 18)


def test_an_event_that_stopped_is_a_doubt_and_no_fall():
    report = report_with({SIGN_UPS: dict.fromkeys(range(2, 7), 0.0)})
    doubt = report.findings[0]

    assert isinstance(doubt, Doubt)
    assert (doubt.code, doubt.label, doubt.day) == (Code.STOPPED, "New Signups", date(2026, 11, 18))
    told = [finding for finding in report.findings if isinstance(finding, Moved | Unusual)]
    assert "New Signups" not in {finding.label for finding in told}
    assert report.metrics[0].usual is None


def test_many_metrics_that_move_together_are_one_story():
    events = tuple(EventCount(f"Event {number}") for number in range(8))
    metrics = tuple(MetricSpec(event.event, event) for event in events)
    made = edition(spec(metrics=metrics))
    source = FakeSource(values=dict.fromkeys(events, 1), before=dict.fromkeys(events, 1))
    figures = source.measure(made.question)
    fallen: dict[Measure, Daily] = {}
    for salt, event in enumerate(events):
        days = usual_days(figures, 5, salt)
        fallen[event] = Daily(
            figures.question.history.start,
            (*days[:-7], *(round(day * 0.5) for day in days[-7:-2]), *days[-2:]),
        )

    findings = compose(made, replace(figures, daily=fallen), MONDAY).findings

    assert Together(-1, 8, 8) in findings
    assert not any(isinstance(finding, Unusual) for finding in findings)


def test_insights_can_be_turned_off():
    report = report_with({PAGE_VIEWS: ALL_WEEK}, Insights.OFF)

    assert not any(isinstance(finding, Unusual) for finding in report.findings)
    assert all(metric.usual is None for metric in report.metrics)


def test_too_little_history_calls_nothing_unusual():
    made = edition()
    figures = FakeSource().measure(made.question)
    start = made.question.period.start - timedelta(days=14)
    young = {measure: Daily(start, (*[100.0] * 14, *[10.0] * 7)) for measure in made.question.measures}

    report = compose(made, replace(figures, daily=young), MONDAY)

    assert not any(isinstance(finding, Unusual | UnusualDay | Doubt) for finding in report.findings)
