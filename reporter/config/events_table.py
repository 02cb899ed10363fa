"""The table [events] of reports.toml: how raw events are stored, and what of them."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config.metric_keys import declared_names
from reporter.validation import (
    Between,
    EventName,
    FilledText,
    Invalid,
    PropertyName,
    SettingsTable,
    each_once,
)


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


FilePlace: TypeAlias = Annotated[FilledText, AfterValidator(check_file_place)]


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
