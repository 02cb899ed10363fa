"""What is said once in a message, and what is put into words once for all of them."""

from dataclasses import replace

import pytest

from reporter.render import html, metric_text, page, sentences, slack
from reporter.reports.figures import Failed
from reporter.reports.findings import Finding, NotMeasured
from reporter.reports.report import Report, ReportedMetric
from tests import samples
from tests.samples import WEEKLY

WHY = "The project's hourly Mixpanel queries are used up (429)"
LABELS = ("Signups", "Users", "Revenue", "Funnel", "Buyers")
FAILED = Failed(WHY, is_temporary=True)


def report(locale: str) -> Report:
    return replace(
        WEEKLY,
        locale=locale,
        findings=(NotMeasured(LABELS, WHY),),
        metrics=tuple(ReportedMetric(label, FAILED, FAILED) for label in LABELS),
        top_events=FAILED,
        charts=(),
    )


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "(5 metrics)"), ("de", "(5 Kennzahlen)"), ("fr", "(5 indicateurs)")]
)
def test_one_reason_of_all_metrics_is_said_once(locale: str, words: str):
    page = html.draw(report(locale))
    messages = [payload.body.decode() for payload in slack.payloads(report(locale))]

    assert page.count("(429)") == 1
    assert words in page
    for message in messages:
        assert words in message


def test_each_metric_and_finding_is_put_into_words_once_for_all_messages(monkeypatch: pytest.MonkeyPatch):
    worded: list[object] = []

    def metric(one: ReportedMetric, report: Report) -> metric_text.MetricText:
        worded.append(one.label)
        return in_words(one, report)

    def finding(one: Finding, report: Report) -> str:
        worded.append(one)
        return sentence(one, report)

    in_words, sentence = page.metric_text, sentences.finding
    monkeypatch.setattr(page, "metric_text", metric)
    monkeypatch.setattr(sentences, "finding", finding)
    many = samples.MANY

    messages = slack.payloads(many, has_thread=True)

    assert len(messages) == 4
    assert messages[0].details
    assert worded == [*many.findings, *(one.label for one in many.metrics)]
