"""Which deliveries are due now or asked for by hand: what goes onto the queue, and what comes off it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from reporter.reports.edition import Order
from reporter.reports.errors import Refused
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import Subscription

MOST_MISSED = 31  # due moments that are told of


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery that is due: a message on the queue."""

    report: str
    moment: datetime
    destination: str

    @property
    def message(self) -> str:
        """The message, as JSON; a few hundred bytes."""
        return json.dumps(
            {"report": self.report, "due": self.moment.isoformat(), "destination": self.destination}
        )

    def order(self, subscriptions: Mapping[str, Subscription]) -> Order:
        """What is to be delivered. Raises Refused when reports.toml has no such report any more."""
        return Order.of(subscribed(self.report, subscriptions), self.moment)


@dataclass(frozen=True, slots=True)
class OnDemand:
    """One delivery that somebody asked for: the other message on the queue.

    The moment it was asked for fixes its period, and the id makes it a delivery of its own.
    """

    id: str
    report: str
    cadence: Cadence
    moment: datetime
    destination: str
    first: date | None = None
    last: date | None = None
    events: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        return ledger_name(self.report, self.id)

    @property
    def message(self) -> str:
        """The message, as JSON."""
        return json.dumps(
            {
                "by_hand": self.id,
                "report": self.report,
                "period": self.cadence,
                "asked": self.moment.isoformat(),
                "destination": self.destination,
                "from_date": self.first.isoformat() if self.first else None,
                "to_date": self.last.isoformat() if self.last else None,
                "events": self.events,
            }
        )

    def order(self, subscriptions: Mapping[str, Subscription]) -> Order:
        """What is to be delivered. Raises Refused when reports.toml has no such report any more."""
        spec = subscribed(self.report, subscriptions).spec.every(self.cadence)
        return Order(spec, self.moment, self.first, self.last, self.events, called=self.called)


@dataclass(frozen=True, slots=True)
class Missed:
    """Due moments at which nothing ran, the last first: people are told. Another message on the queue."""

    report: str
    moments: tuple[datetime, ...]
    until: datetime  # the moment after them, which is made up for
    destination: str

    @property
    def message(self) -> str:
        """The message, as JSON; some 40 bytes a moment."""
        return json.dumps(
            {
                "report": self.report,
                "missed": [moment.isoformat() for moment in self.moments],
                "until": self.until.isoformat(),
                "destination": self.destination,
            }
        )


def ledger_name(report: str, order: str) -> str:
    """What the ledger calls a delivery that was asked for by hand; `order` is its id."""
    return f"{report} by hand {order}"


def parse_message(message: str) -> Due | OnDemand | Missed:
    """What a message means. Raises Refused for one that is none of ours."""
    try:
        said = json.loads(message)
        if "missed" in said:
            return _missed_moments(said)
        return _by_hand(said) if "by_hand" in said else _due(said)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused("The queue holds a message that is no delivery of this program") from None


def _due(said: Mapping[str, object]) -> Due:
    return Due(_text(said["report"]), _moment(said["due"]), _text(said["destination"]))


def _missed_moments(said: Mapping[str, object]) -> Missed:
    moments = tuple(_moment(text) for text in _texts(said["missed"]))
    return Missed(_text(said["report"]), moments, _moment(said["until"]), _text(said["destination"]))


def _by_hand(said: Mapping[str, object]) -> OnDemand:
    return OnDemand(
        id=_text(said["by_hand"]),
        report=_text(said["report"]),
        cadence=Cadence(_text(said["period"])),
        moment=_moment(said["asked"]),
        destination=_text(said["destination"]),
        first=_day(said["from_date"]),
        last=_day(said["to_date"]),
        events=_texts(said["events"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(each) for each in cast("list[object]", value))


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))


def subscribed(report: str, subscriptions: Mapping[str, Subscription]) -> Subscription:
    if report not in subscriptions:
        raise Refused(f"reports.toml has no report {report} any more")
    return subscriptions[report]


def dispatch(
    subscription: Subscription, due: datetime, since: datetime | None = None
) -> tuple[Due | Missed, ...]:
    """The deliveries of a due moment, none in a pause; and what else was missed `since` then, to be told."""
    if not subscription.is_sent(due):
        return ()
    report, destinations = subscription.spec.name, subscription.destinations
    missed = tuple(_missed(subscription, due, since)) if since else ()
    told = [Missed(report, missed, due, destination) for destination in destinations] if missed else []
    return (*(Due(report, due, destination) for destination in destinations), *told)


def _missed(subscription: Subscription, due: datetime, since: datetime) -> Iterator[datetime]:
    """What was due after `since` and before the moment that is made up for, the last first."""
    moment = subscription.schedule.due_before(due)
    for _ in range(MOST_MISSED):
        if moment is None or moment <= since:
            return
        if subscription.is_sent(moment):
            yield moment
        moment = subscription.schedule.due_before(moment)
