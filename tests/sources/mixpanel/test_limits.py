"""What a 429 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.sources.mixpanel.limits import HourSpent, Overloaded, Pressure, TooManyAtOnce, read_pressure

POLICY = '"project";q=60;w=3600, "project-concurrency";q=5;qu="concurrent-requests"'


@pytest.mark.parametrize(
    ("limit", "pressure"),
    [
        ('"project";r=0;t=3600, "project-concurrency";r=3', HourSpent(3600)),
        ('"project";r=12, "project-concurrency";r=0;t=10', TooManyAtOnce(10)),
        ('"project";r=0;t=90, "project-concurrency";r=0;t=10', HourSpent(90)),
        ('"project" ; r=0 ; t=90', HourSpent(90)),
        ("project;r=0;t=90", HourSpent(90)),
        ('"project";r=0', HourSpent(77)),
        ('"project";r=0;t=-5', HourSpent(77)),
        ('"project";r=0;t=99999999', HourSpent(3600)),
        ('"project-concurrency";r=0', TooManyAtOnce(10)),
        ('"project";r=3, "project-concurrency";r=3', Overloaded(77)),
        ('"pro', Overloaded(77)),
        ("", Overloaded(77)),
    ],
)
def test_the_headers_tell_which_limit_was_hit(limit: str, pressure: Pressure):
    headers = {"RateLimit": limit, "RateLimit-Policy": POLICY, "Retry-After": "77"}

    assert read_pressure(headers) == pressure


def test_a_policy_of_concurrent_requests_may_have_any_name():
    headers = {"RateLimit": '"a,b;c";r=0;t=4', "RateLimit-Policy": '"a,b;c";q=5;qu="concurrent-requests"'}

    assert read_pressure(headers) == TooManyAtOnce(4)


@pytest.mark.parametrize("retry_after", ["soon", "", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "nan", "٣"])
def test_without_a_readable_word_nothing_is_said(retry_after: str):
    assert read_pressure({"Retry-After": retry_after}) == Overloaded(None)


HEADER = st.text(st.sampled_from('"project-concurrency;,=rtqw0123 \\é')) | st.text()


@given(HEADER, HEADER, HEADER)
def test_garbage_never_raises_and_never_waits_longer_than_an_hour(limit: str, policy: str, retry_after: str):
    pressure = read_pressure({"RateLimit": limit, "RateLimit-Policy": policy, "Retry-After": retry_after})

    assert pressure.after is None or 0 <= pressure.after <= 3600
