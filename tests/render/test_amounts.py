"""Numbers read in the format of their metric, everywhere alike."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.model.format import NUMBER, PERCENT, Format
from reporter.model.report import Change
from reporter.render import amounts, figures
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
        (12_480.5, EUR, "en", "€12,480"),
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
    assert amounts.amount(value, reads, locale) == text


@pytest.mark.parametrize(
    ("previous", "value", "reads", "text"),
    [
        (1_000, 1_127, NUMBER, "+12.7%"),
        (1_000, 873, EUR, "−12.7%"),
        (0.115, 0.127, PERCENT, f"+1.2{NBSP}pp"),
        (0, 0.127, PERCENT, f"+12.7{NBSP}pp"),
        (0, 12, EUR, "new"),
        (0.1270, 0.1271, PERCENT, "no change"),
    ],
)
def test_a_percentage_changes_by_points(previous: float, value: float, reads: Format, text: str):
    assert amounts.change(Change.between(previous, value), reads, "en") == text


@pytest.mark.parametrize(
    ("value", "reads", "text"),
    [(290.4, NUMBER, "290"), (0.1234, PERCENT, "12.3%"), (68.2, EUR, "€68"), (3.456, EUR, "€3.46")],
)
def test_an_estimate_has_no_more_digits_than_it_means(value: float, reads: Format, text: str):
    assert amounts.estimate(value, reads, "en") == text


@pytest.mark.parametrize(("target", "text"), [(0.4, "40%"), (0.125, "12.5%"), (0.07, "7%")])
def test_a_goal_reads_as_it_was_chosen(target: float, text: str):
    assert amounts.aim(target, PERCENT, "en") == text


@given(strategies.numbers, strategies.formats, st.sampled_from(strategies.LOCALES))
def test_any_number_reads_short_and_never_as_python_s_own(value: float, reads: Format, locale: str):
    text = amounts.amount(value, reads, locale)

    assert 0 < len(text) <= 40
    assert not {"nan", "inf"} & {text.lower().strip("−%€ \u00a0")}


@given(st.floats(0.001, 1), st.sampled_from(strategies.LOCALES))
def test_a_larger_share_never_reads_as_a_smaller_one(share: float, locale: str):
    half, whole = (amounts.amount(value, PERCENT, "en") for value in (share / 2, share))

    assert float(half.rstrip("%")) <= float(whole.rstrip("%"))
    assert amounts.amount(share, PERCENT, locale) != figures.MISSING
