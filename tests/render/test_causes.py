"""What explains a change, in words that claim no more than is known."""

from dataclasses import replace

import pytest

from reporter.render import phrasing, sentences
from reporter.reports.causes import Cause, MetricPart
from reporter.reports.findings import Unusual
from tests.sample_parts import WEEKLY

ANDROID, INDIA = Cause("$os", ("Android",), 0.8), Cause("mp_country_code", ("IN",), 0.7)
FALL = Unusual("Signups", 214, -0.31, 290, 340)
RISE = replace(FALL, ratio=0.31)


def explained(found: Unusual, locale: str = "en") -> str:
    return phrasing.explanation(found, locale)


@pytest.mark.parametrize(
    ("found", "reads"),
    [
        ((ANDROID,), "Android explains about 80% of the fall."),
        ((ANDROID, INDIA), "Android explains about 80% of the fall, India about 70%."),
        (
            (replace(ANDROID, values=("Android", "iOS")),),
            "Android and iOS explain about 80% of the fall.",
        ),
        ((replace(ANDROID, explains=0.9),), "Nearly all of the fall is Android."),
        ((replace(ANDROID, explains=0.899),), "Android explains about 90% of the fall."),
        (
            (replace(ANDROID, explains=0.95), replace(INDIA, explains=0.9)),
            "Nearly all of the fall is Android (about 95%) and India (about 90%).",
        ),
        (
            (replace(ANDROID, explains=0.95), INDIA),
            "Android explains about 95% of the fall, India about 70%.",
        ),
        ((replace(ANDROID, explains=1.3),), "Nearly all of the fall is Android."),
        (
            (replace(ANDROID, explains=1.3), INDIA),
            "Android explains about 100% of the fall, India about 70%.",
        ),
        ((replace(ANDROID, values=("a", "b", "c", "d", "e")),), "a, b, c and 2 others explain about 80%"),
        ((Cause("utm_source", ("google",), 0.5),), "Source “google” explains about 50% of the fall."),
        ((Cause("plan", ("pro",), 0.5),), "plan “pro” explains about 50% of the fall."),
        ((), ""),
    ],
)
def test_causes_read_as_what_they_explain(found: tuple[Cause, ...], reads: str):
    said = explained(replace(FALL, causes=found))

    assert said.startswith(reads) if reads else not said


def test_a_rise_is_explained_as_one():
    assert explained(replace(RISE, causes=(ANDROID,))) == "Android explains about 80% of the rise."


def test_of_users_it_is_said_that_parts_may_overlap():
    said = explained(replace(FALL, causes=(ANDROID,), is_of_users=True))

    assert said.endswith(" These are shares of users, which may overlap.")
    assert "overlap" not in explained(replace(FALL, is_of_users=True))


def test_causes_follow_what_is_unusual():
    assert sentences.finding(replace(FALL, causes=(ANDROID,)), WEEKLY) == (
        "Signups fell to 214, below the usual 290–340. Android explains about 80% of the fall."
    )
    assert sentences.finding(FALL, WEEKLY) == "Signups fell to 214, below the usual 290–340."


@pytest.mark.parametrize(
    ("locale", "reads"),
    [
        ("de", "Android erklärt etwa 80\u00a0% des Rückgangs, Indien etwa 70\u00a0%."),
        ("fr", "Android explique environ 80\u202f% de la baisse, Inde environ 70\u202f%."),
    ],
)
def test_each_language_explains(locale: str, reads: str):
    said = explained(replace(FALL, causes=(ANDROID, INDIA)), locale)

    assert said.replace("\u202f", "\u00a0") == reads.replace("\u202f", "\u00a0")


@pytest.mark.parametrize(
    ("locale", "property", "value", "reads"),
    [
        ("en", "mp_country_code", "DE", "Signups in Germany fell to 12, below the usual 20–31."),
        ("en", "$os", "Android", "Signups on Android fell to 12, below the usual 20–31."),
        ("en", "utm_source", "ads", "Signups (source “ads”) fell to 12, below the usual 20–31."),
        ("de", "mp_country_code", "DE", "Signups (Deutschland)"),
        ("fr", "$os", "Android", "Signups (Android)"),
    ],
)
def test_a_part_is_told_as_what_it_is(locale: str, property: str, value: str, reads: str):
    found = replace(FALL, value=12, low=20, high=31, part=MetricPart(property, value))

    assert sentences.finding(found, replace(WEEKLY, locale=locale)).startswith(reads)


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
