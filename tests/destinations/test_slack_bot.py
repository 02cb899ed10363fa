"""Writing as a bot: what each answer means, and how a lost message is found."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from reporter.destinations.slack_bot import MESSAGES_IN_A_PAGE, MOST_PAGES, SlackBot
from reporter.destinations.slack_http import PASSING
from reporter.local.server import Fault
from reporter.local.slack import TOKEN, LocalSlack
from reporter.reports.deliveries import Delivery, Receipt
from reporter.reports.errors import DeliveryUncertain, Refused, Unavailable
from tests.destinations.senders import CHART, Sleeper, answers, bot, fails, payload
from tests.world import WEEK

DELIVERY = Delivery("weekly", WEEK, "team")
NONE, HOUR, DAY = timedelta(0), timedelta(hours=1), timedelta(days=1)
OTHER = Delivery("daily", WEEK, "team")
POST, HISTORY = "/api/chat.postMessage", "/api/conversations.history"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def team(slack: LocalSlack) -> SlackBot:
    return SlackBot(TOKEN, "C0LOCAL", f"{slack.url}/api", sleep=Sleeper())


def saying(error: str, **more: object) -> SlackBot:
    return bot(answers(200, json.dumps({"ok": False, "error": error, **more})))


def say(slack: LocalSlack, *messages: Mapping[str, object]) -> None:
    """Somebody else's messages."""
    with httpx2.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as somebody:
        for message in messages:
            somebody.post(f"{slack.url}{POST}", json={"channel": "C0LOCAL", **message})


def find(
    team: SlackBot,
    delivery: Delivery = DELIVERY,
    id: str = "1",
    *,
    since: timedelta = -HOUR,
    ahead: timedelta = NONE,
) -> Receipt | None:
    """What was sent since then, by a clock that is `ahead` of Slack's."""
    now = datetime.now(UTC) + ahead
    return team.find(delivery, id, now + since, now)


def test_a_message_arrives_with_its_mark_and_the_receipt_says_where_it_stands(
    slack: LocalSlack, team: SlackBot
):
    receipt = team.send([payload("Weekly Report")], DELIVERY, "1")

    (message,) = slack.messages
    assert receipt == Receipt("C0LOCAL", message.ts)
    assert message.text == "Weekly Report"
    assert message.metadata == {
        "event_type": "reporter_delivery",
        "event_payload": {"delivery": "weekly/2026-11-16/2026-11-23/team", "try": "1"},
    }
    assert (message.payload["unfurl_links"], message.payload["unfurl_media"]) == (False, False)


def test_a_notice_has_no_mark(slack: LocalSlack, team: SlackBot):
    team.send([payload("It failed")])

    assert [message.metadata for message in slack.messages] == [None]


def test_the_token_travels_in_a_header_and_nowhere_else(slack: LocalSlack, team: SlackBot):
    team.send([payload()], DELIVERY, "1")
    find(team)
    team.check()

    for request in slack.requests:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in f"{request.path}{request.query}{request.body.decode()}"


def test_what_slack_does_not_take_is_sent_plainer_and_the_log_says_why(caplog: pytest.LogCaptureFixture):
    with LocalSlack(refuses={"data_visualization"}) as old:
        team = SlackBot(TOKEN, "C0LOCAL", base_url=f"{old.url}/api/")
        receipt = team.send([payload("full", CHART), payload("plain", left_out=("charts",))], DELIVERY, "1")

    assert [message.text for message in old.messages] == ["plain"]
    assert receipt.left_out == ("charts",)
    assert "too-rich: Slack refused a message (invalid_blocks): " in caplog.text
    assert "json-pointer:/blocks/0" in caplog.text


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_when_slack_takes_none_it_is_refused(error: str):
    with pytest.raises(Refused, match=error):
        saying(error).send([payload("full"), payload("plainer")])


def test_no_payload_at_all_is_no_delivery(team: SlackBot):
    with pytest.raises(Refused, match="no message to send"):
        team.send([])


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "channel's id"),
        ("is_archived", "unarchive"),
        ("invalid_auth", "copy the Bot User OAuth Token again"),
        ("token_revoked", "install it again"),
        ("account_inactive", "install it again"),
        ("restricted_action", "admin"),
        ("no_text", "report it"),
        ("some_new_error", "manual"),
    ],
)
def test_a_refusal_says_slacks_word_and_the_mend(error: str, fix: str):
    with pytest.raises(Refused, match=error) as raised:
        saying(error).send([payload(), payload("plainer")])

    assert fix in str(raised.value)


@pytest.mark.parametrize(
    ("needed", "named"),
    [
        ("chat:write", "the scope chat:write "),
        ("channels:history,groups:history", "the scope channels:history or groups:history "),
        (None, "the scope that it lacks "),
    ],
)
def test_a_missing_scope_is_named(needed: str | None, named: str):
    with pytest.raises(Refused, match="missing_scope") as raised:
        saying("missing_scope", needed=needed).send([payload()])

    assert named in str(raised.value)


