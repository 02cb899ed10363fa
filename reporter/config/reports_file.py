"""What reports.toml may hold, and the reports that it describes.

The tables' descriptions are what editors and problems say. After a change of the tables:
`python -m reporter.config.reports_file`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reporter import destinations
from reporter.config.conditions import where_of
from reporter.config.goal_tables import NOT_A_SHARE, GoalTable, ShareTable, is_rate
from reporter.config.metric_keys import ALERT, MetricTable, declared_names, free_report_name
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
from reporter.validation import (
    Between,
    EntryName,
    EventName,
    FilledText,
    Invalid,
    OneOf,
    PropertyName,
    SettingsTable,
    each_once,
)

Value = TypeVar("Value")


def check_file_place(place: str) -> str:
    """A path or an address of files, without a secret in it."""
    if re.search(r"://[^/]*@|[?&][\w.-]+=", place):
        raise Invalid(
            "an address with a password or a signature stands here (this file is shared, a secret is not)",
            "Leave it out here, and set it in the environment, as the storage's own tools expect it.",
        )
    if "://" in place and not re.match(r"[a-z][a-z0-9+.]*://[^/]+", place):
        raise Invalid("this is no address of files", 'Write it as in "s3://bucket/mixpanel/*.json.gz".')
    return place


ReportName: TypeAlias = Annotated[EntryName, AfterValidator(free_report_name)]
FilePlace: TypeAlias = Annotated[FilledText, AfterValidator(check_file_place)]
AnyDestination: TypeAlias = Annotated[DestinationTable, OneOf(destinations.KINDS, "type")]


class EventsTable(SettingsTable):
    """Raw events: how long they are kept, and what of them."""

    refetch_days: Annotated[int, Between(0, 30)] = Field(
        default=5, description="How many of the last days are fetched again each time: events arrive late."
    )
    keep_days: Annotated[int, Between(35, 3_660)] = Field(
        default=400, description="After how many days stored events are deleted."
    )
    keep_properties: Annotated[list[PropertyName], AfterValidator(each_once)] = Field(
        default=[], description="Properties that are stored besides those that metrics need."
    )
    time_rule: Literal["auto", "utc", "project"] = Field(
        default="auto",
        description="How exported events tell the time: in UTC (projects made from 2023 on), or in the "
        "project's zone (older ones). auto finds out.",
    )
    files: Annotated[list[FilePlace], AfterValidator(each_once)] = Field(
        default=[],
        description='For source = "files": where they are, such as "data/*.parquet" or '
        '"s3://bucket/mixpanel/*.json.gz"; the identity mappings of Data Pipelines may be among them. '
        "A path is meant from the folder of this file on.",
    )
    labels: dict[EventName, FilledText] = Field(
        default={}, description='What events are called in the ranking: { "$ae_session" = "Visit" }.'
    )

    @field_validator("files")
    @classmethod
    def _are_asked_for(cls, files: list[str], info: ValidationInfo) -> list[str]:
        if files and declared_names(info).source != "files":
            raise Invalid(
                "files are read only from files", 'Add source = "files" at the top, or remove them.'
            )
        return files


class ReportsFile(SettingsTable):
    """Which reports are sent, when, where to, and what they show."""

    source: Origin = Field(
        default="auto",
        description="Where numbers come from. query: Mixpanel's Query API. export: raw events, which every "
        "plan has. auto: the first, and the second where Mixpanel refuses it. files: raw events in files.",
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
        return source

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
        )
        schedule = _schedule(report, cron or report.schedule, zone)
        return Subscription(
            spec,
            schedule,
            tuple(destinations),
            report.paused,
            report.paused_until,
            self.project_of(report),
            time.fromisoformat(report.wait_for_data_until) if report.wait_for_data_until else None,
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
