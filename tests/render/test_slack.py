"""What Slack gets: drawn as people found good, within every limit, and never more than text."""

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from reporter.local.slack.blocks import judge
from reporter.render.slack import notice_payloads, payloads
from reporter.render.slack.text import literal, mention
from reporter.reports.deliveries import Notice, Payload
from reporter.reports.periods import Period
from reporter.reports.report import Chart, Report
from tests import samples
from tests.render import slack_limits, strategies
from tests.render.golden import golden, legible

PLAINER = ("weekly", "broken", "hostile", "notice", "notice_hostile")
RUNGS = ("full", "without_charts", "sections", "text")
NOTICE_RUNGS = ("full", "sections", "text")
TITLES = ("Metric", "Kennzahl", "Indicateur")
EMOJI_CODE = re.compile(r":[\w+'-]+:")
FORMAT = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")
ANY_REPORT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawings() -> dict[str, Payload]:
    """The payloads worth a golden file: each sample in full, a few of them also plainer."""
    found: dict[str, Payload] = {}
    for name, report in samples.REPORTS.items():
        found |= {f"{name}.{rung}": each for rung, each in zip(RUNGS, payloads(report), strict=False)}
    for name, notice in samples.NOTICES.items():
        found |= {
            f"{name}.{rung}": each for rung, each in zip(NOTICE_RUNGS, notice_payloads(notice), strict=False)
        }
    return {
        name: each for name, each in found.items() if name.endswith(".full") or name.split(".")[0] in PLAINER
    }


def read(payload: Payload) -> dict[str, Any]:
    return json.loads(payload.body)


def blocks(payload: Payload, kind: str) -> list[dict[str, Any]]:
    return [block for block in read(payload)["blocks"] if block["type"] == kind]


def footer(payload: Payload) -> str:
    return "\n".join(each["elements"][0]["text"] for each in blocks(payload, "context"))


def fields(payload: Payload) -> list[str]:
    return [field["text"] for block in blocks(payload, "section") for field in block.get("fields", ())]


def shown_metrics(payload: Payload) -> int:
    """How many metrics stand in fields or in the table of metrics."""
    tables = [each for each in blocks(payload, "table") if each["rows"][0][0]["text"] in TITLES]
    return len(fields(payload)) + sum(len(each["rows"]) - 1 for each in tables)


def everything(payload: Payload) -> str:
    return "\n".join(slack_limits.strings(read(payload)))


@pytest.mark.parametrize("name", list(drawings()))
def test_the_message_is_drawn_as_people_found_it_good(name: str):
    drawn = legible(read(drawings()[name])) + "\n"

    assert drawn == golden(f"slack/{name}.json", drawn)


def test_a_notice_of_many_reasons_counts_the_rest():
    assert "und 50 weitere Gründe" in everything(notice_payloads(samples.NOTICES["notice_hostile"])[0])


def test_the_notification_begins_with_the_findings():
    text = read(payloads(samples.REPORTS["two_falls"])[0])["text"]

    assert text.startswith(
        "New Signups 161, down 40% (269 the week before; usual 233–326). Almost all of it in"
    )
    assert text.endswith(" · Weekly Report · 16–22 Nov")


def test_the_dates_stand_beside_the_title_and_what_they_are_held_against_in_one_quiet_line_at_the_end():
    message = payloads(samples.REPORTS["calm"])[0]
    quiet, own = blocks(message, "context")[-2:]

    assert blocks(message, "header")[0]["text"]["text"] == "Weekly Report · 16–22 Nov"
    assert [element["text"] for element in quiet["elements"]] == [
        "vs 9–15 Nov · complete through Sun 22 Nov, Europe/Berlin · Acme",
        "<https://eu.mixpanel.com/project/2195193|Open in Mixpanel>",
    ]
    assert own["elements"][0]["text"] == "Questions? Ask the data team."


