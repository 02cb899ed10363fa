"""The metrics of reports.toml: a table for each kind of measure, and what may stand in it."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, cast, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo

from reporter.config.declared_names import declared_names, known_metric
from reporter.config.metric_keys import Conditions, GoalTable, MetricTable, ShareTable, Step
from reporter.validation import Between, Event, Invalid, Property, Words, listed, shown


def _check_divisible(name: str, info: ValidationInfo) -> str:
    return _measuring(name, info, words_of(EventTable, PropertyTable))


def _check_simple(name: str, info: ValidationInfo) -> str:
    others = (table for table in TABLES.values() if table not in (BreakdownTable, RatioTable))
    return _measuring(name, info, words_of(*others))


def _measuring(name: str, info: ValidationInfo, possible: tuple[str, ...]) -> str:
    known_metric(name, info)
    measure = (declared_names(info).metrics or {}).get(name)
    if measure in possible or measure not in WORDS:
        return name
    fix = f"Name a metric whose measure is {listed(possible)}."
    raise Invalid(f"{shown(name)} measures {measure}, which does not fit here", fix)


Divisible: TypeAlias = Annotated[str, AfterValidator(_check_divisible)]
Simple: TypeAlias = Annotated[str, AfterValidator(_check_simple)]


class EventTable(GoalTable):
    """How often an event happened, or how many users did it."""

    measure: Literal["count", "users"] = Field(
        default="count",
        description="count: how often the event happened. users: how many different users did it.",
    )
    event: Event = Field(description="The event's name in Mixpanel, letter for letter.")
    where: Conditions = Field(default={}, description="What the event's properties must be.")


class ActiveTable(GoalTable):
    """Users of all events, or their sessions."""

    measure: Literal["active_users", "sessions"] = Field(
        description="active_users: how many different users did anything. sessions: how many stretches of "
        "activity they had; a pause of 30 minutes ends one, and so does midnight."
    )


class PropertyTable(GoalTable):
    """What is taken of a number that events carry."""

    measure: Literal["sum", "average", "median", "p90"] = Field(
        description="What is taken of the property's numbers; p90 is what 9 of 10 are at or below."
    )
    event: Event = Field(description="The event's name in Mixpanel, letter for letter.")
    property: Property = Field(description="The property that holds the number.")
    where: Conditions = Field(default={}, description="What the event's properties must be.")


class BreakdownTable(MetricTable):
    """Another metric by the values of a property."""

    measure: Literal["breakdown"] = Field(description="Another metric by the values of a property.")
    of: Divisible = Field(description="The metric that is broken down.")
    by: Property = Field(description='The property whose values are told apart, such as "$os".')
    top: Annotated[int, Between(1, 20)] = Field(default=5, description="How many values are shown.")


class RatioTable(GoalTable):
    """One metric divided by another."""

    measure: Literal["ratio"] = Field(description="One metric divided by another.")
    numerator: Simple = Field(description="The metric that is divided.")
    denominator: Simple = Field(description="The metric that it is divided by.")


class StickinessTable(ShareTable):
    """How many of a month's users come on a day."""

    measure: Literal["stickiness"] = Field(
        description="The period's average daily active users, over the users of `days` days."
    )
    days: Annotated[int, Between(2, 90)] = Field(
        default=30, description="How many days count, up to the period's end."
    )


class FunnelTable(ShareTable):
    """How many users did all steps."""

    measure: Literal["funnel"] = Field(
        description="The share of users who did all steps in order, of those who did the first."
    )
    steps: list[Step] = Field(
        min_length=2,
        max_length=20,
        description='Events in order: "Sign Up", or { event = "…", where = {…} }.',
    )
    within_days: Annotated[int, Between(1, 366)] = Field(
        default=7, description="How many days after the first step the last one may come."
    )


