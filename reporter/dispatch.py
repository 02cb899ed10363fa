"""Which deliveries are due now: what a timer puts on the queue, and what comes off it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reporter.model.edition import Order
from reporter.model.errors import Refused
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

    @classmethod
    def read(cls, message: str) -> "Due":
        """The delivery that a message means. Raises Refused for one that is none of ours."""
        try:
            said = json.loads(message)
            report, due, destination = said["report"], said["due"], said["destination"]
            moment = datetime.fromisoformat(due)
        except (ValueError, TypeError, KeyError):
            raise Refused("The queue holds a message that is no delivery of this program") from None
        if not isinstance(report, str) or not isinstance(destination, str) or moment.tzinfo is None:
            raise Refused("The queue holds a message that is no delivery of this program")
        return cls(report, moment, destination)

    def order(self, subscriptions: Mapping[str, Subscription]) -> Order:
        """What is to be delivered. Raises Refused when reports.toml has no such report any more."""
        if self.report not in subscriptions:
            raise Refused(f"reports.toml has no report {self.report} any more")
        return Order.of(subscriptions[self.report], self.moment)


def gate(schedule: Schedule, now: datetime, *, is_past_due: bool = False) -> datetime | None:
    """The due moment that a timer firing now is for; None when it is for none.

    A timer thinks in UTC and fires at every moment that the local schedule can be over the year. One that is
    past due missed its time, and is for the latest due moment whenever that was.
    """
    due = schedule.latest_due(now + EARLY)
    return due if due is not None and (is_past_due or now - due < SLACK) else None


def dispatch(subscription: Subscription, due: datetime, first_seen: datetime) -> tuple[Due, ...]:
    """The deliveries of a due moment; none in a pause, none before the report was first seen."""
    if not subscription.is_sent(due) or due + SLACK < first_seen:
        return ()
    return tuple(Due(subscription.spec.name, due, destination) for destination in subscription.destinations)
