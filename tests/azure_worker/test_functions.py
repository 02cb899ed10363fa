"""The functions of Azure, indexed, bound and invoked by Microsoft's own worker library."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reporter.azure import TRIES
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault
from reporter.local.slack import LocalSlack
from tests.azure_worker.conftest import Host

TIMERS = {"DailyReport", "WeeklyReport", "BiWeeklyReport"}
NAMES = {*TIMERS, "DeliverReport", "FailedReport", "CustomReport", "Due", "Health"}


def at(moment: datetime) -> str:
    """The schedule that is due at this minute of every day."""
    return f"{moment.minute} {moment.hour} * * *"


def now() -> datetime:
    return datetime.now(UTC)


def messages(answer: dict[str, object]) -> list[str]:
    """What an invocation put on the queue."""
    outputs = answer["outputs"]
    assert isinstance(outputs, dict)
    return json.loads(outputs.get("messages", "[]"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def schedules(host: Host) -> dict[str, str]:
    return {
        name: binding["schedule"]
        for name, function in host.functions.items()
        for binding in function["bindings"]
        if "schedule" in binding
    }


def test_the_functions_are_those_of_the_reports(folder: Path, settings: dict[str, str]):
    with Host(folder, settings) as host:
        assert set(host.functions) == NAMES
        assert schedules(host) == {
            "DailyReport": "0 0 9 * * *",
            "WeeklyReport": "0 0 9 * * 1",
            "BiWeeklyReport": "0 0 9 * * 1",
        }


def test_a_time_zone_means_what_it_says(folder: Path, settings: dict[str, str]):
    with Host(folder, {**settings, "TIMEZONE": "Europe/Berlin"}) as host:
        assert schedules(host)["WeeklyReport"] == "0 0 7,8 * * 1"


def test_an_app_setting_overrides_a_schedule(folder: Path, settings: dict[str, str]):
    with Host(folder, {**settings, "DAILY_SCHEDULE": "0 30 8 * * 1-5"}) as host:
        assert schedules(host)["DailyReport"] == "0 30 8 * * 1,2,3,4,5"


def test_a_fourth_report_is_a_fourth_function(folder: Path, settings: dict[str, str]):
    with (folder / "reports.toml").open("a") as file:
        file.write('\n[reports.monthly]\ntitle = "Monthly"\nperiod = "monthly"\nschedule = "0 9 1 * *"\n')

    with Host(folder, settings) as host:
        assert schedules(host)["MonthlyReport"] == "0 0 9 1 * *"


def test_what_waits_for_its_data_is_queued_by_a_timer_of_its_own(folder: Path, settings: dict[str, str]):
    (folder / "reports.toml").write_text(
        (folder / "reports.toml").read_text().replace('period = "daily"', 'period = "daily"\n' + WAITS, 1)
    )

    with Host(folder, settings) as host:
        assert schedules(host)["RetryWaiting"] == "0 */15 * * * *"
        answer = host.fire("RetryWaiting")
        assert answer["ok"]
        assert messages(answer) == []


WAITS = 'wait_for_data_until = "23:45"'
BROKEN = ["", f"a = {'9' * 5_000}", "[reports", "[reports.daily]\nschedule = 5\n", "reports = 1"]


@pytest.mark.parametrize("text", [*BROKEN, "[reports.custom]\n[reports.daily]\n"])
def test_with_a_broken_file_and_an_empty_environment_all_functions_still_index(folder: Path, text: str):
    (folder / "reports.toml").write_text(text)

    with Host(folder, {}) as host:
        assert "DailyReport" in host.functions
        assert "DeliverReport" in host.functions


def test_the_first_invocation_says_what_is_wrong_and_tells_it_once(folder: Path, slack: LocalSlack):
    settings = {"SLACK_WEBHOOK_URL": slack.webhook_url, "DAILY_SCHEDULE": at(now())}

    with Host(folder, settings) as host:
        answer = host.fire("DailyReport")
        again = host.fire("DailyReport")

    assert not answer["ok"]
    assert not again["ok"]
    assert "MIXPANEL_USERNAME" in str(answer["error"])
    assert len(slack.messages) == 1
    assert "the settings are wrong" in slack.messages[0].text


def test_a_timer_that_is_not_due_does_nothing_and_loads_nothing_heavy(folder: Path, settings: dict[str, str]):
    berlin = now().astimezone(ZoneInfo("Europe/Berlin"))
    an_hour_off = at(berlin + timedelta(hours=-1 if berlin.dst() else 1))

    with Host(folder, {**settings, "TIMEZONE": "Europe/Berlin", "DAILY_SCHEDULE": an_hour_off}) as host:
        answer = host.fire("DailyReport")
        loaded = host.ask(modules=True)["modules"]

    assert answer["ok"]
    assert messages(answer) == []
    assert not {"pydantic", "httpx2", "babel", "numpy", "rich", "jinja2", "duckdb"} & set(loaded)


def test_a_timer_that_is_due_puts_one_message_for_each_destination_on_the_queue(
    folder: Path, settings: dict[str, str]
):
    with Host(folder, {**settings, "WEEKLY_SCHEDULE": at(now())}) as host:
        (message,) = messages(host.fire("WeeklyReport"))

    assert json.loads(message)["report"] == "weekly"
    assert json.loads(message)["destination"] == "slack"


NEVER = "0001-01-01T00:00:00"  # as the host says when a timer ran that is new, or has another schedule now


def test_a_timer_that_has_another_schedule_now_sends_nothing_for_the_past(
    folder: Path, settings: dict[str, str]
):
    berlin = now().astimezone(ZoneInfo("Europe/Berlin"))
    an_hour_off = at(berlin + timedelta(hours=-1 if berlin.dst() else 1))

    with Host(folder, {**settings, "TIMEZONE": "Europe/Berlin", "DAILY_SCHEDULE": an_hour_off}) as host:
        assert messages(host.fire("DailyReport", Last=NEVER, Next=now().isoformat())) == []


def test_a_timer_that_is_past_due_makes_up_for_the_last_moment_and_has_the_others_told(
    folder: Path, settings: dict[str, str]
):
    missed = now() - timedelta(hours=3)
    last, meant = missed - timedelta(days=3), missed - timedelta(days=2)

    with Host(folder, {**settings, "DAILY_SCHEDULE": at(missed)}) as host:
        made_up, others = messages(
            host.fire("DailyReport", past_due=True, Last=last.isoformat(), Next=meant.isoformat())
        )

    due = datetime.fromisoformat(json.loads(made_up)["due"])
    assert (due.hour, due.minute) == (missed.hour, missed.minute)
    assert [datetime.fromisoformat(one) for one in json.loads(others)["missed"]] == [
        due - timedelta(days=1),
        due - timedelta(days=2),
    ]


@pytest.mark.parametrize("late", [timedelta(seconds=-50), timedelta(0), timedelta(minutes=25)])
def test_a_timer_is_for_what_the_host_says_however_early_or_late_it_fires(
    folder: Path, settings: dict[str, str], late: timedelta
):
    due = (now() - late).replace(second=0, microsecond=0)

    with Host(folder, {**settings, "DAILY_SCHEDULE": at(due)}) as host:
        last = due - timedelta(days=1)
        (message,) = messages(host.fire("DailyReport", Last=last.isoformat(), Next=due.isoformat()))
        again = messages(host.fire("DailyReport", Last=now().isoformat(), Next=due.isoformat()))

    assert datetime.fromisoformat(json.loads(message)["due"]) == due
    assert again == [] or late < timedelta(0)


def test_a_timer_run_by_hand_is_for_the_latest_due_moment(folder: Path, settings: dict[str, str]):
    with Host(folder, {**settings, "DAILY_SCHEDULE": at(now() - timedelta(hours=3))}) as host:
        (message,) = messages(host.fire("DailyReport"))

    assert now() - datetime.fromisoformat(json.loads(message)["due"]) < timedelta(hours=4)


def due_message(host: Host) -> str:
    (message,) = messages(host.fire("WeeklyReport"))
    return message


@pytest.fixture
def due(settings: dict[str, str]) -> dict[str, str]:
    """The settings of an app whose weekly report is due now."""
    return {**settings, "WEEKLY_SCHEDULE": at(now())}


def test_the_whole_way_from_the_timer_to_slack(folder: Path, due: dict[str, str], slack: LocalSlack):
    with Host(folder, due) as host:
        answer = host.dequeue(due_message(host))

    assert answer["ok"]
    assert len(slack.messages) == 1
    assert "new users joined" in slack.messages[0].text
    assert "delivered report=weekly" in host.log


def test_a_message_that_comes_twice_sends_once(folder: Path, due: dict[str, str], slack: LocalSlack):
    with Host(folder, due) as host:
        message = due_message(host)
        host.dequeue(message)
    with Host(folder, due) as other:
        assert other.dequeue(message)["ok"]

    assert len(slack.messages) == 1


def test_what_may_pass_raises_so_that_the_queue_tries_again(
    folder: Path, due: dict[str, str], slack: LocalSlack, mixpanel: LocalMixpanel
):
    with Host(folder, due) as host:
        message = due_message(host)
        slack.faults.append(Fault(path="/services", status=429, headers={"Retry-After": "600"}))
        failed = host.dequeue(message)
        worked = host.dequeue(message, count=2)

    assert not failed["ok"]
    assert "limits the rate" in str(failed["error"])
    assert worked["ok"]
    assert len(slack.messages) == 1


def test_a_refusal_is_told_and_not_tried_again(
    folder: Path, due: dict[str, str], slack: LocalSlack, product: Product
):
    with (
        LocalMixpanel(product, free_plan=True) as free,
        Host(folder, {**due, "MIXPANEL_BASE_URL": free.url}) as host,
    ):
        free.faults.append(Fault("/api/2.0/export", status=402, times=1_000))
        answer = host.dequeue(due_message(host))

    assert answer["ok"]
    (notice,) = slack.messages
    assert "The report was not posted" in notice.text


def test_on_a_plan_without_the_query_api_the_report_comes_from_raw_events(
    folder: Path, due: dict[str, str], slack: LocalSlack, product: Product
):
    with (
        LocalMixpanel(product, free_plan=True) as free,
        Host(folder, {**due, "MIXPANEL_BASE_URL": free.url}) as host,
    ):
        answer = host.dequeue(due_message(host))

    assert answer["ok"]
    (report,) = slack.messages
    assert "new users joined" in str(report.payload)
    assert any(request.path.endswith("/export") for request in free.requests)


def test_on_the_last_try_people_are_told(
    folder: Path, due: dict[str, str], slack: LocalSlack, product: Product
):
    with (
        LocalMixpanel(product, quota=0) as spent,
        Host(folder, {**due, "MIXPANEL_BASE_URL": spent.url}) as host,
    ):
        message = due_message(host)
        answers = [host.dequeue(message, count=count)["ok"] for count in range(1, TRIES + 1)]
        host.dequeue(message, function="FailedReport")

    assert answers == [False] * TRIES
    assert [message.text.split(": ")[1][:25] for message in slack.messages] == [
        "The report is delayed. It",
        "The report was not posted",
    ]


def test_a_delivery_that_died_at_every_try_is_told_by_the_poison_queue(
    folder: Path, due: dict[str, str], slack: LocalSlack
):
    with Host(folder, due) as host:
        answer = host.dequeue(due_message(host), function="FailedReport")

    assert answer["ok"]
    (notice,) = slack.messages
    assert "every try failed" in notice.text


def test_a_message_that_is_none_of_ours_ends_in_the_log(folder: Path, due: dict[str, str], slack: LocalSlack):
    with Host(folder, due) as host:
        assert host.dequeue("hello")["ok"]
        assert host.dequeue("hello", function="FailedReport")["ok"]

    assert "no delivery of this program" in host.log


def test_the_log_holds_no_secret(folder: Path, due: dict[str, str], slack: LocalSlack):
    with Host(folder, due) as host:
        host.dequeue(due_message(host))
        slack.faults.append(Fault(path="/services", status=404, body="no_service", times=9))
        host.dequeue(due_message(host).replace("weekly", "daily"))

    assert slack.webhook_url.rpartition("/")[2] not in host.log
    assert due["MIXPANEL_SECRET"] not in host.log


def test_a_report_on_request_is_answered_and_sent(folder: Path, settings: dict[str, str], slack: LocalSlack):
    with Host(folder, settings) as host:
        status, headers, body = host.request("CustomReport", query={"period": "weekly"})

    assert status == 200
    assert headers["content-type"].startswith("application/json")
    assert json.loads(body)["report"]["title"] == "Weekly Report"
    assert len(slack.messages) == 1


def test_a_report_on_request_can_be_shown_only(folder: Path, settings: dict[str, str], slack: LocalSlack):
    without = {name: value for name, value in settings.items() if name != "SLACK_WEBHOOK_URL"}

    with Host(folder, without) as host:
        status, _, body = host.request(
            "CustomReport", "POST", body=json.dumps({"period": "daily", "send_slack": False})
        )

    assert status == 200
    assert json.loads(body)["report"]["title"] == "Daily Report"
    assert slack.messages == []


def test_a_wrong_request_is_told_what_is_wrong(folder: Path, settings: dict[str, str]):
    with Host(folder, settings) as host:
        status, _, body = host.request("CustomReport", query={"period": "hourly", "from_date": "soon"})

    assert status == 400
    assert {error["parameter"] for error in json.loads(body)["errors"]} == {"period", "from_date"}


def test_what_is_due_is_queued_for_a_clock_outside_and_left_to_the_queue(
    folder: Path, settings: dict[str, str], slack: LocalSlack
):
    a_minute_ago = {**settings, "WEEKLY_SCHEDULE": at(now() - timedelta(minutes=1))}
    with Host(folder, a_minute_ago) as host:
        status, _, body, queued = host.request_and_queue("Due", "POST")
        again, *_, nothing = host.request_and_queue("Due", "POST")
        for message in queued:
            host.dequeue(message)
        done = host.request("Due", "POST")[0]

    assert (status, again, done) == (202, 202, 200)
    assert [one["report"] for one in json.loads(body)["deliveries"]] == ["weekly"]
    assert (len(queued), nothing, len(slack.messages)) == (1, [], 1)


def test_health_answers(folder: Path, settings: dict[str, str]):
    with Host(folder, settings) as host:
        assert host.request("Health")[0] == 200
    with Host(folder, {}) as broken:
        assert broken.request("Health")[0] == 503
