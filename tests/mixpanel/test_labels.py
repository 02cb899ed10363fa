"""A series is an event's only where no other reading is possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.mixpanel.labels import match_labels

UNIQUE = " [Unique Users]"


@pytest.mark.parametrize(
    ("found", "unused"),
    [
        ({"Sign Up": "Sign Up"}, []),
        ({"Sign Up": "Uniques of Sign Up"}, []),
        ({"$all_events": "All Events"}, []),
        ({"$all_events": "$all_events"}, ["All Events"]),
        ({"$all_events": "$all_events", "All Events": "All Events"}, []),
        ({"$all_events": "All Events" + UNIQUE, "Sign Up": "Sign Up" + UNIQUE}, []),
        ({"Sign Up": "Sign Up - Unique", "Sign Up - Web": "Sign Up - Web - Unique"}, []),
        ({"Sign Up": "Sign Up", "Sign Up - Web": "Sign Up - Web"}, []),
        ({"Sign Up": "Sign Up", "Purchase": "B"}, []),
        ({}, ["A"]),
    ],
)
def test_a_series_belongs_to_the_event_it_is_named_after(found: dict[str, str], unused: list[str]):
    assert match_labels([*found], [*found.values(), *unused]) == found
    assert match_labels([*reversed(found)], [*unused, *reversed(found.values())]) == found


@pytest.mark.parametrize(
    ("events", "labels"),
    [
        (["Sign Up", "Purchase"], ["A", "B"]),
        (["Sign Up", "Purchase"], ["A"]),
        (["Sign Up"], ["Sign Up (1)", "Sign Up (2)"]),
        (["Sign"], ["Sign Up", "Sign In"]),
        (["Sign Up"], []),
    ],
)
def test_where_more_than_one_reading_is_possible_there_is_none(events: list[str], labels: list[str]):
    assert match_labels(events, labels) == {}


NAMES = st.lists(st.text("ab -[(", min_size=1, max_size=5), unique=True, max_size=5)


@given(NAMES, NAMES)
def test_no_series_is_ever_taken_for_two_events(events: list[str], labels: list[str]):
    found = match_labels(events, labels)

    assert len(set(found.values())) == len(found)
    assert set(found) <= set(events)
    assert set(found.values()) <= set(labels)


@given(NAMES)
def test_labels_that_only_add_to_the_names_are_never_mixed_up(events: list[str]):
    found = match_labels(events, [event + UNIQUE for event in events])

    assert all(label == event + UNIQUE for event, label in found.items())
