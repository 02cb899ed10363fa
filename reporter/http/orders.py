"""What a call orders: which report, of which days, to which destinations, and under which id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from reporter.app import App
from reporter.http.parameter_types import MOST_DAYS
from reporter.http.parameters import BadRequest, Problem, Wanted
from reporter.publishing.queue import OnDemand
from reporter.reports.edition import Edition
from reporter.reports.errors import ConfigError, DaysRefused, SettingsProblem
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import Subscription


def ordered(call: Wanted, app: App, new_id: Callable[[], str]) -> OnDemand:
    """The order of a call, to no destination yet.

    A repeated key with the same parameters is the same order, at the moment of the first call.
    """
    report, cadence = _chosen(call, app.settings.subscriptions)
    now = app.clock()
    order = OnDemand(new_id(), report, cadence, now, "", call.first, call.last, call.events)
    if call.key is None or not call.sends:
        return order
    order = replace(order, id=_digest(call.key, order))
    return replace(order, moment=app.ledger.first_seen(order.called, now))


def _chosen(call: Wanted, subscriptions: Mapping[str, Subscription]) -> tuple[str, Cadence]:
    """The report that is named, else the first of the cadence, else the first one at that cadence."""
    if call.report is not None:
        return call.report, call.period or subscriptions[call.report].spec.cadence
    cadence = call.period or Cadence.DAILY
    fitting = (name for name, one in subscriptions.items() if one.spec.cadence is cadence)
    return next(fitting, next(iter(subscriptions))), cadence


def _digest(key: str, order: OnDemand) -> str:
    said = (key, order.report, order.cadence.value, order.first, order.last, order.events)
    return sha256(repr(tuple(map(str, said))).encode()).hexdigest()[:16]


def edition(order: OnDemand, app: App) -> Edition:
    """The edition that is ordered. Raises BadRequest for days that are not complete, or too many."""
    parameter = "to_date" if order.last else "from_date"
    try:
        found = app.edition(order.order(app.subscriptions))
    except DaysRefused as error:
        raise BadRequest((Problem(parameter, str(error).rstrip("."), error.fix),)) from None
    if found.period.length > MOST_DAYS:
        problem = f"makes it {found.period.length} days"
        raise BadRequest((Problem(parameter, problem, f"Choose at most {MOST_DAYS}."),))
    return found


def addressed(order: OnDemand, app: App) -> Sequence[OnDemand]:
    """The order, to each destination of its report. Raises ConfigError where one cannot be sent to."""
    destinations = app.settings.subscriptions[order.report].destinations
    missing = [name for name in destinations if name not in app.destinations]
    if missing:
        raise ConfigError(tuple(map(_unready(app), missing)))
    return [replace(order, destination=name) for name in destinations]


def _unready(app: App) -> Callable[[str], SettingsProblem]:
    unknown = "is not set up", "Look at reports.toml and its settings."
    return lambda name: app.settings.unready.get(name, SettingsProblem(name, *unknown))
