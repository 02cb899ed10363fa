"""A report as a JSON document: a public format, version 1, whose types are its JSON Schema.

Names stand in it as Mixpanel has them. All keys are always there. Keys are only ever added; a change of
meaning is a new version.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Annotated, Any, Literal, cast

from pydantic import AliasPath, BeforeValidator, Field, ValidationInfo, model_validator

from reporter.render import dates, notes, sentences
from reporter.render.document_findings import FindingJson, NoteJson
from reporter.render.document_types import (
    ChangeJson,
    Count,
    Currency,
    DocumentPart,
    MetricJson,
    Moment,
    Number,
    NumberFormat,
    PeriodJson,
    ScalarText,
    Text,
    UntitledSchema,
)
from reporter.render.sanitize import Object, written
from reporter.reports.conditions import Operator
from reporter.reports.findings import Finding, HolidayIn
from reporter.reports.periods import Cadence, Comparison
from reporter.reports.report import Chart, DetailKind, Note, Report


def draw(report: Report) -> str:
    """The document as text; ends with a newline."""
    return written(document(report))


def document(report: Report) -> Object:
    """The document as values."""
    return ReportJson.model_validate(dates.with_dates(report), context=report).model_dump(mode="json")


def schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Its JSON Schema, for those who read it with a program; objects are left open, as keys may be added."""
    return ReportJson.model_json_schema(
        mode="serialization", ref_template=ref_template, schema_generator=UntitledSchema
    )


class TopEventJson(DocumentPart):
    name: Text
    count: Number
    change: ChangeJson | None
    label: Text = Field(description="What the settings call it; empty where they do not.")
    users: Number = Field(description="Who did it; null where that is not known.")


class TopEventsJson(DocumentPart):
    """The busiest events, out of `known` that happened `total` times."""

    state: Literal["measured"] = "measured"
    rows: list[TopEventJson]
    total: Number
    known: Count
    is_partial: bool


class NoTopEventsJson(DocumentPart):
    """They could not be measured."""

    state: Literal["failed"] = "failed"
    reason: Text
    may_work_later: bool = Field(validation_alias="is_temporary")
    retry_after_seconds: Number = Field(validation_alias="after")


class PointJson(PeriodJson):
    value: Number
    previous: Number
    usual_low: Number = Field(description="Of 100 usual spans 98 lie between the two.")
    usual_high: Number


class ChartJson(DocumentPart):
    """The average day of each span, and of the span at the same place in the period before."""

    label: Text
    points: list[PointJson]
    format: NumberFormat
    currency: Currency

    @model_validator(mode="before")
    @classmethod
    def _by_points(cls, chart: Chart) -> SimpleNamespace:
        none = (None,) * len(chart.spans)
        previous = chart.previous if len(chart.previous) == len(chart.spans) else none
        usual = chart.usual if len(chart.usual) == len(chart.spans) else none
        points = [
            {
                "start": span.start,
                "last": span.last,
                "length": span.length,
                "value": value,
                "previous": before,
                "usual_low": edges[0] if edges else None,
                "usual_high": edges[1] if edges else None,
            }
            for span, value, before, edges in zip(chart.spans, chart.values, previous, usual, strict=True)
        ]
        return SimpleNamespace(label=chart.label, points=points, format=chart.format)


class DetailRowJson(DocumentPart):
    name: Text | None = Field(description="null: not set, or all others")
    value: Number
    share: Number
    change: ChangeJson | None
    is_rest: bool


class DetailJson(DocumentPart):
    """What a metric is made of: the values of a property, or the steps of a funnel."""

    label: Text
    kind: DetailKind
    by: Text | None = Field(description="the property")
    rows: list[DetailRowJson]
    format: NumberFormat
    currency: Currency


def _findings(found: Sequence[Finding], info: ValidationInfo) -> list[dict[str, object]]:
    return [
        {"fact": one, "text": sentences.finding(one, cast("Report", info.context)).whole} for one in found
    ]


def _notes(noted: Sequence[Note], info: ValidationInfo) -> list[dict[str, object]]:
    report = cast("Report", info.context)
    return [{"fact": _named(one, report.locale), "text": notes.note(one, report)} for one in noted]


def _named(noted: Note, locale: str) -> Note:
    return replace(noted, name=noted.name_in(locale[:2])) if isinstance(noted, HolidayIn) else noted


class ConditionJson(DocumentPart):
    """What a property must be: equal to one of the values, or as the operator says."""

    property: Text
    operator: Operator
    values: list[ScalarText]


class ReportJson(DocumentPart):
    """What happened in a Mixpanel project over a period."""

    version: Literal[1] = 1
    report: Text = Field(validation_alias="name")
    title: Text
    company: Text
    project: Text
    time_zone: str = Field(
        validation_alias=AliasPath("zone", "key"),
        description="The IANA zone in which Mixpanel cuts the project's days.",
    )
    locale: str
    cadence: Cadence | None
    period: PeriodJson
    previous_period: PeriodJson = Field(validation_alias="previous")
    compare: Comparison = Field(description="What the numbers are compared with.")
    findings: Annotated[list[FindingJson], BeforeValidator(_findings)]
    metrics: list[MetricJson]
    top_events: TopEventsJson | NoTopEventsJson | None = Field(description="null where it was not asked for")
    charts: list[ChartJson]
    notes: Annotated[list[NoteJson], BeforeValidator(_notes)]
    computed_at: Moment
    queries: Count = Field(description="What the report cost of Mixpanel's hourly quota.")
    details: list[DetailJson]
    mention: Text | None = Field(description="Whom Slack calls: here, channel, or an id.")
    where: list[ConditionJson] = Field(description="What the events must be of which it tells alone.")
    is_alert: bool = Field(description="Its message tells only of what is unusual.")
    link: Text = Field(description="The project in Mixpanel; empty where it is not known.")
    footer: Text = Field(description="The line of reports.toml below the report.")
