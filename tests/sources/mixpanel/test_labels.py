"""A series is an event's only where no other reading is possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.sources.mixpanel.decoding import match_labels, match_metrics
from reporter.sources.mixpanel.query_language import InsightsMetric, Math, series_names

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


TOTAL, SUM = InsightsMetric("Sign Up", Math.TOTAL), InsightsMetric("Sign Up", Math.TOTAL, "amount")
USERS, OTHERS = InsightsMetric("Sign Up"), InsightsMetric("Purchase")


def test_metrics_of_different_events_are_named_by_mixpanel():
    assert series_names((USERS, OTHERS)) == {}
    assert match_metrics((USERS, OTHERS), ["Purchase" + UNIQUE, "Sign Up" + UNIQUE]) == {
        USERS: "Sign Up" + UNIQUE,
        OTHERS: "Purchase" + UNIQUE,
    }


@pytest.mark.parametrize("ending", ["", " [Total Events]"])
def test_metrics_of_one_event_are_told_apart_by_the_names_they_were_given(ending: str):
    metrics = (TOTAL, SUM, OTHERS)

    assert [*series_names(metrics).values()] == ["#1", "#2", "#3"]
    assert match_metrics(metrics, ["#2" + ending, "#1" + ending]) == {
        TOTAL: "#1" + ending,
        SUM: "#2" + ending,
    }


@pytest.mark.parametrize(
    "labels", [["Sign Up", "Sign Up [Sum amount]"], ["Sign Up"], ["X"], ["A. Sign Up", "B. Sign Up"]]
)
def test_without_these_names_one_event_is_nobodys(labels: list[str]):
    assert match_metrics((TOTAL, SUM), labels) == {}
    assert match_metrics((TOTAL, SUM, OTHERS), [*labels, "Purchase"]) == {OTHERS: "Purchase"}
    assert match_metrics((TOTAL, SUM, OTHERS), ["Sign Up", "the last one"]) == {}


EVENTS = st.text("ab#1 [", max_size=4)
METRICS = st.lists(
    st.builds(InsightsMetric, EVENTS, st.sampled_from(Math), st.none() | st.just("amount")),
    unique=True,
    max_size=5,
).map(tuple)


@given(METRICS)
def test_a_name_that_is_given_is_never_taken_for_an_event(metrics: tuple[InsightsMetric, ...]):
    names = series_names(metrics).values()

    assert len(set(names)) == len(names)
    assert not [name for name in names for metric in metrics if metric.event.startswith(name)]


@given(METRICS, st.sampled_from(["", UNIQUE]))
def test_metrics_whose_names_come_back_are_all_matched(metrics: tuple[InsightsMetric, ...], ending: str):
    names = series_names(metrics)

    assert not names or match_metrics(metrics, [name + ending for name in names.values()]) == {
        metric: name + ending for metric, name in names.items()
    }


@given(METRICS)
def test_metrics_whose_names_do_not_come_back_are_never_mixed_up(metrics: tuple[InsightsMetric, ...]):
    labels = [metric.event + UNIQUE for metric in metrics]

    found = match_metrics(metrics, labels)

    assert all(label == metric.event + UNIQUE for metric, label in found.items())
    assert all(labels.count(label) == 1 for label in found.values())
