"""What explains a change, in words that claim no more than is known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render import phrasing, sentences
from reporter.reports.causes import Cause, MetricPart
from reporter.reports.findings import Unusual
from reporter.reports.report import Report
from reporter.reports.subscriptions import LANGUAGES
from tests.sample_parts import WEEKLY, metric

ANDROID, INDIA = Cause("$os", ("Android",), 0.8), Cause("mp_country_code", ("IN",), 0.7)
FALL = Unusual("Signups", 214, -0.31, 290, 340)
RISE = replace(FALL, ratio=0.31)


def report(value: float, previous: float) -> Report:
    """A report of one metric."""
    return replace(WEEKLY, metrics=(metric("Signups", value, previous),))


def explained(found: Unusual, locale: str = "en") -> str:
    return phrasing.explanation(found, locale)


@pytest.mark.parametrize(
    ("found", "reads"),
    [
        ((ANDROID,), "About 80% of it on Android."),
        ((ANDROID, INDIA), "Most of it on Android, in India."),
        ((replace(ANDROID, values=("Android", "iOS")),), "About 80% of it on Android and iOS."),
        ((replace(ANDROID, explains=0.9),), "Almost all of it on Android."),
        ((replace(ANDROID, explains=0.899),), "About 90% of it on Android."),
        ((replace(ANDROID, explains=1.3),), "Almost all of it on Android."),
        (
            (replace(INDIA, explains=0.92), replace(ANDROID, explains=0.9)),
            "Almost all of it in India, on Android.",
        ),
        ((ANDROID, replace(INDIA, explains=0.4)), "About 80% of it on Android, part of it in India."),
        (
            (replace(INDIA, values=("US", "GB", "FR")),),
            "About 70% of it in the United States, the United Kingdom and",
        ),
        ((replace(ANDROID, values=("a", "b", "c", "d", "e")),), "About 80% of it on a, b, c and 2 others."),
        ((Cause("utm_source", ("google",), 0.5),), "About 50% of it from “google”."),
        ((Cause("plan", ("pro",), 0.5),), "About 50% of it with plan “pro”."),
        ((), ""),
    ],
)
def test_causes_read_as_where_it_comes_from(found: tuple[Cause, ...], reads: str):
    told = explained(replace(FALL, causes=found))

    assert told.startswith(reads) if reads else not told


@given(st.lists(st.floats(0, 2), min_size=1, max_size=3), st.sampled_from(LANGUAGES))
def test_no_two_shares_are_told_that_would_seem_to_add_up(shares: list[float], locale: str):
    causes = tuple(Cause("$os", (f"value {place}",), share) for place, share in enumerate(shares))

    assert explained(replace(FALL, causes=causes), locale).count("%") <= 1


def test_what_is_unusual_reads_as_what_happened_what_was_what_is_usual_and_where():
    found = sentences.finding(replace(FALL, causes=(ANDROID,)), report(161, 269))

    assert found.head == "Signups 214, down 20%"
    assert found.rest == " (269 the week before; usual 290–340). About 80% of it on Android."


@pytest.mark.parametrize(
    ("value", "previous", "found", "reads"),
    [
        (161, 200, FALL, "Signups 161, down 20% (200 the week before; usual 290–340)."),
        (
            161,
            100,
            FALL,
            "Signups 161 (100 the week before; usual 290–340).",
        ),
        (161, 161, FALL, "Signups 161 (usual 290–340)."),
        (
            3,
            12,
            replace(FALL, value=3, low=7, high=18),
            "Signups 3, down from 12 the week before (usual 7–18).",
        ),
        (12, 0, replace(RISE, low=1, high=5), "Signups 12 (0 the week before; usual 1–5)."),
        (
            1_204,
            1_000,
            replace(RISE, value=1_204, low=None, high=None),
            "Signups 1,204, up 20% (1,000 the week before; about 31% more than usual).",
        ),
    ],
)
def test_a_small_base_is_told_in_numbers_and_a_direction_never_against_the_range(
    value: float, previous: float, found: Unusual, reads: str
):
    told = sentences.finding(replace(found, value=value), report(value, previous))

    assert told.whole == reads


def test_a_rise_of_what_is_better_low_is_told_as_worse():
    errors = replace(report(412, 300), metrics=(replace(metric("Signups", 412, 300), is_lower_better=True),))

    assert sentences.finding(replace(RISE, value=412), errors).head == "Signups 412, up 37%, worse"


def test_a_second_metric_of_the_same_causes_points_to_the_first():
    both = (replace(ANDROID, explains=0.95), INDIA)
    first, second = replace(FALL, causes=both), replace(FALL, label="Users", causes=both)
    told = replace(WEEKLY, findings=(first, second))

    assert sentences.finding(first, told).whole.endswith("Most of it on Android, in India.")
    assert sentences.finding(second, told).whole.endswith(" The same places.")
    elsewhere = replace(second, causes=(replace(INDIA, values=("DE",)),))
    assert "same" not in sentences.finding(elsewhere, replace(told, findings=(first, elsewhere))).whole
    rise = replace(second, ratio=0.3)
    assert "same" not in sentences.finding(rise, replace(told, findings=(first, rise))).whole


@pytest.mark.parametrize(
    ("locale", "reads"),
    [
        ("de", "Das meiste davon: Android, Indien."),
        ("fr", "En majeure partie\u00a0: Android, Inde."),
    ],
)
def test_each_language_says_where(locale: str, reads: str):
    assert explained(replace(FALL, causes=(ANDROID, INDIA)), locale) == reads


@pytest.mark.parametrize(
    ("locale", "property", "value", "reads"),
    [
        ("en", "mp_country_code", "DE", "Signups in Germany 12 (usual 20–31)."),
        ("en", "$os", "Android", "Signups on Android 12 (usual 20–31)."),
        ("en", "utm_source", "ads", "Signups from “ads” 12 (usual 20–31)."),
        ("de", "mp_country_code", "DE", "Signups (Deutschland)"),
        ("fr", "$os", "Android", "Signups (Android)"),
    ],
)
def test_a_part_is_told_as_what_it_is(locale: str, property: str, value: str, reads: str):
    found = replace(FALL, value=12, low=20, high=31, part=MetricPart(property, value))

    assert sentences.finding(found, replace(WEEKLY, locale=locale)).whole.startswith(reads)


@pytest.mark.parametrize(
    ("property", "text", "reads"),
    [
        ("mp_country_code", "DE", "Germany"),
        ("mp_country_code", "in", "India"),
        ("mp_country_code", "??", "??"),
        ("mp_country_code", "Germany", "Germany"),
        ("$os", "IN", "IN"),
    ],
)
def test_country_codes_are_countries(property: str, text: str, reads: str):
    assert phrasing.property_value(property, text, "en") == reads