@pytest.mark.parametrize("error", ["fatal_error", "internal_error", "service_unavailable"])
def test_a_slack_that_broke_down_may_have_posted(error: str):
    with pytest.raises(DeliveryUncertain, match=error):
        saying(error).send([payload(), payload("plainer")])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (503, '{"ok": false, "error": "not_in_channel"}'),
        (200, "<html>welcome to our wifi</html>"),
        (200, "[]"),
        (200, '{"ok": "yes"}'),
        (200, "[" * 5000),
    ],
)
def test_an_ambiguous_answer_is_uncertain(status: int, body: str):
    with pytest.raises(DeliveryUncertain, match="may have been posted"):
        bot(answers(status, body)).send([payload(), payload("plainer")])


@pytest.mark.parametrize("word", PASSING)
def test_what_passes_by_itself_may_work_later(word: str):
    with pytest.raises(Unavailable, match=word):
        bot(answers(200, json.dumps({"ok": False, "error": word}))).send([payload()])


@pytest.mark.parametrize("status", [302, 403, 407])
def test_an_answer_from_something_in_between_is_a_refusal(status: int):
    with pytest.raises(Refused, match=f"{status}.*a proxy"):
        bot(answers(status, "who are you")).send([payload()])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectError, Unavailable),
        (httpx2.WriteError, Unavailable),
        (httpx2.LocalProtocolError, Refused),
        (httpx2.ReadTimeout, DeliveryUncertain),
        (httpx2.RemoteProtocolError, DeliveryUncertain),
    ],
)
def test_what_the_network_does_is_sorted(error: Callable[[str], Exception], kind: type[Exception]):
    with pytest.raises(kind):
        bot(fails(error)).send([payload(), payload("plainer")])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(POST, status=429, headers={"Retry-After": "3"}),
        Fault(POST, status=200, body='{"ok": false, "error": "ratelimited"}', headers={"Retry-After": "3"}),
    ],
)
def test_a_rate_limit_is_waited_out(slack: LocalSlack, team: SlackBot, fault: Fault):
    slack.faults.append(fault)

    team.send([payload("once")], DELIVERY, "1")

    assert team.sleep == Sleeper([3.0])
    assert [message.text for message in slack.messages] == ["once"]


def test_the_wait_for_a_rate_limit_has_a_bound():
    limited = bot(answers(429, "", {"Retry-After": "20"}))

    with pytest.raises(Unavailable) as raised:
        limited.send([payload()])

    assert raised.value.after == 20
    assert limited.sleep == Sleeper([20.0])


def test_details_follow_in_the_message_s_thread_without_a_mark(slack: LocalSlack, team: SlackBot):
    receipt = team.send([replace(payload("Report"), details=(payload("The rest"),))], DELIVERY, "1")

    report, rest = slack.messages
    assert (rest.text, rest.thread_ts) == ("The rest", report.ts)
    assert rest.metadata is None
    assert receipt == Receipt("C0LOCAL", report.ts)


def test_details_are_sent_plainer_where_slack_does_not_take_them():
    with LocalSlack(refuses={"data_visualization"}) as old:
        team = SlackBot(TOKEN, "C0LOCAL", base_url=f"{old.url}/api/")
        team.send([replace(payload("Report"), details=(payload("rich", CHART), payload("plain")))])

    assert [message.text for message in old.messages] == ["Report", "plain"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(POST, status=200, body='{"ok": false, "error": "restricted_action_thread_locked"}'),
        Fault(POST, status=500),
        Fault(POST, drop=True),
    ],
)
def test_details_that_fail_are_told_in_the_log_and_the_message_is_delivered(
    slack: LocalSlack, team: SlackBot, caplog: pytest.LogCaptureFixture, fault: Fault
):
    slack.faults.extend([Fault(POST, delay=0.01), fault])

    receipt = team.send([replace(payload("Report"), details=(payload("The rest"),))], DELIVERY, "1")

    assert [message.ts for message in slack.messages] == [receipt.message]
    assert "no-details: the thread of " in caplog.text


def test_a_message_whose_answer_was_lost_is_found(slack: LocalSlack, team: SlackBot):
    slack.faults.append(Fault(POST, drop=True, after=True))
    with pytest.raises(DeliveryUncertain):
        team.send([payload(), payload("plainer")], DELIVERY, "1")

    assert find(team) == Receipt("C0LOCAL", slack.messages[0].ts)
    assert find(team, OTHER) is None


def test_a_message_that_never_arrived_is_not_there(slack: LocalSlack, team: SlackBot):
    slack.faults.append(Fault(POST, drop=True))
    with pytest.raises(DeliveryUncertain):
        team.send([payload()], DELIVERY, "1")

    assert find(team) is None


def test_an_earlier_message_of_the_same_delivery_is_not_meant(slack: LocalSlack, team: SlackBot):
    team.send([payload()], DELIVERY, "1")

    assert find(team, id="2") is None


