"""Which numbers of a report are unusual, and which can be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from reporter.anomalies import fit, holidays, rate_history
from reporter.anomalies.daily_series import Floats
from reporter.anomalies.explanation import explain_metric
from reporter.reports.figures import Daily, Figures, Measured, Question, TooLittleHistory
from reporter.reports.findings import (
    CommonShift,
    DataDoubt,
    FaultKind,
    Finding,
    HolidayIn,
    MetricChange,
    NoEarlierData,
    NothingUnusual,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
)
from reporter.reports.measures import EventCount, Measure, PropertyStatistic, Statistic
from reporter.reports.report import Report
from reporter.reports.subscriptions import Insights, MetricSpec
from tests.world import ACTIVE_USERS, MONDAY, PAGE_VIEWS, SIGN_UPS, FakeSource, composed, edition, spec

WEEKDAYS = (100, 110, 108, 104, 96, 60, 58)  # Monday first


def noise(day: date, salt: int) -> float:
    """A steady wobble of about 5 %, the same on every run."""
    return 1 + 0.05 * (((day.toordinal() * 7919 + salt * 104729) % 1000) / 500 - 1)


def usual_days(figures: Figures, scale: float, salt: int) -> list[float]:
    history = figures.question.history
    return [round(scale * WEEKDAYS[day.weekday()] * noise(day, salt)) for day in history]


OTHERS = tuple(EventCount(f"Other {number}") for number in range(5))
LEVELS: dict[Measure, float] = {SIGN_UPS: 0.5, ACTIVE_USERS: 3, PAGE_VIEWS: 20, **dict.fromkeys(OTHERS, 4.0)}
METRICS = (*spec().metrics, *(MetricSpec(event.event, event) for event in OTHERS))


def report_with(
    last_week: Mapping[Measure, Mapping[int, float]],
    insights: Insights = Insights.FULL,
    *,
    weeks: int = 26,
    thanksgiving: bool = False,
    sentences: bool = True,
    zone: str = "UTC",
    holidays: str | None = None,
) -> Report:
    """A report of so many weeks of usual days, but for the last one: a factor by place of the day.

    With `thanksgiving`, its Thursday is a holiday that the file names.
    """
    metrics = METRICS if sentences else tuple(replace(metric, sentence=None) for metric in METRICS)
    made = edition(spec(insights=insights, metrics=metrics, holidays="X" if thanksgiving else holidays))
    numbers = dict.fromkeys(LEVELS, 1.0)
    figures = FakeSource(values=numbers, before=numbers).measure(made.question)
    daily: dict[Measure, Daily] = {}
    now = dict(figures.now)
    for salt, (measure, level) in enumerate(LEVELS.items()):
        days = usual_days(figures, level, salt)[-7 * weeks :]
        for place, factor in last_week.get(measure, {}).items():
            days[place - 7] = round(days[place - 7] * factor)
        daily[measure] = days_of(made.question, days)
        now[measure] = Measured(sum(days[-7:]))
    project = replace(figures.project, zone=ZoneInfo(zone))
    return composed(made, replace(figures, project=project, daily=daily, now=now), MONDAY)


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A country whose one holiday is in the week."""

    def holidays_in(*_: object) -> tuple[HolidayIn, ...]:
        return (HolidayIn(date(2026, 11, 19), "Thanksgiving"),)

    monkeypatch.setattr(holidays, "holidays_in", holidays_in)


def days_of(question: Question, days: Sequence[float]) -> Daily:
    """The last days of the question's period."""
    return Daily(question.period.end - timedelta(days=len(days)), tuple(days))


ALL_WEEK = dict.fromkeys(range(7), 0.5)


def test_a_usual_week_is_told_in_plain_facts_alone():
    report = report_with({})

    assert [type(finding).__name__ for finding in report.findings] == [
        "MetricChange",
        "MetricChange",
        "BusiestEvent",
        "NothingUnusual",
    ]
    assert all(metric.usual is None for metric in report.metrics)


