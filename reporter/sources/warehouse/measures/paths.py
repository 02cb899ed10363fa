"""What users do one thing after the other: sessions, funnels, and coming back."""

from datetime import timedelta

from reporter.reports.periods import Period
from reporter.sources.events.measures.aggregates import Aggregates, DailyCounts, PeriodCounts
from reporter.sources.events.measures.bucket import Occurrences
from reporter.sources.events.measures.sequences import (
    DAY,
    PAUSE,
    ConversionDefinition,
    RetentionDefinition,
    SessionsDefinition,
)
from reporter.sources.events.measures.sql import span
from reporter.sources.events.time_rule import day_of_number
from reporter.sources.warehouse.event_table import IN_SESSIONS, EventQuery, spans_of, tags, within_days
from reporter.sources.warehouse.measures.occurrences import whole
from reporter.sources.warehouse.measures.scan import Scan


def count_sessions(aggregates: Aggregates, scan: Scan) -> None:
    """By day, as midnight ends them."""
    found = aggregates.requested(DailyCounts)
    periods = found.days.periods if found else {}
    every = [(one, period) for one, period in periods.items() if isinstance(one, SessionsDefinition)]
    if not every or found is None:
        return
    query = scan.query()
    tagged = tags(
        [
            " AND ".join((IN_SESSIONS, within_days(period), *query.of_any_event(one.measure.where)))
            for one, period in every
        ]
    )
    text = f"""SELECT tag, day, count(*) FROM (
            SELECT tag, day, happened,
                max(happened) OVER (PARTITION BY tag, person, day ORDER BY happened
                    ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS earlier,
                row_number() OVER (PARTITION BY tag, person, day ORDER BY happened) AS place
            FROM ({tagged}) AS tagged WHERE person IS NOT NULL
        ) AS steps WHERE place = 1 OR happened - earlier >= {PAUSE} GROUP BY tag, day"""
    for tag, day, count in scan.rows(query, text):
        found.days.entries[every[whole(tag)][0], day_of_number(whole(day))] = whole(count)


def count_funnels(aggregates: Aggregates, scan: Scan) -> None:
    """One query for those whose steps have grace, and one for those that have none."""
    found = aggregates.requested(PeriodCounts)
    every = [one for one in (found.counts if found else ()) if isinstance(one, ConversionDefinition)]
    for grace in dict.fromkeys(one.measure.grace for one in every):
        _count_funnels(
            aggregates.of(PeriodCounts), [one for one in every if one.measure.grace == grace], scan
        )


def _count_funnels(found: PeriodCounts, funnels: list[ConversionDefinition], scan: Scan) -> None:
    """To each occurrence of a step belongs the latest first step it can be reached from, by level."""
    query = scan.query()
    steps = [(number, place) for number, one in enumerate(funnels) for place in range(len(one.measure.steps))]
    done = (funnels[number].measure.steps[place] for number, place in steps)
    tagged = tags([query.filtered(Occurrences(step.event, step.where)) for step in done])
    periods = [[*found.counts[funnels[number]]] for number, _ in steps]
    funnel, step = _by_tag([number for number, _ in steps]), _by_tag([place for _, place in steps])
    allowed = _by_tag([funnels[number].measure.days * DAY for number, _ in steps])
    rows = f"""SELECT {funnel} AS funnel, {step} AS step, span, person, happened, {allowed} AS allowed
        FROM ({tagged}) AS tagged CROSS JOIN {spans_of(periods)}
        WHERE tag = of_tag AND day >= first AND day < upto AND person IS NOT NULL"""
    grace = funnels[0].measure.grace
    upto = "1 PRECEDING" if grace is None else f"{grace} FOLLOWING"
    rows = f"SELECT hits.*, CASE WHEN step = 0 THEN happened END AS start_0 FROM ({rows}) AS hits"
    for place in range(1, max(len(one.measure.steps) for one in funnels)):
        before = f"""SELECT earlier.*, max(start_{place - 1}) OVER (PARTITION BY funnel, span, person
            ORDER BY happened RANGE BETWEEN UNBOUNDED PRECEDING AND {upto}) AS before_{place}
            FROM ({rows}) AS earlier"""
        rows = f"""SELECT reached.*, CASE WHEN step = {place} AND happened - before_{place} <= allowed
            THEN before_{place} END AS start_{place} FROM ({before}) AS reached"""
    starts = ", ".join(f"start_{place}" for place in range(max(len(one.measure.steps) for one in funnels)))
    text = f"""SELECT funnel, span, step, count(DISTINCT person) FROM ({rows}) AS every
        WHERE coalesce({starts}, NULL) IS NOT NULL GROUP BY funnel, span, step"""
    for number, place, reached, users in scan.rows(query, text):
        by_period = [*found.counts[funnels[whole(number)]].values()]
        by_period[whole(place)][whole(reached)] = whole(users)


