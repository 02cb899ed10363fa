"""Until when a spent quota is spent."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.errors import FailureCause, Refused, Unavailable, free_again
from tests.world import MONDAY

SPENT = FailureCause("hour_spent")


def test_a_spent_hour_says_until_when():
    assert free_again(Unavailable("429", 1_800.0, SPENT), MONDAY) == "They are free again at 09:30 UTC."


def test_what_is_no_spent_hour_says_nothing():
    for error in (
        Unavailable("429", 60.0),
        Unavailable("429", None, SPENT),
        Refused("400"),
        Unavailable("503", 60.0, FailureCause("overloaded")),
    ):
        assert free_again(error, MONDAY) == ""


@given(st.floats(1, 3_600))
def test_the_minute_it_names_is_never_too_early_and_at_most_a_minute_late(after: float):
    text = free_again(Unavailable("429", after, SPENT), MONDAY)
    hour, minute = map(int, text.split()[5].split(":"))

    named = MONDAY.replace(hour=hour, minute=minute)
    assert timedelta(0) <= named - (MONDAY + timedelta(seconds=after)) <= timedelta(minutes=1)