def test_a_metric_that_left_its_range_is_told_with_its_range_in_the_place_of_the_headline():
    report = report_with({PAGE_VIEWS: ALL_WEEK})
    unusual, *others = report.findings

    assert not any(isinstance(found, MetricChange) for found in others)
    assert isinstance(unusual, Unusual)
    assert unusual.label == "Page Views"
    assert unusual.ratio == pytest.approx(-0.5, abs=0.05)  # pyright: ignore[reportUnknownMemberType]
    usual = report.metrics[2].usual
    assert usual is not None
    assert unusual.value < usual.low < usual.expected < usual.high
    assert report.metrics[0].usual is None


def test_the_number_of_an_unusual_metric_is_told_once():
    report = report_with({SIGN_UPS: ALL_WEEK})

    assert [type(found) for found in report.findings if getattr(found, "label", "") == "New Signups"] == [
        Unusual
    ]


def test_what_is_unusual_is_drawn_first():
    assert [chart.label for chart in report_with({}).charts] == ["Active Users", "New Signups"]
    assert [chart.label for chart in report_with({PAGE_VIEWS: ALL_WEEK}).charts] == [
        "Page Views",
        "Active Users",
    ]


def test_users_have_a_ratio_and_no_range():
    report = report_with({ACTIVE_USERS: ALL_WEEK})
    unusual = report.findings[0]

    assert isinstance(unusual, Unusual)
    assert (unusual.low, unusual.high) == (None, None)
    assert report.metrics[1].usual is None


def test_one_day_that_departs_is_told_with_its_date():
    unusual = report_with({PAGE_VIEWS: {2: 1.9}}).findings[0]

    assert isinstance(unusual, UnusualDay | Unusual)
    if isinstance(unusual, UnusualDay):
        assert unusual.day == date(2026, 11, 18)


def test_an_event_that_stopped_is_a_doubt_and_no_fall():
    report = report_with({SIGN_UPS: dict.fromkeys(range(2, 7), 0.0)})
    doubt = report.findings[0]

    assert isinstance(doubt, DataDoubt)
    assert (doubt.code, doubt.label, doubt.day) == (FaultKind.STOPPED, "New Signups", date(2026, 11, 18))
    told = [finding for finding in report.findings if isinstance(finding, MetricChange | Unusual)]
    assert "New Signups" not in {finding.label for finding in told}
    assert report.metrics[0].usual is None


EVENTS = tuple(EventCount(f"Event {number}") for number in range(8))


def findings_of_falls(factors: Sequence[float]) -> Sequence[Finding]:
    """What is told of eight metrics whose last week, but for the weekend, is multiplied by these."""
    made = edition(spec(metrics=tuple(MetricSpec(event.event, event) for event in EVENTS)))
    source = FakeSource(values=dict.fromkeys(EVENTS, 1), before=dict.fromkeys(EVENTS, 1))
    figures = source.measure(made.question)
    fallen: dict[Measure, Daily] = {}
    for salt, (event, factor) in enumerate(zip(EVENTS, factors, strict=True)):
        days = usual_days(figures, 5, salt)
        fallen[event] = Daily(
            figures.question.history.start,
            (*days[:-7], *(round(day * factor) for day in days[-7:-2]), *days[-2:]),
        )
    return composed(made, replace(figures, daily=fallen), MONDAY).findings


def test_many_metrics_that_move_together_are_one_story():
    findings = findings_of_falls([0.5] * 8)

    assert CommonShift(-1, 8, 8) in findings
    assert not any(isinstance(finding, Unusual) for finding in findings)


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize(("all_others", "own"), [(0.75, 0.3), (0.7, 1.4), (1.3, 0.5), (1.4, 2.5)])
def test_one_that_moved_far_beyond_the_others_is_told_beside_them(place: int, all_others: float, own: float):
    factors = [all_others] * 8
    factors[place] = own

    findings = findings_of_falls(factors)

    assert isinstance(findings[0], CommonShift)
    assert [one.label for one in findings if isinstance(one, Unusual)] == [f"Event {place}"]


def test_insights_can_be_turned_off():
    report = report_with({PAGE_VIEWS: ALL_WEEK}, Insights.OFF)

    assert not any(isinstance(finding, Unusual) for finding in report.findings)
    assert all(metric.usual is None for metric in report.metrics)


def test_too_little_history_calls_nothing_unusual():
    made = edition()
    figures = FakeSource().measure(made.question)
    start = made.question.period.start - timedelta(days=14)
    young = {measure: Daily(start, (*[100.0] * 14, *[10.0] * 7)) for measure in made.question.measures}

    report = composed(made, replace(figures, daily=young), MONDAY)

    assert not any(isinstance(finding, Unusual | UnusualDay | DataDoubt) for finding in report.findings)