def test_a_try_of_an_earlier_version_has_no_id_and_is_found(slack: LocalSlack, team: SlackBot):
    team.send([payload()], DELIVERY)

    assert find(team, id="") is not None


@pytest.mark.parametrize("ahead", [timedelta(hours=hours) for hours in (-30, -1, 1, 30, 24 * 365)])
def test_a_message_is_found_however_wrong_this_machine_s_clock_is(
    slack: LocalSlack, team: SlackBot, ahead: timedelta
):
    team.send([payload()], DELIVERY, "1")

    assert find(team, ahead=ahead) is not None


@pytest.mark.parametrize("ahead", [timedelta(minutes=minutes) for minutes in (-20, -6, 6, 60)])
def test_absence_proves_nothing_while_the_clocks_differ(slack: LocalSlack, team: SlackBot, ahead: timedelta):
    with pytest.raises(Unavailable, match=r"clocks .* differ by \d+ minutes"):
        find(team, ahead=ahead)


def test_a_message_is_found_where_the_clock_was_set_right_after_it_was_sent(
    slack: LocalSlack, team: SlackBot
):
    team.send([payload()], DELIVERY, "1")

    assert find(team, since=timedelta(hours=2)) is not None


def test_what_is_long_before_the_try_is_not_looked_through(slack: LocalSlack, team: SlackBot):
    say(slack, *({"text": f"chatter {number}"} for number in range(2 * MESSAGES_IN_A_PAGE)))

    assert find(team, since=2 * DAY) is None
    assert [request.path for request in slack.requests].count(HISTORY) == 1


def test_a_message_is_found_behind_many_others(slack: LocalSlack, team: SlackBot):
    receipt = team.send([payload()], DELIVERY, "1")
    say(slack, *({"text": f"chatter {number}"} for number in range(2 * MESSAGES_IN_A_PAGE)))

    assert find(team) == receipt
    assert [request.path for request in slack.requests].count(HISTORY) == 3


def test_another_s_metadata_is_not_taken_for_ours(slack: LocalSlack, team: SlackBot):
    others: list[dict[str, object]] = [
        {"event_type": "reporter_delivery", "event_payload": {"delivery": OTHER.key}},
        {"event_type": "other", "event_payload": {"delivery": DELIVERY.key}},
        {"event_type": "reporter_delivery", "event_payload": {}},
    ]
    say(slack, *({"text": "x", "metadata": metadata} for metadata in others))

    assert find(team) is None


@pytest.mark.parametrize("more", [{"response_metadata": {"next_cursor": "more"}}, {}])
def test_a_history_without_end_is_not_said_to_lack_the_message(more: dict[str, object]):
    page: dict[str, object] = {"ok": True, "messages": [], "has_more": True, **more}
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json=page)

    with pytest.raises(Refused, match="more messages"):
        find(bot(httpx2.MockTransport(answer)), DELIVERY)
    assert len(asked) == MOST_PAGES


def test_a_history_that_may_not_be_read_is_a_refusal_that_names_the_scope():
    with pytest.raises(Refused, match="scope channels:history"):
        find(saying("missing_scope", needed="channels:history"), DELIVERY)


@pytest.mark.parametrize("transport", [answers(500), answers(200, "<html>"), fails(httpx2.ReadTimeout)])
def test_a_history_that_does_not_come_may_come_later(transport: httpx2.BaseTransport):
    with pytest.raises(Unavailable):
        find(bot(transport), DELIVERY)


def test_a_check_posts_nothing(slack: LocalSlack, team: SlackBot):
    team.check()

    assert slack.messages == []
    assert [request.path for request in slack.requests] == ["/api/auth.test", HISTORY]


@pytest.mark.parametrize(
    ("token", "channel", "said"),
    [("xoxb-wrong", "C0LOCAL", "invalid_auth"), (TOKEN, "C0OTHER", "channel_not_found")],
)
def test_a_check_finds_a_wrong_token_and_a_wrong_channel(
    slack: LocalSlack, token: str, channel: str, said: str
):
    with pytest.raises(Refused, match=said):
        SlackBot(token, channel, base_url=f"{slack.url}/api").check()


def test_a_check_finds_a_bot_that_could_not_look_up_what_it_posted(slack: LocalSlack, team: SlackBot):
    missing = '{"ok": false, "error": "missing_scope", "needed": "channels:history"}'
    slack.faults.append(Fault(HISTORY, status=200, body=missing))

    with pytest.raises(Refused, match="channels:history"):
        team.check()


def test_slack_is_called_at_its_own_address_unless_there_is_another():
    called: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        called.append(str(request.url))
        return httpx2.Response(200, json={"ok": True, "channel": "C1", "ts": "1.0"})

    bot(httpx2.MockTransport(answer)).send([payload()])

    assert called == ["https://slack.com/api/chat.postMessage"]
