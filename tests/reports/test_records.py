"""Records and round numbers: rare, clear, and never of what is unusual or in doubt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.figures import Daily, Figures, Measured
from reporter.reports.findings import (
    DataDoubt,
    FaultKind,
    HolidayIn,
    Milestone,
    RecordNumber,
    TooLittleToJudge,
)
from reporter.reports.measures import Measure
from reporter.reports.report import Verdict
from reporter.reports.subscriptions import Format, Insights, MetricSpec, ReportSpec
from reporter.reports.summary import remark, round_below
from tests.world import ACTIVE_USERS, SIGN_UPS, WEEK, FakeSource, edition, spec

CALM = Verdict(judged=3)
FLAT = [600.0, 610.0, 590.0, 605.0, 595.0] * 5  # weeks
EUROS = Format(currency="EUR")


def figures_of(report: ReportSpec, weeks: Sequence[float], measure: Measure) -> Figures:
    """A report whose measure had so much in each week, the last one being the period."""
    numbers = {measure: 1.0}
    figures = FakeSource(values=numbers, before=numbers).measure(edition(report).question)
    days = [week / 7 for week in weeks for _ in range(7)]
    daily = {measure: Daily(WEEK.end - timedelta(days=len(days)), tuple(days))}
    return replace(figures, daily=daily, now={**figures.now, measure: Measured(weeks[-1])})


def remarked(
    weeks: Sequence[float],
    verdict: Verdict = CALM,
    measure: Measure = SIGN_UPS,
    insights: Insights = Insights.FULL,
) -> RecordNumber | Milestone | None:
    report = spec(metrics=(MetricSpec("Sign-ups", measure, format=EUROS),), insights=insights)
    return remark(report, figures_of(report, weeks, measure), verdict)


def test_a_clear_record_is_told_with_the_number_of_weeks_it_was_compared_with():
    found = remarked([*FLAT, 740.0])

    assert found == RecordNumber("Sign-ups", 740.0, 1, None, 26, EUROS)


def test_a_record_since_a_week_names_that_week():
    found = remarked([*FLAT[:5], 745.0, *FLAT[:19], 740.0])

    assert isinstance(found, RecordNumber)
    assert found.since == WEEK.start - timedelta(weeks=20)
    assert found.since == date(2026, 6, 29)


def test_the_lowest_week_is_a_record_too():
    found = remarked([*FLAT, 480.0])

    assert isinstance(found, RecordNumber)
    assert (found.direction, found.since) == (-1, None)


def test_a_holiday_s_low_is_no_record():
    holidays = (HolidayIn(WEEK.start, "Thanksgiving"),)

    assert remarked([*FLAT, 480.0], replace(CALM, holidays=holidays)) is None
    assert remarked([*FLAT, 740.0], replace(CALM, holidays=holidays)) is not None


@pytest.mark.parametrize(
    "weeks",
    [
        [*FLAT, 640.0],  # not a tenth above the best
        [*[500.0, 700.0] * 12, 780.0],  # within what such weeks scatter
        [1.0] * 25 + [8.0],  # a handful of events
        [*FLAT[:11], 740.0],  # too few weeks to compare with
        [*FLAT, 745.0, *FLAT[:4], 740.0],  # a month ago it was higher
    ],
    ids=["slight", "scattered", "small", "young", "recent"],
)
def test_what_is_not_clear_is_left_alone(weeks: list[float]):
    assert remarked(weeks) is None


def test_weeks_before_an_event_was_there_are_none_to_beat():
    assert remarked([*[0.0] * 15, *FLAT[:10], 740.0]) is None


def test_a_round_number_that_was_never_reached_is_a_milestone():
    growing = [900.0 + 3 * week for week in range(25)]

    assert remarked([*growing, 1_004.0]) == Milestone("Sign-ups", 1_004.0, 1_000.0, EUROS)
    assert remarked([1_001.0, *growing[1:], 1_004.0]) is None


@pytest.mark.parametrize(
    "verdict",
    [
        replace(CALM, outliers=frozenset({"Sign-ups"})),
        replace(CALM, doubted=frozenset({"Sign-ups"})),
        replace(CALM, doubts=(DataDoubt(FaultKind.INCOMPLETE, None, WEEK.last, 1.0, 0.5),)),
        replace(CALM, too_little=TooLittleToJudge(WEEK.end)),
        Verdict(),
    ],
    ids=["unusual", "in doubt", "incomplete", "too young", "not judged"],
)
def test_no_record_is_told_of_what_is_unusual_or_not_known_well(verdict: Verdict):
    assert remarked([*FLAT, 740.0], verdict) is None


def test_users_of_a_week_are_no_sum_of_days_and_set_no_record():
    assert remarked([*FLAT, 740.0], measure=ACTIVE_USERS) is None


def test_a_quiet_report_tells_no_record():
    assert remarked([*FLAT, 740.0], insights=Insights.QUIET) is None


@given(st.floats(0.001, 1e12))
def test_a_round_number_is_at_or_below_its_value_and_the_next_one_above(value: float):
    found = round_below(value)

    if value < 100:
        assert found is None
    else:
        assert found is not None
        assert found <= value < found * 2.5 * (1 + 1e-9)