def test_a_holiday_s_silence_is_named_and_neither_a_fault_nor_unusual():
    report = report_with({SIGN_UPS: {3: 0.0}, PAGE_VIEWS: {3: 0.1}}, thanksgiving=True)

    assert HolidayIn(date(2026, 11, 19), "Thanksgiving") in report.notes
    assert not report.is_unusual


def test_without_the_holiday_the_same_week_is_doubted_and_unusual():
    report = report_with({SIGN_UPS: {3: 0.0}, PAGE_VIEWS: {3: 0.1}})

    assert isinstance(report.findings[0], DataDoubt)
    assert report.is_unusual


def in_zone(zone: str, low: Mapping[int, float], chosen: str | None = None) -> Report:
    """A report that was low as a whole on some days; the file names these holidays."""
    return report_with(dict.fromkeys(LEVELS, low), zone=zone, holidays=chosen)


def test_a_day_on_which_the_whole_report_was_low_is_told_once_where_it_was_a_holiday_of_the_zone_s_country():
    report = in_zone("America/New_York", {3: 0.45})

    assert HolidayIn(date(2026, 11, 19), "Thanksgiving", "US") in report.notes
    assert not report.is_unusual
    assert not any(isinstance(one, DataDoubt | CommonShift) for one in report.findings)


@pytest.mark.parametrize(
    ("zone", "low", "chosen"),
    [
        ("America/New_York", {3: 0.45}, "none"),  # somebody said that holidays do not count
        ("UTC", {3: 0.45}, None),  # nobody's zone
        ("America/New_York", {2: 0.45}, None),  # another day
    ],
)
def test_otherwise_such_a_day_is_news(zone: str, low: Mapping[int, float], chosen: str | None):
    report = in_zone(zone, low, chosen)

    assert not any(isinstance(note, HolidayIn) for note in report.notes)
    assert report.is_unusual


def test_a_holiday_that_nobody_named_excuses_no_fall_of_one_metric():
    report = report_with({PAGE_VIEWS: {3: 0.2}}, zone="America/New_York")

    assert not any(isinstance(note, HolidayIn) for note in report.notes)
    assert any(isinstance(one, UnusualDay) for one in report.findings)


def test_a_fall_of_the_whole_week_is_no_holiday_s():
    report = report_with({PAGE_VIEWS: ALL_WEEK}, thanksgiving=True)
    found = report.findings[0]

    assert isinstance(found, Unusual)
    assert found.ratio == pytest.approx(-0.5, abs=0.05)  # pyright: ignore[reportUnknownMemberType]
    assert (found.low, found.high) == (None, None)  # the range would be one of six days
    assert report.metrics[2].usual is None


def test_a_day_that_is_not_complete_is_a_doubt_and_the_others_are_judged_without_it():
    lacking = {6: 0.4}
    report = report_with({**dict.fromkeys(LEVELS, lacking), PAGE_VIEWS: {**ALL_WEEK, 6: 0.2}})
    doubt, unusual, *_ = report.findings

    assert isinstance(doubt, DataDoubt)
    assert (doubt.code, doubt.label, doubt.day) == (FaultKind.INCOMPLETE, None, date(2026, 11, 22))
    assert isinstance(unusual, Unusual)
    assert (unusual.label, unusual.low) == ("Page Views", None)
    assert unusual.ratio == pytest.approx(-0.5, abs=0.05)  # pyright: ignore[reportUnknownMemberType]


def test_a_history_of_less_than_eight_weeks_judges_nothing_and_says_when_it_will_do():
    report = report_with({PAGE_VIEWS: ALL_WEEK}, weeks=7)

    assert report.notes == (TooLittleToJudge(MONDAY.date() + timedelta(weeks=2)),)
    assert not report.is_unusual


def test_a_history_of_eight_weeks_is_judged():
    report = report_with({PAGE_VIEWS: ALL_WEEK}, weeks=9)

    assert report.notes == ()
    assert report.is_unusual


