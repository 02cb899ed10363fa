"""A report in a terminal."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from reporter.render import terminal
from reporter.render.page import page_of
from reporter.reports.report import Report, TopEvents
from tests.render.foreign import FRAGMENTS, NAMES, report_naming
from tests.render.golden import golden
from tests.render.strategies import reports
from tests.samples import BIWEEKLY, BROKEN, HOSTILE, MONTHLY, REPORTS, WEEKLY, top_event

STYLE = re.compile(r"\x1b\[[0-9;]*m")
ANY_REPORT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def drawn(report: Report, width: int = 80, *, is_terminal: bool = False) -> str:
    """What is printed, without the blanks at the ends of its lines."""
    page = io.StringIO()
    colours = "standard" if is_terminal else None
    console = Console(
        file=page, width=width, force_terminal=is_terminal, color_system=colours, no_color=False
    )
    terminal.draw(report, console)
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().split("\n")[:-1])


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_as_it_did(name: str):
    page = drawn(REPORTS[name])

    assert page == golden(f"terminal/{name}.txt", page)


@pytest.mark.parametrize("name", ["weekly", "broken", "monthly"])
def test_a_narrow_terminal_reads_as_it_did(name: str):
    page = drawn(REPORTS[name], 60)

    assert page == golden(f"terminal/{name}_narrow.txt", page)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int):
    assert all(cell_len(line) <= width for line in drawn(REPORTS[name], width).splitlines())


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("name", ["french", "two_falls_french", "detailed_german", "last_year_german"])
def test_no_line_ends_between_a_number_and_its_unit_or_within_quotes(name: str, width: int):
    """A blank that does not break stands in both: 12,7 %, « pro »."""
    page, read = drawn(REPORTS[name], width), page_of(REPORTS[name])
    told = " ".join((*(one.whole for one in read.findings), read.missing, *read.notes, *read.footer))
    glued = [word for word in re.split("[ \n]", told) if re.search("[\u00a0\u202f]", word)]

    assert glued
    assert [word for word in glued if word not in page and cell_len(word) < width - 4] == []


@pytest.mark.parametrize("name", ["ten_days", "first_week"])
def test_what_cannot_be_compared_has_no_columns_of_dashes(name: str):
    assert "Change" not in drawn(REPORTS[name])
    assert "Period before" not in drawn(REPORTS[name])


@pytest.mark.parametrize("name", REPORTS)
def test_no_number_is_cut_at_60_columns(name: str):
    narrow, wide = drawn(REPORTS[name], 60), drawn(REPORTS[name], 88)

    assert re.findall(r"[+−][\d,]+\.\d%", narrow) == re.findall(r"[+−][\d,]+\.\d%", wide)


def test_numbers_stand_under_each_other():
    lines = drawn(WEEKLY).splitlines()
    rows = lines[lines.index(next(line for line in lines if "Key Metrics" in line)) :][:7]

    assert len({len(row) for row in rows}) == 1


def test_a_pipe_gets_no_styles():
    assert "\x1b" not in drawn(WEEKLY)


def test_no_judgement_is_made_by_colour():
    styles = set(STYLE.findall(drawn(BROKEN, is_terminal=True)))

    assert styles == {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[36m"}


def test_markup_and_emoji_codes_in_names_stand_as_they_are():
    page = drawn(report_naming("[red]x[/red] :tada: https://a.example"), is_terminal=True)

    assert "[red]x[/red] :tada: https://a.example" in page
    assert "\x1b[31m" not in page


@given(NAMES)
def test_no_name_controls_the_terminal(name: str):
    assert not CONTROL.search(drawn(report_naming(name)))


@pytest.mark.parametrize("name", FRAGMENTS)
def test_no_name_styles_the_terminal(name: str):
    plain = drawn(report_naming("Sign Up"), is_terminal=True)

    assert set(STYLE.findall(drawn(report_naming(name), is_terminal=True))) == set(STYLE.findall(plain))


@ANY_REPORT
@given(reports, st.sampled_from((30, 60, 80, 132)))
def test_any_report_can_be_drawn_in_any_terminal(report: Report, width: int):
    page = drawn(report, width)

    assert not CONTROL.search(page)
    assert all(cell_len(line) <= width for line in page.splitlines())


def test_a_metric_without_a_number_says_why():
    page = drawn(BROKEN, 200)
    flowing = page.replace("\n  ", " ")

    assert "no event named “User Onboarded”; did you mean “Onboarded” or “User On-boarded”?" in flowing
    assert "hourly quota of 60 queries is used up" in flowing
    assert "the period before was not measured" in page
    assert re.search(r"Refunds +0 +−4 +4\n", page)


def test_a_bar_goes_on_faintly_to_where_the_period_before_was_higher():
    assert re.search(r"Mon 9 +━+╸?─+ +300 +330\n", drawn(BIWEEKLY))
    assert re.search(r"Sun 22 +━+╸? +173 +162\n", drawn(BIWEEKLY))


def test_a_chart_of_longer_spans_says_that_it_shows_an_average_day():
    assert "Active Users, average per day" in drawn(MONTHLY)


def test_a_chart_that_can_not_be_drawn_says_so():
    assert "The chart of Endless could not be drawn." in drawn(HOSTILE)


def test_a_narrow_terminal_keeps_its_columns_for_names_and_numbers():
    report = replace(WEEKLY, charts=())

    assert "━" in drawn(report, 80)
    assert "━" not in drawn(report, 60)


def test_a_report_of_only_a_title_can_be_drawn():
    bare = replace(WEEKLY, findings=(), metrics=(), top_events=None, charts=())

    assert next(line for line in drawn(bare).splitlines() if line) == "  Weekly Report · 16–22 Nov"


def test_events_without_a_count_have_no_bar():
    still = replace(WEEKLY, charts=(), top_events=TopEvents((top_event("Sign Up", 0, 0),), 0, 1))

    assert "━" not in drawn(still)
