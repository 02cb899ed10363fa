"""What the measures mean, case by case."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from reporter.reports.conditions import Condition, Operator, Scalar
from reporter.reports.figures import Failed, Figure, Measured, NotNumeric, Part, Segmentation, Undefined
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    PropertyStatistic,
    Retention,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    Unit,
    UserGroup,
    has_days,
    is_groupable,
)
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, MeasureRequest, RawMeasure, aggregates, definition
from reporter.sources.events.measures.aggregates import DailyDefinition, GroupedDefinition

from .buckets import measured
from .reference import Event

MONDAY = date(2026, 11, 16)
WEEK = Period(MONDAY, MONDAY + timedelta(days=7))
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def event(name: str, user: int | None, time: int, **properties: str) -> Event:
    """So many milliseconds after the week began, in a project on UTC."""
    day = MONDAY + timedelta(days=time // DAY)
    start = int(datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC).timestamp()) * 1_000
    return Event(name, user, start + time, day, properties)


def figure(measure: RawMeasure, *events: Event) -> Figure:
    names = sorted({"plan", "price"} | {name for one in events for name in one.properties})
    ask = MeasureRequest(measure, WEEK)
    return measured(events, EventsPlan(frozenset({ask})), names, 2).figures[ask]


def test_a_pause_of_half_an_hour_ends_a_session():
    at = [event("Open", 1, time) for time in (0, 30 * MINUTE - 1, 60 * MINUTE - 1, 90 * MINUTE - 2)]

    assert figure(Sessions(), *at) == Measured(2)


def test_midnight_ends_a_session():
    assert figure(Sessions(), event("Open", 1, DAY - 1), event("Open", 1, DAY)) == Measured(2)


def test_an_identity_event_is_no_activity_unless_it_is_asked_for():
    events = [event("$identify", 1, 0), event("$mp_session_record", 2, 0), event("Open", None, 0)]

    assert figure(ActiveUsers(), *events) == Measured(0)
    assert figure(Sessions(), *events) == Measured(0)
    assert figure(EventCount("$identify"), *events) == Measured(1)
    assert figure(EventUsers("$mp_session_record"), *events) == Measured(1)


@pytest.mark.parametrize("name", ["$mp_web_page_view", "$mp_click", "$mp_whatever_comes_next", "$ae_session"])
def test_what_autocapture_and_the_sdks_record_is_activity(name: str):
    events = [event(name, 1, 0), event(name, 1, HOUR)]

    assert figure(ActiveUsers(), *events) == Measured(1)
    assert figure(Sessions(), *events) == Measured(2)


def test_what_happens_to_a_user_is_activity_but_no_session():
    events = [event("$campaign_delivery", 1, 0), event("Open", 2, 0)]

    assert figure(ActiveUsers(), *events) == Measured(2)
    assert figure(Sessions(), *events) == Measured(1)


@pytest.mark.parametrize(
    ("times", "reached"),
    [
        ((5, 5), 2),
        ((2_000, 0), 2),  # two seconds too early
        ((2_001, 0), 1),
        ((0, 1), 2),
        ((4_000, 2_000, 0), 3),  # each two seconds before the one it follows
        ((4_000, 2_000, 4_001), 3),
        ((4_000, 1_999, 4_001), 1),
    ],
)
def test_steps_within_two_seconds_count_in_either_order(times: tuple[int, ...], reached: int):
    names = ("Open", "View", "Buy")[: len(times)]
    done = [event(name, 1, time) for name, time in zip(names, times, strict=True)]

    found = figure(Funnel(tuple(map(Step, names)), 1), *done)

    assert isinstance(found, Measured)
    assert sum(part.value for part in found.parts) == reached


def test_one_event_is_never_two_steps():
    twice, between = (
        Funnel((Step("Open"), Step("Open")), 1),
        Funnel(tuple(map(Step, ("Open", "Buy", "Open"))), 1),
    )
    events = [event("Open", 1, 5), event("Buy", 1, 6)]

    assert figure(twice, *events) == Measured(0.0, parts=(Part("Open", 1), Part("Open", 0)))
    assert figure(between, *events) == Measured(0.0, parts=(Part("Open", 1), Part("Buy", 1), Part("Open", 0)))


def test_the_attempt_that_went_farthest_counts():
    steps = Funnel((Step("Open"), Step("View"), Step("Buy")), 1)
    early = [event("Open", 1, 0), event("View", 1, HOUR)]
    late = [event("Open", 1, 10 * HOUR), event("View", 1, 20 * HOUR), event("Buy", 1, 34 * HOUR)]

    assert figure(steps, *early, *late) == Measured(
        1.0, parts=(Part("Open", 1), Part("View", 1), Part("Buy", 1))
    )


def test_the_last_step_has_the_whole_window_and_no_more():
    both = Funnel((Step("Open"), Step("Buy")), 2)
    in_time = [event("Open", 1, 0), event("Buy", 1, 2 * DAY)]
    too_late = [event("Open", 2, 0), event("Buy", 2, 2 * DAY + 1)]

    assert figure(both, *in_time, *too_late) == Measured(0.5, parts=(Part("Open", 2), Part("Buy", 1)))


def test_the_window_begins_with_the_first_step():
    steps = Funnel((Step("Open"), Step("View"), Step("Fill"), Step("Buy")), 1)
    late = [event(step.event, 1, 10 * number * HOUR) for number, step in enumerate(steps.steps)]

    assert figure(steps, *late) == Measured(
        0.0, parts=(Part("Open", 1), Part("View", 1), Part("Fill", 1), Part("Buy", 0))
    )


def test_the_same_event_twice_can_be_two_steps():
    again = Funnel((Step("Open"), Step("Open")), 1)

    assert figure(again, event("Open", 1, 0), event("Open", 1, 1), event("Open", 2, 0)) == Measured(
        0.5, parts=(Part("Open", 2), Part("Open", 1))
    )


def test_a_share_of_nobody_is_undefined():
    nobody = (Funnel((Step("Open"),), 1), Retention("Open", None, 1), Stickiness())

    assert [figure(measure) for measure in nobody] == [Undefined()] * 3


def test_who_comes_back_is_back_within_the_unit_after_their_own_first_event():
    """The cohort of day 1 began between 48 and 24 hours before the week's end."""
    back = Retention("Sign Up", None, 1)
    one_day = Period(MONDAY + timedelta(days=2), MONDAY + timedelta(days=3))
    events = [
        *(event("Sign Up", 1, 23 * HOUR), event("Open", 1, 47 * HOUR)),  # just a day later
        *(event("Sign Up", 2, 23 * HOUR), event("Open", 2, 47 * HOUR - 1)),  # sooner
        *(event("Sign Up", 3, 23 * HOUR), event("Open", 3, 71 * HOUR - 1)),  # just within two days
        *(event("Sign Up", 4, 23 * HOUR), event("Open", 4, 71 * HOUR)),  # later
        event("Sign Up", 5, DAY),  # not of the cohort
    ]
    ask = MeasureRequest(back, one_day)

    answer = measured(events, EventsPlan(frozenset({ask})), [])

    assert answer.figures[ask] == Measured(0.5)


