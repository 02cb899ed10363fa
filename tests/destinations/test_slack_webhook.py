"""Sending to a webhook: what each answer means for whether a message may be sent again."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from reporter.destinations.slack_http import PASSING, TOO_RICH
from reporter.destinations.slack_webhook import SlackWebhook
from reporter.local.server import Fault
from reporter.local.slack import LocalSlack
from reporter.reports.deliveries import Delivery, Receipt
from reporter.reports.errors import DeliveryUncertain, Refused, Unavailable
from tests.destinations.senders import CHART, SECRET_URL, Sleeper, answers, fails, payload, webhook
from tests.dripping import Dripping, drip_body, drip_head, flood
from tests.world import MONDAY, WEEK


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


def answering(status: int, body: str = "", headers: dict[str, str] | None = None) -> SlackWebhook:
    return webhook(answers(status, body, headers))


def raising(error: Callable[[str], Exception]) -> SlackWebhook:
    return webhook(fails(error))


def test_a_message_arrives(slack: LocalSlack):
    assert SlackWebhook(slack.webhook_url).send([payload("Weekly Report")]) == Receipt()

    assert [message.text for message in slack.messages] == ["Weekly Report"]


def test_what_slack_does_not_take_is_sent_plainer():
    with LocalSlack(refuses={"data_visualization"}) as old:
        receipt = SlackWebhook(old.webhook_url).send(
            [payload("full", CHART), payload("plain", left_out=("charts",))]
        )

    assert [message.text for message in old.messages] == ["plain"]
    assert receipt == Receipt(left_out=("charts",))


def test_when_slack_takes_none_it_is_refused():
    with LocalSlack(refuses={"data_visualization"}) as old, pytest.raises(Refused, match="invalid_blocks"):
        SlackWebhook(old.webhook_url).send([payload("full", CHART), payload("fuller", CHART)])

    assert old.messages == []


def test_no_payload_at_all_is_no_delivery():
    with pytest.raises(Refused, match="no message to send"):
        answering(200, "ok").send([])


@pytest.mark.parametrize(
    ("status", "body", "fix"),
    [
        (403, "invalid_token", "copy it again"),
        (404, "no_service", "add a new one"),
        (404, "channel_not_found", "another channel"),
        (410, "channel_is_archived", "unarchive"),
        (403, "action_prohibited", "admin"),
        (400, "invalid_payload", "report it"),
        (400, "no_text", "report it"),
        (500, "no_service", "add a new one"),  # Slack's word counts before its status
    ],
)
def test_a_refusal_says_slacks_word_and_the_mend(status: int, body: str, fix: str):
    with pytest.raises(Refused, match=body) as raised:
        answering(status, body).send([payload()])

    assert fix in str(raised.value)


@pytest.mark.parametrize(("status", "body"), [(302, ""), (401, "who are you"), (418, "teapot")])
def test_any_other_answer_below_500_is_a_refusal(status: int, body: str):
    with pytest.raises(Refused, match=str(status)):
        answering(status, body).send([payload()])


def test_a_redirect_is_never_followed():
    seen: list[str] = []

    def redirect(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(307, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(Refused):
        SlackWebhook(SECRET_URL, transport=httpx2.MockTransport(redirect)).send([payload()])
    assert seen == [SECRET_URL]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "rollup_error"),
        (502, ""),
        (503, ""),
        (504, "gateway"),
        (200, "<html>welcome to our wifi</html>"),
    ],
)
def test_an_ambiguous_answer_is_uncertain(status: int, body: str):
    with pytest.raises(DeliveryUncertain, match="may have been posted"):
        answering(status, body).send([payload(), payload("plainer")])


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
def test_when_slack_was_not_reached_nothing_was_sent(error: Callable[[str], Exception]):
    with pytest.raises(Unavailable, match="Nothing was sent"):
        raising(error).send([payload()])


@pytest.mark.parametrize("error", [httpx2.WriteError, httpx2.WriteTimeout])
def test_a_message_that_did_not_leave_whole_was_not_posted(error: Callable[[str], Exception]):
    with pytest.raises(Unavailable, match="Nothing was posted"):
        raising(error).send([payload()])


@pytest.mark.parametrize("error", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError])
def test_a_lost_answer_is_uncertain(error: Callable[[str], Exception]):
    with pytest.raises(DeliveryUncertain, match="never answered"):
        raising(error).send([payload(), payload("plainer")])


def test_a_hang_up_after_the_message_arrived_is_uncertain_and_sends_no_second(slack: LocalSlack):
    slack.faults.append(Fault(path="/services", drop=True, after=True))

    with pytest.raises(DeliveryUncertain):
        SlackWebhook(slack.webhook_url).send([payload("full"), payload("plainer")])

    assert [message.text for message in slack.messages] == ["full"]


def test_an_answer_cut_in_the_middle_is_uncertain(slack: LocalSlack):
    slack.faults.append(Fault(path="/services", cut=1, after=True))

    with pytest.raises(DeliveryUncertain):
        SlackWebhook(slack.webhook_url).send([payload("full"), payload("plainer")])

    assert len(slack.messages) == 1


def test_nobody_listening_is_unavailable():
    with LocalSlack() as stopped:
        address = stopped.webhook_url

    with pytest.raises(Unavailable):
        SlackWebhook(address).send([payload()])


@pytest.mark.parametrize(
    ("retry_after", "waited"), [("3", 3.0), ("0", 1.0), ("soon", 1.0), ("", 1.0), ("nan", 1.0), ("-5", 1.0)]
)
def test_a_rate_limit_is_waited_out(slack: LocalSlack, retry_after: str, waited: float):
    sleeper = Sleeper()
    slack.faults.append(Fault(path="/services", status=429, headers={"Retry-After": retry_after}))

    SlackWebhook(slack.webhook_url, sleep=sleeper).send([payload("once")])

    assert sleeper.slept == [waited]
    assert [message.text for message in slack.messages] == ["once"]


def test_the_wait_for_a_rate_limit_has_a_bound():
    limited = answering(429, "rate_limited", {"Retry-After": "20"})

    with pytest.raises(Unavailable) as raised:
        limited.send([payload()])

    assert raised.value.after == 20
    assert limited.sleep == Sleeper([20.0])


@pytest.mark.parametrize("retry_after", [None, "0", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_limit_without_a_time_is_asked_again_further_and_further_apart(retry_after: str | None):
    asked: list[httpx2.Request] = []
    limited = httpx2.Response(429, headers={} if retry_after is None else {"Retry-After": retry_after})
    sender = webhook(httpx2.MockTransport(lambda request: asked.append(request) or limited))

    with pytest.raises(Unavailable, match="does not say for how long") as raised:
        sender.send([payload()])

    assert sender.sleep == Sleeper([1.0, 2.0, 4.0, 8.0])
    assert len(asked) == 5
    assert raised.value.after is None


@pytest.mark.parametrize(
    ("retry_after", "date", "after", "words"),
    [
        ("86400", "", 86400.0, "24 hours"),
        ("90.5", "", 90.5, "90 s"),
        ("Fri, 27 Nov 2026 12:00:00 GMT", "Fri, 27 Nov 2026 10:00:00 GMT", 7200.0, "2 hours"),
    ],
)
def test_the_time_slack_asks_for_is_told_as_it_is(retry_after: str, date: str, after: float, words: str):
    with pytest.raises(Unavailable, match=words) as raised:
        answering(429, "", {"Retry-After": retry_after, "Date": date}).send([payload()])

    assert raised.value.after == after


@pytest.mark.parametrize("word", PASSING)
def test_what_passes_by_itself_may_work_later(word: str):
    with pytest.raises(Unavailable, match=word):
        answering(403, word).send([payload()])


@pytest.mark.parametrize("word", sorted(TOO_RICH))
def test_a_message_that_is_refused_in_every_form_is_a_fault_of_ours(word: str):
    with pytest.raises(Refused, match=f"{word}.*report it"):
        answering(400, word).send([payload("rich"), payload("plain")])


@pytest.mark.parametrize("status", [302, 403, 407])
def test_a_page_in_slacks_place_is_not_called_slacks_refusal(status: int):
    with pytest.raises(
        Refused, match=f"not Slack's .{status}.: it may come from something between"
    ) as raised:
        answering(status, "<html>Access denied</html>").send([payload()])

    assert "hooks.slack.com" in str(raised.value)


def test_a_page_that_says_that_nothing_was_taken_may_work_later():
    with pytest.raises(Unavailable, match="Nothing was posted"):
        answering(408, "<html>Request Timeout</html>").send([payload()])


@pytest.mark.parametrize("drip", [drip_head, drip_body, flood])
def test_an_answer_that_does_not_end_is_uncertain(
    drip: Callable[[], Dripping], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("reporter.destinations.slack_http.LONGEST_EXCHANGE", 0.5)

    with drip() as server, pytest.raises(DeliveryUncertain, match="never answered"):
        SlackWebhook(server.url).send([payload(), payload("plainer")])


def test_an_address_that_is_none_is_refused():
    with pytest.raises(Refused, match="no web address"):
        SlackWebhook("not an address").send([payload()])


def test_a_webhook_cannot_tell_what_is_in_its_channel():
    with pytest.raises(Refused, match="cannot be looked up"):
        answering(200, "ok").find(Delivery("weekly", WEEK, "slack"), "1", MONDAY, MONDAY)


@pytest.mark.parametrize("answer", [(400, "no_text"), (400, "invalid_payload")])
def test_a_webhook_that_misses_the_text_lives(answer: tuple[int, str]):
    answering(*answer).check()


def test_a_webhook_that_is_gone_is_told_by_a_check():
    with pytest.raises(Refused, match="no_service"):
        answering(404, "no_service").check()
