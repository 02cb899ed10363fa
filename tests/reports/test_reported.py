"""What a report told, and which of it turned out otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.figures import Measured, Undefined
from reporter.reports.findings import Restated
from reporter.reports.report import ReportedMetric
from reporter.reports.restatements import restated
from reporter.reports.subscriptions import NUMBER, PERCENT, Format
from tests.world import FakeSource, composed, edition


def metric(previous: float, form: Format = NUMBER, label: str = "New Signups") -> ReportedMetric:
    return ReportedMetric(label, Measured(1), Measured(previous), format=form)


@pytest.mark.parametrize(
    ("told", "now", "form", "is_noted"),
    [
        (1_204, 1_251, NUMBER, True),
        (1_204, 1_208, NUMBER, False),  # a third of a percent
        (20, 21, NUMBER, False),  # one user more
        (20, 22, NUMBER, True),
        (0, 5, NUMBER, True),
        (0.127, 0.134, PERCENT, True),
        (0.127, 0.131, PERCENT, False),  # less than half a percentage point
    ],
)
def test_a_number_is_restated_when_it_differs_by_more_than_a_little(
    told: float, now: float, form: Format, is_noted: bool
):
    found = restated((("New Signups", told),), (metric(now, form),))

    assert found == ((Restated("New Signups", told, now, form),) if is_noted else ())


def test_at_most_two_are_told_the_largest_first():
    metrics = tuple(metric(100, label=label) for label in "abc")

    found = restated((("a", 90.0), ("b", 50.0), ("c", 130.0)), metrics)

    assert [one.label for one in found] == ["b", "c"]


def test_only_what_was_told_under_the_same_name_is_compared():
    assert restated((("Old name", 5.0),), (metric(100),)) == ()


def test_estimates_and_what_was_not_measured_are_not_compared():
    estimate = ReportedMetric("New Signups", Measured(1), Measured(100, sampled=True))
    undefined = ReportedMetric("New Signups", Measured(1), Undefined())

    assert restated((("New Signups", 5.0),), (estimate, undefined)) == ()


def test_a_report_tells_the_measured_numbers_that_are_no_estimates():
    made = edition()
    values = [Measured(89), Measured(1_204, sampled=True), Undefined()]
    source = FakeSource(values=dict(zip(made.question.measures, values, strict=True)))

    assert composed(made, source.measure(made.question)).numbers == (("New Signups", 89),)


@given(st.lists(st.floats(0, 1e9), max_size=6))
def test_what_was_told_right_is_never_restated(numbers: list[float]):
    metrics = tuple(metric(number, label=str(place)) for place, number in enumerate(numbers))

    assert restated(tuple((str(place), number) for place, number in enumerate(numbers)), metrics) == ()