def test_on_or_after_counts_until_the_period_ends():
    ask = MeasureRequest(Retention("Sign Up", "Open", 1, unbounded=True), WEEK)
    events = [
        *(event("Sign Up", 1, -2 * DAY), event("Open", 1, -2 * DAY + DAY)),  # just a day later
        *(event("Sign Up", 2, -2 * DAY), event("Open", 2, -DAY - 1)),  # sooner
        *(event("Sign Up", 3, -2 * DAY), event("Open", 3, 7 * DAY - 1)),  # on the period's last day
        *(event("Sign Up", 4, -2 * DAY), event("Open", 4, 7 * DAY)),  # after the period
    ]

    assert measured(events, EventsPlan(frozenset({ask})), []).figures[ask] == Measured(0.5)


def test_who_comes_back_after_the_period_is_not_back_yet():
    """The clocks go forward: a day of 23 hours ends sooner than 24 hours after it began."""
    sunday, monday = date(2026, 3, 29), date(2026, 3, 30)
    ask = MeasureRequest(Retention("Sign Up", None, 0), Period.of_days(sunday, sunday))
    back = MeasureRequest(Retention("Sign Up", None, 1), Period.of_days(sunday, sunday))
    events = [
        *(Event("Sign Up", 1, 0, date(2026, 3, 27)), Event("Open", 1, 48 * HOUR - 1, monday)),
        *(Event("Sign Up", 2, 0, date(2026, 3, 27)), Event("Open", 2, 47 * HOUR - 1, sunday)),
        *(Event("Sign Up", 3, DAY, date(2026, 3, 28)), Event("Open", 3, DAY + HOUR, sunday)),
    ]

    answer = measured(events, EventsPlan(frozenset({ask, back})), [])

    assert (answer.figures[ask], answer.figures[back]) == (Measured(1.0), Measured(0.5))


