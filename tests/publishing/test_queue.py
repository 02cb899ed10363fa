"""Which deliveries are due now."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reporter.publishing.queue import MOST_MISSED, Due, Missed, OnDemand, dispatch, parse_message
from reporter.reports.azure_timers import gate
from reporter.reports.errors import Refused
from reporter.reports.periods import Cadence, Period
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import Order, Subscription
from tests.world import MONDAY, UTC_ZONE, WEEK, spec

BERLIN = ZoneInfo("Europe/Berlin")
NINE = Schedule("0 9 * * *", BERLIN)
DUE = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def subscription(
    schedule: Schedule = NINE, cadence: Cadence = Cadence.WEEKLY, **changes: object
) -> Subscription:
    return Subscription(spec(cadence), schedule, ("slack", "team"), **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "late", [timedelta(seconds=-1), timedelta(0), timedelta(seconds=40), timedelta(minutes=5)]
)
def test_a_timer_that_fires_about_now_is_for_the_due_moment(late: timedelta):
    assert gate(NINE, DUE + late) == DUE


def test_a_timer_that_fires_an_hour_off_is_for_none():
    assert gate(NINE, DUE - timedelta(hours=1)) is None
    assert gate(NINE, DUE + timedelta(hours=1)) is None


def test_a_timer_that_is_past_due_is_for_the_latest_moment_it_missed():
    assert gate(NINE, DUE + timedelta(hours=7), is_past_due=True) == DUE


def test_each_destination_is_a_delivery_of_its_own():
    assert dispatch(subscription(), DUE, DUE) == (
        Due("weekly", DUE, "slack"),
        Due("weekly", DUE, "team"),
    )


def test_what_was_missed_before_the_moment_that_is_made_up_for_is_told_for_each_destination():
    before = [DUE - timedelta(days=days) for days in (1, 2)]

    dues = dispatch(subscription(), DUE, DUE, DUE - timedelta(days=3))

    assert dues[2:] == (Missed("weekly", (*before,), DUE, "slack"), Missed("weekly", (*before,), DUE, "team"))
    assert len(dispatch(subscription(), DUE, DUE, DUE - timedelta(days=1))) == 2


def test_what_was_missed_for_too_long_is_told_with_the_others_and_not_sent():
    within = subscription(made_up_within=timedelta(hours=2))
    before = [DUE - timedelta(days=days) for days in range(3)]
    following = DUE + timedelta(days=1)

    assert dispatch(within, DUE, DUE + timedelta(hours=2)) == dispatch(subscription(), DUE, DUE)
    assert dispatch(within, DUE, DUE + timedelta(hours=3)) == (
        Missed("weekly", (DUE,), following, "slack"),
        Missed("weekly", (DUE,), following, "team"),
    )
    assert dispatch(within, DUE, DUE + timedelta(hours=3), DUE - timedelta(days=3)) == (
        Missed("weekly", (*before,), following, "slack"),
        Missed("weekly", (*before,), following, "team"),
    )


def test_what_waits_for_its_data_is_late_from_its_deadline_on():
    waits = subscription(made_up_within=timedelta(hours=1), waits_until=time(11))

    assert not waits.is_too_late(DUE, DUE + timedelta(hours=3))
    assert waits.is_too_late(DUE, DUE + timedelta(hours=3, minutes=1))


def test_a_pause_is_not_missed():
    paused = subscription(paused_until=date(2026, 11, 22))

    (*_, missed) = dispatch(paused, DUE, DUE, DUE - timedelta(days=9))

    assert isinstance(missed, Missed)
    assert missed.moments == (DUE - timedelta(days=1),)


def test_no_more_is_told_than_people_can_read():
    (*_, missed) = dispatch(subscription(Schedule("* * * * *", BERLIN)), DUE, DUE, LONG_AGO)

    assert isinstance(missed, Missed)
    assert len(missed.moments) == MOST_MISSED
    assert len(missed.message) < 4_000


def test_a_paused_report_is_not_sent():
    assert (
        dispatch(subscription(is_paused=True), DUE, DUE, LONG_AGO)
        == dispatch(subscription(is_paused=True), DUE, DUE)
        == ()
    )


def test_a_report_paused_until_a_day_comes_on_that_day():
    paused = subscription(paused_until=date(2026, 11, 23))

    assert dispatch(paused, DUE - timedelta(days=1), DUE) == ()
    assert len(dispatch(paused, DUE, DUE)) == 2


@pytest.mark.parametrize(
    "message",
    [
        '{"report": "weekly", "due": "2026-11-23T08:00:00+00:00", "destination": "slack"}',
        '{"by_hand": "a1", "report": "weekly", "period": "weekly", "asked": "2026-11-23T08:00:00.12+00:00", '
        '"destination": "slack", "from_date": null, "to_date": "2026-11-16", "events": ["Sign Up"]}',
        '{"report": "weekly", "missed": ["2026-11-16T09:00:00+01:00"], "until": "2026-11-23T09:00:00+01:00", '
        '"destination": "slack"}',
    ],
)
def test_what_an_earlier_version_put_on_the_queue_is_still_read(message: str):
    found = parse_message(message)

    assert (found.report, found.destination) == ("weekly", "slack")
    assert parse_message(found.message) == found


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_goes_with_a_message_and_makes_no_other_delivery_of_it():
    due = Due("weekly", DUE, "slack")
    traced = Due("weekly", DUE, "slack", traceparent=TRACE)

    back = parse_message(traced.message)

    assert back == due
    assert back.traceparent == TRACE
    assert parse_message(back.message).traceparent == TRACE
    assert "traceparent" not in due.message


def test_what_a_message_says_besides_is_skipped():
    said = {**json.loads(Due("weekly", DUE, "slack").message), "some_day": [1]}

    assert parse_message(json.dumps(said)) == Due("weekly", DUE, "slack")


def test_a_message_comes_back_as_it_went():
    due = Due("weekly", DUE, "slack")
    missed = Missed("weekly", (DUE, DUE - timedelta(days=7)), DUE + timedelta(days=7), "slack")

    assert parse_message(due.message) == due
    assert parse_message(missed.message) == missed


BY_HAND = OnDemand("3f2a", "weekly", Cadence.MONTHLY, MONDAY, "slack", None, None, ())
CHOSEN = OnDemand(
    "3f2a", "weekly", Cadence.DAILY, MONDAY, "slack", WEEK.start, WEEK.last, ("Größe, “x”", "y")
)


@pytest.mark.parametrize("order", [BY_HAND, CHOSEN])
def test_a_message_of_an_order_by_hand_comes_back_as_it_went(order: OnDemand):
    assert parse_message(order.message) == order


def test_an_order_by_hand_keeps_the_period_of_the_moment_it_was_asked_for():
    order = BY_HAND.order({"weekly": subscription()})

    edition = order.edition(MONDAY + timedelta(days=40), UTC_ZONE)

    assert edition.period == Period(date(2026, 10, 1), date(2026, 11, 1))
    assert (edition.spec.title, edition.cadence) == ("Monthly Report", Cadence.MONTHLY)


@pytest.mark.parametrize("order", [BY_HAND, CHOSEN])
def test_an_order_by_hand_is_a_delivery_of_its_own(order: OnDemand):
    edition = order.order({"weekly": subscription()}).edition(MONDAY, UTC_ZONE)

    assert edition.delivery("slack").report == "weekly by hand 3f2a"


@pytest.mark.parametrize(
    "change",
    [
        {"by_hand": 1},
        {"report": None},
        {"period": "hourly"},
        {"asked": "2026-11-23T09:00:00"},
        {"destination": []},
        {"from_date": "yesterday"},
        {"to_date": 20261101},
        {"events": "Sign Up"},
        {"events": [1]},
    ],
)
def test_a_message_of_an_order_by_hand_that_is_not_whole_is_refused(change: dict[str, object]):
    said = json.loads(CHOSEN.message)

    with pytest.raises(Refused, match="no delivery of this program"):
        parse_message(json.dumps({**said, **change}))
    for key in set(said) - {"by_hand", "version"}:
        with pytest.raises(Refused, match="no delivery of this program"):
            parse_message(json.dumps({name: value for name, value in said.items() if name != key}))


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '"by_hand"',
        '{"report": 1, "due": "2026-11-23T09:00:00+00:00", "destination": "slack"}',
        '{"report": "weekly", "due": "2026-11-23T09:00:00", "destination": "slack"}',
        '{"report": "weekly", "due": 5, "destination": "slack"}',
        '{"report": "weekly", "missed": "2026-11-23T09:00:00+00:00", "destination": "slack"}',
        '{"report": "weekly", "missed": ["soon"], "until": "2026-11-23T09:00:00Z", "destination": "slack"}',
    ],
)
def test_a_message_that_is_none_of_ours_is_refused(message: str):
    with pytest.raises(Refused, match="no delivery of this program"):
        parse_message(message)


def test_a_report_that_is_gone_is_refused():
    with pytest.raises(Refused, match="has no report weekly any more"):
        Due("weekly", DUE, "slack").order({})


def test_a_daily_report_of_weekdays_covers_friday_to_sunday_on_monday():
    weekdays = subscription(Schedule("0 9 * * 1-5", UTC_ZONE), Cadence.DAILY)

    edition = Order.of(weekdays, MONDAY).edition(MONDAY, UTC_ZONE)
    tuesday = Order.of(weekdays, MONDAY + timedelta(days=1)).edition(MONDAY, UTC_ZONE)

    assert edition.period == Period(date(2026, 11, 20), date(2026, 11, 23))
    assert edition.previous == Period(date(2026, 11, 13), date(2026, 11, 16))
    assert tuesday.period == Period(date(2026, 11, 23), date(2026, 11, 24))
    assert tuesday.cadence is Cadence.DAILY


def test_a_daily_report_that_comes_once_a_month_covers_yesterday():
    monthly = subscription(Schedule("0 9 23 * *", UTC_ZONE), Cadence.DAILY)

    assert Order.of(monthly, MONDAY).edition(MONDAY, UTC_ZONE).period.length == 1