def _by_tag(values: list[int]) -> str:
    return f"CASE tag {' '.join(f'WHEN {tag} THEN {value}' for tag, value in enumerate(values))} END"


def count_retention(aggregates: Aggregates, scan: Scan) -> None:
    """The cohorts of each period, and who of them came back."""
    found = aggregates.requested(PeriodCounts)
    every = [one for one in (found.counts if found else ()) if isinstance(one, RetentionDefinition)]
    if not every or found is None:
        return
    query = scan.query()
    periods = [[*found.counts[one]] for one in every]
    tagged = tags([_is_either(one, query) for one in every])
    spans = _spans(every, periods)
    born = " ".join(f"WHEN {tag} THEN {query.filtered(_of(one, born=True))}" for tag, one in enumerate(every))
    back = " ".join(
        f"WHEN {tag} THEN {query.filtered(_of(one, born=False))}" for tag, one in enumerate(every)
    )
    from_on = _by_tag([one.measure.after * one.measure.unit.days * DAY for one in every])
    until = _by_tag([_end(one) for one in every])
    text = f"""SELECT tag, span, count(*), sum(is_back) FROM (
        SELECT tag, span, person, max(CASE WHEN returns = 1 AND happened > birth
            AND happened - birth >= {from_on} AND happened - birth < {until} THEN 1 ELSE 0 END) AS is_back
        FROM (
            SELECT tag, span, person, happened, returns,
                min(born) OVER (PARTITION BY tag, span, person) AS birth
            FROM (
                SELECT tag, span, person, happened,
                    CASE WHEN day < born_upto AND CASE tag {born} END THEN happened END AS born,
                    CASE WHEN CASE tag {back} END THEN 1 ELSE 0 END AS returns
                FROM ({tagged}) AS tagged CROSS JOIN {spans}
                WHERE tag = of_tag AND day >= first AND day < upto AND person IS NOT NULL
            ) AS members
        ) AS cohort WHERE birth IS NOT NULL GROUP BY tag, span, person
    ) AS persons GROUP BY tag, span"""
    for tag, place, members, returned in scan.rows(query, text):
        counts = found.counts[every[whole(tag)]][periods[whole(tag)][whole(place)]]
        counts[:] = [whole(members), whole(returned)]


def _of(one: RetentionDefinition, *, born: bool) -> Occurrences:
    return Occurrences(one.measure.born if born else one.measure.returned, one.measure.where)


def _is_either(one: RetentionDefinition, query: EventQuery) -> str:
    return f"(({query.filtered(_of(one, born=True))}) OR ({query.filtered(_of(one, born=False))}))"


def _end(one: RetentionDefinition) -> int:
    """How long after its beginning somebody may come back: without a bound until the period ends."""
    measure = one.measure
    after = (measure.after + 1) * measure.unit.days
    return (after if not measure.unbounded else timedelta(days=36_500).days) * DAY


def _spans(every: list[RetentionDefinition], periods: list[list[Period]]) -> str:
    """From the cohort's first day to the period's last, with the end of the cohort's days."""
    each = [*zip(every, periods, strict=True)]
    cohorts = [[one.measure.cohort_days(period) for period in own] for one, own in each]
    reach = [[span((period, one.measure.cohort_days(period))) for period in own] for one, own in each]
    born = spans_of(cohorts).removesuffix(" AS spans")
    whole_span = spans_of(reach).removesuffix(" AS spans")
    return f"""(SELECT reach.*, cohort.upto AS born_upto FROM {whole_span} AS reach JOIN {born} AS cohort
        ON reach.of_tag = cohort.of_tag AND reach.span = cohort.span) AS spans"""
