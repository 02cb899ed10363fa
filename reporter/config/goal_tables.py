"""Metrics of reports.toml that may have a goal: of each period its own, and of a rate one for all."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from reporter.config.metric_keys import MetricTable, MetricTables, known_metric
from reporter.reports.measures import (
    EventMeasure,
    Measure,
    PropertyStatistic,
    Ratio,
    Simple,
    Statistic,
    traits,
)
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import Goal
from reporter.validation import Invalid, PropertyName, SettingsTable

NOT_A_SHARE = ("this measure is never above 1, which is 100%", "Write 40% as 0.4.")


def is_rate(measure: Measure) -> bool:
    """Whether its number is not larger in a longer period, so that one goal fits each."""
    is_sum = isinstance(measure, PropertyStatistic) and measure.statistic is Statistic.SUM
    return traits(measure).is_share or (isinstance(measure, Ratio | PropertyStatistic) and not is_sum)


TargetNumber: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]


ReportTargets: TypeAlias = Annotated[
    dict[Annotated[str, AfterValidator(known_metric)], TargetNumber],
    Field(
        description="Goals of its metrics for its own period, by metric: { signups = 120 }. Each replaces "
        "that of the metric itself."
    ),
]


class TargetTable(SettingsTable):
    """A goal for each period, which no other period is held against."""

    daily: TargetNumber | None = Field(default=None, description="The goal of a day: 20.")
    weekly: TargetNumber | None = Field(default=None, description="The goal of 7 days: 120.")
    biweekly: TargetNumber | None = Field(default=None, description="The goal of 14 days: 240.")
    monthly: TargetNumber | None = Field(default=None, description="The goal of a month: 500.")

    @model_validator(mode="before")
    @classmethod
    def _has_a_period(cls, value: object) -> object:
        if value == {}:
            raise Invalid("this is empty", "Write a goal for a period, as in target = { weekly = 120 }.")
        return value

    def by_period(self) -> Mapping[Cadence, float]:
        found = {cadence: cast("float | None", getattr(self, cadence)) for cadence in Cadence}
        return {cadence: target for cadence, target in found.items() if target is not None}


def _kind_of_target(value: object) -> str:
    return "periods" if isinstance(value, dict | TargetTable) else "number"


Target: TypeAlias = Annotated[
    Annotated[TargetNumber, Tag("number")] | Annotated[TargetTable, Tag("periods")],
    Discriminator(_kind_of_target),
]


class GoalTable(MetricTable):
    """A metric that may have a goal."""

    target: Target | None = Field(
        default=None,
        description="The goal of each period: { daily = 20, weekly = 120 }; a number alone where all reports "
        "that show it cover the same period, or where it is a rate: of a percentage 0.4, which is 40%.",
    )
    by: date | None = Field(default=None, description="The day by which the goal is to be reached.")
    target_is: Literal["at_least", "at_most"] | None = Field(
        default=None, description="at_most: the target is a limit. at_least when left out."
    )

    @field_validator("by", "target_is")
    @classmethod
    def _has_a_target(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and "target" in info.data and info.data["target"] is None:
            raise Invalid("there is no target for this", "Add one, as in target = 300.")
        return value

    def to_goals(self, measure: Measure, cadence: Cadence) -> tuple[Goal, ...]:
        of_any = None if is_rate(measure) else cadence
        return tuple(self.goal(target, of or of_any) for of, target in self._targets().items())

    def goal(self, target: float, of: Cadence | None) -> Goal:
        return Goal(target, self.by, self.target_is == "at_most", of)

    def _targets(self) -> Mapping[Cadence | None, float]:
        match self.target:
            case None:
                return {}
            case TargetTable():
                return {**self.target.by_period()}
            case number:
                return {None: number}


class SimpleTable(GoalTable):
    """A metric that may be a part of a ratio."""

    @abstractmethod
    def to_measure(self, metrics: MetricTables) -> Simple: ...


def _adds_up(name: str, info: ValidationInfo) -> str:
    measure = info.data.get("measure")
    if measure in ("count", "sum", None):  # None: the measure itself is at fault
        return name
    fix = "Remove it, or make it a metric that counts events or adds up a property: count or sum."
    raise Invalid(f"only what adds up is judged by a property, and {measure} does not", fix)


JudgedBy: TypeAlias = Annotated[
    PropertyName,
    AfterValidator(_adds_up),
    Field(description="A property whose five largest values are judged, too, beside the whole."),
]


class DivisibleTable(SimpleTable):
    """A metric that may be broken down."""

    @abstractmethod
    def to_measure(self, metrics: MetricTables) -> EventMeasure: ...


class ShareTable(SimpleTable):
    """A metric that is a part of a whole."""

    @field_validator("target")
    @classmethod
    def _is_a_share(cls, target: Target | None) -> Target | None:
        targets = target.by_period().values() if isinstance(target, TargetTable) else (target or 0,)
        if max(targets) > 1:
            raise Invalid(*NOT_A_SHARE)
        return target
