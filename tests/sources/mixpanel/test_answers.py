"""What enters is checked: a value of the right shape, or an error of ours."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.account import read_projects
from reporter.sources.mixpanel.decoding import read_daily
from reporter.sources.mixpanel.measures.counts import CountsQuery, EventHistory, read_names
from reporter.sources.mixpanel.measures.insights import read_series

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def read_counts(body: bytes) -> EventHistory:
    return EventHistory.read(CountsQuery((), Period(MONDAY, TUESDAY)), body, datetime.now(UTC))


READERS = [read_names, read_counts, read_series, read_projects]


def events(values: object, series: object = ("2026-11-16", "2026-11-17"), **more: object) -> bytes:
    return json.dumps({"data": {"series": series, "values": values}, "legend_size": 1, **more}).encode()


def insights(series: object, **more: object) -> bytes:
    return json.dumps({"headers": ["$metric"], "series": series, **more}).encode()


def test_names_come_in_their_order_and_each_once():
    assert read_names(b'["Page View", "Sign Up", "Page View", ""]') == ("Page View", "Sign Up", "")


@pytest.mark.parametrize(
    "keys",
    [
        ["2026-11-16", "2026-11-17"],
        ["2026-11-17", "2026-11-16"],
        ["2026-11-16T00:00:00", "2026-11-17T00:00:00"],
        ["2026-11-17T00:00:00+01:00", "2026-11-16T00:00:00+01:00"],
    ],
)
def test_days_are_read_as_they_are_written_in_any_order(keys: list[str]):
    counts = read_counts(
        events({"Sign Up": {key: number for number, key in enumerate(sorted(keys), 3)}}, keys)
    )

    assert counts.days == {MONDAY, TUESDAY}
    assert counts.counts == {"Sign Up": {MONDAY: 3, TUESDAY: 4}}


def test_a_whole_number_is_whole_however_it_is_written():
    (counts,) = read_counts(events({"Sign Up": {"2026-11-16": 12.0, "2026-11-17": 0.5}})).counts.values()

    assert [repr(number) for number in counts.values()] == ["12", "0.5"]


def test_no_number_is_not_a_number():
    counts = read_counts(events({"Sign Up": {"2026-11-16": None, "2026-11-17": 4}}))

    assert counts.counts["Sign Up"] == {TUESDAY: 4}


@pytest.mark.parametrize("meta", [{"sampling_factor": 0.1}, {"min_sampling_factor": 0.99}])
def test_a_sampling_factor_below_one_is_an_estimate(meta: object):
    assert read_series(insights({}, meta=meta)).sampled
    assert read_counts(events({}, meta=meta)).sampled


@pytest.mark.parametrize("meta", [None, {}, {"sampling_factor": 1.0, "min_sampling_factor": None}])
def test_otherwise_it_is_exact(meta: object):
    assert not read_series(insights({}, meta=meta)).sampled


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T08:00:00.123456+00:00", datetime(2026, 11, 23, 8, 0, 0, 123456, UTC)),
        ("2026-11-23T08:00:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("just now", None),
        ("0001-01-01T00:00:00+14:00", None),
        (17, None),
        (None, None),
    ],
)
def test_freshness_is_read_where_it_can_be(text: object, moment: datetime | None):
    assert read_series(insights({}, computed_at=text)).computed_at == moment


def test_the_dates_of_an_answer_are_those_of_the_project():
    dates = {"from_date": "2026-11-16T00:00:00+01:00", "to_date": "2026-11-17T23:59:59.999+01:00"}

    series = read_series(insights({"Sign Up": {"all": 3}}, date_range=dates))

    assert (series.first, series.last) == (MONDAY, TUESDAY)
    assert series.series == {"Sign Up": {"all": 3}}


def test_a_line_that_is_not_one_number_a_day_is_none():
    assert read_daily({"2026-11-16T00:00:00+01:00": 3}) == {MONDAY: 3}
    assert read_daily({"2026-11-16": 3, "2026-11-16T12:00:00": 4}) is None
    assert read_daily({"all": 3}) is None


def test_projects_are_read_with_and_without_their_wrapping():
    projects = {
        "projects": {"12": {"name": "Acme", "timezone": None, "domain": "eu.mixpanel.com", "type": 1}}
    }

    assert read_projects(json.dumps(projects).encode()) == read_projects(
        json.dumps({"results": projects}).encode()
    )


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'["Sign', b"[" * 100_000, b'["\\ud800"]', b"\xff", b"[1,]"]
)
def test_what_is_no_whole_json_may_be_right_the_next_time(read: Callable[[bytes], object], body: bytes):
    with pytest.raises(Unavailable, match="no whole JSON"):
        read(body)


@pytest.mark.parametrize(
    ("read", "body", "place"),
    [
        (read_names, b'["Sign Up", 3]', "1: "),
        (read_names, b"{}", "valid array"),
        (read_counts, b"{}", "data: Field required"),
        (read_counts, events({"Sign Up": 3}), "data.values.Sign Up"),
        (read_counts, events({"Sign Up": {"2026-11-16": "3"}}), "data.values.Sign Up.2026-11-16"),
        (read_counts, events({"Sign Up": {"2026-11-16": True}}), "valid number"),
        (read_counts, events({"Sign Up": {"2026-11-16": -1}}), "greater than or equal to 0"),
        (read_counts, events({"Sign Up": {"2026-11-16": 1e300}}), "less than or equal"),
        (read_counts, b'{"data":{"series":[],"values":{"a":{"2026-11-16":NaN}}}}', "finite"),
        (read_counts, events({"Sign Up": {"16.11.2026": 3}}), "not a day"),
        (read_counts, events({"Sign Up": {"2026-13-45": 3}}), "month must be in 1..12"),
        (read_counts, events({}, ["2026-W47-1"]), "not a day"),
        (
            read_counts,
            events({"Sign Up": {"2026-11-16": 3, "2026-11-16T01:00:00": 4}}),
            "two numbers for one day",
        ),
        (read_series, b"[]", "an object"),
        (read_series, b"{}", "series: Field required"),
        (read_series, insights({"Sign Up": {"Berlin": {"all": 3}}}), "series.Sign Up.Berlin"),
        (read_projects, b'{"results": null}', "results: Input should be an object"),
    ],
)
def test_json_of_another_shape_is_refused_with_the_place(
    read: Callable[[bytes], object], body: bytes, place: str
):
    with pytest.raises(Refused) as raised:
        read(body)

    assert place in str(raised.value)
    assert len(str(raised.value)) < 300


NUMBERS = st.integers() | st.floats() | st.booleans() | st.none()
JSON = st.recursive(
    NUMBERS | st.text() | st.sampled_from(["2026-11-16", "all"]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["2026-11-16", "all"]), inner)
    ),
    max_leaves=10,
)
LIKELY = (
    st.fixed_dictionaries(
        {"data": st.fixed_dictionaries({"series": JSON, "values": JSON})}, optional={"meta": JSON}
    )
    | st.fixed_dictionaries(
        {"series": JSON}, optional={"date_range": JSON, "meta": JSON, "computed_at": JSON}
    )
    | st.fixed_dictionaries({"results": st.fixed_dictionaries({"projects": JSON})})
)


@given(st.sampled_from(READERS), st.binary() | (JSON | LIKELY).map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_value_or_an_error_of_ours(read: Callable[[bytes], object], body: bytes):
    with suppress(ReporterError):
        read(body)
