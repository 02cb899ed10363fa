"""The metrics of reports.toml: a table for each kind of measure, with its keys and what it measures."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar, cast, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config.conditions import Conditions, StepEntry, where_of
from reporter.config.goal_tables import DivisibleTable, GoalTable, JudgedBy, ShareTable, SimpleTable
from reporter.config.metric_keys import MetricTable, MetricTables, declared_names, known_metric
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    Combine,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Statistic,
    Stickiness,
    Unit,
    UserGroup,
)
from reporter.reports.subscriptions import Format
from reporter.validation import Between, EventName, FilledText, Invalid, OneOf, PropertyName, listed, shown

FittingTable = TypeVar("FittingTable", bound=MetricTable)


def _fits(kind: type[MetricTable]) -> AfterValidator:
    """The check of a key that names a metric of this kind."""

    def check(name: str, info: ValidationInfo) -> str:
        known_metric(name, info)
        measure, possible = (declared_names(info).metrics or {}).get(name), words_of(kind)
        if measure in possible or measure not in words_of(MetricTable):
            return name
        fix = f"Name a metric whose measure is {listed(possible)}."
        raise Invalid(f"{shown(name)} measures {measure}, which does not fit here", fix)

    return AfterValidator(check)


def _within(kind: type[FittingTable], name: str, metrics: MetricTables) -> FittingTable:
    table = metrics[name]
    if not isinstance(table, kind):
        raise AssertionError(f"{name} within another metric: the tables saw to it that it fits")  # noqa: TRY004
    return table


class EventTable(DivisibleTable):
    """How often an event happened, or how many users did it."""

    measure: Literal["count", "users"] = Field(
        default="count",
        description="count: how often the event happened. users: how many different users did it.",
    )
    event: EventName = Field(description="The event's name in Mixpanel, letter for letter.")
    where: Conditions = Field(default={}, description="What the event's properties must be.")
    judge_by: JudgedBy | None = None

    def to_measure(self, metrics: MetricTables) -> EventCount | EventUsers:
        measure = EventCount if self.measure == "count" else EventUsers
        return measure(self.event, where_of(self.where))

    def to_judge_by(self) -> str | None:
        return self.judge_by


class ActiveTable(SimpleTable):
    """Users of all events, or their sessions."""

    measure: Literal["active_users", "sessions"] = Field(
        description="active_users: how many different users did anything. sessions: how many stretches of "
        "activity they had; a pause of 30 minutes ends one, and so does midnight."
    )

    def to_measure(self, metrics: MetricTables) -> ActiveUsers | Sessions:
        return ActiveUsers() if self.measure == "active_users" else Sessions()


class PropertyTable(DivisibleTable):
    """What is taken of a number that events carry."""

    measure: Literal["sum", "average", "median", "p90"] = Field(
        description="What is taken of the property's numbers; p90 is what 9 of 10 are at or below."
    )
    event: EventName = Field(description="The event's name in Mixpanel, letter for letter.")
    property: PropertyName = Field(description="The property that holds the number.")
    where: Conditions = Field(default={}, description="What the event's properties must be.")
    judge_by: JudgedBy | None = None

    def to_measure(self, metrics: MetricTables) -> PropertyStatistic:
        return PropertyStatistic(self.event, self.property, Statistic(self.measure), where_of(self.where))

    def to_judge_by(self) -> str | None:
        return self.judge_by


class BreakdownTable(MetricTable):
    """Another metric by the values of a property."""

    measure: Literal["breakdown"] = Field(description="Another metric by the values of a property.")
    of: Annotated[str, _fits(DivisibleTable)] = Field(description="The metric that is broken down.")
    by: PropertyName = Field(description='The property whose values are told apart, such as "$os".')
    top: Annotated[int, Between(1, 20)] = Field(default=5, description="How many values are shown.")

    def to_measure(self, metrics: MetricTables) -> Breakdown:
        return Breakdown(_within(DivisibleTable, self.of, metrics).to_measure(metrics), self.by, self.top)

    def usual_format(self, metrics: MetricTables) -> Format:
        """It reads as what it is of."""
        return metrics[self.of].to_format(metrics)


class RatioTable(GoalTable):
    """One metric divided by another."""

    measure: Literal["ratio"] = Field(description="One metric divided by another.")
    numerator: Annotated[str, _fits(SimpleTable)] = Field(description="The metric that is divided.")
    denominator: Annotated[str, _fits(SimpleTable)] = Field(description="The metric that it is divided by.")

    def to_measure(self, metrics: MetricTables) -> Ratio:
        return Ratio(
            _within(SimpleTable, self.numerator, metrics).to_measure(metrics),
            _within(SimpleTable, self.denominator, metrics).to_measure(metrics),
        )


class StickinessTable(ShareTable):
    """How many of a month's users come on a day."""

    measure: Literal["stickiness"] = Field(
        description="The period's average daily active users, over the users of `days` days."
    )
    days: Annotated[int, Between(2, 90)] = Field(
        default=30, description="How many days count, up to the period's end."
    )

    def to_measure(self, metrics: MetricTables) -> Stickiness:
        return Stickiness(self.days)


