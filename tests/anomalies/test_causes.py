"""What is asked about the causes of an unusual number, and what the answer says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.anomalies.causes import asked_of, comparable, find_causes, segmentation_for, with_causes
from reporter.reports.causes import CauseEffect
from reporter.reports.figures import Daily, Figures, Segments
from reporter.reports.findings import CommonShift, Unusual
from reporter.reports.measures import (
    EventCount,
    EventUsers,
    Measure,
    PropertyStatistic,
    Ratio,
    Sessions,
    Statistic,
)
from reporter.reports.periods import Period
from reporter.reports.report import Flagged, Verdict
from reporter.reports.subscriptions import MetricSpec
from tests.world import SIGN_UPS, WEEK, FakeSource, edition, spec

HISTORY = Period(WEEK.end - timedelta(weeks=26), WEEK.end)
WEEKS = [1_000.0] * 8
UNUSUAL = Unusual("Sign-ups", 700, -0.3, 900, 1_100)


def verdict_on(measure: Measure = SIGN_UPS, expected: float = 1_000, days: Period = WEEK) -> Verdict:
    flagged = Flagged(MetricSpec("Sign-ups", measure), days, expected)
    return Verdict(unusual=(UNUSUAL,), flagged=(flagged,), judged=1)


def figures_of(weeks: Sequence[float | None], measure: Measure = SIGN_UPS) -> Figures:
    """Figures of weeks with so many events, the last one being the period."""
    report = spec(metrics=(MetricSpec("Sign-ups", measure),))
    numbers = {measure: 1.0}
    figures = FakeSource(values=numbers, before=numbers).measure(edition(report).question)
    days = [None if week is None else week / 7 for week in weeks for _ in range(7)]
    return replace(figures, daily={measure: Daily(WEEK.end - timedelta(days=len(days)), tuple(days))})


def found_in(
    segments: Segments, weeks: Sequence[float | None], expected: float = 1_000, measure: Measure = SIGN_UPS
) -> Unusual:
    report, verdict, figures = (
        spec(drivers=tuple(segments)),
        verdict_on(measure, expected),
        figures_of(weeks, measure),
    )
    segmentation = segmentation_for(report, figures, verdict)
    assert segmentation is not None
    told = with_causes(verdict, find_causes(figures, verdict, segmentation, {measure: segments})).unusual[0]
    assert isinstance(told, Unusual)
    return told


def test_a_week_is_held_against_the_eight_before():
    assert comparable(WEEK, HISTORY) == tuple(WEEK.earlier(7 * number) for number in range(8, -1, -1))


def test_a_day_is_held_against_the_same_weekday():
    day = Period(WEEK.last, WEEK.end)

    assert [one.start.isoweekday() for one in comparable(day, HISTORY)] == [7] * 9


def test_a_month_is_held_against_as_many_as_the_history_has():
    month = Period(date(2026, 10, 1), date(2026, 11, 1))

    periods = comparable(month, Period(date(2026, 5, 3), month.end))

    assert len(periods) == 5
    assert periods[-1] == month


@given(st.integers(1, 60), st.integers(0, 300))
def test_compared_periods_are_alike_and_never_overlap(length: int, known: int):
    days = Period(WEEK.end - timedelta(days=length), WEEK.end)

    periods = comparable(days, Period(days.start - timedelta(days=known), days.end))

    assert {one.length for one in periods} == {length}
    assert {one.start.isoweekday() for one in periods} == {days.start.isoweekday()}
    assert all(one.end <= other.start for one, other in pairwise(periods))


@pytest.mark.parametrize(
    "measure", [SIGN_UPS, EventUsers("Sign Up"), PropertyStatistic("Purchase", "amount", Statistic.SUM)]
)
def test_counts_users_and_sums_are_asked_by_their_properties(measure: Measure):
    segmentation = segmentation_for(
        spec(drivers=("$os",)), figures_of([*WEEKS, 700], measure), verdict_on(measure)
    )

    assert segmentation is not None
    assert segmentation.measures == (measure,)


def test_sessions_have_no_parts_to_ask_for():
    figures = figures_of([*WEEKS, 700], Sessions())

    assert segmentation_for(spec(drivers=("$os",)), figures, verdict_on(Sessions())) is None


def test_too_few_periods_tell_nothing():
    figures = figures_of([*WEEKS, 700])
    long = Period(WEEK.end - timedelta(days=50), WEEK.end)

    assert segmentation_for(spec(drivers=("$os",)), figures, verdict_on(days=long)) is None


def test_the_part_that_moved_on_its_own_is_the_cause():
    os = {"Android": (*[600.0] * 8, 300.0), "iOS": (*[400.0] * 8, 400.0)}
    country = {"IN": (*[500.0] * 8, 350.0), "DE": (*[500.0] * 8, 350.0)}

    found = found_in({"$os": os, "mp_country_code": country}, [*WEEKS, 700.0])

    (cause,) = found.causes
    assert (cause.property, cause.values, cause.effect) == ("$os", ("Android",), CauseEffect.MOVED)
    assert (cause.explains, cause.moved, cause.of) == pytest.approx((1.0, -300, -300))


def test_at_most_two_causes_are_told():
    half = {"a": (*[500.0] * 8, 200.0), "b": (*[500.0] * 8, 500.0)}

    found = found_in({"one": half, "two": half, "three": half}, [*WEEKS, 700.0])

    assert [cause.values for cause in found.causes] == [("a",), ("a",)]
    assert len({cause.property for cause in found.causes}) == 2


def test_of_two_causes_the_one_that_explains_more_comes_first():
    surer = {"a": (*[200.0] * 8, 30.0), "b": (*[800.0] * 8, 670.0)}
    wider = {"c": (*[700.0] * 8, 420.0), "d": (*[300.0] * 8, 280.0)}

    found = found_in({"one": surer, "two": wider}, [*WEEKS, 700.0])

    assert [cause.values for cause in found.causes] == [("c",), ("a",)]


def test_what_grew_as_was_expected_is_not_held_against_its_past():
    """All grew by half, as expected, but Android: the change is against 1,500, not against 1,000."""
    os = {"Android": (*[600.0] * 8, 500.0), "iOS": (*[400.0] * 8, 600.0)}

    found = found_in({"$os": os}, [*WEEKS, 1_100.0], expected=1_500)

    assert [cause.values for cause in found.causes] == [("Android",)]


def test_a_compared_day_without_a_number_leaves_the_finding_as_it_is():
    os = {"Android": (*[600.0] * 8, 300.0), "iOS": (*[400.0] * 8, 400.0)}

    found = found_in({"$os": os}, [*WEEKS[:5], None, *WEEKS[:2], 700.0])

    assert found.causes == ()


def test_a_source_that_says_nothing_of_a_metric_leaves_the_finding_as_it_is():
    found = found_in({"$os": {}}, [*WEEKS, 700.0])

    assert found.causes == ()


CHECKOUT = Ratio(EventCount("Purchase"), EventCount("Visit"))


def ratio_found(purchases: Mapping[str, Sequence[float]], visits: Mapping[str, Sequence[float]]) -> Unusual:
    """What is told of a ratio that fell, from the numbers of its parts on each system."""
    parts: dict[Measure, Mapping[str, Sequence[float]]] = {
        CHECKOUT.numerator: purchases,
        CHECKOUT.denominator: visits,
    }
    weeks = {
        measure: [sum(each) for each in zip(*one.values(), strict=True)] for measure, one in parts.items()
    }
    rate = sum(weeks[CHECKOUT.numerator][:-1]) / sum(weeks[CHECKOUT.denominator][:-1])
    flagged = Flagged(MetricSpec("Sign-ups", CHECKOUT), WEEK, rate, is_rate=True)
    verdict = Verdict(unusual=(UNUSUAL,), flagged=(flagged,), judged=1)
    daily = {measure: figures_of(totals, measure).daily[measure] for measure, totals in weeks.items()}
    figures = replace(figures_of(weeks[CHECKOUT.numerator]), daily=daily)
    segmentation = segmentation_for(spec(drivers=("$os",)), figures, verdict)
    assert segmentation is not None
    assert segmentation.measures == (CHECKOUT.numerator, CHECKOUT.denominator)
    answers: dict[Measure, Segments] = {
        measure: {"$os": {name: tuple(numbers) for name, numbers in one.items()}}
        for measure, one in parts.items()
    }
    told = with_causes(verdict, find_causes(figures, verdict, segmentation, answers)).unusual[0]
    assert isinstance(told, Unusual)
    return told


def test_of_a_ratio_the_value_whose_own_rate_moved_is_the_cause():
    visits = {"Android": [6_000.0] * 9, "iOS": [4_000.0] * 9}
    found = ratio_found({"Android": [*[300.0] * 8, 150.0], "iOS": [*[280.0] * 8, 281.0]}, visits)

    (cause,) = found.causes
    assert (cause.property, cause.values, cause.effect) == ("$os", ("Android",), CauseEffect.MOVED)
    assert cause.explains == pytest.approx(1.0, abs=0.05)


def test_of_a_ratio_a_value_that_makes_more_of_the_whole_is_told_as_the_mix():
    """Three times as many come on Android, where fewer buy; on neither system fewer do than before."""
    found = ratio_found(
        {"Android": [*[60.0] * 8, 180.0], "iOS": [400.0] * 9},
        {"Android": [*[6_000.0] * 8, 18_000.0], "iOS": [4_000.0] * 9},
    )

    (cause,) = found.causes
    assert (cause.property, cause.effect) == ("$os", CauseEffect.MIX)
    share = 18 / 22 - 0.6 if cause.values == ("Android",) else 0.6 - 18 / 22
    assert (cause.moved, cause.of) == (pytest.approx(share), 1.0)


def test_a_ratio_that_fell_alike_everywhere_has_no_cause():
    visits = {"Android": [6_000.0] * 9, "iOS": [4_000.0] * 9}

    assert not ratio_found({"Android": [*[300.0] * 8, 150.0], "iOS": [*[280.0] * 8, 140.0]}, visits).causes


def test_what_days_do_not_add_up_to_has_no_parts_to_ask_for():
    share = Ratio(Sessions(), EventCount("Visit"))

    assert asked_of(share) == ()
    assert asked_of(CHECKOUT) == (CHECKOUT.numerator, CHECKOUT.denominator)


def test_where_all_moved_alike_and_no_cause_is_known_it_is_told_of_which_properties():
    alike = {"a": (*[600.0] * 8, 420.0), "b": (*[400.0] * 8, 280.0)}
    found = found_in({"$os": alike}, [*WEEKS, 700.0])

    assert (found.causes, found.across) == ((), ("$os",))


@pytest.mark.parametrize(
    ("numbers", "effect"),
    [((*[0.0] * 8, 61.0), CauseEffect.NEW), ((*[100.0] * 8, 0.0), CauseEffect.GONE)],
)
def test_what_is_new_or_gone_is_told_as_that(numbers: tuple[float, ...], effect: CauseEffect):
    source = {"tiktok": numbers, "search": (*[900.0] * 9,)}
    whole = [sum(each) for each in zip(*source.values(), strict=True)]
    (cause,) = found_in({"utm_source": source}, whole, expected=whole[0]).causes

    assert (cause.values, cause.effect) == (("tiktok",), effect)
    assert (cause.moved, cause.of) == pytest.approx((numbers[-1] - numbers[0], whole[-1] - whole[0]))


def test_other_findings_stay_as_they_are():
    verdict = Verdict(unusual=(CommonShift(-1, 4, 8),))

    assert with_causes(verdict, ()) == verdict