def test_weeks_of_retention_are_seven_days():
    ask = MeasureRequest(Retention("Sign Up", "Open", 1, Unit.WEEK), WEEK)
    events = [event("Sign Up", 1, -14 * DAY), event("Open", 1, -7 * DAY), event("Sign Up", 2, -14 * DAY)]

    assert measured(events, EventsPlan(frozenset({ask})), []).figures[ask] == Measured(0.5)


def test_a_user_not_seen_while_looking_back_is_new_again():
    events = [
        event("Open", 1, 0),
        event("Open", 1, -20 * DAY),
        event("Open", 2, 0),
        event("Open", 2, -9 * DAY),
    ]

    assert figure(Lifecycle(UserGroup.NEW, 10), *events) == Measured(1)
    assert figure(Lifecycle(UserGroup.RESURRECTED, 10), *events) == Measured(1)
    assert figure(Lifecycle(UserGroup.NEW, 30), *events) == Measured(0)


def test_the_previous_period_is_always_looked_back_on():
    events = [event("Open", 1, 0), event("Open", 1, -6 * DAY), event("Open", 2, -6 * DAY)]

    assert figure(Lifecycle(UserGroup.NEW, 1), *events) == Measured(0)
    assert figure(Lifecycle(UserGroup.RETAINED, 1), *events) == Measured(1)
    assert figure(Lifecycle(UserGroup.DORMANT, 1), *events) == Measured(1)


def test_stickiness_is_an_average_day_over_the_users_of_the_window():
    events = [event("Open", 1, 0), event("Open", 1, DAY), event("Open", 2, 0), event("Open", 3, -9 * DAY)]

    assert figure(Stickiness(30), *events) == Measured(3 / 7 / 3)


@pytest.mark.parametrize(
    ("operator", "values", "fulfilled"),
    [
        (Operator.IS, ("12",), ['"12"', '["12"]']),
        (Operator.IS, (12,), ["12", "12.0"]),
        (Operator.IS, (True,), ["true"]),
        (Operator.IS, ("true", 12.5), ['"true"', "12.5"]),
        (Operator.IS, ("é",), ['"é"', '"\\u00e9"']),
        (Operator.IS_NOT, ("12", 12, 12.5, "true", True, "é"), ["null", '""']),
        (Operator.CONTAINS, ("1",), ['"12"', '["12"]']),
        (Operator.CONTAINS, ("É",), []),
        (Operator.GREATER_THAN, (12,), ["12.5"]),
        (Operator.AT_LEAST, (12,), ["12", "12.0", "12.5"]),
        (Operator.LESS_THAN, (12.5,), ["12", "12.0"]),
        (Operator.AT_MOST, (11,), []),
        (Operator.IS_NOT_SET, (), ["null"]),
    ],
)
def test_a_condition_tells_kinds_apart(operator: Operator, values: tuple[Scalar, ...], fulfilled: list[str]):
    written = ['"12"', "12", "12.0", "12.5", "true", '"true"', '"é"', '"\\u00e9"', "null", '["12"]', '""']
    condition = Condition("plan", operator, values)

    for value in written:
        found = figure(EventCount("Open", (condition,)), event("Open", 1, 0, plan=value))
        assert found == Measured(int(value in fulfilled)), value


@pytest.mark.parametrize(
    ("operator", "values", "fulfilled"),
    [
        (Operator.IS, ("P2",), ['["P1", "P2"]', '["P2","P2"]', '["P2", 7, true]']),
        (Operator.IS, (7,), ["[6, 7.0]", '["P2", 7, true]']),
        (Operator.IS, (True,), ['["P2", 7, true]']),
        (Operator.IS, ("P1", 6), ['["P1", "P2"]', "[6, 7.0]"]),
        (Operator.IS_NOT, ("P2",), ["[]", "[null]", "[6, 7.0]", '[["P2"]]', "null"]),
        (Operator.CONTAINS, ("P",), ['["P1", "P2"]', '["P2","P2"]', '["P2", 7, true]']),
        (Operator.AT_LEAST, (7,), ["[6, 7.0]", '["P2", 7, true]']),
        (Operator.LESS_THAN, (7,), ["[6, 7.0]"]),
        (Operator.IS_SET, (), None),
        (Operator.IS_NOT_SET, (), ["null"]),
    ],
)
def test_one_item_of_a_list_is_enough_for_a_condition(
    operator: Operator, values: tuple[Scalar, ...], fulfilled: list[str] | None
):
    written = [
        "null",
        "[]",
        "[null]",
        '["P1", "P2"]',
        '["P2","P2"]',
        "[6, 7.0]",
        '[["P2"]]',
        '["P2", 7, true]',
    ]
    where = (Condition("plan", operator, values),)
    fulfilled = written[1:] if fulfilled is None else fulfilled

    for value in written:
        one, share = event("Buy", 1, 0, plan=value), float(value in fulfilled)
        assert figure(EventCount("Buy", where), one) == Measured(share), value
        assert figure(EventUsers("Buy", where), one) == Measured(share), value
        funnel = figure(Funnel((Step("Buy"), Step("Pay", where)), 1), one, event("Pay", 1, 9, plan=value))
        assert isinstance(funnel, Measured)
        assert funnel.value == share, value


