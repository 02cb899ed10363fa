"""The charts of the inbox show values where they are, on axes that can be read."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.local.slack.inbox.axis import AxisScale, fit_labels, round_ticks, tick_words
from reporter.local.slack.inbox.charts import lay_out, slices
from reporter.local.slack.shapes import PieChart, SeriesChart
from tests.local.slack_samples import chart


def series_chart(kind: str, categories: tuple[str, ...], **series: list[float]) -> SeriesChart:
    return SeriesChart.model_validate(chart(kind, "t", categories, **series)["chart"])


def test_a_line_goes_up_where_its_values_do():
    plot = lay_out(series_chart("line", ("a", "b", "c"), one=[1, 3, 2]), 600, 220)

    [one] = plot.series
    low, high, middle = one.marks
    assert high.y < middle.y < low.y < plot.zero
    assert low.x < high.x < middle.x
    assert one.line
    assert not one.area


def test_points_follow_the_categories_and_not_their_own_order():
    shuffled = series_chart("line", ("a", "b"), one=[1, 2]).model_copy(deep=True)
    shuffled.series[0].data.reverse()

    plot = lay_out(shuffled, 600, 220)

    assert [mark.words for mark in plot.series[0].marks] == ["a, one: 1", "b, one: 2"]


def test_bars_of_two_series_stand_side_by_side_and_hang_below_zero():
    plot = lay_out(series_chart("bar", ("a", "b"), one=[2, -1], two=[1, 1]), 600, 220)

    one, two = plot.series
    assert one.marks[0].x < two.marks[0].x < one.marks[1].x
    assert one.marks[0].y < plot.zero < one.marks[1].y
    assert all(mark.outline for series in plot.series for mark in series.marks)


def test_a_pie_shares_out_the_whole():
    cut = slices(
        PieChart.model_validate(
            {"type": "pie", "segments": [{"label": "a", "value": 3}, {"label": "b", "value": 1}]}
        )
    )

    assert [(one.label, one.share) for one in cut] == [("a", "75.0%"), ("b", "25.0%")]
    assert "A80.0 80.0 0 1 1" in cut[0].outline  # the long way round
    assert "A80.0 80.0 0 0 1" in cut[1].outline


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([14, 11, 16], ["0", "5", "10", "15", "20"]),
        ([1, 2], ["0", "1", "2"]),
        ([0, 0], ["0", "1"]),
        ([0.35], ["0", "0.1", "0.2", "0.3", "0.4"]),
        ([9_000, 26_000], ["0", "10K", "20K", "30K"]),
        ([2_400_000], ["0", "1M", "2M", "3M"]),
        ([1_310], ["0", "500", "1,000", "1,500"]),
        ([-8, 12], ["-10", "-5", "0", "5", "10", "15"]),
    ],
)
def test_ticks_are_round_and_short(values: list[float], said: list[str]):
    assert tick_words(round_ticks([float(value) for value in values])) == said


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6).map(float)


@given(st.lists(NUMBERS.filter(lambda number: abs(number) < 1e290), min_size=1, max_size=20))
def test_ticks_are_few_and_cover_every_value_and_zero(values: list[float]):
    ticks = round_ticks(values)

    assert 2 <= len(ticks) <= 8
    assert list(ticks) == sorted(set(ticks))
    nearly = (ticks[-1] - ticks[0]) * 1e-9
    assert ticks[0] - nearly <= min(0.0, *values)
    assert ticks[-1] + nearly >= max(0.0, *values)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.sampled_from(["line", "bar", "area"]))
def test_every_chart_can_be_drawn(values: list[float], kind: str):
    categories = tuple(f"category {number}" for number in range(len(values)))

    plot = lay_out(series_chart(kind, categories, one=values), 272, 170)

    assert all(math.isfinite(mark.y) for mark in plot.series[0].marks)
    assert 0 < plot.left < plot.width / 2


@given(st.lists(st.floats(0, exclude_min=True, allow_infinity=False), min_size=1, max_size=6))
def test_every_pie_can_be_drawn(values: list[float]):
    segments = [{"label": "x", "value": value} for value in values]

    assert len(slices(PieChart.model_validate({"type": "pie", "segments": segments}))) == len(values)


def test_a_scale_puts_zero_at_the_foot_of_positive_values():
    scale = AxisScale(low=0, high=20, top=8, bottom=220)

    assert (scale.y(0), scale.y(20), scale.y(10)) == (220, 8, 114)


DAYS = tuple(f"Mon {number}" for number in range(1, 15))


def spread(count: int, slot: float) -> Iterator[float]:
    return ((number + 0.5) * slot + 30 for number in range(count))


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (60.0, [("Mon 1",), ("Mon 2",), ("Mon 3",)]),
        (30.0, [("Mon", "1"), ("Mon", "2"), ("Mon", "3")]),
        (14.0, [("Mon", "1"), ("Mon", "3"), ("Mon", "5")]),
    ],
)
def test_labels_fold_before_they_are_left_out(slot: float, said: list[tuple[str, ...]]):
    labels = fit_labels(DAYS, list(spread(len(DAYS), slot)), slot, may_skip=True)

    assert [label.lines for label in labels[:3]] == said


def test_labels_of_bars_tilt_rather_than_go_missing():
    labels = fit_labels(["Checkout Started", "Purchase"], [60, 100], 40, may_skip=False)

    assert [label.lines for label in labels] == [("Checkout Sta…",), ("Purchase",)]
    assert all(label.tilted for label in labels)
