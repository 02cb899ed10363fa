"""A reason that several metrics share is said once in a message."""

from dataclasses import replace

import pytest

from reporter.render import html, slack
from reporter.reports.figures import Failed
from reporter.reports.findings import NotMeasured
from reporter.reports.report import Report, ReportedMetric
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
