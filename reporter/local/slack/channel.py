"""The channel of the local Slack, and the messages it has received."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from reporter.local.slack.json_values import list_of, object_of, text_of

CHANNEL_ID: Final = "C0LOCAL"
CHANNEL_NAME: Final = "product-analytics"


@dataclass(frozen=True, slots=True)
class Message:
    payload: Mapping[str, object]  # as it was sent
    ts: str  # names the message within its channel
    received_at: datetime  # UTC
    channel: str = CHANNEL_ID
    thread_ts: str | None = None  # the message that this one answers

    @property
    def text(self) -> str:
        return text_of(self.payload.get("text"))

    @property
    def blocks(self) -> list[dict[str, object]]:
        return [
            block for value in list_of(self.payload.get("blocks")) if (block := object_of(value)) is not None
        ]

    @property
    def metadata(self) -> dict[str, object] | None:
        return object_of(self.payload.get("metadata"))


class Channel:
    """Gives each message a `ts` of its own, later than those before it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.messages: list[Message] = []
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0  # microseconds since 1970

    def post(self, payload: Mapping[str, object], thread_ts: str | None = None) -> Message:
        with self._lock:
            now = self._clock().astimezone(UTC)
            self._last = max(self._last + 1, int(now.timestamp()) * 1_000_000 + now.microsecond)
            ts = f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"
            message = Message(payload, ts, now, thread_ts=thread_ts)
            self.messages.append(message)
            return message
