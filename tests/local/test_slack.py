"""The local Slack takes what Slack takes, and refuses what Slack refuses."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx2
import pytest

from reporter.local.server import Fault
from reporter.local.slack import TOKEN, LocalSlack
from reporter.local.slack.json_values import list_of, object_of, text_of
from tests.local.slack_samples import (
    DAILY,
    HOSTILE,
    NOTICE,
    WEEKLY,
    JsonObject,
    header,
    section,
)

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


def post(slack: LocalSlack, payload: object) -> httpx2.Response:
    return httpx2.post(slack.webhook_url, json=payload)


def call(slack: LocalSlack, method: str, arguments: JsonObject, token: str = TOKEN) -> JsonObject:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(
        f"{slack.url}/api/{method}", json={"channel": "C0LOCAL", **arguments}, headers=headers
    )
    assert answer.status_code == 200
    return object_of(answer.json()) or {}


@pytest.mark.parametrize("payload", [WEEKLY, DAILY, NOTICE, HOSTILE, {"text": "only words"}])
def test_a_sound_message_is_accepted_and_kept_as_it_was_sent(slack: LocalSlack, payload: JsonObject):
    answer = post(slack, payload)

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    [message] = slack.messages
    assert message.payload == payload
    assert message.text == payload["text"]
    assert message.blocks == payload.get("blocks", [])


def test_a_message_knows_when_and_where_it_arrived():
    with LocalSlack(clock=lambda: datetime(2026, 11, 23, 8, 0, tzinfo=UTC)) as slack:
        post(slack, {"text": "one"})
        post(slack, {"text": "two"})

    assert [message.ts for message in slack.messages] == ["1795420800.000000", "1795420800.000001"]
    assert slack.messages[0].received_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert slack.messages[0].channel == "C0LOCAL"
    assert slack.messages[0].thread_ts is None


def test_an_address_with_a_wrong_secret_is_refused(slack: LocalSlack):
    answer = httpx2.post(slack.webhook_url + "x", json={"text": "hello"})

    assert (answer.status_code, answer.text) == (403, "invalid_token")
    assert slack.messages == []


def test_an_address_of_nobody_is_unknown(slack: LocalSlack):
    answer = httpx2.post(f"{slack.url}/services/T1/B1/secret", json={"text": "hello"})

    assert (answer.status_code, answer.text) == (404, "no_service")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"text": NaN}',
        b'{"text": 5}',
        b'{"text": null}',
        b'{"text": "x", "blocks": {}}',
        b'{"text": "\\ud800"}',
        b'{"text": "\xff"}',
        b'{"text": "x", "blocks": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"text": "x", "blocks": ' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
def test_what_is_no_message_is_an_invalid_payload(slack: LocalSlack, body: bytes):
    answer = httpx2.post(slack.webhook_url, content=body)

    assert (answer.status_code, answer.text) == (400, "invalid_payload")


@pytest.mark.parametrize("payload", [{}, {"text": ""}, {"text": " \n"}, {"blocks": []}])
def test_a_message_needs_text_or_blocks(slack: LocalSlack, payload: JsonObject):
    answer = post(slack, payload)

    assert (answer.status_code, answer.text) == (400, "no_text")


def test_a_rejected_message_is_not_kept(slack: LocalSlack):
    answer = post(slack, {"text": "x", "blocks": [header("Weekly Report"), header("")]})

    assert (answer.status_code, answer.text) == (400, "invalid_blocks")
    assert slack.messages == []


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x" * 12_001},
        {"text": "x", "blocks": [section("x" * 3000)] * 4},
        {"blocks": [{"type": "markdown", "text": "x" * 11_990}, header("Weekly Report")]},
    ],
)
def test_a_message_of_too_much_text_is_too_long(slack: LocalSlack, payload: JsonObject):
    answer = post(slack, payload)

    assert (answer.status_code, answer.text) == (400, "msg_blocks_too_long")


def test_an_older_slack_refuses_only_what_it_does_not_know():
    with LocalSlack(refuses={"data_visualization"}) as slack:
        full = post(slack, WEEKLY)
        plainer = post(
            slack, {**WEEKLY, "blocks": [b for b in list_of(WEEKLY["blocks"]) if b != _chart_of_weekly()]}
        )

    assert (full.status_code, full.text) == (400, "invalid_blocks")
    assert plainer.text == "ok"


def _chart_of_weekly() -> object:
    blocks = [object_of(block) or {} for block in list_of(WEEKLY["blocks"])]
    return next(block for block in blocks if block["type"] == "data_visualization")


def test_a_lost_answer_leaves_the_message_behind(slack: LocalSlack):
    slack.faults.append(Fault(path="/services", drop=True, after=True))

    with pytest.raises(httpx2.TransportError):
        post(slack, {"text": "hello"})

    assert [message.text for message in slack.messages] == ["hello"]


def test_a_fault_before_the_message_arrives_leaves_nothing(slack: LocalSlack):
    slack.faults.append(Fault(path="/services", status=429, headers={"Retry-After": "1"}))

    answer = post(slack, {"text": "hello"})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert slack.messages == []
    assert [request.path for request in slack.requests] == [httpx2.URL(slack.webhook_url).path]


def test_a_bot_learns_where_its_message_stands(slack: LocalSlack):
    said = call(slack, "chat.postMessage", {"text": "hello", "thread_ts": "1.000001"})

    [message] = slack.messages
    assert (said["ok"], said["channel"], said["ts"]) == (True, "C0LOCAL", message.ts)
    assert message.thread_ts == "1.000001"


def test_a_bot_is_told_which_block_is_bad(slack: LocalSlack):
    blocks = [header("x"), {"type": "context", "elements": [{"type": "mrkdwn", "text": ""}]}]

    said = call(slack, "chat.postMessage", {"text": "x", "blocks": blocks})

    assert (said["ok"], said["error"]) == (False, "invalid_blocks")
    [message] = list_of(said["errors"])
    assert text_of(message).endswith("[json-pointer:/blocks/1/elements/0/text]")
    assert said["response_metadata"] == {"messages": said["errors"]}


@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.history"])
def test_a_channel_that_is_not_here_is_unknown(slack: LocalSlack, method: str):
    said = call(slack, method, {"channel": "C9", "text": "x"})

    assert said == {"ok": False, "error": "channel_not_found"}


@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.history"])
def test_a_wrong_token_gets_nothing(slack: LocalSlack, method: str):
    missing = httpx2.post(f"{slack.url}/api/{method}", json={"text": "x"})

    assert missing.json() == {"ok": False, "error": "not_authed"}
    assert call(slack, method, {"text": "x"}, token="xoxb-wrong") == {"ok": False, "error": "invalid_auth"}
    assert slack.messages == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C9", "text": "x"}, "channel_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)
def test_a_bot_is_told_what_is_wrong(slack: LocalSlack, arguments: JsonObject, error: str):
    assert call(slack, "chat.postMessage", arguments) == {"ok": False, "error": error}


def test_a_bot_may_send_a_form(slack: LocalSlack):
    form = {"channel": "#product-analytics", "text": "x", "blocks": '[{"type": "divider"}]'}

    answer = httpx2.post(f"{slack.url}/api/chat.postMessage", data=form, headers=BEARER)

    assert answer.json()["ok"] is True
    assert slack.messages[0].blocks == [{"type": "divider"}]


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_bot_that_sends_no_json_object_is_told(slack: LocalSlack, body: bytes):
    headers = {**BEARER, "Content-Type": "application/json"}

    answer = httpx2.post(f"{slack.url}/api/chat.postMessage", content=body, headers=headers)

    assert answer.json() == {"ok": False, "error": "invalid_json"}


def test_a_method_that_is_not_here_is_unknown(slack: LocalSlack):
    assert call(slack, "chat.update", {"ts": "1"}) == {"ok": False, "error": "unknown_method"}


def test_a_delivery_can_be_looked_up_by_its_metadata(slack: LocalSlack):
    metadata = {"event_type": "report_delivered", "event_payload": {"delivery": "weekly/2026-11-16"}}
    call(slack, "chat.postMessage", {"text": "old"})
    before = slack.messages[-1].ts
    call(slack, "chat.postMessage", {"text": "new", "metadata": metadata})
    call(slack, "chat.postMessage", {"text": "a detail", "thread_ts": slack.messages[-1].ts})

    found = call(slack, "conversations.history", {"include_all_metadata": True, "oldest": before})

    [message] = [object_of(one) or {} for one in list_of(found["messages"])]
    assert (message["text"], message["metadata"]) == ("new", metadata)


def test_the_history_is_newest_first_and_keeps_metadata_to_itself(slack: LocalSlack):
    for text in ("one", "two", "three"):
        metadata = {"event_type": "a", "event_payload": {"delivery": text}}
        call(slack, "chat.postMessage", {"text": text, "metadata": metadata})
    query = urlencode({"channel": "C0LOCAL", "limit": 2})

    answer = httpx2.get(f"{slack.url}/api/conversations.history?{query}", headers=BEARER)

    found = object_of(answer.json()) or {}
    messages = [object_of(one) or {} for one in list_of(found["messages"])]
    assert [message["text"] for message in messages] == ["three", "two"]
    assert not any("metadata" in message for message in messages)
    assert found["has_more"] is True


def test_a_long_history_comes_in_pages(slack: LocalSlack):
    for text in ("one", "two", "three"):
        call(slack, "chat.postMessage", {"text": text})

    first = call(slack, "conversations.history", {"limit": 2})
    cursor = (object_of(first["response_metadata"]) or {})["next_cursor"]
    second = call(slack, "conversations.history", {"limit": 2, "cursor": cursor})

    assert [len(list_of(page["messages"])) for page in (first, second)] == [2, 1]
    assert (object_of(list_of(second["messages"])[0]) or {})["text"] == "one"
    assert second["has_more"] is False
    assert "response_metadata" not in second


def test_a_bot_learns_whether_its_token_lives(slack: LocalSlack):
    assert call(slack, "auth.test", {})["ok"] is True
    assert call(slack, "auth.test", {}, token="xoxb-wrong") == {"ok": False, "error": "invalid_auth"}


def test_a_history_of_no_time_is_refused(slack: LocalSlack):
    assert call(slack, "conversations.history", {"oldest": "yesterday"})["error"] == "invalid_arguments"


def test_the_messages_can_be_read_as_json(slack: LocalSlack):
    post(slack, WEEKLY)

    answer = object_of(httpx2.get(f"{slack.url}/messages").json()) or {}

    [message] = [object_of(one) or {} for one in list_of(answer["messages"])]
    assert message["payload"] == WEEKLY
    assert message["ts"] == slack.messages[0].ts


def test_another_page_is_not_found(slack: LocalSlack):
    assert httpx2.get(f"{slack.url}/other").status_code == 404