class FunnelTable(ShareTable):
    """How many users did all steps."""

    measure: Literal["funnel"] = Field(
        description="The share of users who did all steps in order, of those who did the first."
    )
    steps: list[StepEntry] = Field(
        min_length=2,
        max_length=20,
        description='Events in order: "Sign Up", or { event = "…", where = {…} }.',
    )
    within_days: Annotated[int, Between(1, 366)] = Field(
        default=7, description="How many days after the first step the last one may come."
    )

    def to_measure(self, metrics: MetricTables) -> Funnel:
        return Funnel(tuple(step.to_step() for step in self.steps), self.within_days)


class RetentionTable(ShareTable):
    """How many users came back."""

    measure: Literal["retention"] = Field(description="The share of the last complete cohort that came back.")
    born: EventName | None = Field(
        default=None, description="The event that begins it; any activity when left out."
    )
    returned: EventName | None = Field(
        default=None, description="The event that is coming back; any activity when left out."
    )
    after: Annotated[int, Between(1, 90)] = Field(description="After how many days or weeks.")
    unit: Literal["day", "week"] = Field(default="day", description="Whether these are days or weeks.")
    counts: Literal["on", "on or after"] = Field(
        default="on",
        description="on: who came back in just that day or week. on or after: then or later, until the "
        "period ends; Mixpanel's own reports count so unless told otherwise.",
    )

    def to_measure(self, metrics: MetricTables) -> Retention:
        unbounded = self.counts == "on or after"
        return Retention(self.born, self.returned, self.after, Unit(self.unit), unbounded)


class LifecycleTable(SimpleTable):
    """Where the users of a period come from."""

    measure: Literal["new_users", "retained_users", "resurrected_users", "dormant_users"] = Field(
        description="new: never seen before. retained: also active in the period before. resurrected: not in "
        "that one, but earlier. dormant: active in the period before, not in this one."
    )
    lookback_days: Annotated[int, Between(1, 366)] = Field(
        default=90, description="How many days before the period are looked at."
    )

    def to_measure(self, metrics: MetricTables) -> Lifecycle:
        return Lifecycle(UserGroup(self.measure.removesuffix("_users")), self.lookback_days)


def _of_mixpanel(source: str | None) -> str | None:
    if source is not None:
        raise Invalid("what is saved in Mixpanel is measured there", "Remove it.")
    return source


class SavedInsightsTable(SimpleTable):
    """A number of an Insights report that is saved in Mixpanel."""

    measure: Literal["saved_insights"] = Field(description="A number of a saved Insights report.")
    id: Annotated[int, Between(1, 10**12)] = Field(
        description="The report's number: in Mixpanel it ends the report's address."
    )
    series: FilledText | None = Field(
        default=None, description="Which line of the report, where it has several."
    )
    combine: Literal["sum", "average", "last"] | None = Field(
        default=None,
        description="How the period's days make one number. Events by the day are added up when left out.",
    )

    _is_measured_there = field_validator("source")(_of_mixpanel)

    def to_measure(self, metrics: MetricTables) -> SavedInsights:
        combine = None if self.combine is None else Combine(self.combine)
        return SavedInsights(self.id, self.series, combine)


class SavedFunnelTable(ShareTable):
    """The conversion of a funnel that is saved in Mixpanel."""

    measure: Literal["saved_funnel"] = Field(description="The conversion of a saved funnel.")
    id: Annotated[int, Between(1, 10**12)] = Field(
        description="The report's number: in Mixpanel it ends the report's address."
    )
    within_days: Annotated[int, Between(1, 90)] | None = Field(
        default=None,
        description="How many days a user has for all steps: the funnel is then that of the last users who "
        "had so long, and is compared with the one before.",
    )

    _is_measured_there = field_validator("source")(_of_mixpanel)

    def to_measure(self, metrics: MetricTables) -> SavedFunnel:
        return SavedFunnel(self.id, self.within_days)


TABLES: Mapping[str, type[MetricTable]] = {
    table.__name__: table
    for table in (
        EventTable,
        ActiveTable,
        PropertyTable,
        BreakdownTable,
        RatioTable,
        StickinessTable,
        FunnelTable,
        RetentionTable,
        LifecycleTable,
        SavedInsightsTable,
        SavedFunnelTable,
    )
}


def words_of(kind: type[MetricTable]) -> tuple[str, ...]:
    """What `measure` says in the tables of this kind."""
    return tuple(word for table in TABLES.values() if issubclass(table, kind) for word in measures_of(table))


def measures_of(table: type[MetricTable]) -> tuple[str, ...]:
    return cast("tuple[str, ...]", get_args(table.model_fields["measure"].annotation))


def _tag(value: object) -> str | None:
    """The tag of the table of a measure; None where there is none. What is no table passes for any kind."""
    measure = cast("dict[str, object]", value).get("measure", "count") if isinstance(value, dict) else "count"
    return next((tag for tag, table in TABLES.items() if measure in measures_of(table)), None)


AnyMetric: TypeAlias = Annotated[MetricTable, OneOf(TABLES, _tag)]
