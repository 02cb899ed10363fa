"""Messages, and senders that get the answers a test wants."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from reporter.destinations.slack_bot import SlackBot
from reporter.destinations.slack_webhook import SlackWebhook
from reporter.reports.deliveries import Payload

SECRET_PATH = "/services/T000/B000/XSecretXSecretX"
SECRET_URL = f"https://hooks.slack.com{SECRET_PATH}"
SECRET_TOKEN = "xoxb-1-2-XSecretXSecretX"

CHART: dict[str, object] = {
    "type": "data_visualization",
    "title": "Active Users",
    "chart": {
        "type": "line",
        "series": [{"name": "This week", "data": [{"label": "Mon 16", "value": 3}]}],
        "axis_config": {"categories": ["Mon 16"]},
    },
}


@dataclass
class Sleeper:
    slept: list[float] = field(default_factory=list[float])

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def payload(text: str = "hello", *blocks: dict[str, object], left_out: tuple[str, ...] = ()) -> Payload:
    body: dict[str, object] = {"text": text}
    if blocks:
        body["blocks"] = list(blocks)
    return Payload(json.dumps(body).encode(), left_out)


def answers(status: int, body: str = "", headers: dict[str, str] | None = None) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(status, text=body, headers=headers))


def fails(error: Callable[[str], Exception]) -> httpx2.MockTransport:
    """A network whose error says the secrets."""

    def fail(_: httpx2.Request) -> httpx2.Response:
        raise error(f"the network said: {SECRET_URL} {SECRET_TOKEN}")

    return httpx2.MockTransport(fail)


def webhook(transport: httpx2.BaseTransport) -> SlackWebhook:
    return SlackWebhook(SECRET_URL, transport=transport, sleep=Sleeper())


def bot(transport: httpx2.BaseTransport) -> SlackBot:
    return SlackBot(SECRET_TOKEN, "C0123456789", transport=transport, sleep=Sleeper())
