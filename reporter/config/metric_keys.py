"""The keys that all metrics of reports.toml share, and the names it declares for them to refer to."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, cast

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config.metric_values import Sentence, check_currency, check_link
from reporter.reports.azure_timers import OTHERS, function_name
from reporter.reports.conditions import Where
from reporter.reports.filters import filtered
from reporter.reports.measures import EventMeasure, Measure, Simple, traits
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal, MetricSpec
from reporter.validation import (
    FilledText,
    Invalid,
    PropertyName,
    SettingsTable,
    did_you_mean,
    shown,
)

ALERT: Final = "when unusual"  # what `only` may say
ALWAYS: Final = "always"


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """Names that the file defines, and settings that others depend on. None where it is not known."""

    metrics: Mapping[str, object] | None = None  # what each measures, by name
    destinations: tuple[str, ...] | None = None
    reports: tuple[str, ...] = ()
    source: object = None
    has_files: bool = False
    is_alert: bool = False  # all reports come only when something is unusual
    insights: object = None  # of all reports
    projects: tuple[str, ...] = ()
    saved: frozenset[str] = frozenset()  # metrics whose numbers come from what is saved in Mixpanel
    default_metrics: tuple[str, ...] = ()
    is_filtered: bool = False  # all reports are

    @classmethod
    def of(cls, tables: Mapping[str, object]) -> "DeclaredNames":
        """What tables that are not checked yet say."""
        metrics, destinations = _table(tables.get("metrics")), _table(tables.get("destinations"))
        defaults, events = _table(tables.get("defaults")) or {}, _table(tables.get("events")) or {}
        return cls(
            None if metrics is None else {name: _measure(table) for name, table in metrics.items()},
            None if destinations is None else tuple(destinations),
            tuple(_table(tables.get("reports")) or ()),
            tables.get("source"),
            bool(events.get("files")),
            defaults.get("only", ALWAYS) != ALWAYS,
            defaults.get("insights"),
            tuple(_table(tables.get("projects")) or ()),
            _saved(metrics or {}),
            _names(defaults.get("metrics")),
            bool(defaults.get("where")),
        )


def declared_names(info: ValidationInfo) -> DeclaredNames:
    return info.context if isinstance(info.context, DeclaredNames) else DeclaredNames()


def known_metric(name: str, info: ValidationInfo) -> str:
    metrics = declared_names(info).metrics
    return _known("metric", name, None if metrics is None else tuple(metrics))


def known_destination(name: str, info: ValidationInfo) -> str:
    return _known("destination", name, declared_names(info).destinations)


def known_project(name: str, info: ValidationInfo) -> str:
    return _known("project", name, declared_names(info).projects)


def free_report_name(name: str, info: ValidationInfo) -> str:
    """A report's name whose function on Azure is no other's, and so its setting neither."""
    function = function_name(name).lower()
    if function in {other.lower() for other in OTHERS}:
        raise Invalid(
            f"a report cannot have this name: its function on Azure would be {function_name(name)}, which "
            "the reporter has for something else",
            "Choose another name.",
        )
    first = next(
        (other for other in declared_names(info).reports if function_name(other).lower() == function), name
    )
    if first != name:
        raise Invalid(
            f"the name is too much like {shown(first)}: on Azure both would have one function",
            "Choose one that differs by more than capitals, - and _.",
        )
    return name


def _known(kind: str, name: str, names: tuple[str, ...] | None) -> str:
    if names is None or name in names:
        return name
    fix = did_you_mean(name, names) if names else f"Define it: [{kind}s.{name}]."
    raise Invalid(f"there is no {kind} {shown(name)}", fix)


def _table(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def _measure(table: object) -> object:
    found = _table(table)
    return None if found is None else found.get("measure", "count")


def _names(value: object) -> tuple[str, ...]:
    names = cast("list[object]", value) if isinstance(value, list) else ()
    return tuple(name for name in names if isinstance(name, str))


def _saved(metrics: Mapping[str, object]) -> frozenset[str]:
    """The metrics that are saved in Mixpanel, and the ratios that have one of them."""
    tables = {name: _table(table) or {} for name, table in metrics.items()}
    saved = {name for name, table in tables.items() if str(table.get("measure")).startswith("saved_")}
    parts = {
        name: _names([table.get("numerator"), table.get("denominator")]) for name, table in tables.items()
    }
    return frozenset(name for name in tables if name in saved or saved.intersection(parts[name]))


MetricTables: TypeAlias = "Mapping[str, MetricTable]"


class MetricTable(SettingsTable):
    """What every metric has."""

    label: FilledText = Field(description="What it is called in a report.")
    sentence: Sentence | None = Field(
        default=None,
        description='Makes it a headline of the summary: "{value} new users joined". What changed is added.',
    )
    sentence_for_one: Sentence | None = Field(
        default=None, description='The sentence where the value is 1: "{value} new user joined".'
    )
    format: Literal["number", "percent"] | None = Field(
        default=None,
        description="percent: 0.127 reads 12.7%. Shares (stickiness, funnel, retention) are percents when "
        "left out, everything else is a number.",
    )
    currency: Annotated[str, AfterValidator(check_currency)] | None = Field(
        default=None, description="The number is money: EUR, USD, or another code of ISO 4217."
    )
    better: Literal["higher", "lower"] = Field(
        default="higher", description="lower: more of it is worse, as of errors, and a rise is told so."
    )
    link: Annotated[str, AfterValidator(check_link)] | None = Field(
        default=None,
        description="Where a reader finds more about it. A saved report has its own page in Mixpanel.",
    )
    chart: bool | None = Field(
        default=None,
        description="true: it is drawn where there is room; false: never. When left out, the report chooses.",
    )

    @field_validator("currency")
    @classmethod
    def _is_no_percent(cls, currency: str | None, info: ValidationInfo) -> str | None:
        if currency is not None and info.data.get("format") == "percent":
            raise Invalid("a percentage is not money", "Remove currency, or format.")
        return currency

    @abstractmethod
    def to_measure(self, metrics: MetricTables) -> Measure:
        """What is measured; `metrics` are all of the file, as one may speak of another."""

    def to_spec(self, name: str, metrics: MetricTables, where: Where = ()) -> MetricSpec:
        """The metric of this name, in a report with this filter."""
        return MetricSpec(
            self.label,
            filtered(self.to_measure(metrics), where),
            self.sentence,
            self.sentence_for_one,
            self.to_format(metrics),
            self.to_goal(),
            name,
            self.to_judge_by(),
            is_lower_better=self.better == "lower",
            link=self.link,
            is_charted=self.chart,
        )

    def to_format(self, metrics: MetricTables) -> Format:
        """As the file says, else as the measure is."""
        if self.currency is not None:
            return Format(currency=self.currency)
        if self.format is not None:
            return PERCENT if self.format == "percent" else NUMBER
        return self.usual_format(metrics)

    def usual_format(self, metrics: MetricTables) -> Format:
        return PERCENT if traits(self.to_measure(metrics)).is_share else NUMBER

    def to_goal(self) -> Goal | None:
        return None

    def to_judge_by(self) -> str | None:
        return None


class GoalTable(MetricTable):
    """A metric that may have a goal."""

    target: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="The goal of a period: 300; of a percentage 0.4, which is 40%."
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

    def to_goal(self) -> Goal | None:
        return None if self.target is None else Goal(self.target, self.by, self.target_is == "at_most")


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
    def _is_a_share(cls, target: float | None) -> float | None:
        if target is not None and target > 1:
            raise Invalid("this measure is never above 1, which is 100%", "Write 40% as 0.4.")
        return target
