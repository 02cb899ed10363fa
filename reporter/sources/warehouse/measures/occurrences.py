"""Events and their users: by day, over periods, and by the values of a property."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeAlias, cast

from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates, DailyCounts, GroupedCounts, ValueTable
from reporter.sources.events.measures.bucket import Occurrences
from reporter.sources.events.measures.counts import AllEventCounts, EventCountDefinition, FilteredEventCounts
from reporter.sources.events.measures.users import (
    DailyUsers,
    FilteredUsers,
    Presence,
    RankedUsers,
    Users,
    UsersDefinition,
)
from reporter.sources.events.time_rule import day_of_number
from reporter.sources.warehouse.event_table import EventQuery, spans_of, tags, within_days
from reporter.sources.warehouse.measures.scan import Scan

UserRequest: TypeAlias = tuple[Occurrences, Presence]


def count_days(aggregates: Aggregates, scan: Scan) -> None:
    """Every event by day, and its users: what metrics without conditions need, and which events there are."""
    counts, users = aggregates.of(AllEventCounts).counts, aggregates.of(DailyUsers).days
    text = "SELECT event, day, count(*), count(DISTINCT person) FROM occurred GROUP BY event, day"
    for event, number, events, persons in scan.rows(scan.query(), text):
        day = day_of_number(whole(number))
        counts[str(event), day] = whole(events)
        if event in users.periods:
            users.entries[str(event), day] = whole(persons)


def count_daily(aggregates: Aggregates, scan: Scan) -> None:
    """Events with conditions, and users of any, by day."""
    counted = _daily_counts(aggregates)
    ranked = aggregates.requested(FilteredEventCounts)
    rankings = [*ranked.counts] if ranked else []
    users = {asked: each for asked in _user_requests(aggregates) if (each := _single_day(asked[1]))}
    every = [*dict.fromkeys((*(of for of in counted), *(occurrences for occurrences, _ in users)))]
    if not every and not rankings:
        return
    query = scan.query()
    conditions = [query.filtered(occurrences) for occurrences in every]
    for where, days in rankings:
        conditions.append(" AND ".join((within_days(days), *query.of_any_event(where))))
    name = f"CASE WHEN tag >= {len(every)} THEN event END"
    text = f"""SELECT tag, {name} AS name, day, count(*), count(DISTINCT person)
        FROM ({tags(conditions)}) AS tagged GROUP BY tag, {name}, day"""
    persons: dict[tuple[Occurrences, date], int] = {}
    for tag, event, number, events, of_users in scan.rows(query, text):
        place, day = whole(tag), day_of_number(whole(number))
        if place >= len(every) and ranked:
            ranked.counts[rankings[place - len(every)]][str(event), day] = whole(events)
            continue
        persons[every[place], day] = whole(of_users)
        if (definition := counted.get(every[place])) is not None:
            aggregates.of(DailyCounts).days.entries[definition, day] = whole(events)
    for (occurrences, presence), day in users.items():
        _remember(aggregates, occurrences, presence, persons.get((occurrences, day), 0))


def _daily_counts(aggregates: Aggregates) -> dict[Occurrences, EventCountDefinition]:
    found = aggregates.requested(DailyCounts)
    queries = found.days.periods if found else ()
    return {Occurrences.of(one.measure): one for one in queries if isinstance(one, EventCountDefinition)}


def _user_requests(aggregates: Aggregates) -> Iterator[UserRequest]:
    """Whose users are counted, by the days on which they were there."""
    if active := aggregates.requested(Users):
        yield from ((Occurrences(None), presence) for presence in active.active)
        yield from ((Occurrences(event), Presence((period,))) for event, period in active.did)
    if filtered := aggregates.requested(FilteredUsers):
        yield from ((of, presence) for of, each in filtered.requested.items() for presence in each)


def _remember(aggregates: Aggregates, occurrences: Occurrences, presence: Presence, users: int) -> None:
    if occurrences.where:
        aggregates.of(FilteredUsers).requested[occurrences][presence] = users
    elif occurrences.event is None:
        aggregates.of(Users).counts[presence] = users
    else:
        aggregates.of(Users).counts[occurrences.event, presence.there[0]] = users


def _single_day(presence: Presence) -> date | None:
    is_one = len(presence.periods) == 1 and presence.periods[0].length == 1
    return presence.periods[0].start if is_one else None


def _is_span(presence: Presence) -> bool:
    return len(presence.periods) == 1 and not presence.not_there and not _single_day(presence)


def count_spans(aggregates: Aggregates, scan: Scan) -> None:
    """Users of events over periods of several days."""
    wanted: dict[Occurrences, list[Presence]] = {}
    for occurrences, presence in _user_requests(aggregates):
        if _is_span(presence):
            wanted.setdefault(occurrences, []).append(presence)
    if not wanted:
        return
    query, every = scan.query(), [*wanted.items()]
    tagged = tags([query.filtered(occurrences) for occurrences, _ in every])
    spans = spans_of([[presence.there[0] for presence in each] for _, each in every])
    text = f"""SELECT tag, span, count(DISTINCT person) FROM ({tagged}) AS tagged CROSS JOIN {spans}
        WHERE tag = of_tag AND day >= first AND day < upto GROUP BY tag, span"""
    for tag, span, users in scan.rows(query, text):
        occurrences, presences = every[whole(tag)]
        _remember(aggregates, occurrences, presences[whole(span)], whole(users))


def count_ranked_users(aggregates: Aggregates, scan: Scan) -> None:
    """Users of every event over a period, for rankings."""
    ranked = aggregates.requested(RankedUsers)
    if ranked is None:
        return
    query, every = scan.query(), [*ranked.users]
    conditions = [" AND ".join((within_days(period), *query.of_any_event(where))) for where, period in every]
    text = f"""SELECT tag, event, count(DISTINCT person) FROM ({tags(conditions)}) AS tagged
        GROUP BY tag, event"""
    for tag, event, users in scan.rows(query, text):
        ranked.users[every[whole(tag)]][str(event)] = whole(users)


def count_presences(aggregates: Aggregates, scan: Scan) -> None:
    """Users who were there in some periods, and not in others."""
    wanted = [(of, one) for of, one in _user_requests(aggregates) if len(one.periods) > 1]
    if not wanted:
        return
    query, every = scan.query(), [*dict.fromkeys(occurrences for occurrences, _ in wanted)]
    periods = [*dict.fromkeys(period for _, presence in wanted for period in presence.periods)]
    tagged = tags([query.filtered(occurrences) for occurrences in every])
    flags = (
        f"max(CASE WHEN {within_days(period)} THEN 1 ELSE 0 END) AS there_{place}"
        for place, period in enumerate(periods)
    )
    conditions = (f"tag = {every.index(of)} AND {_test(presence, periods)}" for of, presence in wanted)
    tests = (f"coalesce(sum(CASE WHEN {one} THEN 1 ELSE 0 END), 0)" for one in conditions)
    text = f"""SELECT {", ".join(tests)} FROM (
        SELECT tag, person, {", ".join(flags)} FROM ({tagged}) AS tagged
        WHERE person IS NOT NULL GROUP BY tag, person) AS persons"""
    for counts in scan.rows(query, text):
        for (occurrences, presence), users in zip(wanted, counts, strict=True):
            _remember(aggregates, occurrences, presence, whole(users))


def _test(presence: Presence, periods: Sequence[Period]) -> str:
    there = (f"there_{periods.index(one)} = 1" for one in presence.there)
    not_there = (f"there_{periods.index(one)} = 0" for one in presence.not_there)
    return " AND ".join((*there, *not_there))


def count_values(aggregates: Aggregates, scan: Scan) -> None:
    """Events, or their users, by the values of properties: a query for each property."""
    found = aggregates.requested(GroupedCounts)
    by_property: dict[str, list[tuple[EventCountDefinition | UsersDefinition, ValueTable[int]]]] = {}
    for (query, property), table in found.tables.items() if found else ():
        definition = cast("EventCountDefinition | UsersDefinition", query)
        by_property.setdefault(property, []).append((definition, table))
    for property, every in by_property.items():
        query = scan.query()
        tagged = tags([query.filtered(Occurrences.of(definition.measure)) for definition, _ in every])
        spans = spans_of([table.periods for _, table in every])
        text = f"""SELECT tag, name, span, count(*), count(DISTINCT person)
            FROM ({named(query, property, tagged)}) AS tagged CROSS JOIN {spans}
            WHERE tag = of_tag AND day >= first AND day < upto GROUP BY tag, name, span"""
        for tag, name, span, events, users in scan.rows(query, text):
            definition, table = every[whole(tag)]
            if not table.is_full:
                count = events if isinstance(definition, EventCountDefinition) else users
                table.row(name_of(name))[whole(span)] += whole(count)


def named(query: EventQuery, property: str, rows: str) -> str:
    """The rows once for each name of the property: a list has several."""
    return query.dialect.with_names(rows, query.column(property), query.shown)


def name_of(value: object) -> str | None:
    return None if value is None else str(value)


def whole(value: object) -> int:
    """A number that an engine may give as a decimal one."""
    return int(cast("int", value))
