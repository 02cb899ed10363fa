"""Which deliveries are due now or asked for by hand: what goes onto the queue, and what comes off it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Annotated, TypeAlias, cast

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from reporter import telemetry
from reporter.reports.errors import Refused
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import Order, Subscription
from reporter.versions import is_later, later_version

VERSION = 1  # of messages; earlier ones do not say it
FIX = "Install that version again; until then it is tried again, and people are told."
MOST_MISSED = 31  # due moments that are told of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A message on the queue, as JSON; its keys are the aliases of the fields.

    What tries it goes on with the trace of what ordered it, where there is one; earlier versions skip that.
    """

    traceparent: str | None = field(default=None, compare=False)

    @property
    def message(self) -> str:
        traced = replace(self, traceparent=self.traceparent or telemetry.traceparent())
        values = _messages().dump_python(traced, mode="json", by_alias=True)  # pyright: ignore[reportArgumentType]
        if values["traceparent"] is None:
            del values["traceparent"]
        return json.dumps({**values, "version": VERSION}, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Due(_Message):
    """One delivery that is due; a few hundred bytes."""

    report: str
    moment: Annotated[AwareDatetime, Field(alias="due")]
    destination: str

    def order(self, subscriptions: Mapping[str, Subscription]) -> Order:
        """What is to be delivered. Raises Refused when reports.toml has no such report any more."""
        return Order.of(subscribed(self.report, subscriptions), self.moment)


@dataclass(frozen=True, slots=True)
class OnDemand(_Message):
    """One delivery that somebody asked for.

    The moment it was asked for fixes its period, and the id makes it a delivery of its own.
    """

    id: Annotated[str, Field(alias="by_hand")]
    report: str
    cadence: Annotated[Cadence, Field(alias="period")]
    moment: Annotated[AwareDatetime, Field(alias="asked")]
    destination: str
    first: Annotated[date | None, Field(alias="from_date")]
    last: Annotated[date | None, Field(alias="to_date")]
    events: tuple[str, ...]

    @property
    def called(self) -> str:
        return ledger_name(self.report, self.id)

    def order(self, subscriptions: Mapping[str, Subscription]) -> Order:
        """What is to be delivered. Raises Refused when reports.toml has no such report any more."""
        spec = subscribed(self.report, subscriptions).spec.every(self.cadence)
        return Order(spec, self.moment, self.first, self.last, self.events, called=self.called)


@dataclass(frozen=True, slots=True)
class Missed(_Message):
    """Due moments at which nothing ran, the last first: people are told. Some 40 bytes a moment."""

    report: str
    moments: Annotated[tuple[AwareDatetime, ...], Field(alias="missed")]
    until: AwareDatetime  # the moment after them, which is made up for, or still to come
    destination: str


QueueMessage: TypeAlias = Due | OnDemand | Missed


@cache
def _messages() -> TypeAdapter[QueueMessage]:
    return TypeAdapter(QueueMessage)


def parse_message(message: str) -> QueueMessage:
    """What a message means. Raises Refused for one that is none of ours, LaterVersion for one of later."""
    try:
        if is_later(version := _version_of(message), VERSION):
            raise later_version("A message on the queue", version, VERSION, FIX)
        return _messages().validate_json(message, strict=True)
    except (ValidationError, RecursionError):
        raise Refused("The queue holds a message that is no delivery of this program") from None


def _version_of(message: str) -> object:
    """None where it does not say, or is no message."""
    with suppress(ValueError):
        values: object = json.loads(message)
        return cast("dict[str, object]", values).get("version") if isinstance(values, dict) else None
    return None


def ledger_name(report: str, order: str) -> str:
    """What the ledger calls a delivery that was asked for by hand; `order` is its id."""
    return f"{report} by hand {order}"


def subscribed(report: str, subscriptions: Mapping[str, Subscription]) -> Subscription:
    if report not in subscriptions:
        raise Refused(f"reports.toml has no report {report} any more")
    return subscriptions[report]


def dispatch(
    subscription: Subscription, due: datetime, now: datetime, since: datetime | None = None
) -> tuple[Due | Missed, ...]:
    """The deliveries of a due moment, none in a pause; and what else was missed `since` then, to be told.

    A moment that is too late to be made up for is told with them.
    """
    if not subscription.is_sent(due):
        return ()
    report, destinations, schedule = subscription.spec.name, subscription.destinations, subscription.schedule
    following = schedule.next_due(due) if subscription.is_too_late(due, now) else None
    first = due if following else schedule.due_before(due)
    missed = tuple(_missed(subscription, first, since)) if since else ((due,) if following else ())
    told = [Missed(report, missed, following or due, name) for name in destinations] if missed else []
    return (*(Due(report, due, name) for name in destinations if not following), *told)


def _missed(subscription: Subscription, last: datetime | None, since: datetime) -> Iterator[datetime]:
    """What was due after `since`, from this moment on, the last first."""
    moment = last
    for _ in range(MOST_MISSED):
        if moment is None or moment <= since:
            return
        if subscription.is_sent(moment):
            yield moment
        moment = subscription.schedule.due_before(moment)
