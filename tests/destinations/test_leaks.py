"""No secret of a destination shows, whatever happens to its message."""

import logging
import traceback
from collections.abc import Callable

import httpx2
import pytest

from reporter.destinations.slack_bot import SlackBot
from reporter.destinations.slack_webhook import SlackWebhook
from reporter.reports.deliveries import Delivery
from reporter.reports.errors import ReporterError
from tests.destinations.senders import (
    SECRET_PATH,
    SECRET_TOKEN,
    SECRET_URL,
    Sleeper,
    answers,
    bot,
    fails,
    payload,
    webhook,
)
from tests.world import MONDAY, WEEK

Sender = SlackWebhook | SlackBot

DELIVERY = Delivery("weekly", WEEK, "slack")
NETWORKS: dict[str, httpx2.BaseTransport] = {
    "delivered": answers(200, "ok"),
    "posted": answers(200, '{"ok": true, "ts": "1.0"}'),
    "no service": answers(404, "no_service"),
    "echoed": answers(404, f"nothing at {SECRET_URL} for {SECRET_TOKEN}"),
    "echoed as an error": answers(200, f'{{"ok": false, "error": "{SECRET_TOKEN}"}}'),
    "echoed as a scope": answers(
        200, f'{{"ok": false, "error": "missing_scope", "needed": "{SECRET_TOKEN}"}}'
    ),
    "revoked": answers(200, '{"ok": false, "error": "token_revoked"}'),
    "server error": answers(500, f"cannot handle {SECRET_PATH}, {SECRET_TOKEN}"),
    "limited": answers(429, "", {"Retry-After": "3600"}),
    "unreached": fails(httpx2.ConnectError),
    "unanswered": fails(httpx2.ReadTimeout),
    "unsent": fails(httpx2.WriteError),
    "illegal": fails(httpx2.LocalProtocolError),
}
SENDERS: dict[str, Sender] = {
    **{f"webhook, {name}": webhook(network) for name, network in NETWORKS.items()},
    **{f"bot, {name}": bot(network) for name, network in NETWORKS.items()},
    "webhook, malformed": SlackWebhook(f"hooks.slack.com{SECRET_PATH}"),
    "bot, malformed": SlackBot(f"{SECRET_TOKEN}\n", "C0", sleep=Sleeper(), base_url="http://127.0.0.1:9/"),
    "bot, no letters of a token": SlackBot(
        f"{SECRET_TOKEN}é\u20ac", "C0", transport=answers(200), sleep=Sleeper()
    ),
}


def send(sender: Sender) -> object:
    return sender.send([payload(), payload("plainer")], DELIVERY)


def find(sender: Sender) -> object:
    return sender.find(DELIVERY, "1", MONDAY, MONDAY)


def check(sender: Sender) -> object:
    return sender.check()


@pytest.mark.parametrize("act", [send, find, check])
@pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS.keys())
def test_a_secret_shows_in_no_error_log_or_repr(
    sender: Sender, act: Callable[[Sender], object], caplog: pytest.LogCaptureFixture
):
    said: list[str] = [repr(sender), str(sender)]
    with caplog.at_level(logging.DEBUG):
        try:
            said.append(repr(act(sender)))
        except ReporterError as error:
            said += [repr(error), *traceback.format_exception(error)]
    said += [record.getMessage() for record in caplog.records]

    assert not [line for line in said if "XSecretXSecretX" in line]