def test_zero_unknown_failed_and_too_little_history_read_differently():
    broken, first = fields(payloads(samples.BROKEN)[0]), fields(payloads(samples.FIRST_WEEK)[0])
    missing = everything(payloads(samples.BROKEN)[0])

    assert "Refunds\n*0*  −4\n4 before" in broken
    assert "Users Onboarded (no event named “User Onboarded”; did you mean “Onboarded” or" in missing
    assert "Purchases (Mixpanel's hourly quota" in missing
    assert not any("Purchases" in field for field in broken)
    assert "New Signups\n*89*" in first
    assert "no earlier week to compare" in everything(payloads(samples.FIRST_WEEK)[0])


def test_each_reason_is_said_once_for_all_that_it_hit():
    said = everything(payloads(samples.REPORTS["failed"])[0])

    assert "Retention, Stickiness and Top Events (Mixpanel's hourly quota of 60 queries is used up" in said
    assert said.count("hourly quota") == 1


def test_up_to_eight_metrics_are_fields_and_more_are_one_table_with_the_ranking_as_a_list():
    eight = replace(samples.MANY, metrics=samples.MANY.metrics[:8])
    nine = replace(samples.MANY, metrics=samples.MANY.metrics[:9])

    assert len(fields(payloads(eight)[0])) == 8
    assert not fields(payloads(nine)[0])
    (ranking,), (metrics,) = (blocks(payloads(each)[0], "table") for each in (eight, nine))
    assert [cell["text"] for cell in ranking["rows"][0]] == ["Event", "Count", "Change"]
    assert [cell["text"] for cell in metrics["rows"][0]] == ["Metric", "Value", "Change", "Before"]
    lists = [each for each in slack_limits.objects(read(payloads(nine)[0])) if each.get("style") == "ordered"]
    assert len(lists) == 1


def test_the_usual_range_of_a_field_has_a_line_of_its_own_that_no_phone_breaks():
    said = [cell.splitlines() for cell in fields(payloads(samples.REPORTS["one_fall"])[0])]

    assert said[0] == ["New Signups", "*161*  −40.1%", "269 before", "usual 233–326"]
    assert max(len(line) for cell in said for line in cell) < 24  # half the width of a phone


def test_sections_have_headings_among_fields_and_rows_of_their_own_in_a_table():
    few = replace(
        samples.WEEKLY,
        metrics=tuple(
            replace(each, section=heading)
            for each, heading in zip(samples.WEEKLY.metrics, "AABBCC", strict=True)
        ),
    )

    headings = [block["text"]["text"] for block in blocks(payloads(few)[0], "section") if "text" in block]
    assert headings == ["*A*", "*B*", "*C*"]
    (table,) = blocks(payloads(samples.REPORTS["twenty_four"])[0], "table")
    assert ["".join(slack_limits.strings(row[0])) for row in table["rows"][:3]] == [
        "Metric",
        "Growth",
        "https://eu.mixpanel.com/project/2195193/app/insights#report/4711New Signups",
    ]


def test_an_alert_is_its_finding_its_chart_and_its_link():
    message = payloads(samples.REPORTS["signup_alert"])[0]

    assert [block["type"] for block in read(message)["blocks"]] == [
        *("section", "header", "rich_text", "data_visualization", "context")
    ]


def test_an_alert_links_to_where_more_is_about_what_it_is_about():
    alert = samples.REPORTS["signup_alert"]
    linked = replace(alert, metrics=(replace(alert.metrics[0], link="https://mixpanel.com/s/1a"),))

    assert "<https://mixpanel.com/s/1a|Open in Mixpanel>" in everything(payloads(linked)[0])


def test_the_usual_range_is_drawn_as_two_lines():
    first, _ = blocks(payloads(samples.REPORTS["two_falls"])[0], "data_visualization")

    assert [each["name"] for each in first["chart"]["series"]] == ["16–22 Nov", "usual, from", "usual, to"]


def test_days_before_the_data_began_are_no_points():
    (chart,) = blocks(payloads(samples.REPORTS["ten_days"])[0], "data_visualization")

    assert chart["chart"]["axis_config"]["categories"][0] == "Fri 13"
    assert len(chart["chart"]["series"][0]["data"]) == 10


