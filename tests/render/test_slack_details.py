"""What follows in the thread is what the message has no room for, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reporter.local.slack_blocks import judge
from reporter.model.figures import Failed
from reporter.model.report import Change, Report, TopEvent, TopEvents
from reporter.render.slack import payloads
from reporter.render.slack_report import metrics_shown
from tests import samples
from tests.render import slack_limits, strategies
from tests.render.golden import golden, legible

ANY_REPORT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVENTS = tuple(TopEvent(f"Event {place}", 1_000 - place, Change(5, 0.05)) for place in range(1, 51))
FIFTY_EVENTS = replace(samples.WEEKLY, top_events=TopEvents(EVENTS, 60_000, 80))


def details(report: Report) -> list[dict[str, Any]]:
    """The details that each payload comes with: the same for all."""
    (found,) = {payload.details for payload in payloads(report, has_thread=True)}
    return [json.loads(payload.body) for payload in found]


def text(block: dict[str, Any]) -> str:
    return "".join(span["text"] for element in block["elements"] for span in element["elements"])


@pytest.mark.parametrize("name", ["weekly", "broken", "quiet", "notice"])
def test_a_message_that_says_all_has_no_details(name: str):
    assert details(samples.REPORTS.get(name, samples.DAILY)) == []


def test_without_threads_there_are_no_details():
    assert {payload.details for payload in payloads(samples.MANY)} == {()}


def test_the_message_is_the_same_with_and_without_a_thread():
    bodies = [payload.body for payload in payloads(samples.MANY)]

    assert [payload.body for payload in payloads(samples.MANY, has_thread=True)] == bodies


def test_the_details_are_drawn_as_people_found_them_good():
    drawn = legible(details(samples.MANY)[0]) + "\n"

    assert drawn == golden("slack/many.details.json", drawn)


def test_the_ranking_goes_on_where_the_message_ends():
    (block,) = details(FIFTY_EVENTS)[0]["blocks"]

    lines = text(block).splitlines()
    assert lines[:2] == ["Top events", "21. Event 21: 979 · +5.0%"]
    assert lines[-1] == "50. Event 50: 950 · +5.0%"
    assert len(lines) == 31


def test_every_metric_is_in_the_message_or_in_its_thread():
    metrics = tuple(replace(samples.WEEKLY.metrics[0], label=f"Metric {place}.") for place in range(60))
    many = replace(samples.WEEKLY, metrics=metrics)
    shown = payloads(many)[0].body.decode()

    (block,) = details(many)[0]["blocks"]

    beyond = text(block)
    assert metrics_shown(many) < 60
    for place, metric in enumerate(metrics):
        assert (metric.label in shown, metric.label in beyond) == (
            place < metrics_shown(many),
            place >= metrics_shown(many),
        )


def test_a_plainer_reply_says_the_same_as_text():
    rich, plain = details(FIFTY_EVENTS)

    assert "blocks" not in plain
    assert text(rich["blocks"][0]) == plain["text"]


def test_a_ranking_that_failed_has_no_rest():
    assert details(replace(samples.WEEKLY, top_events=Failed("Mixpanel refused"))) == []


@ANY_REPORT
@given(strategies.reports())
def test_any_details_stay_within_slack_s_limits(report: Report):
    for message in details(replace(report, top_events=TopEvents(EVENTS, 60_000, 80))):
        assert judge(message) is None
        assert slack_limits.faults(message) == []
