"""A report as a JSON document."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any, cast, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.render import document
from reporter.render.document_types import Kind
from reporter.reports.figures import Figure, Measured
from reporter.reports.findings import Finding, HolidayIn
from reporter.reports.report import Note, Report, ReportedMetric
from tests.json_schema import fits
from tests.render.foreign import NAMES, report_naming
from tests.render.golden import golden
from tests.render.strategies import reports
from tests.samples import BROKEN, FIRST_WEEK, MONTHLY, REPORTS, WEEKLY, metric

SCHEMA = document.schema()
ANY_REPORT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(text: str) -> dict[str, Any]:
    """The document, read strictly: no NaN, no Infinity, no key twice."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    return json.loads(text.encode().decode(), parse_constant=refuse, object_pairs_hook=once)


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a document."""
    if isinstance(value, dict):
        yield cast(dict[str, Any], value)
    inner = cast(dict[str, Any], value).values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for each in cast(Iterable[Any], inner):
            yield from parts(each)


@pytest.mark.parametrize("name", REPORTS)
def test_a_document_reads_as_it_did(name: str):
    page = document.draw(REPORTS[name])

    assert page == golden(f"json/{name}.json", page)


@pytest.mark.parametrize("name", REPORTS)
def test_a_document_is_exactly_what_its_schema_says(name: str):
    assert fits(read(document.draw(REPORTS[name])), SCHEMA, SCHEMA)


def test_a_document_without_a_ranking_is_what_its_schema_says():
    drawn = read(document.draw(replace(WEEKLY, top_events=None)))

    assert drawn["top_events"] is None
    assert fits(drawn, SCHEMA, SCHEMA)


@pytest.mark.parametrize("name", ["weekly", "monthly", "quiet", "broken", "first_week"])
def test_the_schema_needs_every_key_that_a_document_has(name: str):
    whole = read(document.draw(REPORTS[name]))
    for place, part in enumerate(parts(whole)):
        for key in part:
            changed = deepcopy(whole)
            del list(parts(changed))[place][key]
            assert not fits(changed, SCHEMA, SCHEMA), f"{key} could be left out"


def test_the_samples_have_every_kind_and_every_state_of_the_schema():
    drawn = [part for report in REPORTS.values() for part in parts(read(document.draw(report)))]
    described = [part["properties"] for part in parts(SCHEMA) if "properties" in part]
    for word in ("kind", "state"):
        known = {each for properties in described if word in properties for each in allowed(properties[word])}
        assert {part[word] for part in drawn if word in part} == known


def allowed(schema: dict[str, Any]) -> list[str]:
    """The words that a key may have."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema.get("enum") or [schema["const"]]


@pytest.mark.parametrize("kind", [*get_args(Finding), *get_args(Note), *get_args(Figure)])
def test_every_kind_of_finding_note_and_figure_has_its_type(kind: type):
    assert kind in Kind.of_type


@given(NAMES)
def test_any_name_makes_strict_json_in_utf_8_and_comes_back_whole(name: str):
    drawn = read(document.draw(report_naming(name)))
    whole = re.sub("[\ud800-\udfff]", "\ufffd", name)

    assert drawn["metrics"][0]["label"] == drawn["charts"][0]["label"] == whole
    assert drawn["metrics"][1]["nearest"] == [whole]
    assert drawn["top_events"]["rows"][0]["name"] == whole


@given(NAMES)
def test_no_name_controls_a_terminal_that_shows_the_document(name: str):
    text = document.draw(report_naming(name))

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)


@ANY_REPORT
@given(reports)
def test_any_report_is_exactly_what_the_schema_says(report: Report):
    assert fits(read(document.draw(report)), SCHEMA, SCHEMA)


@given(st.floats(), st.floats())
def test_any_number_makes_strict_json(value: float, previous: float):
    drawn = read(document.draw(replace(WEEKLY, metrics=(metric("Any", value, previous),))))
    found = drawn["metrics"][0]["value"]

    assert found is None if not math.isfinite(value) else found == value
    assert fits(drawn, SCHEMA, SCHEMA)


def test_whole_numbers_are_integers_as_long_as_they_are_exact():
    values = (12_500.0, -3.0, 0.0, -0.0, 48.25, 2.0**53, 2.0**54)
    drawn = read(document.draw(replace(WEEKLY, metrics=tuple(metric("Any", value, 1) for value in values))))

    assert [repr(each["value"]) for each in drawn["metrics"]] == [
        *("12500", "-3", "0", "0", "48.25", "9007199254740992", "1.8014398509481984e+16"),
    ]


def test_each_state_reads_differently():
    states = [(each["state"], each["value"]) for each in read(document.draw(BROKEN))["metrics"]]

    assert states == [
        ("measured", 89),
        ("unknown_event", None),
        ("failed", None),
        ("measured", 12_500),
        ("measured", 0.571),
        ("measured", 4_711),
        ("unknown_property", None),
        ("unknown_value", None),
        ("unknown_value", None),
        ("not_numeric", None),
        ("measured", 0),
    ]


def test_there_is_no_change_where_there_is_nothing_to_compare():
    drawn = read(document.draw(FIRST_WEEK))

    assert {each["previous"]["state"] for each in drawn["metrics"]} == {"too_little_history"}
    assert [each["change"] for each in drawn["metrics"]] == [None] * 4
    assert [each["change"] for each in drawn["top_events"]["rows"]] == [None] * 2
    assert {point["previous"] for point in drawn["charts"][0]["points"]} == {None}


def test_a_change_from_zero_has_no_relative_part():
    drawn = read(document.draw(replace(WEEKLY, metrics=(metric("Purchases", 9, 0),))))

    assert drawn["metrics"][0]["change"] == {"absolute": 9, "relative": None}


def test_an_estimate_says_so():
    estimate = ReportedMetric("Purchases", Measured(9, sampled=True), Measured(8))
    drawn = read(document.draw(replace(WEEKLY, metrics=(estimate,))))

    assert drawn["metrics"][0]["sampled"] is True
    assert drawn["metrics"][0]["previous"]["sampled"] is False


def test_a_holiday_has_its_name_in_the_report_s_language():
    christmas = HolidayIn(date(2026, 12, 25), "Weihnachten", translations=(("fr", "Noël"),))

    names = {
        locale: read(document.draw(replace(WEEKLY, locale=locale, notes=(christmas,))))["notes"][0]["name"]
        for locale in ("fr_CH", "de")
    }

    assert names == {"fr_CH": "Noël", "de": "Weihnachten"}


def test_both_dates_of_a_period_are_covered():
    drawn = read(document.draw(WEEKLY))

    assert drawn["period"] == {"from_date": "2026-11-16", "to_date": "2026-11-22", "days": 7}
    assert drawn["previous_period"] == {"from_date": "2026-11-09", "to_date": "2026-11-15", "days": 7}


def test_moments_are_in_utc():
    assert read(document.draw(MONTHLY))["computed_at"] == "2026-11-01T08:00:00+00:00"


def test_findings_and_notes_are_facts_with_their_sentence():
    first = read(document.draw(WEEKLY))["findings"][0]

    assert first == {
        "kind": "moved",
        "label": "New Signups",
        "value": 89,
        "previous": 79,
        "format": "number",
        "currency": None,
        "text": "89 new users joined last week, up 12.7% from 79 the week before.",
    }