def test_the_day_of_a_daily_report_is_marked_in_its_week():
    chart = blocks(payloads(samples.DAILY)[0], "data_visualization")[0]

    assert chart["chart"]["axis_config"]["categories"][-2:] == ["Sat 21", "• Sun 22"]


def test_events_are_called_as_the_settings_say_and_mixpanels_own_as_people_do():
    (table,) = blocks(payloads(samples.REPORTS["calm"])[0], "table")
    shown = [[cell["text"] for cell in row] for row in table["rows"]]

    assert shown[0] == ["Event", "Count", "Users", "Change"]
    assert shown[2] == ["App session", "3,402", "801", "+0.7%"]
    assert shown[5] == ["Coupon redeemed", "118", "–", "new"]


def test_the_busiest_events_are_a_table_with_numbers_at_the_right():
    (table,) = blocks(payloads(samples.WEEKLY)[0], "table")

    assert [cell["text"] for cell in table["rows"][1]] == ["Page View", "12,500", "+11.2%"]
    assert [column.get("align") for column in table["column_settings"]] == [None, "right", "right"]


def test_charts_compare_this_period_with_the_last():
    active, signups = blocks(payloads(samples.WEEKLY)[0], "data_visualization")

    assert [series["name"] for series in active["chart"]["series"]] == ["16–22 Nov", "9–15 Nov"]
    assert signups["chart"]["axis_config"]["categories"][0] == "Mon 16"


def test_weeks_on_a_chart_say_that_they_are_averages():
    (chart,) = blocks(payloads(samples.MONTHLY)[0], "data_visualization")

    assert chart["title"] == "Monthly Active Users, average per day"
    assert chart["chart"]["axis_config"]["categories"][0] == "1–7 Oct"


def test_each_plainer_message_says_what_it_leaves_out():
    _, without_charts, sections, text = payloads(samples.WEEKLY)

    assert without_charts.left_out == ("charts", "table layout")
    assert "Left out: charts and table layout." in footer(without_charts)
    assert "Left out: charts, table layout and text layout." in footer(sections)
    assert "blocks" not in read(text)
    assert "Left out: charts, table layout and text layout." in read(text)["text"]


def test_a_plainer_message_keeps_every_number():
    for plainer in payloads(samples.WEEKLY)[1:]:
        for figure in ("1,204", "+12.7%", "1,068 before", "12,500", "+11.2%", "890", "5 of 42 events"):
            assert figure in everything(plainer)


def test_a_message_that_is_no_plainer_is_not_tried():
    bodies = [payload.body for payload in payloads(samples.QUIET)]

    assert len(bodies) == len(set(bodies)) == 3


def test_what_does_not_fit_is_counted():
    assert shown_metrics(payloads(samples.MANY)[0]) == 60
    assert "and 140 more metrics, not shown here" in everything(payloads(samples.MANY)[0])
    assert "and 168 more metrics, not shown here" in everything(payloads(samples.MANY)[2])
    assert "10 of 1,400 events" in everything(payloads(samples.MANY)[0])


def test_a_chart_that_slack_can_not_draw_is_named():
    assert "The chart of Endless could not be drawn." in footer(payloads(samples.HOSTILE)[0])


def test_points_of_the_same_name_are_told_apart():
    again = tuple(Period(date(year, 11, 1), date(year, 11, 8)) for year in (2024, 2025, 2026))
    report = replace(samples.WEEKLY, charts=(Chart("Yearly", again, (1, 2, 3), ()),))
    (chart,) = blocks(payloads(report)[0], "data_visualization")

    assert chart["chart"]["axis_config"]["categories"] == ["2024-11-01", "2025-11-01", "2026-11-01"]


def test_addresses_in_names_are_no_links_in_a_notification():
    text = read(payloads(replace(samples.WEEKLY, title="https://evil.example www.evil.example v1.2"))[0])[
        "text"
    ]

    assert text.endswith("https꞉⁄⁄evil․example www․evil․example v1.2 · 16–22 Nov")


