"""Sending from the command line, and what it says of each delivery."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from reporter.cli.output import (
    DONE,
    FAILED,
    INCOMPLETE,
    LATER,
    SETTINGS,
    UNCERTAIN,
    UNRECORDED,
    complain,
    exit_code,
    waiting,
)
from reporter.reports.errors import DeliveryUncertain, ReporterError, Unavailable

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from reporter.app import App
    from reporter.publishing.publish import AlreadyHandled
    from reporter.reports.edition import Order
    from reporter.reports.report import Report


def deliver_all(app: "App", orders: Sequence["Order"], *, again: bool) -> int:
    """The worst that became of them. First of all people are told what they have not been."""
    from reporter.publishing.untold import tell_untold

    tell_untold(app)
    codes = [
        _deliver(app, order, destination, again=again)
        for order in orders
        for destination in app.settings.subscriptions[order.spec.name].destinations
    ]
    return max(codes, key=(DONE, INCOMPLETE, LATER, FAILED, SETTINGS, UNCERTAIN, UNRECORDED).index)


def _deliver(app: "App", order: "Order", destination: str, *, again: bool) -> int:
    from reporter.publishing.publish import AlreadyHandled, KeptQuiet, Sent

    name = order.spec.name

    try:
        publisher = app.publisher(destination)
        outcome = waiting(f"Sending {name}", lambda: publisher.publish(order, again=again))
    except ReporterError as error:
        complain(f"{name}: {_outcome(error)} to {destination}. {error}", error)
        return exit_code(error)
    if not isinstance(outcome, AlreadyHandled) and (problem := app.beat()):
        complain(f"{name}: {problem}")
    match outcome:
        case Sent(report, _, Unavailable() as unrecorded):
            complain(
                f"{name}: {report.period} sent to {destination}, but that could not be written down. "
                f"{unrecorded} Do not send it again: the message is in the channel."
            )
            return UNRECORDED
        case Sent(report, receipt):
            plainer = f" (without {', '.join(receipt.left_out)})" if receipt.left_out else ""
            print(f"{name}: {report.period} sent to {destination}{plainer}.")
            return completeness(report)
        case KeptQuiet(report, delivery):
            print(f"{name}: {delivery.period} not sent to {destination}: nothing is unusual.")
            return completeness(report)
        case AlreadyHandled():
            return _stands(outcome)
        case _:
            assert_never(outcome)


def _outcome(error: ReporterError) -> str:
    return "may or may not have been sent" if isinstance(error, DeliveryUncertain) else "not sent"


def _stands(outcome: "AlreadyHandled") -> int:
    from reporter.reports.deliveries import State

    entry, one = outcome.entry, outcome.delivery
    when = f"{entry.at:%Y-%m-%d %H:%M} UTC"
    if entry.state is State.DELIVERED:
        print(
            f"{one.report}: {one.period} was sent to {one.destination} on {when}; --again sends it once more."
        )
        return DONE
    if entry.state is State.QUIET:
        print(
            f"{one.report}: {one.period} was looked at on {when}: nothing is unusual, so nothing was sent to "
            f"{one.destination}; --again looks once more."
        )
        return DONE
    if entry.state is State.FAILED:
        complain(
            f"{one.report}: {one.period} not sent to {one.destination} by another process: {entry.reason}"
        )
        return LATER
    if entry.state is State.CLAIMED:
        print(
            f"{one.report}: {one.period} is being sent to {one.destination} by another process since {when}."
        )
        return LATER
    complain(
        f"{one.report}: {one.period} may have been sent to {one.destination} on {when}: {entry.reason} "
        "Look into the channel; if it is not there, --again sends it."
    )
    return UNCERTAIN


def completeness(report: "Report") -> int:
    return DONE if report.is_complete else INCOMPLETE
