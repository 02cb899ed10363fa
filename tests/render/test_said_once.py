"""What is said once in a message, and what is put into words once for all of them."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.render import html, metric_text, page, sentences, slack
from reporter.reports.figures import Failed, Measured
from reporter.reports.findings import (
    BusiestEvent,
    CommonShift,
    Finding,
    MetricChange,
    NothingUnusual,
    NotMeasured,
    RecordNumber,
    Sampled,
    Unusual,
    UnusualDay,
)
from reporter.reports.report import Report, ReportedMetric, Usual
from reporter.reports.subscriptions import LANGUAGES
from tests import samples, samples_of_messages
from tests.sample_parts import metric
from tests.samples import WEEKLY

JsonObject: TypeAlias = dict[str, Any]
LONG = 25  # letters: a shorter one, such as “The same places.”, may come again
_SENTENCE = re.compile(r"(?<=[.!?]) |\n")
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


FELL, ALERT, DETAILED = (samples.REPORTS[name] for name in ("one_fall", "signup_alert", "detailed"))
RANKED = samples_of_messages.RANKED
ESTIMATED = "Some numbers are Mixpanel’s estimates from a sample of users."
TOLD, UNTOLD = FELL.findings[0], Sampled()
TWICE: Final[dict[str, Report]] = {
    "a finding": replace(FELL, findings=(TOLD, TOLD)),
    "a number of the summary": replace(FELL, findings=(TOLD, MetricChange("New Signups", None, 161, 269))),
    "a cause": replace(
        FELL, findings=(TOLD, replace(TOLD, label="Active Users"), replace(TOLD, label="x", ratio=0.4))
    ),
    "a note": replace(FELL, notes=(UNTOLD, UNTOLD)),
    "a note in the footer": replace(FELL, notes=(UNTOLD,), footer=ESTIMATED),
    "a metric": replace(FELL, metrics=(*FELL.metrics, FELL.metrics[1])),
    "a breakdown": replace(DETAILED, details=DETAILED.details[:1] * 2),
    "a chart": replace(FELL, charts=FELL.charts[:1] * 2),
    "an event": replace(FELL, top_events=replace(RANKED, rows=RANKED.rows[:1] * 2)),
    "the dates": replace(FELL, title="Week of 16–22 Nov"),
    "the finding of an alert": replace(ALERT, findings=ALERT.findings * 2),
    "the company": replace(FELL, company="Acme Shop, the shop", footer="Acme Shop, the shop"),
}


@pytest.mark.parametrize("planted", TWICE)
def test_what_is_said_twice_is_found(planted: str):
    assert list(said_twice(TWICE[planted]))


@pytest.mark.parametrize("name", [name for name in samples.REPORTS if name not in ("hostile", "many")])
def test_the_samples_are_consistent_products(name: str):
    """What is told, drawn and listed of a metric is of one that the report has, and the same number."""
    report = samples.REPORTS[name]
    known = {one.label: one.figure for one in report.metrics}
    told = [found for found in report.findings if isinstance(found, MetricChange | Unusual | RecordNumber)]

    assert all(
        known[found.label] == Measured(found.value) for found in told if not getattr(found, "part", None)
    )
    assert {chart.label for chart in report.charts} <= known.keys()


def said_twice(report: Report) -> Iterator[str]:
    """What a message and its thread have twice; numbers that the summary, or a metric, give a label twice."""
    for message in slack.payloads(report, has_thread=True):
        shown = json.loads(message.body)
        yield from _twice_in(shown, *(json.loads(each.body) for each in message.details[:1]))
    drawn = page.page_of(report)
    lines = [one.whole for one in drawn.findings]
    yield from _twice([*lines, drawn.missing, *drawn.notes, *drawn.footer, drawn.own_line])
    yield from _twice(one.label for one in drawn.metrics)
    yield from _twice(one.heading for one in drawn.charts)
    numbers = [number for line in lines for number in _labelled_numbers(line, drawn)]
    yield from _twice(f"{label} {number}" for label, number in numbers)
    for one in drawn.metrics:
        told = (one.value, one.change, one.remark, one.before, one.per_day, one.usual)
        yield from _twice(f"{one.label} {each}" for each in told if each)


def _twice_in(message: JsonObject, *thread: JsonObject) -> Iterator[str]:
    """Sentences of a message that it, or its thread, has once more; dates that its title says, too."""
    told = [*_said(message)]
    more = [text for each in thread for text in _said(each)]
    sentences = [each for text in (*told, *more) for each in _SENTENCE.split(text)]
    yield from _twice(each for each in sentences if len(each) >= LONG)
    dates = told[0].rpartition(" · ")[2]
    yield from (dates for _ in range(told[0].count(dates) - 1))


def _said(part: Any, *, is_inline: bool = False) -> Iterator[str]:
    """Each thing that a message says, fields and lines whole; not its charts, whose lines are the dates."""
    if isinstance(part, list):
        several = cast("list[Any]", part)
        yield from (said for each in several for said in _said(each, is_inline=is_inline))
    if not isinstance(part, dict):
        return
    one = cast("JsonObject", part)
    kind, text = one.get("type"), one.get("text")
    if kind == "data_visualization":
        return
    if "blocks" in one or kind == "rich_text_section":
        parts = _said(one.get("blocks") or one["elements"], is_inline="blocks" not in one)
        yield from parts if "blocks" in one else ("".join(parts),)
    elif isinstance(text, str):
        yield from (text,) if is_inline or kind == "mrkdwn" else text.split("\n")
    else:
        yield from _said(list(one.values()), is_inline=is_inline)


def _labelled_numbers(line: str, drawn: page.Page) -> list[tuple[str, str]]:
    """The numbers of a sentence, with the metric it begins with."""
    label = next((metric.label for metric in drawn.metrics if line.startswith(metric.label)), line)
    return [
        (label, number) for number in re.findall(r"\d[\d.,’\u202f\u00a0]*\d|\d", line.removeprefix(label))
    ]


def _twice(said: Iterable[str]) -> list[str]:
    return [each for each, count in Counter(said).items() if count > 1 and each]