def test_all_conditions_hold_and_any_value_of_each():
    where = (
        Condition("plan", Operator.IS, ("a", "b")),
        Condition("price", Operator.IS, (1, 2)),
    )
    events = [
        event("Buy", 1, 0, plan=plan, price=price)
        for plan in ('"a"', '"b"', '"c"')
        for price in ("1", "2", "3")
    ]

    assert figure(EventCount("Buy", where), *events, event("Open", 1, 0, plan='"b"', price="2")) == Measured(
        4
    )


def test_an_event_without_the_property_is_like_one_that_is_null():
    for operator, count in ((Operator.IS_NOT_SET, 1), (Operator.IS_SET, 0)):
        assert figure(EventCount("Open", (Condition("plan", operator),)), event("Open", 1, 0)) == Measured(
            count
        )


def values(*written: str) -> list[Event]:
    return [event("Buy", user, 0, price=value) for user, value in enumerate(written)]


def test_sums_do_not_depend_on_the_order_of_adding():
    total = PropertyStatistic("Buy", "price", Statistic.SUM)

    assert figure(total, *values("1e16", "1", "-1e16", "1e-300", *["0.1"] * 10)) == Measured(2.0)


def test_only_numbers_have_a_sum():
    average = PropertyStatistic("Buy", "price", Statistic.AVERAGE)

    assert figure(average, *values('"12"', "true", "null", "[1]", "1e999", "3", "4")) == Measured(
        3.5, skipped=4
    )
    assert figure(average, *values("null")) == Undefined()


def test_of_text_alone_there_is_no_number():
    for statistic in Statistic:
        text = PropertyStatistic("Buy", "price", statistic)

        assert figure(text, *values('"800.00"', "null")) == NotNumeric("Buy", "price")
        assert figure(Breakdown(text, "price"), *values('"800.00"')) == NotNumeric("Buy", "price")


def test_a_quantile_lies_between_the_nearest_ranks():
    tens = values(*(f"{number}0" for number in (5, 4, 3, 2, 1, 1)))

    assert figure(PropertyStatistic("Buy", "price", Statistic.MEDIAN), *tens) == Measured(25)
    assert figure(PropertyStatistic("Buy", "price", Statistic.P90), *tens) == Measured(45)
    assert figure(PropertyStatistic("Buy", "price", Statistic.P90), *values("7")) == Measured(7)


def test_parts_are_the_largest_values_then_the_rest():
    plans = [*['"pro"'] * 3, *['"b"'] * 2, *['"a"'] * 2, "null", "true", "12.0", "12"]
    events = [event("Buy", user, 0, plan=plan) for user, plan in enumerate(plans)]
    ranked = (Part("pro", 3), Part("12", 2), Part("a", 2), Part("b", 2))

    assert figure(Breakdown(EventCount("Buy"), "plan", 4), *events) == Measured(
        11, parts=(*ranked, Part(None, 2, is_rest=True))
    )
    assert figure(Breakdown(EventUsers("Buy"), "plan", 4), *events) == Measured(11, parts=ranked)


