"""The checked metrics of reports.toml -> what is measured, and how it reads."""

from collections.abc import Mapping
from typing import assert_never

from reporter.config.metric_keys import GoalTable, StepTable, where
from reporter.config.metric_tables import (
    ActiveTable,
    AnyMetricTable,
    BreakdownTable,
    EventTable,
    FunnelTable,
    LifecycleTable,
    PropertyTable,
    RatioTable,
    RetentionTable,
    SavedFunnelTable,
    SavedInsightsTable,
    StickinessTable,
)
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    Combine,
    EventCount,
    EventMeasure,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Simple,
    Statistic,
    Step,
    Stickiness,
    Unit,
    UserGroup,
    is_share,
)
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal, MetricSpec

Tables = Mapping[str, AnyMetricTable]


def metric_spec(name: str, tables: Tables) -> MetricSpec:
    """The metric of this name; `tables` are all of the file, as one may speak of another."""
    table = tables[name]
    measure = _measure(table, tables)
    return MetricSpec(
        table.label,
        measure,
        table.sentence,
        table.sentence_for_one,
        _format(table, measure, tables),
        _goal(table) if isinstance(table, GoalTable) else None,
        name,
    )


def _measure(table: AnyMetricTable, tables: Tables) -> Measure:
    match table:
        case BreakdownTable():
            return Breakdown(_divisible(tables[table.of]), table.by, table.top)
        case RatioTable():
            return Ratio(_simple(tables[table.numerator]), _simple(tables[table.denominator]))
        case _:
            return _simple(table)


def _simple(table: AnyMetricTable) -> Simple:
    match table:
        case EventTable() | PropertyTable():
            return _divisible(table)
        case ActiveTable():
            return ActiveUsers() if table.measure == "active_users" else Sessions()
        case StickinessTable():
            return Stickiness(table.days)
        case FunnelTable():
            return Funnel(tuple(map(_step, table.steps)), table.within_days)
        case RetentionTable():
            unbounded = table.counts == "on or after"
            return Retention(table.born, table.returned, table.after, Unit(table.unit), unbounded)
        case LifecycleTable():
            return Lifecycle(UserGroup(table.measure.removesuffix("_users")), table.lookback_days)
        case SavedInsightsTable():
            combine = None if table.combine is None else Combine(table.combine)
            return SavedInsights(table.id, table.series, combine)
        case SavedFunnelTable():
            return SavedFunnel(table.id, table.within_days)
        case BreakdownTable() | RatioTable():
            raise _unfit(table)
        case _:
            assert_never(table)


def _divisible(table: AnyMetricTable) -> EventMeasure:
    match table:
        case EventTable():
            measure = EventCount if table.measure == "count" else EventUsers
            return measure(table.event, where(table.where))
        case PropertyTable():
            return PropertyStatistic(
                table.event, table.property, Statistic(table.measure), where(table.where)
            )
        case _:
            raise _unfit(table)


def _unfit(table: AnyMetricTable) -> AssertionError:
    return AssertionError(f"{table.measure} within another metric: the tables saw to it that none is")


def _step(table: StepTable) -> Step:
    return Step(table.event, where(table.where))


def _format(table: AnyMetricTable, measure: Measure, tables: Tables) -> Format:
    """As the file says, else as the measure is; a breakdown reads as what it is of."""
    if table.currency is not None:
        return Format(currency=table.currency)
    if table.format is not None:
        return PERCENT if table.format == "percent" else NUMBER
    if isinstance(table, BreakdownTable):
        of = tables[table.of]
        return _format(of, _measure(of, tables), tables)
    return PERCENT if is_share(measure) else NUMBER


def _goal(table: GoalTable) -> Goal | None:
    if table.target is None:
        return None
    return Goal(table.target, table.by, table.target_is == "at_most")
