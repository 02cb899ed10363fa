"""Which deliveries are due now or asked for by hand: what goes onto the queue, and what comes off it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from reporter.model.edition import Order
from reporter.model.errors import Refused
from reporter.model.period import Cadence
from reporter.model.schedule import Schedule
from reporter.model.subscription import Subscription

EARLY = timedelta(seconds=5)  # a timer may fire a moment before its time
SLACK = timedelta(minutes=10)  # and this much after; less than any two UTC moments of one schedule lie apart


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
        return Order.of(_subscribed(self.report, subscriptions), self.moment)


@dataclass(frozen=True, slots=True)
class ByHand:
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
        spec = _subscribed(self.report, subscriptions).spec.every(self.cadence)
        return Order(spec, self.moment, self.first, self.last, self.events, called=self.called)


def ledger_name(report: str, order: str) -> str:
    """What the ledger calls a delivery that was asked for by hand; `order` is its id."""
    return f"{report} by hand {order}"


def read(message: str) -> Due | ByHand:
    """The delivery that a message means. Raises Refused for one that is none of ours."""
    try:
        said = json.loads(message)
        return _by_hand(said) if "by_hand" in said else _due(said)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused("The queue holds a message that is no delivery of this program") from None


def _due(said: Mapping[str, object]) -> Due:
    return Due(_text(said["report"]), _moment(said["due"]), _text(said["destination"]))


def _by_hand(said: Mapping[str, object]) -> ByHand:
    return ByHand(
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


def _subscribed(report: str, subscriptions: Mapping[str, Subscription]) -> Subscription:
    if report not in subscriptions:
        raise Refused(f"reports.toml has no report {report} any more")
    return subscriptions[report]


def gate(schedule: Schedule, now: datetime, *, is_past_due: bool = False) -> datetime | None:
    """The due moment that a timer firing now is for; None when it is for none.

    A timer thinks in UTC and fires at every moment that the local schedule can be over the year. One that is
    past due missed its time, and one run by hand has none: both are for the latest due moment.
    """
    due = schedule.latest_due(now + EARLY)
    return due if due is not None and (is_past_due or now - due < SLACK) else None


def is_run_by_hand(timer: Schedule, now: datetime) -> bool:
    """Whether a run at this moment was not the timer's own; `timer` is what the platform fires by."""
    fired = timer.latest_due(now + EARLY)
    return fired is None or now - fired >= SLACK


def dispatch(subscription: Subscription, due: datetime, first_seen: datetime) -> tuple[Due, ...]:
    """The deliveries of a due moment; none in a pause, none before the report was first seen."""
    if not subscription.is_sent(due) or due + SLACK < first_seen:
        return ()
    return tuple(Due(subscription.spec.name, due, destination) for destination in subscription.destinations)