def test_occurrences_without_the_property_are_a_part_among_the_others():
    events = [event("Buy", 1, 0), event("Buy", 1, 1, plan="null"), event("Buy", 1, 2, plan='"None"')]

    assert figure(Breakdown(EventCount("Buy"), "plan"), *events) == Measured(
        3, parts=(Part(None, 2), Part("None", 1))
    )
    assert figure(Breakdown(EventCount("Buy"), "plan"), *events[1:]) == Measured(
        2, parts=(Part("None", 1), Part(None, 1))
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"say \\"hi\\""', 'say "hi"'),
        ('""', ""),
        ("12.50", "12.5"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("false", "false"),
        ('{"a": 1}', '{"a": 1}'),
        ('["a"]', "a"),
        ('[["a", 1]]', '["a",1]'),
        ('["half \\ud83d"]', '["half \\ud83d"]'),  # no JSON that can be taken apart
        ('"a\\u0000b"', "a\0b"),
        ('"half \\ud83d"', '"half \\ud83d"'),  # half of a pair is no text
    ],
)
def test_a_value_is_shown_as_people_write_it(written: str, shown: str):
    found = figure(Breakdown(EventCount("Buy"), "plan"), event("Buy", 1, 0, plan=written))

    assert found == Measured(1, parts=(Part(shown, 1),))


BOUGHT = ('["P1","P2","P4"]', '["P2","P3","P4"]', '["P3", "P4"]')  # the example of Mixpanel's docs


def test_each_item_of_a_list_counts_and_there_is_no_rest_of_what_overlaps():
    events = [event("Buy", user, 0, plan=ids, price="10") for user, ids in enumerate(BOUGHT)]
    by_item = (Part("P4", 3), Part("P2", 2), Part("P3", 2), Part("P1", 1))

    assert figure(Breakdown(EventCount("Buy"), "plan"), *events) == Measured(3, parts=by_item)
    assert figure(Breakdown(EventCount("Buy"), "plan", 2), *events) == Measured(3, parts=by_item[:2])
    assert figure(Breakdown(EventUsers("Buy"), "plan"), *events) == Measured(3, parts=by_item)
    total = PropertyStatistic("Buy", "price", Statistic.SUM)
    assert figure(Breakdown(total, "plan"), *events) == Measured(
        30, parts=tuple(Part(part.name, 10 * part.value) for part in by_item)
    )
    median = PropertyStatistic("Buy", "price", Statistic.MEDIAN)
    assert figure(Breakdown(median, "plan", 1), *events) == Measured(10, parts=(Part("P1", 10),))


def test_an_item_that_repeats_counts_once_and_an_empty_list_is_like_none():
    plans = ('["a", "a", "b"]', "[1, 1.0, true]", "[null]", "[]", "null", '["undefined"]', '"a"')
    events = [event("Buy", user, 0, plan=plan) for user, plan in enumerate(plans)]
    parts = (Part(None, 4), Part("a", 2), Part("1", 1), Part("b", 1), Part("true", 1))

    assert figure(Breakdown(EventCount("Buy"), "plan"), *events) == Measured(7, parts=parts)
    assert figure(Breakdown(EventUsers("Buy"), "plan"), *events) == Measured(7, parts=parts)


def test_lists_of_one_item_each_have_a_rest():
    events = [event("Buy", user, 0, plan=f'["{name}"]') for user, name in enumerate("aaabbc")]

    assert figure(Breakdown(EventCount("Buy"), "plan", 1), *events) == Measured(
        6, parts=(Part("a", 3), Part(None, 3, is_rest=True))
    )


def test_text_that_says_undefined_is_told_as_mixpanel_tells_what_is_not_set():
    events = [event("Buy", 1, 0, plan='"undefined"'), event("Buy", 2, 0)]

    assert figure(Breakdown(EventCount("Buy"), "plan"), *events) == Measured(2, parts=(Part(None, 2),))
    is_text = (Condition("plan", Operator.IS, ("undefined",)),)
    assert figure(EventCount("Buy", is_text), *events) == Measured(1)


def test_a_list_of_numbers_is_no_number():
    assert figure(PropertyStatistic("Buy", "price", Statistic.SUM), *values("[1, 2]", "3")) == Measured(
        3, skipped=1
    )


def test_items_of_lists_are_parts_of_a_change():
    events = [event("Buy", user, 0, plan=ids) for user, ids in enumerate(BOUGHT)]
    asked = Segmentation((EventCount("Buy"), ActiveUsers()), ("plan",), (WEEK.previous, WEEK))

    answer = measured(events, EventsPlan(frozenset(), segmentation=asked), ["plan"], 2)

    by_item = {"P1": (0, 1), "P2": (0, 2), "P3": (0, 2), "P4": (0, 3)}
    assert answer.segments == {one: {"plan": by_item} for one in asked.measures}


