"""The keys that all metrics of reports.toml share, and the names it declares for them to refer to."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, cast

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
)

from reporter.config.metric_values import Sentence, check_currency, check_link
from reporter.reports.azure_timers import OTHERS, function_name
from reporter.reports.conditions import Where
from reporter.reports.filters import filtered
from reporter.reports.measures import Measure, traits
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal, MetricSpec
from reporter.validation import (
    FilledText,
    Invalid,
    SettingsTable,
    did_you_mean,
    shown,
)

ALERT: Final = "when unusual"  # what `only` may say
ALWAYS: Final = "always"
WAREHOUSE: Final = "warehouse"  # what `source` may say


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
    keep_days: object = None  # for how long raw events are kept
    has_warehouse: bool = False  # of whichever project
    asks_warehouse: bool = False  # something is measured there
    periods: tuple[str, ...] = ()  # that reports cover

    @classmethod
    def of(cls, tables: Mapping[str, object]) -> "DeclaredNames":
        """What tables that are not checked yet say."""
        metrics, destinations = _table(tables.get("metrics")), _table(tables.get("destinations"))
        defaults, events = _table(tables.get("defaults")) or {}, _table(tables.get("events")) or {}
        sections = _table(defaults.get("sections"))
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
            _names(defaults.get("metrics"))
            or tuple(name for names in (sections or {}).values() for name in _names(names)),
            bool(defaults.get("where")),
            events.get("keep_days"),
            _has_warehouse(tables),
            any(table.get("source") == WAREHOUSE for table in (tables, defaults, *_each(tables))),
            tuple(str(one.get("period")) for one in _each(tables, "reports")),
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


def check_warehouse(source: str | None, info: ValidationInfo) -> str | None:
    """A source that is a warehouse is described."""
    if source == WAREHOUSE and not declared_names(info).has_warehouse:
        fix = 'Add a table [warehouse] with engine = "postgres" and connection = "WAREHOUSE_URL".'
        raise Invalid("no warehouse is described", fix)
    return source


InWarehouse: TypeAlias = Annotated[
    Literal["warehouse"],
    AfterValidator(check_warehouse),
    Field(description='"warehouse": it is measured there, wherever the numbers of other reports come from.'),
]


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


def _each(tables: Mapping[str, object], *kinds: str) -> Iterator[Mapping[str, object]]:
    """The tables of these kinds: of all reports and metrics, if none are named."""
    for kind in kinds or ("reports", "metrics"):
        yield from filter(None, map(_table, (_table(tables.get(kind)) or {}).values()))


def _has_warehouse(tables: Mapping[str, object]) -> bool:
    return "warehouse" in tables or any("warehouse" in one for one in _each(tables, "projects"))


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
    source: InWarehouse | None = None

    @field_validator("currency")
    @classmethod
    def _is_no_percent(cls, currency: str | None, info: ValidationInfo) -> str | None:
        if currency is not None and info.data.get("format") == "percent":
            raise Invalid("a percentage is not money", "Remove currency, or format.")
        return currency

    @abstractmethod
    def to_measure(self, metrics: MetricTables) -> Measure:
        """What is measured; `metrics` are all of the file, as one may speak of another."""

    def to_spec(self, name: str, metrics: MetricTables, cadence: Cadence, where: Where = ()) -> MetricSpec:
        """The metric of this name, in a report of such a period with this filter."""
        measure = self.to_measure(metrics)
        return MetricSpec(
            self.label,
            filtered(measure, where),
            self.sentence,
            self.sentence_for_one,
            self.to_format(metrics),
            self.to_goals(measure, cadence),
            name,
            self.to_judge_by(),
            is_lower_better=self.better == "lower",
            link=self.link,
            is_charted=self.chart,
            in_warehouse=self.source is not None,
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

    def to_goals(self, measure: Measure, cadence: Cadence) -> tuple[Goal, ...]:
        """Those of each period; `cadence` is meant where the file names none."""
        return ()

    def to_judge_by(self) -> str | None:
        return None
