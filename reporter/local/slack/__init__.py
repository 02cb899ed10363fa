"""A Slack on 127.0.0.1: an incoming webhook, a little of the Web API, and an inbox to look at."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from hmac import compare_digest
from types import TracebackType
from typing import Final, Self

from reporter.local.server import Fault, LoopbackAnswer, LoopbackRequest, LoopbackServer
from reporter.local.slack.api import WebApi
from reporter.local.slack.blocks import judge
from reporter.local.slack.channel import CHANNEL_NAME, Channel, Message
from reporter.local.slack.inbox import draw_inbox
from reporter.local.slack.json_values import object_of, parse

__all__ = ["LocalSlack", "Message"]

SECRET: Final = "LocalWebhookSecret00"
TOKEN: Final = "xoxb-local-bot-token"

_HOOK: Final = "/services/T0LOCAL/B0LOCAL/"
# The page needs nothing from anywhere, and what a message says must not be able to run.
_PAGE_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LocalSlack:
    """Keeps each message it accepts in `messages`; `faults` spoil answers; `requests` is all that came in.

    `refuses={"data_visualization"}` makes it an older Slack, which rejects messages with these block types.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        refuses: Collection[str] = (),
        secret: str = SECRET,
        token: str = TOKEN,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.token = token
        self._secret = secret
        self._refuses = frozenset(refuses)
        self._channel = Channel(clock)
        self._api = WebApi(self._channel, token, self._refuses)
        self._server = LoopbackServer(self._answer, port, clock)

    @property
    def messages(self) -> list[Message]:
        return self._channel.messages

    @property
    def faults(self) -> list[Fault]:
        return self._server.faults

    @property
    def requests(self) -> list[LoopbackRequest]:
        return self._server.requests

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def webhook_url(self) -> str:
        return f"{self.url}{_HOOK}{self._secret}"

    @property
    def inbox_url(self) -> str:
        return f"{self.url}/"

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, request: LoopbackRequest) -> LoopbackAnswer:
        match request.method, request.path:
            case "POST", path if path.startswith("/services/"):
                return self._receive(request)
            case _, path if path.startswith("/api/"):
                return self._api.answer(request)
            case "GET", "/":
                page = draw_inbox(tuple(self.messages), CHANNEL_NAME, theme=request.query.get("theme", ""))
                return LoopbackAnswer(200, page.encode(), "text/html; charset=utf-8", _PAGE_HEADERS)
            case "GET", "/messages":
                return LoopbackAnswer.json({"messages": [_as_json(message) for message in self.messages]})
            case _:
                return _said("not_found", 404)

    def _receive(self, request: LoopbackRequest) -> LoopbackAnswer:
        if not request.path.startswith(_HOOK):
            return _said("no_service", 404)
        if not compare_digest(request.path.removeprefix(_HOOK).encode(), self._secret.encode()):
            return _said("invalid_token", 403)
        try:
            payload = object_of(parse(request.body))
        except ValueError:
            payload = None
        if payload is None:
            return _said("invalid_payload", 400)
        if rejection := judge(payload, self._refuses):
            return _said(rejection.error, 400)
        self._channel.post(payload)
        return _said("ok")


def _said(words: str, status: int = 200) -> LoopbackAnswer:
    return LoopbackAnswer(status, words.encode(), "text/plain; charset=utf-8")


def _as_json(message: Message) -> dict[str, object]:
    return {
        "channel": message.channel,
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "received_at": message.received_at.isoformat(),
        "payload": dict(message.payload),
    }