@pytest.mark.parametrize(
    ("who", "called"),
    [
        ("here", "<!here>"),
        ("channel", "<!channel>"),
        ("U012AB3CD", "<@U012AB3CD>"),
        ("W012AB3CD", "<@W012AB3CD>"),
        ("S012AB3CD", "<!subteam^S012AB3CD>"),
    ],
)
def test_an_alert_calls_whom_it_should_at_its_head_in_every_message(who: str, called: str):
    for payload in payloads(replace(samples.WEEKLY, mention=who)):
        assert_is_only_text(read(payload), called)
        assert payload.body.decode().count(called) == (2 if "blocks" in read(payload) else 1)


@pytest.mark.parametrize("who", ["everyone", "here> <!channel", "#general", "U", "u012ab3cd", ""])
def test_what_is_no_id_of_slack_calls_nobody(who: str):
    for payload in payloads(replace(samples.WEEKLY, mention=who)):
        assert_is_only_text(read(payload))


def test_a_goal_stands_on_a_line_of_its_own():
    detailed = samples.REPORTS["detailed"]

    assert "New Signups\n*482*  −0.8%\n486 before\n71% of the goal of 680, by 31 Dec 2026" in fields(
        payloads(replace(detailed, metrics=detailed.metrics[:8]))[0]
    )


def test_breakdowns_are_lists_and_steps_are_numbered():
    lists = [
        each
        for each in slack_limits.objects(read(payloads(samples.REPORTS["detailed"])[0])["blocks"])
        if each.get("type") == "rich_text_list"
    ]

    assert [each["style"] for each in lists] == ["bullet", "ordered", "bullet", "ordered"]
    assert "".join(slack_limits.strings(lists[0]["elements"][0])) == "Germany  214 · 44% · +12.6%"


def test_a_plainer_message_keeps_the_breakdowns():
    for payload in payloads(samples.REPORTS["detailed"])[2:]:
        assert "New Signups · by country\nGermany: 214 · 44% · +12.6%" in everything(payload)


def test_breakdowns_that_do_not_fit_are_counted():
    many = replace(samples.WEEKLY, details=samples.REPORTS["detailed"].details * 5)

    for payload in payloads(many):
        shown = everything(payload).count("Germany") + everything(payload).count("Product Viewed")
        shown += everything(payload).count("by “plan”")
        assert f"and {15 - shown} more breakdowns, not shown here" in everything(payload)


def test_percentages_are_drawn_as_such_and_units_are_told():
    conversion, revenue = blocks(payloads(samples.REPORTS["detailed"])[0], "data_visualization")

    assert conversion["title"] == "Checkout Conversion (%)"
    assert conversion["chart"]["series"][0]["data"][0] == {"label": "Mon 16", "value": 12.1}
    assert revenue["title"] == "Revenue (€)"


def test_bold_is_given_up_where_a_name_would_format():
    few = replace(samples.HOSTILE, metrics=samples.HOSTILE.metrics[:8])
    plain = [each for each in slack_limits.objects(read(payloads(few)[0])) if "emoji" in each]

    assert any(each["text"].startswith("*bold* _italic_ ~struck~ `code`") for each in plain)


def test_right_to_left_names_are_kept_apart_from_the_numbers_after_them():
    few = replace(samples.HOSTILE, metrics=samples.HOSTILE.metrics[:8])

    assert any(field.startswith("\u2068تسجيل الدخول 123\u2069\n") for field in fields(payloads(few)[0]))


@pytest.mark.parametrize("name", list(samples.REPORTS))
def test_the_local_slack_takes_every_message(name: str):
    for payload in payloads(samples.REPORTS[name]):
        assert judge(read(payload)) is None