class RetentionTable(ShareTable):
    """How many users came back."""

    measure: Literal["retention"] = Field(description="The share of the last complete cohort that came back.")
    born: Event | None = Field(
        default=None, description="The event that begins it; any activity when left out."
    )
    returned: Event | None = Field(
        default=None, description="The event that is coming back; any activity when left out."
    )
    after: Annotated[int, Between(1, 90)] = Field(description="After how many days or weeks.")
    unit: Literal["day", "week"] = Field(default="day", description="Whether these are days or weeks.")
    counts: Literal["on", "on or after"] = Field(
        default="on",
        description="on: who came back in just that day or week. on or after: then or later, until the "
        "period ends; Mixpanel's own reports count so unless told otherwise.",
    )


class LifecycleTable(GoalTable):
    """Where the users of a period come from."""

    measure: Literal["new_users", "retained_users", "resurrected_users", "dormant_users"] = Field(
        description="new: never seen before. retained: also active in the period before. resurrected: not in "
        "that one, but earlier. dormant: active in the period before, not in this one."
    )
    lookback_days: Annotated[int, Between(1, 366)] = Field(
        default=90, description="How many days before the period are looked at."
    )


class SavedInsightsTable(GoalTable):
    """A number of an Insights report that is saved in Mixpanel."""

    measure: Literal["saved_insights"] = Field(description="A number of a saved Insights report.")
    id: Annotated[int, Between(1, 10**12)] = Field(
        description="The report's number: in Mixpanel it ends the report's address."
    )
    series: Words | None = Field(default=None, description="Which line of the report, where it has several.")
    combine: Literal["sum", "average", "last"] | None = Field(
        default=None,
        description="How the period's days make one number. Events by the day are added up when left out.",
    )


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


TABLES: Mapping[str | int, type[MetricTable]] = {
    "event": EventTable,
    "active": ActiveTable,
    "property": PropertyTable,
    "breakdown": BreakdownTable,
    "ratio": RatioTable,
    "stickiness": StickinessTable,
    "funnel": FunnelTable,
    "retention": RetentionTable,
    "lifecycle": LifecycleTable,
    "saved_insights": SavedInsightsTable,
    "saved_funnel": SavedFunnelTable,
}


def words_of(*tables: type[MetricTable]) -> tuple[str, ...]:
    """What `measure` says in these tables."""
    return tuple(
        cast("str", word) for table in tables for word in get_args(table.model_fields["measure"].annotation)
    )


_TAGS = {word: str(tag) for tag, table in TABLES.items() for word in words_of(table)}
WORDS = tuple(_TAGS)  # all measures


def _tag(value: object) -> str | None:
    """The kind of a table; None where there is no such measure. What is no table passes for any kind."""
    measure = cast("dict[str, object]", value).get("measure", "count") if isinstance(value, dict) else "count"
    return _TAGS.get(measure) if isinstance(measure, str) else None


AnyMetricTable: TypeAlias = (
    EventTable
    | ActiveTable
    | PropertyTable
    | BreakdownTable
    | RatioTable
    | StickinessTable
    | FunnelTable
    | RetentionTable
    | LifecycleTable
    | SavedInsightsTable
    | SavedFunnelTable
)
TaggedMetricTable: TypeAlias = Annotated[
    Annotated[EventTable, Tag("event")]
    | Annotated[ActiveTable, Tag("active")]
    | Annotated[PropertyTable, Tag("property")]
    | Annotated[BreakdownTable, Tag("breakdown")]
    | Annotated[RatioTable, Tag("ratio")]
    | Annotated[StickinessTable, Tag("stickiness")]
    | Annotated[FunnelTable, Tag("funnel")]
    | Annotated[RetentionTable, Tag("retention")]
    | Annotated[LifecycleTable, Tag("lifecycle")]
    | Annotated[SavedInsightsTable, Tag("saved_insights")]
    | Annotated[SavedFunnelTable, Tag("saved_funnel")],
    Discriminator(_tag),
]
