"""Real series are cut as they say: windows without a holiday, windows with one, falls that were planted."""

from datetime import date

import numpy as np
import pytest

from bench.insights_data import LENGTHS, METRICS, WEEKS, SyntheticMetric
from bench.real_data import (
    FILE,
    RealSeries,
    christmas,
    holiday_report,
    holidays_of,
    labor_day,
    memorial_day,
    plain_report,
    real_series,
    real_tables,
    thanksgiving,
    with_fall,
)


def test_there_are_sixty_series_of_a_year_or_more_in_a_small_file():
    assert len(real_series()) == 60
    assert min(one.values.size for one in real_series()) >= 365
    assert FILE.stat().st_size < 300_000
    assert all(one.values.min() >= 0 for one in real_series())


def test_every_source_has_a_row_with_its_terms():
    page = FILE.with_name("real_series.md").read_text()

    for one in real_series():
        assert f"| `{one.source}` |" in page


def test_holidays_fall_where_the_calendar_says():
    assert thanksgiving(2026) == date(2026, 11, 26)
    assert labor_day(2025) == date(2025, 9, 1)
    assert labor_day(2026) == date(2026, 9, 7)
    assert memorial_day(2026) == date(2026, 5, 25)


def places_of(metric: SyntheticMetric, series: tuple[RealSeries, ...]) -> list[date]:
    """First days on which a series has exactly these values."""
    size = metric.values.size
    return [
        one.day(place)
        for one in series
        for place in range(one.values.size - size + 1)
        if one.values[place] == metric.values[0]
        and np.array_equal(one.values[place : place + size], metric.values)
    ]


@pytest.mark.parametrize("length", LENGTHS)
def test_windows_hold_a_holiday_or_none(length: int):
    for is_holiday, made in ((False, plain_report(3, length)), (True, holiday_report(3, length))):
        first, end = made.window
        assert (len(made.metrics), end - first) == (METRICS, length)
        assert WEEKS[0] * 7 <= first <= WEEKS[1] * 7
        for metric in made.metrics:
            assert any(
                holidays_of(day, end)[first:end].any() == is_holiday
                for day in places_of(metric, real_series())
            )


def test_a_fall_takes_its_part_from_the_window_and_nothing_from_the_history():
    made = plain_report(5, 14)
    fallen = with_fall(made, 0.6, changed=20)
    first, _ = made.window

    before = sum(metric.values[first:].sum() for metric in made.metrics)
    after = sum(metric.values[first:].sum() for metric in fallen.metrics)
    assert after / before == pytest.approx(0.6, abs=0.01)
    for one, other in zip(made.metrics, fallen.metrics, strict=True):
        np.testing.assert_array_equal(one.values[:first], other.values[:first])
    assert sum(metric.planted is not None for metric in with_fall(made, 0.0).metrics) == 2


def test_tables_count_whole_weeks_and_nothing_is_true_more_often_than_there_are_rows():
    assert [table.name for table in real_tables()] == ["flights", "stops", "hotel"]
    for table in real_tables():
        assert table.rows.shape == (table.rows.shape[0], *map(len, table.values.values()))
        assert table.rows.shape[0] >= 52
        assert (table.true <= table.rows).all()
        assert table.rows.sum(axis=(1, 2, 3)).min() > 0


def test_christmas_is_a_holiday_of_every_year():
    days = holidays_of(date(2010, 1, 1), 3 * 365)

    assert [bool(days[(christmas(year) - date(2010, 1, 1)).days]) for year in (2010, 2011, 2012)] == [
        True
    ] * 3
