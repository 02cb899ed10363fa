"""Metrics and their figures as JSON: each state of a figure reads differently."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AliasPath, Field, RootModel

from reporter.render.document_types import (
    ChangeJson,
    Count,
    Currency,
    Inlining,
    Kind,
    Number,
    NumberFormat,
    OfItsKind,
    Part,
    ScalarText,
    Text,
)
from reporter.reports import figures


class MeasuredJson(Kind, of=figures.Measured):
    """A number; a real zero is one. Skipped are values of the property that are no numbers."""

    state: Literal["measured"] = "measured"
    value: Number
    sampled: bool
    skipped: Count


class UndefinedJson(Kind, of=figures.Undefined):
    """There is nothing to measure it of, such as a share of nobody."""

    state: Literal["undefined"] = "undefined"
    value: None = None


class UnknownEventJson(Kind, of=figures.UnknownEvent):
    """The project has no event of this name; the nearest names, best first."""

    state: Literal["unknown_event"] = "unknown_event"
    value: None = None
    event: Text
    nearest: list[Text]


class UnknownPropertyJson(Kind, of=figures.UnknownProperty):
    """No occurrence of the event has had the property since that day; the nearest names, best first."""

    state: Literal["unknown_property"] = "unknown_property"
    value: None = None
    event: Text
    property: Text
    since: date
    nearest: list[Text]


class UnknownValueJson(Kind, of=figures.UnknownValue):
    """The property has never had the wanted value since that day; the nearest values, best first."""

    state: Literal["unknown_value"] = "unknown_value"
    value: None = Field(default=None, validation_alias="number")  # `value` is what was wanted
    event: Text
    property: Text
    wanted: ScalarText = Field(validation_alias="value")
    is_part: bool
    since: date
    nearest: list[ScalarText]


class NotNumericJson(Kind, of=figures.NotNumeric):
    """The property is never a number, so there is nothing to add up, average or compare."""

    state: Literal["not_numeric"] = "not_numeric"
    value: None = None
    event: Text
    property: Text


class FailedJson(Kind, of=figures.Failed):
    """It could not be measured."""

    state: Literal["failed"] = "failed"
    value: None = None
    reason: Text
    may_work_later: bool = Field(validation_alias="is_temporary")
    retry_after_seconds: Number = Field(validation_alias="after")


class TooLittleHistoryJson(Kind, of=figures.TooLittleHistory):
    """The period reaches back before the project's first event."""

    state: Literal["too_little_history"] = "too_little_history"
    value: None = None
    first_date: date = Field(validation_alias="first_day")


class IncomparableJson(Kind, of=figures.Incomparable):
    """The previous period has no number that would be a fair comparison."""

    state: Literal["incomparable"] = "incomparable"
    value: None = None
    why: figures.Unlike


class FigureJson(
    RootModel[
        Annotated[
            MeasuredJson
            | UndefinedJson
            | UnknownEventJson
            | UnknownPropertyJson
            | UnknownValueJson
            | NotNumericJson
            | FailedJson
            | TooLittleHistoryJson
            | IncomparableJson,
            OfItsKind,
        ]
    ]
):
    """A number, or why there is none."""


class UsualJson(Part):
    """The normal range, of a metric that left it: 98 of 100 usual periods lie between low and high."""

    low: Number
    high: Number
    expected: Number


class ProgressJson(Part):
    """Where a metric is on the way to its goal; share is value / target."""

    target: Number = Field(validation_alias=AliasPath("goal", "target"))
    by: date | None = Field(
        validation_alias=AliasPath("goal", "by"), description="the day by which it is to be reached"
    )
    is_limit: bool = Field(
        validation_alias=AliasPath("goal", "is_limit"), description="the target is a limit: at most so much"
    )
    share: Number
    is_reached: bool


class MetricJson(Inlining):
    """A figure with its previous one."""

    inlined: ClassVar = "figure"
    label: Text
    figure: FigureJson
    previous: FigureJson
    change: ChangeJson | None
    usual: UsualJson | None
    progress: ProgressJson | None
    format: NumberFormat
    currency: Currency
