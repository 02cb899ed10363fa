"""Numbers read in the format of their metric, everywhere alike."""

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render import digits, numbers
from reporter.render.phrases import words
from reporter.reports.report import Change
from reporter.reports.subscriptions import NUMBER, PERCENT, Format
from tests.render import strategies

NBSP, NARROW = "\u00a0", "\u202f"
EUR, CHF, JPY = (Format(currency=code) for code in ("EUR", "CHF", "JPY"))


@pytest.mark.parametrize(
    ("value", "reads", "locale", "text"),
    [
        (1_204, NUMBER, "en", "1,204"),
        (0.127, PERCENT, "en", "12.7%"),
        (0.127, PERCENT, "de", f"12,7{NBSP}%"),
        (0, PERCENT, "en", "0%"),
        (1, PERCENT, "en", "100%"),
        (0.9999, PERCENT, "en", "100.0%"),
        (0.00032, PERCENT, "en", "0.032%"),
        (-0.5, PERCENT, "en", "−50.0%"),
        (1e-9, PERCENT, "en", "1E-7%"),
        (12_480.5, EUR, "en", "€12,481"),
        (999.995, EUR, "en", "€1,000"),
        (999.994, EUR, "en", "€999.99"),
        (1.005, EUR, "en", "€1.01"),
        (0.00125, PERCENT, "en", "0.1%"),
        (0.0125, PERCENT, "en", "1.3%"),
        (0.1225, PERCENT, "en", "12.3%"),
        (48.26, EUR, "en", "€48.26"),
        (48.2, EUR, "en", "€48.20"),
        (48, EUR, "en", "€48"),
        (0.0032, EUR, "en", "€0.0032"),
        (-48.26, EUR, "de", f"−48,26{NBSP}€"),
        (1_204, EUR, "fr", f"1{NARROW}204{NBSP}€"),
        (1_204, EUR, "de_AT", f"€{NBSP}1.204"),
        (1_204, CHF, "en", f"CHF{NBSP}1,204"),
        (1_204, CHF, "de_CH", f"CHF{NBSP}1’204"),
        (48.26, JPY, "en", "¥48.3"),
        (None, EUR, "en", "–"),
        (math.nan, PERCENT, "en", "–"),
        (math.inf, EUR, "en", "€∞"),
    ],
)
def test_a_number_reads_in_its_format(value: float | None, reads: Format, locale: str, text: str):
    assert numbers.amount(value, reads, locale) == text


@pytest.mark.parametrize(
    ("previous", "value", "reads", "text"),
    [
        (1_000, 1_127, NUMBER, "+12.7%"),
        (1_000, 873, EUR, "−12.7%"),
        (0.115, 0.127, PERCENT, f"+1.2{NBSP}pp"),
        (0, 0.127, PERCENT, f"+12.7{NBSP}pp"),
        (0, 12, EUR, "new"),
        (0.1270, 0.1271, PERCENT, f"+0.01{NBSP}pp"),
        (0.01377, 0.01349, PERCENT, f"−0.03{NBSP}pp"),
        (0.115, 0.1275, PERCENT, f"+1.3{NBSP}pp"),
        (0.01, -0.49, PERCENT, f"−50.0{NBSP}pp"),
    ],
)
def test_a_percentage_changes_by_points(previous: float, value: float, reads: Format, text: str):
    assert numbers.change(Change(previous, value), reads, "en") == text


@pytest.mark.parametrize(
    ("value", "reads", "text"),
    [
        (290.4, NUMBER, "290"),
        (290.5, NUMBER, "291"),
        (0.1234, PERCENT, "12.3%"),
        (68.2, EUR, "€68"),
        (3.456, EUR, "€3.46"),
    ],
)
def test_an_estimate_has_no_more_digits_than_it_means(value: float, reads: Format, text: str):
    assert numbers.estimate(value, reads, "en") == text


@pytest.mark.parametrize(("target", "text"), [(0.4, "40%"), (0.125, "12.5%"), (0.07, "7%")])
def test_a_goal_reads_as_it_was_chosen(target: float, text: str):
    assert numbers.aim(target, PERCENT, "en") == text


@given(strategies.numbers, strategies.formats, st.sampled_from(strategies.LOCALES))
def test_any_number_reads_short_and_never_as_python_s_own(value: float, reads: Format, locale: str):
    text = numbers.amount(value, reads, locale)

    assert 0 < len(text) <= 40
    assert not {"nan", "inf"} & {text.lower().strip("−%€ \u00a0")}


@given(st.floats(0.001, 1), st.sampled_from(strategies.LOCALES))
def test_a_larger_share_never_reads_as_a_smaller_one(share: float, locale: str):
    half, whole = (numbers.amount(value, PERCENT, "en") for value in (share / 2, share))

    assert float(half.rstrip("%")) <= float(whole.rstrip("%"))
    assert numbers.amount(share, PERCENT, locale) != numbers.MISSING


@given(strategies.numbers, strategies.numbers, strategies.formats, st.sampled_from(strategies.LOCALES))
def test_what_is_called_no_change_reads_the_same(previous: float, value: float, reads: Format, locale: str):
    if numbers.change(Change(previous, value), reads, locale) == words(locale).no_change:
        assert numbers.amount(previous, reads, locale) == numbers.amount(value, reads, locale)


@given(st.integers(1, 10**6), st.integers(-2_000, 2_000), strategies.formats)
def test_a_little_more_is_never_no_change_where_both_are_shown(hundredths: int, more: int, reads: Format):
    previous, value = hundredths / 100, (hundredths + more) / 100
    shown = {numbers.amount(number, reads, "en") for number in (previous, value)}

    assert len(shown) == 1 or numbers.change(Change(previous, value), reads, "en") != "no change"


@given(st.integers(0, 10**8), st.integers(0, 3))
def test_halves_are_rounded_away_from_zero(whole: int, places: int):
    """Written with one decimal more than is kept, ending in 5: the binary float may lie below the half."""
    written = f"{whole}5e-{places + 1}"
    up = Decimal(whole + 1).scaleb(-places)

    assert digits.rounded(digits.exact(float(written)), places) == up


@given(st.integers(0, 10**7), st.sampled_from(("EUR", "GBP", "USD", "CHF", "JPY")))
def test_money_reads_grouped_and_never_less_than_a_smaller_amount(thousandths: int, currency: str):
    """Across the boundaries: 9.99, 10, 999.99, 999.995, 1,000."""
    texts = [
        numbers.amount(size / 1_000, Format(currency=currency), "en")
        for size in (thousandths, thousandths + 1)
    ]
    low, high = (float(re.sub("[^0-9.]", "", text)) for text in texts)

    assert low <= high
    assert not any(re.search(r"\d{4}", text.partition(".")[0]) for text in texts)


@given(st.integers(0, 10**7))
def test_numbers_read_grouped_and_never_less_than_a_smaller_one(thousandths: int):
    texts = [numbers.number(size / 1_000, "en") for size in (thousandths, thousandths + 1)]
    low, high = (float(text.replace(",", "")) for text in texts)

    assert low <= high
    assert not any(re.search(r"\d{4}", text.partition(".")[0]) for text in texts)
