"""What is said once in a message, and what is put into words once for all of them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.render import html, metric_text, page, sentences, slack
from reporter.reports.figures import Failed
from reporter.reports.findings import (
    BusiestEvent,
    CommonShift,
    Finding,
    MetricChange,
    NothingUnusual,
    NotMeasured,
    Unusual,
    UnusualDay,
)
from reporter.reports.report import Report, ReportedMetric, Usual
from reporter.reports.subscriptions import LANGUAGES
from tests import samples, samples_of_messages
from tests.sample_parts import metric
from tests.samples import WEEKLY

WHY = "The project's hourly Mixpanel queries are used up (429)"
LABELS = ("Signups", "Users", "Revenue", "Funnel", "Buyers")
FAILED = Failed(WHY, is_temporary=True)
PARTS: Final = [
    part
    for place, label in enumerate(LABELS)
    for part in (
        (metric(label, 120.0 + place, 110.0), MetricChange(label, None, 120.0 + place, 110.0)),
        (metric(label, 12.0 + place, 3.0), None),
        (
            replace(metric(label, 61.0, 102.0 + place), usual=Usual(90, 140, 110)),
            Unusual(label, 61.0, -0.4, 90, 140, samples_of_messages.PLACES),
        ),
        (ReportedMetric(label, FAILED, FAILED), None),
    )
]


def report(locale: str) -> Report:
    return replace(
        WEEKLY,
        locale=locale,
        findings=(NotMeasured(LABELS, WHY),),
        metrics=tuple(ReportedMetric(label, FAILED, FAILED) for label in LABELS),
        top_events=FAILED,
        charts=(),
    )


@pytest.mark.parametrize("locale", LANGUAGES)
def test_one_reason_of_all_metrics_is_said_once(locale: str):
    page = html.draw(report(locale))
    messages = [payload.body.decode() for payload in slack.payloads(report(locale))]

    assert page.count("(429)") == 1
    assert LABELS[0] in page
    for message in messages:
        blocks = message.partition('"blocks"')[2] or message
        assert blocks.count("(429)") == 1
        assert LABELS[0] in blocks


def test_each_metric_and_finding_is_put_into_words_once_for_all_messages(monkeypatch: pytest.MonkeyPatch):
    worded: list[object] = []

    def metric(one: ReportedMetric, report: Report) -> metric_text.MetricText:
        worded.append(one.label)
        return in_words(one, report)

    def finding(one: Finding, report: Report) -> sentences.FindingText:
        worded.append(one)
        return sentence(one, report)

    in_words, sentence = page.metric_text, sentences.finding
    monkeypatch.setattr(page, "metric_text", metric)
    monkeypatch.setattr(sentences, "finding", finding)
    many = samples.MANY

    messages = slack.payloads(many, has_thread=True)

    assert len(messages) == 4
    assert messages[0].details
    told = [one for one in many.findings if not isinstance(one, BusiestEvent)]
    assert sorted(map(str, worded)) == sorted(map(str, (*told, *(one.label for one in many.metrics))))


@pytest.mark.parametrize("name", [name for name in samples.REPORTS if name != "hostile"])  # has no names
def test_nothing_is_said_twice_in_a_message(name: str):
    assert list(said_twice(samples.REPORTS[name])) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=9, unique_by=lambda part: part[0].label))
def test_nothing_is_said_twice_in_any_report(parts: list[tuple[ReportedMetric, Finding | None]]):
    made = replace(
        samples_of_messages.CALM,
        metrics=tuple(metric for metric, _ in parts),
        findings=(*(found for _, found in parts if found), NothingUnusual(3, are_others=True)),
    )

    assert list(said_twice(made)) == []


@pytest.mark.parametrize("name", [name for name in samples.REPORTS if name != "hostile"])  # has all there is
def test_the_samples_are_reports_that_can_be_composed(name: str):
    """What is unusual leaves no room for the headline's sentences."""
    kinds = {type(found) for found in samples.REPORTS[name].findings}

    assert not (kinds & {Unusual, UnusualDay, CommonShift} and MetricChange in kinds)


def said_twice(report: Report) -> Iterator[str]:
    """Sentences that a message has twice; numbers that its summary, or its metrics, give a label twice."""
    drawn = page.page_of(report)
    lines = [one.whole for one in drawn.findings]
    sentences_of_it = [*lines, drawn.missing, *drawn.notes, *drawn.footer]
    yield from _twice(sentences_of_it)
    yield from _twice(one.label for one in drawn.metrics)
    numbers = [number for line in lines for number in _labelled_numbers(line, drawn)]
    yield from _twice(f"{label} {number}" for label, number in numbers)
    for one in drawn.metrics:
        told = (one.value, one.change, *one.quiet.split(" · "))
        yield from _twice(f"{one.label} {each}" for each in told if each)


def _labelled_numbers(line: str, drawn: page.Page) -> list[tuple[str, str]]:
    """The numbers of a sentence, with the metric it begins with."""
    label = next((metric.label for metric in drawn.metrics if line.startswith(metric.label)), line)
    return [
        (label, number) for number in re.findall(r"\d[\d.,’\u202f\u00a0]*\d|\d", line.removeprefix(label))
    ]


def _twice(said: Iterable[str]) -> list[str]:
    return [each for each, count in Counter(said).items() if count > 1 and each]
