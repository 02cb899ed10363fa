"""What reports.toml may hold, and the reports that it describes.

The tables' descriptions are what editors and problems say. After a change of the tables:
`python -m reporter.config.reports_file`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reporter import destinations
from reporter.config.conditions import where_of
from reporter.config.events_table import EventsTable
from reporter.config.goal_tables import NOT_A_SHARE, GoalTable, ShareTable, is_rate
from reporter.config.metric_keys import (
    ALERT,
    WAREHOUSE,
    MetricTable,
    check_warehouse,
    declared_names,
    free_report_name,
)
from reporter.config.metric_tables import AnyMetric
from reporter.config.report_tables import NOBODY, DefaultsTable, ReportTable
from reporter.destinations.table import DestinationTable
from reporter.reports.conditions import Where
from reporter.reports.figures import Origin
from reporter.reports.periods import Cadence, Comparison
from reporter.reports.schedules import FIRST_MONDAY, Schedule
from reporter.reports.subscriptions import (
    MOST_CHARTS,
    Insights,
    MetricSpec,
    ReportSpec,
    Sensitivity,
    Subscription,
)
from reporter.sources.mixpanel.access import ProjectTable
from reporter.sources.warehouse.warehouse_table import WarehouseTable
from reporter.validation import (
    EntryName,
    Invalid,
    OneOf,
    SettingsTable,
)

Value = TypeVar("Value")


ReportName: TypeAlias = Annotated[EntryName, AfterValidator(free_report_name)]
AnyDestination: TypeAlias = Annotated[DestinationTable, OneOf(destinations.KINDS, "type")]


class ReportsFile(SettingsTable):
    """Which reports are sent, when, where to, and what they show."""

    source: Origin = Field(
        default="auto",
        description="Where numbers come from. query: Mixpanel's Query API. export: raw events, which every "
        "plan has. auto: the first, and the second where Mixpanel refuses it. files: raw events in files. "
        "warehouse: raw events in a warehouse, which measures them.",
    )
    warehouse: WarehouseTable | None = Field(
        default=None, description="The warehouse that has the raw events of the project of the settings."
    )
    events: EventsTable = Field(default_factory=EventsTable)
    projects: dict[EntryName, ProjectTable] = Field(
        default={},
        description="Mixpanel projects besides that of the settings, by the names reports call them.",
    )
    defaults: DefaultsTable = Field(default_factory=DefaultsTable)
    metrics: dict[EntryName, AnyMetric] = Field(
        min_length=1, description="The metrics, by the names reports call them."
    )
    reports: dict[ReportName, ReportTable] = Field(min_length=1, description="The reports, by name.")
    destinations: dict[EntryName, AnyDestination] = Field(
        min_length=1, description="Where reports are sent, by name."
    )

    @field_validator("source")
    @classmethod
    def _has_files(cls, source: str, info: ValidationInfo) -> str:
        if source == "files" and not declared_names(info).has_files:
            raise Invalid("no files are named", 'Add a table [events] with files = ["data/*.parquet"].')
        check_warehouse(source, info)
        return source

    @field_validator("warehouse")
    @classmethod
    def _is_asked(cls, table: WarehouseTable | None, info: ValidationInfo) -> WarehouseTable | None:
        if table is not None and not declared_names(info).asks_warehouse:
            fix = 'Add source = "warehouse" at the top, to a report or to a metric; or remove the table.'
            raise Invalid("nothing is measured there", fix)
        return table

    @field_validator("projects")
    @classmethod
    def _are_of_mixpanel(
        cls, projects: dict[str, ProjectTable], info: ValidationInfo
    ) -> dict[str, ProjectTable]:
        if projects and declared_names(info).source == "files":
            raise Invalid(
                "files are one project, and Mixpanel is not asked", "Remove them, or use another source."
            )
        return projects

    def project_of(self, report: ReportTable) -> str | None:
        """The project that the report is about; None for that of the environment."""
        return _own_or(report.project, self.defaults.project)

    @property
    def used_projects(self) -> Sequence[str | None]:
        """Those that some report is about, that of the environment first."""
        used = {self.project_of(report) for report in self.reports.values()}
        return [name for name in (None, *self.projects) if name in used]

    def asked_in_warehouse(self) -> Mapping[str | None, str]:
        """The projects without a warehouse of which a report has numbers measured in one; that report."""
        described = {None: self.warehouse, **{name: one.warehouse for name, one in self.projects.items()}}
        asked = {
            self.project_of(report): name
            for name, report in reversed(self.reports.items())
            if {self.source, self.defaults.source, report.source, *self._sources(report)} & {WAREHOUSE}
        }
        return {project: report for project, report in asked.items() if described[project] is None}

    def _sources(self, report: ReportTable) -> Sequence[str | None]:
        return [self.metrics[name].source for name in self.metric_names(report)]

    def subscription(self, name: str, company: str, zone: ZoneInfo, cron: str | None = None) -> Subscription:
        """One report of the self. `zone` is meant where it names none; `cron` counts instead of its own."""
        report, defaults = self.reports[name], self.defaults
        destinations = _own_or(report.destinations, _own_or(defaults.destinations, list(self.destinations)))
        only, mention = _own_or(report.only, defaults.only), _own_or(report.mention, defaults.mention)
        where = where_of(_own_or(report.where, defaults.where))
        spec = ReportSpec(
            name=name,
            title=report.title,
            cadence=Cadence(report.period),
            metrics=tuple(
                replace(self._metric(metric, report, where), section=heading)
                for heading, metrics in self.sections(report).items()
                for metric in metrics
            ),
            top_events=_own_or(report.top_events, defaults.top_events),
            hidden_events=frozenset(_own_or(report.hidden_events, defaults.hidden_events)),
            charts=_number_of_charts(_own_or(report.charts, defaults.charts)),
            insights=Insights(_own_or(report.insights, defaults.insights)),
            company=company,
            locale=_own_or(report.locale, defaults.locale),
            sensitivity=Sensitivity(_own_or(report.sensitivity, defaults.sensitivity)),
            drivers=tuple(_own_or(report.drivers, defaults.drivers)),
            holidays=_own_or(report.holidays, defaults.holidays),
            only_when_unusual=only == ALERT,
            mention=mention if only == ALERT and mention != NOBODY else None,
            where=where,
            event_labels=tuple(self.events.labels.items()),
            footer=_own_or(report.footer, defaults.footer) or "",
            compare=Comparison(_own_or(report.compare, defaults.compare)),
            project=self.project_of(report) or "" if len(self.used_projects) > 1 else None,
            in_warehouse=_own_or(report.source, defaults.source) is not None,
        )
        schedule = _schedule(report, cron or report.schedule, zone)
        hours = _own_or(report.make_up_hours, defaults.make_up_hours)
        return Subscription(
            spec,
            schedule,
            tuple(destinations),
            report.paused,
            report.paused_until,
            self.project_of(report),
            time.fromisoformat(report.wait_for_data_until) if report.wait_for_data_until else None,
            None if hours is None else timedelta(hours=hours),
        )

    def _metric(self, name: str, report: ReportTable, where: Where) -> MetricSpec:
        """A metric as the report shows it."""
        table, cadence = self.metrics[name], Cadence(report.period)
        spec = table.to_spec(name, self.metrics, cadence, where)
        if name not in report.targets or not isinstance(table, GoalTable):
            return spec
        return replace(spec, goals=(table.goal(report.targets[name], cadence),))

    def periods_of_goal(self, name: str, table: MetricTable) -> tuple[str, ...]:
        """The periods of the reports that hold one number against a metric, in which it grows with them."""
        is_number = isinstance(table, GoalTable) and isinstance(table.target, float)
        if not is_number or is_rate(table.to_measure(self.metrics)):
            return ()
        shown_in = (one for one in self.reports.values() if name in self.metric_names(one))
        periods = {one.period for one in shown_in if name not in one.targets}
        return tuple(one for one in Cadence if one in periods)

    def misfit(self, name: str, target: float, report: ReportTable) -> tuple[str, str] | None:
        """Why the report's metric cannot have this goal, and what to do."""
        table = self.metrics[name]
        if name not in self.metric_names(report):
            return "the report does not show this metric", "Add it to metrics, or remove its target."
        if not isinstance(table, GoalTable):
            return "a breakdown has no goal", "Give one to the metric that it is of."
        if isinstance(table, ShareTable) and target > 1:
            return NOT_A_SHARE
        return None

    def metric_names(self, report: ReportTable) -> list[str]:
        """The metrics that the report shows."""
        return [metric for metrics in self.sections(report).values() for metric in metrics]

    def sections(self, report: ReportTable) -> Mapping[str, list[str]]:
        """The same by their headings; a list has none. What the report says itself goes first."""
        for table in (report, self.defaults):
            if table.sections is not None:
                return table.sections
            if table.metrics is not None:
                return {"": table.metrics}
        return {"": list(self.metrics)}


def _own_or(own: Value | None, otherwise: Value) -> Value:
    return otherwise if own is None else own


def _number_of_charts(charts: bool | int) -> int:
    return charts * MOST_CHARTS if isinstance(charts, bool) else charts


def _schedule(report: ReportTable, cron: str, zone: ZoneInfo) -> Schedule:
    anchor = _own_or(report.every_two_weeks_from, FIRST_MONDAY) if report.period == "biweekly" else None
    return Schedule(cron, ZoneInfo(report.timezone) if report.timezone else zone, anchor)


SCHEMA = Path(__file__).parents[2] / "reports.schema.json"


class _TomlSchema(GenerateJsonSchema):
    """Without null, which TOML does not have, and without titles that only repeat the keys."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        return {key: value for key, value in json_schema.items() if (key, value) != ("default", None)}

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_text() -> str:
    """The schema as its file holds it."""
    schema = ReportsFile.model_json_schema(schema_generator=_TomlSchema)
    # The draft that the editors' TOML plugins read.
    return json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
