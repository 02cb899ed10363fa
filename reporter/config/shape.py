"""What reports.toml may hold; its descriptions are what editors and faults say."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config import report_checks
from reporter.config.destination_tables import DestinationTable
from reporter.config.elsewhere import elsewhere, free_report_name
from reporter.config.faults import Wrong
from reporter.config.metric_tables import TaggedMetricTable
from reporter.config.report_tables import DefaultsTable, ReportTable
from reporter.config.table import Between, Name, Property, Table, Words, each_once

ReportName: TypeAlias = Annotated[Name, AfterValidator(free_report_name)]
Place: TypeAlias = Annotated[Words, AfterValidator(report_checks.file_place)]


class EventsTable(Table):
    """Raw events: how long they are kept, and what of them."""

    refetch_days: Annotated[int, Between(0, 30)] = Field(
        default=5, description="How many of the last days are fetched again each time: events arrive late."
    )
    keep_days: Annotated[int, Between(35, 3_660)] = Field(
        default=400, description="After how many days stored events are deleted."
    )
    keep_properties: Annotated[list[Property], AfterValidator(each_once)] = Field(
        default=[], description="Properties that are stored besides those that metrics need."
    )
    time_rule: Literal["auto", "utc", "project"] = Field(
        default="auto",
        description="How exported events tell the time: in UTC (projects made from 2023 on), or in the "
        "project's zone (older ones). auto finds out.",
    )
    files: Annotated[list[Place], AfterValidator(each_once)] = Field(
        default=[],
        description='For source = "files": where they are, such as "data/*.parquet" or '
        '"s3://bucket/mixpanel/*.json.gz"; the identity mappings of Data Pipelines may be among them. '
        "A path is meant from the folder of this file on.",
    )

    @field_validator("files")
    @classmethod
    def _are_asked_for(cls, files: list[str], info: ValidationInfo) -> list[str]:
        if files and elsewhere(info).source != "files":
            raise Wrong("files are read only from files", 'Add source = "files" at the top, or remove them.')
        return files


class ReportsFile(Table):
    """Which reports are sent, when, where to, and what they show."""

    source: Literal["auto", "query", "export", "files"] = Field(
        default="auto",
        description="Where numbers come from. query: Mixpanel's Query API. export: raw events, which every "
        "plan has. auto: the first, and the second where Mixpanel refuses it. files: raw events in files.",
    )
    events: EventsTable = Field(default_factory=EventsTable)
    defaults: DefaultsTable = Field(default_factory=DefaultsTable)
    metrics: dict[Name, TaggedMetricTable] = Field(
        min_length=1, description="The metrics, by the names reports call them."
    )
    reports: dict[ReportName, ReportTable] = Field(min_length=1, description="The reports, by name.")
    destinations: dict[Name, DestinationTable] = Field(
        min_length=1, description="Where reports are sent, by name."
    )

    @field_validator("source")
    @classmethod
    def _has_files(cls, source: str, info: ValidationInfo) -> str:
        if source == "files" and not elsewhere(info).has_files:
            raise Wrong("no files are named", 'Add a table [events] with files = ["data/*.parquet"].')
        return source
