"""Where everything of a line chart stands."""

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render.html import HEIGHT, LineChart, Scale, line_chart
from reporter.render.page import page_of
from reporter.reports.periods import Period
from reporter.reports.report import Chart, Report
from tests.samples import DAILY, MONTHLY, REPORTS, WEEKLY, days

FIRST = date(2026, 11, 2)
VALUES = st.lists(st.floats(-1e299, 1e299), min_size=1, max_size=20).map(tuple)


def chart_of(*values: float, length: int = 1) -> Chart:
    """A chart of these values, each over a span of `length` days."""
    starts = [FIRST + timedelta(length * place) for place in range(len(values))]
    return Chart("Sign Up", tuple(Period(start, start + timedelta(length)) for start in starts), values, ())


def line_chart_of(chart: Chart) -> LineChart | None:
    page = page_of(replace(WEEKLY, charts=(chart,)))
    return line_chart(page.charts[0], page.locale)


def line_names(report: Report) -> tuple[str, ...]:
    return page_of(report).charts[0].lines


@given(VALUES)
def test_the_gridlines_are_few_and_cover_all_values(values: tuple[float, ...]):
    grid = Scale.over(values).grid

    assert 1 <= len(grid) <= 9
    assert all(low < high for low, high in pairwise(grid))
    hair = (max(0, *values) - min(0, *values)) * 1e-12
    assert grid[0] <= min(0, *values) + hair
    assert grid[-1] >= max(0, *values) - hair


@pytest.mark.parametrize(
    ("values", "grid"),
    [
        ((0.0, 0.0), (0,)),
        ((1.0, 2.0), (0, 1, 2)),
        ((17.0, 7.0), (0, 5, 10, 15, 20)),
        ((0.5, 0.25), (0, 0.2, 0.4, 0.6)),
        ((1_234.5,), (0, 500, 1_000, 1_500)),
        ((-3.0, 5.0), (-4, -2, 0, 2, 4, 6)),
    ],
)
def test_gridlines_stand_at_round_numbers(values: tuple[float, ...], grid: tuple[float, ...]):
    assert Scale.over(values).grid == pytest.approx(grid)


@given(VALUES)
def test_every_dot_is_inside_the_drawing(values: tuple[float, ...]):
    drawn = line_chart_of(chart_of(*values))

    assert drawn
    assert all(0 < point.x < 100 and 0 <= point.y <= HEIGHT for point in drawn.points)


@pytest.mark.parametrize("endless", [math.inf, -math.inf, math.nan, 1.7e308])
def test_endless_numbers_can_not_be_drawn(endless: float):
    assert line_chart_of(chart_of(3, endless)) is None
    assert line_chart_of(replace(chart_of(3, 4), previous=(3, endless))) is None


@pytest.mark.parametrize("length", [1, 7, 14])
@pytest.mark.parametrize("count", range(1, 21))
def test_labels_do_not_touch_on_a_phone_and_the_last_span_has_one(count: int, length: int):
    chart = chart_of(*range(count), length=length)
    drawn = line_chart_of(chart)

    assert drawn
    assert drawn.ticks[-1].label == line_chart_label(chart)
    middles = [tick.x * 3 for tick in drawn.ticks[1:-1]]  # of 300 pixels
    assert all(right - left > 5.8 * len(drawn.ticks[-1].label) for left, right in pairwise(middles))


def line_chart_label(chart: Chart) -> str:
    last = line_chart_of(replace(chart, spans=chart.spans[-1:], values=chart.values[-1:]))
    assert last
    return last.ticks[0].label


def test_a_chart_is_heard_with_all_its_numbers():
    drawn = line_chart_of(replace(chart_of(14, 16), previous=(12, 15)))

    assert drawn
    assert drawn.description == "Mon 2: 14; 31 Oct – 1 Nov: 12. Tue 3: 16; 31 Oct – 1 Nov: 15."


def test_lines_are_called_by_their_days_and_not_by_the_reports():
    assert line_names(WEEKLY) == ("16–22 Nov", "9–15 Nov")
    assert line_names(DAILY) == ("16–22 Nov", "9–15 Nov")
    assert line_names(MONTHLY) == ("October", "September")
    assert line_names(replace(WEEKLY, charts=(replace(WEEKLY.charts[0], previous=()),))) == ("16–22 Nov",)


@pytest.mark.parametrize("name", REPORTS)
def test_only_averages_say_that_they_are(name: str):
    headings = {chart.heading for chart in page_of(REPORTS[name]).charts}

    assert any("average per day" in heading for heading in headings) == (name == "monthly")


def test_a_week_of_days_is_labelled_day_by_day():
    drawn = line_chart_of(Chart("Sign Up", days(WEEKLY.period), (1,) * 7, ()))

    assert drawn
    assert [tick.label for tick in drawn.ticks][:2] == ["Mon 16", "Tue 17"]
