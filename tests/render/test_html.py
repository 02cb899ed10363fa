"""A report as a page of HTML."""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings

from reporter.render import html, sanitize
from reporter.reports.report import Report
from tests.render.foreign import FRAGMENTS, NAMES, report_naming
from tests.render.golden import golden
from tests.render.strategies import reports
from tests.samples import BROKEN, FIRST_WEEK, FRENCH, HOSTILE, QUIET, REPORTS, WEEKLY

VOID = frozenset({"meta", "link", "br", "hr", "img"})
OUR_VALUE = re.compile(r"[\w .,:%-]*")
ANY_REPORT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BODY = re.compile(r"<body>\n(.*)</body>", re.DOTALL)
Attributes: TypeAlias = list[tuple[str, str | None]]
Tags: TypeAlias = list[tuple[str, dict[str, str]]]


@dataclass
class Page(HTMLParser):
    """A page taken apart: its tags with their attributes, and its text."""

    source: str
    tags: Tags = field(default_factory=list[tuple[str, dict[str, str]]])
    text: list[str] = field(default_factory=list[str])
    open: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert self.open == [], "each tag is closed"

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def body(page: str) -> str:
    found = BODY.search(page)
    assert found
    return found[1]


def kinds(tags: Tags) -> set[tuple[str, frozenset[str]]]:
    """Which tags there are, each with the names of its attributes."""
    return {(tag, frozenset(attributes)) for tag, attributes in tags}


KNOWN = set[tuple[str, frozenset[str]]]().union(
    *(kinds(Page(html.draw(report)).tags) for report in REPORTS.values())
)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_looks_as_it_did(name: str):
    page = body(html.draw(REPORTS[name]))

    assert page == golden(f"html/{name}.body.html", page)


def test_a_whole_page_looks_as_it_did():
    page = html.draw(WEEKLY)

    assert page == golden("html/weekly.html", page)


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_needs_no_script_and_nothing_from_outside(name: str):
    page = Page(html.draw(REPORTS[name]))
    attributes = {key for tag, found in page.tags for key in found if (tag, key) != ("a", "href")}

    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not attributes & {"src", "href", "srcset", "style", "xlink:href"}
    assert not any(key.startswith("on") for key in attributes)
    assert "url(" not in html.draw(REPORTS[name])
    assert all(found["href"].startswith("https://") for found in page.all("a"))
    assert "@import" not in html.draw(REPORTS[name])


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_can_be_heard(name: str):
    page = Page(html.draw(REPORTS[name]))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    named_by = [label for _, found in page.tags for label in found.get("aria-labelledby", "").split()]
    drawings = [found for found in page.all("svg") if "aria-hidden" not in found and "role" in found]

    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert len(set(ids)) == len(ids)
    assert set(named_by) <= set(ids)
    assert all(found.get("scope") in {"col", "row"} for found in page.all("th"))
    assert all(found["role"] == "img" and found["aria-labelledby"] for found in drawings)
    assert len(page.all("desc")) == len(drawings)


def test_a_page_says_its_language():
    assert Page(html.draw(FRENCH)).all("html") == [{"lang": "fr"}]
    assert Page(html.draw(replace(WEEKLY, locale="de_CH"))).all("html") == [{"lang": "de-CH"}]


@given(NAMES)
def test_no_name_changes_what_the_page_is_made_of(name: str):
    made = Page(html.draw(report_naming(name))).tags

    assert made == Page(html.draw(report_naming("Sign Up"))).tags


@ANY_REPORT
@given(reports)
def test_any_report_makes_a_page_of_only_our_own_tags(report: Report):
    made = Page(html.draw(report)).tags

    assert kinds(made) <= KNOWN
    assert all(OUR_VALUE.fullmatch(value) for tag, found in made if tag != "meta" for value in found.values())


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_name_stands_on_the_page_as_it_is(name: str):
    page = Page(html.draw(report_naming(name)))

    assert sanitize.shown(name, "(no name)") in page.text


@given(NAMES)
def test_a_page_is_utf_8_without_controls(name: str):
    page = html.draw(report_naming(name)).encode().decode()

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", page)


def test_a_card_says_the_change_and_what_it_is_against():
    assert '<p class="change"><b>+12.7%</b> 1,068 before</p>' in html.draw(WEEKLY)
    assert '<p class="change"><b>no change</b></p>' in html.draw(WEEKLY)
    assert '<p class="change"><b>+12,7\u00a0%</b> zuvor 1.068</p>' in html.draw(REPORTS["german"])


def test_a_metric_without_a_number_says_why():
    text = "\n".join(Page(html.draw(BROKEN)).text)

    assert "no event named “User Onboarded”; did you mean “Onboarded” or “User On-boarded”?" in text
    assert "Purchases (Mixpanel's hourly quota of 60 queries is used up" in text
    assert "the period before was not measured" in text


def test_top_events_that_were_not_measured_say_why():
    assert "Top Events (Mixpanel did not answer within 30 seconds)." in html.draw(BROKEN)
    assert "No events in this period." in html.draw(QUIET)
    assert 'id="events"' not in html.draw(replace(WEEKLY, top_events=None))


def test_a_chart_without_an_earlier_period_has_one_line():
    lines = Page(html.draw(FIRST_WEEK)).all("polyline")

    assert [line["class"] for line in lines] == ["now"]


def test_a_chart_that_can_not_be_drawn_says_so():
    assert "The chart of Endless could not be drawn." in html.draw(HOSTILE)


def test_a_report_of_only_a_title_has_no_empty_sections():
    bare = html.draw(replace(WEEKLY, findings=(), metrics=(), top_events=None, charts=()))

    assert Page(bare).all("section") == []
