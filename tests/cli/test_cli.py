"""The command line, as a user meets it: the real program against a Mixpanel and a Slack on this machine."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reporter.local.product import Product
from reporter.local.server import Fault
from tests.desk import Desk, title_of, yesterday


def test_preview_shows_the_weekly_report_and_sends_nothing(desk: Desk):
    code, out, err = desk.reporter("preview", "weekly")

    assert (code, err) == (0, "")
    for words in ("Weekly Report", "New Signups", "Page View", "new users joined", "Acme"):
        assert words in out
    assert desk.slack.messages == []


def test_the_numbers_are_those_of_the_product(desk: Desk, product: Product):
    _, out, _ = desk.reporter("preview", "weekly", "--format", "json")
    shown = {metric["label"]: metric["value"] for metric in json.loads(out)["metrics"]}
    days = {yesterday() - timedelta(days=back) for back in range(7)}
    now = datetime.now(UTC).timestamp() * 1_000
    seen = {
        (event.name, event.distinct_id, event.time, event.insert_id)
        for day in days
        for event in product.on(day)
        if event.ingested_at <= now  # some phones are still offline
    }

    assert shown["New Signups"] == sum(name == "Sign Up" for name, *_ in seen)
    assert shown["Page Views"] == sum(name == "Page View" for name, *_ in seen)


@pytest.mark.parametrize("form", ["slack", "json"])
def test_preview_prints_what_other_programs_read(desk: Desk, form: str):
    code, out, _ = desk.reporter("preview", "daily", "--format", form)

    assert code == 0
    assert json.loads(out)


def test_preview_prints_a_page(desk: Desk):
    _, out, _ = desk.reporter("preview", "weekly", "--format", "html")

    assert out.startswith("<!doctype html>")
    assert "New Signups" in out


def test_preview_of_chosen_days_and_events(desk: Desk):
    first, last = yesterday() - timedelta(days=4), yesterday() - timedelta(days=1)

    code, out, _ = desk.reporter(
        *("preview", "weekly", "--format", "json"),
        *("--from", str(first), "--to", str(last), "--events", "Search, Sign Up"),
    )

    report = json.loads(out)
    assert code == 0
    assert [metric["label"] for metric in report["metrics"]] == ["Search", "New Signups"]
    assert report["period"]["from_date"] == str(first)
    assert report["period"]["to_date"] == str(last)
    assert report["title"] == "Custom Report"


def test_a_range_that_includes_today_is_refused(desk: Desk):
    today = yesterday() + timedelta(days=1)

    code, out, err = desk.reporter("preview", "weekly", "--from", str(yesterday()), "--to", str(today))

    assert (code, out) == (1, "")
    assert f"is not complete yet: in the project's time zone (UTC) today is {today}" in err


def test_a_range_without_a_start_is_refused(desk: Desk):
    code, _, err = desk.reporter("preview", "weekly", "--to", str(yesterday()))

    assert code == 1
    assert "has no start" in err


def test_send_delivers_each_report_once(desk: Desk):
    code, out, _ = desk.reporter("send", "daily", "weekly", "biweekly")

    assert code == 0
    assert out.count("sent to slack.") == 3
    assert len(desk.slack.messages) == 3

    code, out, _ = desk.reporter("send", "weekly")

    assert code == 0
    assert "--again sends it once more" in out
    assert len(desk.slack.messages) == 3


def test_the_three_reports_of_a_monday_cost_at_most_ten_queries_together_and_five_each(desk: Desk):
    desk.reporter("send", "weekly")
    assert len(desk.mixpanel.queries) <= 5

    desk.reporter("send", "--again", "daily", "weekly", "biweekly")
    assert len(desk.mixpanel.queries) <= 15


def test_again_sends_once_more(desk: Desk):
    desk.reporter("send", "weekly")

    code, _, _ = desk.reporter("send", "weekly", "--again")

    assert code == 0
    assert len(desk.slack.messages) == 2


def test_an_uncertain_delivery_is_told_and_not_repeated(desk: Desk):
    desk.slack.faults.append(Fault(path="/services", drop=True, after=True))

    code, out, err = desk.reporter("send", "weekly")
    assert (code, out) == (4, "")
    assert "may have been posted" in err

    code, _, err = desk.reporter("send", "weekly")
    assert code == 4
    assert "if it is not there, --again sends it" in err
    assert [title_of(message.text) for message in desk.slack.messages] == ["Weekly Report"] * 2
    assert "may or may not have been posted" in desk.slack.messages[1].text


def test_one_report_that_fails_does_not_hold_up_the_others(desk: Desk):
    desk.slack.faults.append(Fault(path="/services", status=404, body="no_service"))

    code, out, err = desk.reporter("send", "daily", "weekly")

    assert code == 1
    assert "daily: not sent to slack. Slack refused the message (no_service)" in err
    assert "weekly:" in out
    notice, report = desk.slack.messages
    assert "The report was not posted" in notice.text
    assert "new users joined" in report.text


def test_an_event_the_project_does_not_have_is_told_and_the_exit_code_says_so(desk: Desk):
    reports = desk.folder / "reports.toml"
    reports.write_text(reports.read_text().replace('"Purchase"', '"Purchased"'))

    code, out, _ = desk.reporter("preview", "weekly")

    assert code == 3
    assert "no event named “Purchased”; did you mean “Purchase”?" in " ".join(out.split())


def test_a_wrong_secret_says_what_to_do(desk: Desk):
    desk.set(MIXPANEL_SECRET="wrong")

    code, _, err = desk.reporter("preview", "weekly")

    assert code == 1
    assert "MIXPANEL_SECRET" in err


def test_every_fault_of_the_settings_is_told_at_once(desk: Desk):
    desk.set(MIXPANEL_USERNAME="", MIXPANEL_PROJECT_ID="abc", TIMEZONE="Europe/Berln")

    code, _, err = desk.reporter("send", "weekly")

    assert code == 2
    for words in ("MIXPANEL_USERNAME", "MIXPANEL_PROJECT_ID", "TIMEZONE", "Europe/Berlin"):
        assert words in err


def test_an_unknown_report_names_those_there_are(desk: Desk):
    code, _, err = desk.reporter("preview", "hourly")

    assert code == 2
    assert "daily, weekly, biweekly" in err


def test_check_says_that_all_is_ready(desk: Desk):
    code, out, _ = desk.reporter("check")

    assert code == 0
    assert "fault" not in out
    for words in (
        "project Acme",
        "“Sign Up”",
        "Report weekly: costs 5 queries",
        "the worst hour takes",
        "takes messages",
    ):
        assert words in out
    assert desk.slack.messages == []


def test_check_names_events_that_are_not_there(desk: Desk):
    reports = desk.folder / "reports.toml"
    reports.write_text(reports.read_text().replace('"Sign Up"', '"SignUp"'))

    code, out, _ = desk.reporter("check")

    assert code == 1
    assert "the project has no event “SignUp”. Did you mean “Sign Up”" in out


@pytest.mark.parametrize("address", ["", "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"])
def test_a_preview_needs_no_slack_and_check_says_that_a_send_does(desk: Desk, address: str):
    desk.set(SLACK_WEBHOOK_URL=address)

    assert desk.reporter("preview", "weekly")[0] == 0
    code, out, _ = desk.reporter("check")
    assert code == 2
    assert "fault  Destination slack: SLACK_WEBHOOK_URL is" in out
    assert desk.reporter("send", "weekly")[0] == 2


def test_a_plan_without_the_query_api_posts_a_notice_where_only_that_may_be_asked(
    desk: Desk, product: Product
):
    from reporter.local.mixpanel import LocalMixpanel

    desk.change('source = "auto"', 'source = "query"')
    with LocalMixpanel(product, free_plan=True) as free:
        desk.set(MIXPANEL_BASE_URL=free.url)
        code, _, err = desk.reporter("send", "weekly")

    assert code == 1
    assert "plan" in err
    assert len(desk.slack.messages) == 1
    assert "The report was not posted" in desk.slack.messages[0].text


def test_a_spent_quota_may_work_later(desk: Desk, product: Product):
    from reporter.local.mixpanel import LocalMixpanel

    with LocalMixpanel(product, quota=0) as spent:
        desk.set(MIXPANEL_BASE_URL=spent.url)
        code, _, err = desk.reporter("send", "weekly")

    assert code == 75
    assert "hourly" in err


def test_nothing_but_words_goes_into_a_pipe(desk: Desk):
    _, out, err = desk.reporter("preview", "weekly")

    assert "\x1b" not in out + err


@pytest.mark.parametrize("given", ["", ",", " , ", "[]", '[""]'])
def test_no_events_are_refused_and_not_taken_for_all(desk: Desk, given: str):
    with pytest.raises(SystemExit, match="2"):
        desk.reporter("send", "weekly", "--events", given)

    assert desk.slack.messages == []


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (["Sign Up,Purchase"], ["New Signups", "Purchases"]),
        (['Viewed "A, B"', "Purchase"], ['Viewed "A, B"', "Purchases"]),
        (['["Viewed \\"A, B\\""]'], ['Viewed "A, B"']),
        (["[Beta] Opened"], ["[Beta] Opened"]),
    ],
)
def test_an_event_s_name_may_have_a_comma(desk: Desk, given: list[str], labels: list[str]):
    words = [word for value in given for word in ("--events", value)]

    _, out, _ = desk.reporter("preview", "weekly", "--format", "json", *words)

    assert [metric["label"] for metric in json.loads(out)["metrics"]] == labels


@pytest.mark.parametrize("words", [("history", "--most", "0"), ("history", "--most", "-3")])
def test_a_number_that_gives_nothing_is_refused(desk: Desk, words: tuple[str, ...]):
    with pytest.raises(SystemExit, match="2"):
        desk.reporter(*words)


def test_what_becomes_due_in_the_past_is_refused(desk: Desk):
    code, out, err = desk.reporter("due", "--until", "2020-01-01")

    assert (code, out) == (2, "")
    assert "--until" in err


def test_a_picture_of_another_kind_is_refused_before_mixpanel_is_asked(desk: Desk):
    code, out, err = desk.reporter("explain", "weekly", "New Signups", "--picture", "x.png")

    assert (code, out) == (2, "")
    assert "SVG" in err
    assert desk.mixpanel.requests == []


def test_a_report_that_there_is_not_is_told_to_who_typed_it_alone(desk: Desk):
    code, out, err = desk.reporter("send", "weekly", "nosuch")

    assert (code, out) == (2, "")
    assert "nosuch: no report has this name" in err
    assert desk.slack.requests == []


@pytest.mark.parametrize("source", ["auto", "query", "export"])
def test_a_wrong_secret_is_one_fault_of_mixpanel_and_no_hint_at_the_time_zone(desk: Desk, source: str):
    desk.change('source = "auto"', f'source = "{source}"')
    desk.set(MIXPANEL_SECRET="wrong")
    code, out, _ = desk.reporter("check")

    assert code == 1
    assert out.count("401") == 1
    assert "MIXPANEL_PROJECT_TIMEZONE" not in out
