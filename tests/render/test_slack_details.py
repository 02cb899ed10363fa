"""What follows in the thread is what the message has no room for, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reporter.local.slack.blocks import judge
from reporter.render.page import page_of
from reporter.render.slack import payloads
from reporter.render.slack.layout import Fallback, layout
from reporter.reports.figures import Failed
from reporter.reports.report import Change, Report, TopEvent, TopEvents
from tests import samples
from tests.render import slack_limits, strategies
from tests.render.golden import golden, legible

ANY_REPORT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVENTS = tuple(TopEvent(f"Event {place}", 1_000 - place, Change(100, 105)) for place in range(1, 51))
FIFTY_EVENTS = replace(samples.WEEKLY, top_events=TopEvents(EVENTS, 60_000, 80))


def details(report: Report) -> list[dict[str, Any]]:
    """The details that each payload comes with: the same for all."""
    (found,) = {payload.details for payload in payloads(report, has_thread=True)}
    return [json.loads(payload.body) for payload in found]


def lines_and_titles(message: dict[str, Any]) -> list[str]:
    return list(slack_limits.strings(message["blocks"]))


def lines(message: dict[str, Any]) -> list[str]:
    """What the sections of the message say."""
    sections: list[str] = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    return "\n".join(sections).splitlines()


@pytest.mark.parametrize("name", ["weekly", "broken", "quiet", "german"])
def test_a_message_that_says_all_has_no_details(name: str):
    assert details(samples.REPORTS[name]) == []


def test_without_threads_there_are_no_details():
    assert {payload.details for payload in payloads(samples.MANY)} == {()}


def test_the_message_is_the_same_with_and_without_a_thread():
    bodies = [payload.body for payload in payloads(samples.MANY)]

    assert [payload.body for payload in payloads(samples.MANY, has_thread=True)] == bodies


def test_the_details_are_drawn_as_people_found_them_good():
    drawn = legible(details(samples.MANY)[0]) + "\n"

    assert drawn == golden("slack/many.details.json", drawn)


def test_the_ranking_goes_on_where_the_message_ends():
    found = lines(details(FIFTY_EVENTS)[0])

    assert found[0] == "21. Event 21: 979 · +5.0%"
    assert found[-1] == "50. Event 50: 950 · +5.0%"
    assert len(found) == 30


def test_every_metric_is_in_the_message_or_in_its_thread():
    metrics = tuple(replace(samples.WEEKLY.metrics[0], label=f"Metric {place}.") for place in range(90))
    many = replace(samples.WEEKLY, metrics=metrics)
    shown = payloads(many)[0].body.decode()

    beyond = "\n".join(lines(details(many)[0]))

    most = layout(page_of(many), Fallback.FULL).metrics
    assert most < 90
    assert [metric.label in shown for metric in metrics] == [True] * most + [False] * (90 - most)
    assert [metric.label in beyond for metric in metrics] == [False] * most + [True] * (90 - most)


def test_breakdowns_without_room_in_the_message_follow_in_its_thread():
    (breakdown, *_) = samples.REPORTS["detailed"].details
    many = replace(
        samples.WEEKLY, details=tuple(replace(breakdown, label=f"D{place}.") for place in range(12))
    )
    shown, beyond = payloads(many)[0].body.decode(), "\n".join(lines_and_titles(details(many)[0]))

    assert [shown.count(f"D{place}.") + beyond.count(f"D{place}.") for place in range(12)] == [1] * 12
    assert "D8. · by country" in beyond


def test_what_does_not_even_fit_into_the_thread_is_counted():
    metrics = samples.WEEKLY.metrics[:1] * 1_000

    *_, last = lines(details(replace(samples.WEEKLY, metrics=metrics))[0])

    assert last.startswith("and ")
    assert "more metrics" in last


def test_a_plainer_reply_says_the_same_as_text():
    rich, plain = details(FIFTY_EVENTS)

    assert "blocks" not in plain
    assert plain["text"].splitlines() == ["Top Events", *lines(rich)]


def test_a_ranking_that_failed_has_no_rest():
    assert details(replace(samples.WEEKLY, top_events=Failed("Mixpanel refused"))) == []


@ANY_REPORT
@given(strategies.reports)
def test_any_details_stay_within_slack_s_limits(report: Report):
    fuller = replace(report, top_events=TopEvents(EVENTS, 60_000, 80))

    for each in payloads(fuller, has_thread=True)[0].details:
        assert slack_limits.faults(each.body) == []
        assert judge(json.loads(each.body)) is None


@pytest.mark.parametrize("character", ["&", "W", "😀", "e\u0301", "_", "\ud83d", "`"])
def test_the_longest_details_break_no_limit(character: str):
    report = samples.longest(character * 5_000)
    events = tuple(TopEvent(character * 5_000, 1e14, Change(1e14, 1.5e14)) for _ in range(50))

    for each in payloads(replace(report, top_events=TopEvents(events, 1e15, 80)), has_thread=True)[0].details:
        assert slack_limits.faults(each.body) == []
        assert judge(json.loads(each.body)) is None