def test_an_event_that_stopped_is_told_in_a_short_history_too():
    report = report_with({SIGN_UPS: dict.fromkeys(range(2, 7), 0.0)}, weeks=7)

    assert isinstance(report.findings[0], DataDoubt)


def test_too_little_history_is_said_once():
    short = TooLittleHistory(date(2026, 11, 12))
    made = edition(spec())
    source = FakeSource(before=dict.fromkeys(made.question.measures, short))
    figures = source.measure(made.question)
    young = Daily(made.question.period.start - timedelta(days=4), (*[100.0] * 11,))

    report = composed(made, replace(figures, daily=dict.fromkeys(made.question.measures, young)))

    assert report.notes == (NoEarlierData(date(2026, 11, 12)),)


def test_that_nothing_is_unusual_is_said_where_there_is_room():
    report = report_with({}, sentences=False)

    assert [type(found).__name__ for found in report.findings] == ["BusiestEvent", "NothingUnusual"]
    assert report.findings[1] == NothingUnusual(8)


@pytest.mark.parametrize(
    "last_week", [{SIGN_UPS: {4: 0.0}}, {PAGE_VIEWS: ALL_WEEK}], ids=["doubt", "unusual"]
)
def test_only_of_the_others_it_is_said_that_they_are_as_usual_beside_what_is_not(
    last_week: Mapping[Measure, Mapping[int, float]],
):
    report = report_with(last_week, sentences=False)

    (calm,) = (found for found in report.findings if isinstance(found, NothingUnusual))
    assert calm.are_others
    assert 0 < calm.metrics < len(report.metrics)


def test_users_are_told_to_be_users():
    report = report_with({ACTIVE_USERS: ALL_WEEK})

    assert [found.is_of_users for found in report.findings if isinstance(found, Unusual)] == [True]


def test_a_sum_is_judged_in_its_steps_and_told_in_its_unit():
    """Two sales a week: one without any was bound to come, and fourteen are many."""
    sales = np.random.default_rng(5).poisson(2 / 7, 26 * 7 - 7) * 49.0
    revenue = PropertyStatistic("Purchase", "amount", Statistic.SUM)

    none, many = (revenue_report(revenue, [*sales.tolist(), *[day] * 7]) for day in (0.0, 98.0))

    assert not none.is_unusual
    found = next(one for one in many.findings if isinstance(one, Unusual))
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < 98 < found.high < 98 * 7


def revenue_report(revenue: Measure, days: Sequence[float]) -> Report:
    made = edition(spec(metrics=(MetricSpec("Revenue", revenue),)))
    figures = FakeSource(values={revenue: sum(days[-7:])}, before={revenue: 98}).measure(made.question)
    return composed(made, replace(figures, daily={revenue: days_of(made.question, days)}))


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The window of each fit of the model."""
    found: list[tuple[int, int]] = []

    def counted(values: Floats, window: tuple[int, int]) -> fit.Fit | None:
        found.append(window)
        return original(values, window)

    original = fit.fit
    monkeypatch.setattr(rate_history, "fit", counted)
    return found


@pytest.mark.parametrize("factor", [1.0, 0.4])
def test_the_model_is_fitted_once_for_a_report(fits: list[tuple[int, int]], factor: float):
    report_with({measure: {6: factor} for measure in LEVELS})  # the last day is whole, or is not

    assert len(fits) == 1


def test_the_model_is_fitted_once_to_explain_a_metric(fits: list[tuple[int, int]]):
    made = edition(spec(metrics=METRICS))
    numbers = dict.fromkeys(LEVELS, 1.0)
    figures = FakeSource(values=numbers, before=numbers).measure(made.question)
    daily = {
        measure: days_of(made.question, usual_days(figures, level, salt))
        for salt, (measure, level) in enumerate(LEVELS.items())
    }
    explained = explain_metric(made, replace(figures, daily=daily), METRICS[0])

    assert explained.judgement is not None
    assert len(fits) == 1


def test_the_usual_range_of_each_day_is_drawn_with_the_numbers():
    chart = report_with({PAGE_VIEWS: ALL_WEEK}).charts[0]

    assert chart.label == "Page Views"
    assert len(chart.usual) == len(chart.values) == 7
    for value, span in zip(chart.values, chart.usual, strict=True):
        assert value is not None
        assert span is not None
        assert value < span[0] < span[1]  # half of what is usual came on each of these days