@pytest.mark.parametrize("text", ["&", "<", "W", "😀", "ا", "e\u0301", "_", "\ud83d", "`"])
def test_the_longest_report_breaks_no_limit(text: str):
    for payload in payloads(samples.longest(text * 5_000)):
        assert slack_limits.faults(payload.body) == []
        assert judge(read(payload)) is None
        assert_is_only_text(read(payload), "<!subteam^S00000000000000000000>")


@ANY_REPORT
@given(strategies.reports)
def test_no_report_breaks_a_limit(report: Report):
    for payload in payloads(report):
        assert slack_limits.faults(payload.body) == []
        assert judge(read(payload)) is None


@ANY_REPORT
@given(strategies.notices)
def test_no_notice_breaks_a_limit(notice: Notice):
    for payload in notice_payloads(notice):
        assert slack_limits.faults(payload.body) == []
        assert judge(read(payload)) is None


@ANY_REPORT
@given(strategies.reports)
def test_no_text_pings_links_or_formats(report: Report):
    for payload in payloads(report):
        assert_is_only_text(read(payload), mention(report.mention))


@ANY_REPORT
@given(strategies.notices)
def test_no_notice_pings_links_or_formats(notice: Notice):
    for payload in notice_payloads(notice):
        assert_is_only_text(read(payload))


@ANY_REPORT
@given(strategies.reports)
def test_no_metric_is_dropped_in_silence(report: Report):
    full = payloads(report)[0]
    hidden = sum(not metric.is_measured for metric in report.metrics)  # these are named in a line
    rest = len(report.metrics) - hidden - shown_metrics(full)

    assert rest == 0 or re.search(rf"\b{rest}\b", everything(full))


@pytest.mark.parametrize(
    "name",
    ["evil.example", "evile\u0301.example", "evil\u200d.example", "evil\ufe0f.example", "evil.\u200dexample"],
)
def test_no_dot_of_a_name_is_left_that_could_make_a_link(name: str):
    assert "." not in literal(name, 100)


@pytest.mark.parametrize("text", ["It fell. Users stayed.", "1.5 of 2.5", "v2.0"])
def test_a_dot_that_makes_no_link_stays(text: str):
    assert literal(text, 100) == text


def assert_is_only_text(message: dict[str, Any], called: str = "") -> None:
    """Slack's mrkdwn rules, written down a second time: only our own bold and the call are left to find."""
    blocks = message.get("blocks", [])
    if called:
        text = {"type": "mrkdwn", "text": called}
        assert not blocks or blocks[0] == {"type": "section", "text": text}
        assert message["text"].startswith(f"{called} ")
        blocks, message = blocks[1:], {**message, "text": message["text"].removeprefix(called)}
    assert_is_literal(message["text"])
    assert "://" not in message["text"]
    assert message["link_names"] is False
    for each in slack_limits.objects(blocks):
        if each.get("type") == "mrkdwn":
            assert_is_only_our_formatting(each)
        if each.get("type") == "plain_text":
            assert each["emoji"] is False
        assert each.get("type") not in {
            "user",
            "usergroup",
            "channel",
            "broadcast",
            "emoji",
            "actions",
        }


def assert_is_only_our_formatting(text: dict[str, Any]) -> None:
    """A bold heading, a link of ours, or a label over its bold number; else nothing that means anything."""
    said: str = text["text"]
    if link := re.match(r"<(https://[^\s<>|]+)\|([^<>|]+)>", said):
        said = said.replace(link[0], link[2], 1)
    label, _, rest = said.partition("\n")
    bold = re.match(r"\*([^*]+)\*", rest or label)
    parts = (label, rest) if rest else ("", label)
    for part in (parts[0], parts[1].replace(bold[0], bold[1], 1) if bold else parts[1]):
        assert_is_literal(part)
        assert text.get("verbatim") or not re.search(r"[@#/]|:\S|\.\D", part) or link


def assert_is_literal(mrkdwn: str) -> None:
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", mrkdwn)
    assert not FORMAT.search(mrkdwn)
    assert not EMOJI_CODE.search(mrkdwn)
    assert not re.search(r"^\s*&gt;", mrkdwn, re.MULTILINE)
