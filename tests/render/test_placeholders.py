"""The days of a report in titles, headings and footers of the settings, in the report's language."""

import json
from dataclasses import replace
from itertools import product

import pytest

from reporter.render import document, html, page, slack
from reporter.reports.report import Report
from reporter.reports.subscriptions import LANGUAGES, PLACEHOLDERS
from tests.samples import BIWEEKLY, CUSTOM, DAILY, MONTHLY, WEEKLY
from tests.world import spec


def titled(title: str, report: Report = WEEKLY, locale: str = "en") -> str:
    made = page.page_of(replace(report, title=title, locale=locale))
    return made.headed(made.title)


@pytest.mark.parametrize(
    ("title", "report", "locale", "reads"),
    [
        ("Weekly Report", WEEKLY, "en", "Weekly Report · 16–22 Nov"),
        ("Signups {period}", WEEKLY, "en", "Signups last week · 16–22 Nov"),
        ("{period}: signups", WEEKLY, "en", "Last week: signups · 16–22 Nov"),
        ("Anmeldungen {period}", WEEKLY, "de", "Anmeldungen letzte Woche · 16.–22. Nov."),
        ("Inscriptions {period}", WEEKLY, "fr", "Inscriptions la semaine dernière · 16–22 nov."),
        ("Signups, {start} to {end}", WEEKLY, "en", "Signups, 16 Nov to 22 Nov"),
        ("Anmeldungen ab {start}", WEEKLY, "de", "Anmeldungen ab 16. Nov. · 16.–22. Nov."),
        ("Signups {period}", MONTHLY, "en", "Signups in October"),
        ("Signups {period}", DAILY, "en", "Signups yesterday · Sun 22 Nov"),
        ("Signups on {start}", DAILY, "en", "Signups on 22 Nov"),
        ("New Year, {start} to {end}", CUSTOM, "en", "New Year, 28 Dec 2026 to 3 Jan"),
    ],
)
def test_a_title_says_its_days_and_they_are_not_said_again(
    title: str, report: Report, locale: str, reads: str
):
    assert titled(title, report, locale) == reads


@pytest.mark.parametrize(
    ("report", "locale"), [*product((DAILY, WEEKLY, BIWEEKLY, MONTHLY, CUSTOM), LANGUAGES)]
)
def test_no_placeholder_reaches_a_reader(report: Report, locale: str):
    text = " – ".join(PLACEHOLDERS)
    metrics = tuple(replace(metric, section=f"In {text}") for metric in report.metrics)
    made = replace(report, title=text, footer=text, metrics=metrics, locale=locale)

    drawn = [html.draw(made), document.draw(made), *(one.body.decode() for one in slack.payloads(made))]

    assert [each for each, text in product(PLACEHOLDERS, drawn) if each in text] == []


def test_the_document_has_the_days_in_the_title_headings_and_footer():
    metrics = tuple(replace(metric, section="Growth {period}") for metric in WEEKLY.metrics)
    made = replace(WEEKLY, title="To {end}", footer="{period}", metrics=metrics)

    drawn = json.loads(document.draw(made))

    assert (drawn["title"], drawn["footer"]) == ("To 22 Nov", "Last week")
    assert {metric["section"] for metric in drawn["metrics"]} == {"Growth last week"}


def test_what_is_told_without_its_days_is_called_by_the_report_s_name():
    assert spec(title="Signups {period}").heading == "weekly"
    assert spec(title="Signups").heading == "Signups"