def test_a_property_of_too_many_values_is_told_and_not_half_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aggregates, "MOST_VALUES", 2)
    events = values('"a"', '"b"', '"c"')

    found = figure(Breakdown(EventCount("Buy"), "price"), *events)

    assert isinstance(found, Failed)
    assert found.reason == (
        "price has more than 2 values, too many to tell apart; choose a property with fewer"
    )
    assert isinstance(figure(Breakdown(EventCount("Buy"), "price"), *events[:2]), Measured)


def test_a_property_of_too_many_values_explains_no_change(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aggregates, "MOST_VALUES", 2)
    events = [event("Buy", user, 0, price=f"{user}", plan='"pro"') for user in range(3)]
    asked = Segmentation((EventCount("Buy"),), ("price", "plan"), (WEEK.previous, WEEK))

    answer = measured(events, EventsPlan(frozenset(), segmentation=asked), ["price", "plan"])

    assert answer.segments == {EventCount("Buy"): {"plan": {"pro": (0, 3)}}}


@pytest.mark.parametrize("measure", [Breakdown(EventCount("Buy"), "plan"), Sessions(), Stickiness()])
def test_only_what_has_segments_can_be_asked_for_them(measure: RawMeasure):
    with pytest.raises(ValueError, match="no segments"):
        EventsPlan(frozenset(), segmentation=Segmentation((measure,), ("plan",), (WEEK,)))


def test_what_has_no_number_of_a_day_cannot_be_asked_by_day():
    never = cast("ActiveUsers", Stickiness())  # which the types do not let through

    with pytest.raises(ValueError, match="no number of a single day"):
        EventsPlan(frozenset(), daily=frozenset({never}), history=WEEK)


def test_an_average_of_a_day_without_numbers_is_none():
    average = PropertyStatistic("Buy", "price", Statistic.AVERAGE)
    plan = EventsPlan(frozenset(), daily=frozenset({average}), history=WEEK)

    answer = measured(values("2", "3"), plan, ["price"])

    assert answer.daily[average].values == (2.5, None, None, None, None, None, None)


def events_of(names: Sequence[str]) -> list[Event]:
    return [event(name, user, 0) for user, name in enumerate(names)]


def test_any_number_of_events_is_told_apart():
    names = [f"Event {number:03}" for number in range(200)]
    asks = {name: MeasureRequest(EventUsers(name), WEEK) for name in names}

    answer = measured(events_of([*names, *names[::3]]), EventsPlan(frozenset(asks.values())), [], 3)

    assert [answer.figures[asks[name]] for name in names] == [
        Measured(1 + (number % 3 == 0)) for number in range(200)
    ]


@pytest.mark.parametrize(
    ("measure", "earlier"),
    [
        (ActiveUsers(), 0),
        (Stickiness(30), 23),
        (Stickiness(3), 0),
        (Lifecycle(UserGroup.NEW, 90), 90),
        (Lifecycle(UserGroup.NEW, 1), 7),
        (Retention(None, None, 1), 2),
        (Retention(None, None, 1, Unit.WEEK), 14),
    ],
)
def test_a_measure_needs_days_before_the_period(measure: RawMeasure, earlier: int):
    assert definition(measure).days(WEEK) == Period(WEEK.start - timedelta(days=earlier), WEEK.end)


@pytest.mark.parametrize(
    "measure",
    [
        EventCount("Buy"),
        EventUsers("Buy"),
        ActiveUsers(),
        *(PropertyStatistic("Buy", "price", statistic) for statistic in Statistic),
        Breakdown(EventCount("Buy"), "plan"),
        Stickiness(),
        Funnel((Step("Open"), Step("Buy")), 1),
        Retention(None, None, 1),
        Lifecycle(UserGroup.NEW),
        Sessions(),
    ],
)
def test_a_measure_has_the_days_and_groups_that_reports_count_on(measure: RawMeasure):
    found = definition(measure)

    assert isinstance(found, DailyDefinition) == has_days(measure)
    assert isinstance(found, GroupedDefinition) == is_groupable(measure)


def test_properties_are_needed_wherever_they_are_named():
    where = (Condition("plan", Operator.IS_SET),)
    measures = (
        Breakdown(PropertyStatistic("Buy", "price", Statistic.SUM, where), "country"),
        Funnel((Step("Open"), Step("Buy", (Condition("source", Operator.IS_SET),))), 1),
        EventCount("Buy", (Condition("", Operator.IS_SET),)),
        ActiveUsers(),
    )
    plan = EventsPlan(frozenset(MeasureRequest(measure, WEEK) for measure in measures))

    assert plan.columns.properties == {"plan", "price", "country", "source", ""}
