"""The methods of Slack's Web API that a bot needs to post a message and to look it up."""

import re
from collections.abc import Callable, Collection, Mapping
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl

from reporter.local.server import LoopbackAnswer, LoopbackRequest
from reporter.local.slack.blocks import Rejection, judge
from reporter.local.slack.channel import CHANNEL_ID, CHANNEL_NAME, Channel, Message
from reporter.local.slack.json_values import object_of, parse, text_of

_EVENT_TYPE: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_MOST_IN_A_PAGE: Final = 999

Arguments = Mapping[str, object]


class WebApi:
    """Answers /api/METHOD as Slack does: errors come with HTTP 200 and `"ok": false`."""

    def __init__(self, channel: Channel, token: str, refuses: Collection[str]) -> None:
        self._channel = channel
        self._token = token
        self._refuses = refuses
        self._methods: Mapping[str, Callable[[Arguments], LoopbackAnswer]] = {
            "/api/auth.test": self._test,
            "/api/chat.postMessage": self._post_message,
            "/api/conversations.history": self._history,
        }

    def answer(self, request: LoopbackRequest) -> LoopbackAnswer:
        method = self._methods.get(request.path)
        if method is None:
            return _error("unknown_method")
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            return _error("not_authed")
        if not compare_digest(token.encode(), self._token.encode()):
            return _error("invalid_auth")
        try:
            arguments = _arguments(request)
        except ValueError:
            return _error("invalid_json")
        return method(arguments)

    def _test(self, arguments: Arguments) -> LoopbackAnswer:
        return LoopbackAnswer.json({"ok": True, "team": "Local", "user": "reporter", "bot_id": "B0LOCAL"})

    def _post_message(self, arguments: Arguments) -> LoopbackAnswer:
        if not _is_here(arguments):
            return _error("channel_not_found")
        if rejection := judge(arguments, self._refuses):
            return _rejected(rejection)
        if not _sound_metadata(arguments.get("metadata")):
            return _error("invalid_metadata_format")
        message = self._channel.post(arguments, text_of(arguments.get("thread_ts")) or None)
        return LoopbackAnswer.json(
            {
                "ok": True,
                "channel": message.channel,
                "ts": message.ts,
                "message": _shown(message, metadata=True),
            }
        )

    def _history(self, arguments: Arguments) -> LoopbackAnswer:
        """Newest first, and without the answers in threads; a cursor is the time at which a page ended."""
        if not _is_here(arguments):
            return _error("channel_not_found")
        try:
            oldest, latest = _number(arguments, "oldest", 0.0), _number(arguments, "latest", float("inf"))
            latest = min(latest, _number(arguments, "cursor", latest))
            limit = min(int(_number(arguments, "limit", 100)), _MOST_IN_A_PAGE)
        except (ValueError, OverflowError):
            return _error("invalid_arguments")
        found = [
            message
            for message in reversed(self._channel.messages)
            if message.thread_ts is None and oldest < float(message.ts) < latest
        ]
        metadata = str(arguments.get("include_all_metadata", "")).lower() in ("true", "1")
        shown = [_shown(message, metadata=metadata) for message in found[:limit]]
        more = {"response_metadata": {"next_cursor": found[limit - 1].ts}} if len(found) > limit else {}
        return LoopbackAnswer.json({"ok": True, "messages": shown, "has_more": bool(more), **more})


def _arguments(request: LoopbackRequest) -> Arguments:
    """Raises ValueError where the body is no JSON object."""
    if "json" in request.headers.get("content-type", ""):
        body = object_of(parse(request.body))
        if body is None:
            raise ValueError("the body is no JSON object")
        return {**request.query, **body}
    form: dict[str, object] = {**request.query, **dict(parse_qsl(request.body.decode()))}
    for name in ("blocks", "metadata"):
        if name in form:
            form[name] = parse(text_of(form[name]).encode())
    return form


def _is_here(arguments: Arguments) -> bool:
    return text_of(arguments.get("channel")).removeprefix("#") in (CHANNEL_ID, CHANNEL_NAME)


def _number(arguments: Arguments, name: str, default: float) -> float:
    value = arguments.get(name, default)
    return float(value) if isinstance(value, str | float | int) and value != "" else default


def _sound_metadata(value: object) -> bool:
    if value is None:
        return True
    metadata = object_of(value) or {}
    named = _EVENT_TYPE.fullmatch(text_of(metadata.get("event_type"))) is not None
    return named and object_of(metadata.get("event_payload")) is not None


def _shown(message: Message, *, metadata: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "type": "message",
        "subtype": "bot_message",
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.thread_ts is not None:
        shown["thread_ts"] = message.thread_ts
    if metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown


def _rejected(rejection: Rejection) -> LoopbackAnswer:
    said = list(rejection.messages)
    if not said:
        return _error(rejection.error)
    return LoopbackAnswer.json(
        {"ok": False, "error": rejection.error, "errors": said, "response_metadata": {"messages": said}}
    )


def _error(name: str) -> LoopbackAnswer:
    return LoopbackAnswer.json({"ok": False, "error": name})
