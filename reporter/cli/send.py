"""The commands `send` and `resend`, and what they say of each delivery."""

import argparse
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never

from reporter.cli.context import (
    add_command,
    add_days,
    add_events,
    add_report,
    alarming,
    completes,
    day,
    open_app,
    order_of,
    subscription_of,
)
from reporter.cli.output import (
    DONE,
    EXIT_CODES,
    FAILED,
    INCOMPLETE,
    LATER,
    SETTINGS,
    UNCERTAIN,
    UNRECORDED,
    completeness,
    exit_code,
    print_error,
    print_text,
    with_spinner,
)
from reporter.reports.deliveries import ONCE, Attempt
from reporter.reports.errors import ConfigError, DeliveryUncertain, Refused, ReporterError, Unavailable
from reporter.reports.periods import moment_text

if TYPE_CHECKING:  # heavy: loaded when a command runs
    from reporter.app import App
    from reporter.cli.context import Commands
    from reporter.publishing.outcomes import AlreadyHandled
    from reporter.reports.subscriptions import Order, Subscription


EVERY = timedelta(minutes=15)  # as often as the crontab of the docs asks for what is due
TRIES = 9  # as many as a queue has: they outlast Mixpanel's hourly quota


def register(commands: "Commands") -> None:
    send = add_command(
        commands,
        "send",
        "send reports to their destinations, each at most once",
        "reporter send daily weekly",
        EXIT_CODES,
    )
    names = send.add_argument("reports", nargs="*", metavar="report", help="names in reports.toml")
    completes(names, "reports")
    send.add_argument("--due", action="store_true", help="send what is due and not delivered yet: for cron")
    send.add_argument("--again", action="store_true", help="send even what was or may have been sent before")
    add_days(send)
    add_events(send)
    send.set_defaults(run=run)

    resend = add_command(
        commands,
        "resend",
        "send the report of a due moment once more",
        "reporter resend weekly --on 2026-11-23",
        EXIT_CODES,
    )
    add_report(resend)
    resend.add_argument("--on", type=day, metavar="DATE", help="the day it was due (default: the last)")
    resend.set_defaults(run=resend_due)


def run(arguments: argparse.Namespace) -> int:
    """Every report is tried, whatever becomes of the others; the exit code is the worst of them."""
    if arguments.due or not arguments.reports:
        _check_due_alone(arguments)
        return _run_due(arguments)
    with alarming(arguments.directory), closing(open_app(arguments, sends=True)) as app:
        orders = [order_of(app, name, arguments) for name in arguments.reports]
        return deliver_all(app, orders, again=arguments.again)


def _check_due_alone(arguments: argparse.Namespace) -> None:
    """Raises ConfigError where it is not said what to send, or by both ways."""
    if not arguments.due:
        fix = "Name reports, as in `reporter send weekly`; or use --due for what is due."
        raise ConfigError.at("send", "no report is named", fix)
    if arguments.reports or arguments.again or arguments.first or arguments.last or arguments.events:
        fix = "Leave the rest out: the schedules say which reports are due, and for which days."
        raise ConfigError.at("--due", "nothing else can be chosen with it", fix)


def _run_due(arguments: argparse.Namespace) -> int:
    """What is due and not delivered, each at most once, whoever calls this, and however often."""
    from reporter.publishing.claims import send_pending
    from reporter.publishing.outstanding import queue_outstanding
    from reporter.publishing.queue import Due, parse_message
    from reporter.publishing.worker import Worker

    with alarming(arguments.directory), closing(open_app(arguments, sends=True)) as app:
        worker, messages, codes = Worker(app), list[str](), [DONE]
        send_pending(app)
        queue_outstanding(worker, messages.append, alone=True)
        for message in messages:
            parsed = parse_message(message)
            if isinstance(parsed, Due):
                order, attempt = parsed.order(app.subscriptions), _attempt(parsed.moment, app.clock())
                codes.append(_deliver(app, order, parsed.destination, again=False, attempt=attempt))
            else:
                worker.deliver(message, ONCE)
    return _worst(codes)


