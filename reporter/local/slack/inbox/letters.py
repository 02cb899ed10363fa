"""The received messages as the page shows them: by day, each with the answers in its thread."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from reporter.local.slack.blocks import read_block
from reporter.local.slack.channel import Message
from reporter.local.slack.shapes import SlackBlock


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    blocks: tuple[SlackBlock, ...]
    at: datetime
    raw: str
    replies: tuple["Letter", ...] = ()

    @property
    def day(self) -> date:
        return self.at.date()


def days_of(messages: Sequence[Message], zone: tzinfo | None) -> list[tuple[date, list[Letter]]]:
    return [(day, list(letters)) for day, letters in groupby(_letters(messages, zone), lambda one: one.day)]


def _letters(messages: Sequence[Message], zone: tzinfo | None) -> Iterator[Letter]:
    parents = {message.ts for message in messages if message.thread_ts is None}
    for message in messages:
        if message.thread_ts not in parents:
            replies = (one for one in messages if one.thread_ts == message.ts)
            yield _letter(message, zone, tuple(_letter(reply, zone) for reply in replies))


def _letter(message: Message, zone: tzinfo | None, replies: tuple[Letter, ...] = ()) -> Letter:
    return Letter(
        text=message.text,
        blocks=tuple(read_block(block) for block in message.blocks),
        at=message.received_at.astimezone(zone),
        raw=json.dumps(message.payload, indent=2, ensure_ascii=False),
        replies=replies,
    )
