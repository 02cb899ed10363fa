"""Numbers, changes and dates read the same everywhere, in each language's own way."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render import dates, numbers
from reporter.reports.periods import Period
from reporter.reports.report import Change
from reporter.reports.subscriptions import NUMBER
from tests.render import strategies
from tests.sample_parts import SUNDAY, WEEK
from tests.samples import OCTOBER

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        (0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (12_500, "12,500"),
        (4_815_162.5, "4,815,163"),
        (0.125, "0.13"),
        (1.005, "1.01"),
        (2.675, "2.68"),
        (48.25, "48.3"),
        (999.95, "1,000"),
        (9.995, "10"),
        (0.00995, "0.01"),
        (0.0000999951, "0.0001"),
        (999_999_999_999_999.9, "1E15"),
        (48.2571, "48.3"),
        (3.14159, "3.14"),
        (0.5, "0.5"),
        (0.00123, "0.0012"),
        (0.00001, "1E-5"),
        (-1_234, "−1,234"),
        (1e300, "1E300"),
        (9.9999e15, "1E16"),
        (1.797e308, "1.8E308"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_a_number_has_separators_and_the_decimals_its_size_earns(value: float | None, reads: str):
    assert numbers.number(value, "en") == reads


@pytest.mark.parametrize(
    ("locale", "reads"),
    [
        ("en", "12,500.5 +12.7%"),
        ("de", f"12.500,5 +12,7{NBSP}%"),
        ("fr", f"12{NARROW}500,5 +12,7{NBSP}%"),
        ("de_CH", "12’500.5 +12.7%"),
        ("en-GB", "12,500.5 +12.7%"),
    ],
)
def test_each_language_has_its_own_separators_and_percents(locale: str, reads: str):
    thousands, decimals = numbers.number(12_500, locale), numbers.number(0.5, locale)[1:]

    assert f"{thousands}{decimals} {numbers.change(Change(1_000, 1_127), NUMBER, locale)}" == reads


@pytest.mark.parametrize(
    ("before", "now", "reads"),
    [
        (79, 89, "+12.7%"),
        (131, 120, "−8.4%"),
        (0, 48, "+48"),
        (0, 0.5, "new"),
        (3, 7, "+4"),
        (19, 20, "+1"),
        (20, 21, "+5.0%"),
        (3.2, 3.5, "+9.4%"),
        (0, 0, "no change"),
        (79, 79, "no change"),
        (100_000, 100_049, "+0.05%"),
        (100_000, 100_051, "+0.1%"),
        (100_000, 100_001, "+0.001%"),
        (1_000_000_000, 999_999_999, "−1E-7%"),
        (100_000.2, 100_000.4, "+0.0002%"),
        (0.1 + 0.2, 0.3, "no change"),
        (80, 81, "+1.3%"),
        (800, 801, "+0.1%"),
        (1_600, 1_601, "+0.1%"),
        (4, 0, "−4"),
        (1, 1_001, "+1,000"),
        (-10, -5, "+50.0%"),
        (math.inf, 1, "–"),
        (1e-300, 1e300, "–"),
    ],
)
def test_a_change_is_a_signed_percent_or_a_word(before: float, now: float, reads: str):
    assert numbers.change(Change(before, now), NUMBER, "en") == reads


@given(strategies.numbers, strategies.numbers)
def test_two_numbers_that_differ_are_never_told_as_no_change(before: float, now: float):
    reads = numbers.change(Change(before, now), NUMBER, "en")

    assert reads != "no change" or math.isclose(before, now, rel_tol=1e-11, abs_tol=1e-11)


@given(st.lists(st.none() | strategies.numbers, min_size=1, max_size=8), st.sampled_from(strategies.LOCALES))
def test_numbers_in_one_column_have_the_same_decimals(values: list[float | None], locale: str):
    plain = [each for each in values if each is not None and 0.5 <= abs(each) < 1e12]
    column = numbers.column(plain, NUMBER, locale)

    assert (
        len({len(each.rpartition(_point(locale))[2]) if _point(locale) in each else 0 for each in column})
        <= 1
    )
    assert len(numbers.column(values, NUMBER, locale)) == len(values)


def _point(locale: str) -> str:
    return numbers.number(0.5, locale)[1]


@pytest.mark.parametrize(
    ("values", "reads"),
    [
        ((10.31, 11, 11.1, 9.288), ("10.3", "11.0", "11.1", "9.3")),
        ((122.8, 145), ("122.8", "145.0")),
        ((1_204.4, 48.26), ("1,204", "48")),
        ((1_204.4, 0.3), ("1,204", "0.3")),  # a number is never told as none
        ((7, None, 12), ("7", "–", "12")),
    ],
)
def test_a_column_has_the_decimals_that_its_largest_number_earns(
    values: tuple[float | None, ...], reads: tuple[str, ...]
):
    assert numbers.column(values, NUMBER, "en") == reads


def test_a_change_that_is_not_known_is_a_dash_and_never_a_zero():
    assert numbers.change(None, NUMBER, "en") == "–"


def test_changes_in_words_are_translated():
    assert [numbers.change(Change(0, 0.5), NUMBER, locale) for locale in ("en", "de", "fr")] == [
        "new",
        "neu",
        "nouveau",
    ]


@pytest.mark.parametrize(
    ("fraction", "reads"),
    [
        (0.684, "68%"),
        (0.0042, "0.4%"),
        (1, "100%"),
        (0, "0.0%"),
        (0.00996, "1%"),
        (0.0002, "0.02%"),
        (0.125, "13%"),
    ],
)
def test_a_share_is_in_whole_percents_unless_it_is_small(fraction: float, reads: str):
    assert numbers.share(fraction, "en") == reads


@pytest.mark.parametrize(
    ("period", "reads"),
    [
        (WEEK, "16–22 Nov 2026"),
        (SUNDAY, "Sun 22 Nov 2026"),
        (OCTOBER, "October 2026"),
        (Period(date(2026, 12, 28), date(2027, 1, 4)), "28 Dec 2026 – 3 Jan 2027"),
        (Period(date(2026, 10, 26), date(2026, 11, 9)), "26 Oct – 8 Nov 2026"),
        (Period(date(2026, 12, 1), date(2027, 1, 1)), "December 2026"),
        (Period(date(2025, 12, 1), date(2027, 1, 1)), "1 Dec 2025 – 31 Dec 2026"),
        (Period(date(2026, 11, 2), date(2026, 12, 1)), "2–30 Nov 2026"),
    ],
)
def test_a_period_reads_as_short_as_it_can(period: Period, reads: str):
    assert dates.date_range(period, "en") == reads


@pytest.mark.parametrize(
    ("locale", "reads"),
    [
        ("en_US", ["Nov 16 – 22, 2026", "Sun, Nov 22, 2026", "October 2026"]),
        ("de", ["16.–22. Nov. 2026", "So., 22. Nov. 2026", "Oktober 2026"]),
        ("fr", ["16–22 nov. 2026", "dim. 22 nov. 2026", "octobre 2026"]),
    ],
)
def test_each_language_has_its_own_dates(locale: str, reads: list[str]):
    assert [dates.date_range(period, locale) for period in (WEEK, SUNDAY, OCTOBER)] == reads


def test_a_year_that_was_just_said_is_not_said_again():
    december = Period(date(2025, 12, 25), date(2026, 1, 1))

    assert dates.date_range(WEEK.previous, "en", beside=WEEK) == "9–15 Nov"
    assert dates.date_range(december, "en", beside=WEEK) == "25–31 Dec 2025"
    assert dates.date_range(Period(date(2026, 9, 1), date(2026, 10, 1)), "en", beside=OCTOBER) == "September"


def test_a_moment_is_in_the_zone_it_was_given_in():
    at = datetime(2026, 11, 23, 8, 4, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))

    assert dates.moment(at, "en") == "Mon 23 Nov 2026, 09:04"


def test_points_of_a_chart_are_days_or_weeks():
    assert dates.tick(SUNDAY, "en") == "Sun 22"
    assert dates.tick(SUNDAY, "de") == "So 22"
    assert dates.tick(WEEK, "en") == "16–22 Nov"


def test_lists_end_in_the_words_of_the_language():
    assert numbers.listed(("A", "B", "C"), "en") == "A, B and C"
    assert numbers.listed(("A", "B"), "de", either=True) == "A oder B"


@given(strategies.numbers, st.sampled_from(strategies.LOCALES))
def test_any_number_reads_short(value: float, locale: str):
    assert 1 <= len(numbers.number(value, locale)) <= 20


@given(strategies.numbers, strategies.numbers, st.sampled_from(strategies.LOCALES))
def test_any_change_reads_short_and_its_sign_is_its_direction(before: float, now: float, locale: str):
    reads = numbers.change(Change(before, now), NUMBER, locale)

    assert 1 <= len(reads) <= 24
    assert reads[0] != "+" or now > before
    assert reads[0] != "−" or now < before


@given(strategies.dates, st.integers(0, 60), st.sampled_from(strategies.LOCALES))
def test_any_twenty_days_in_a_row_have_short_labels_of_their_own(start: date, shift: int, locale: str):
    first = start + timedelta(shift)
    labels = [dates.tick(Period(first + timedelta(n), first + timedelta(n + 1)), locale) for n in range(20)]

    assert len(set(labels)) == 20
    assert max(map(len, labels)) <= 20