def _attempt(due: datetime, now: datetime) -> Attempt:
    """Which try it is, where somebody calls every quarter of an hour: no process knows the others."""
    return Attempt(max(1, min(1 + (now - due) // EVERY, TRIES)), TRIES, int(EVERY.total_seconds()) // 60)


def _worst(codes: Sequence[int]) -> int:
    return max(codes, key=(DONE, INCOMPLETE, LATER, FAILED, SETTINGS, UNCERTAIN, UNRECORDED).index)


def resend_due(arguments: argparse.Namespace) -> int:
    """The same days as the report that was due, whatever became of it."""
    from reporter.reports.subscriptions import Order

    with alarming(arguments.directory), closing(open_app(arguments, sends=True)) as app:
        subscription = subscription_of(app.settings, arguments.report)
        due = due_on(subscription, arguments.on, app.clock())
        return deliver_all(app, [Order.of(subscription, due)], again=True)


def due_on(subscription: "Subscription", on: date | None, now: datetime) -> datetime:
    """The due moment on that day, in the schedule's zone, or the last one. Raises Refused without one."""
    moment = now
    if on is not None:
        moment = datetime.combine(on, time.max, tzinfo=subscription.schedule.zone)
    found = subscription.schedule.latest_due(min(moment, now))
    if found is None or (on is not None and found.date() != on):
        last = subscription.schedule.latest_due(now)
        then = f" It was last due on {last.date()}: leave --on out, or give that day." if last else ""
        raise Refused(f"The report {subscription.spec.name} was not due on {on or 'any day yet'}.{then}")
    return found


def deliver_all(app: "App", orders: Sequence["Order"], *, again: bool) -> int:
    """The worst that became of them. First of all people are told what they have not been."""
    from reporter.publishing.claims import send_pending

    send_pending(app)
    codes = [
        _deliver(app, order, destination, again=again)
        for order in orders
        for destination in app.settings.subscriptions[order.spec.name].destinations
    ]
    return _worst(codes)


def _deliver(app: "App", order: "Order", destination: str, *, again: bool, attempt: Attempt = ONCE) -> int:
    from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet, Sent, Waits

    name = order.spec.name

    try:
        publisher = app.publisher(name, destination)
        outcome = with_spinner(f"Sending {name}", lambda: publisher.publish(order, attempt, again=again))
    except ReporterError as error:
        print_error(f"{name}: {_fate(error)} to {destination}. {error}", error)
        return exit_code(error)
    if isinstance(outcome, Sent | KeptQuiet) and (problem := app.ping_watcher()):
        print_error(f"{name}: {problem}")
    match outcome:
        case Sent(report, _, Unavailable() as unrecorded):
            print_error(
                f"{name}: {report.period} sent to {destination}, but that could not be recorded. "
                f"{unrecorded} Do not send it again: the message is in the channel."
            )
            return UNRECORDED
        case Sent(report, receipt):
            plainer = f" (without {', '.join(receipt.left_out)})" if receipt.left_out else ""
            print_text(f"{name}: {report.period} sent to {destination}{plainer}.")
            return completeness(report)
        case KeptQuiet(report, delivery):
            print_text(f"{name}: {delivery.period} not sent to {destination}: nothing is unusual.")
            return completeness(report)
        case Waits(delivery, entry):
            print_text(f"{name}: {delivery.period} not sent to {destination} yet. {entry.reason}")
            return DONE
        case AlreadyHandled():
            return _print_handled(outcome)
        case _:
            assert_never(outcome)


def _fate(error: ReporterError) -> str:
    return "may or may not have been sent" if isinstance(error, DeliveryUncertain) else "not sent"


def _print_handled(outcome: "AlreadyHandled") -> int:
    from reporter.reports.deliveries import State

    entry, one = outcome.entry, outcome.delivery
    when = moment_text(entry.at.astimezone(UTC))
    if entry.state is State.DELIVERED:
        print_text(
            f"{one.report}: {one.period} was sent to {one.destination} on {when}; --again sends it once more."
        )
        return DONE
    if entry.state is State.QUIET:
        print_text(
            f"{one.report}: {one.period} was judged on {when}: nothing is unusual, so nothing was sent to "
            f"{one.destination}; --again looks once more."
        )
        return DONE
    if entry.state is State.FAILED:
        print_error(
            f"{one.report}: {one.period} not sent to {one.destination} by another process: {entry.reason}"
        )
        return LATER
    if entry.state is State.CLAIMED:
        print_text(
            f"{one.report}: {one.period} is being sent to {one.destination} by another process since {when}."
        )
        return LATER
    print_error(
        f"{one.report}: {one.period} may have been sent to {one.destination} on {when}: {entry.reason} "
        "Look in the channel; if it is not there, --again sends it."
    )
    return UNCERTAIN
