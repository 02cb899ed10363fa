"""Findings and notes as JSON: each the fact with its numbers, and the sentence that says it."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AliasPath, BeforeValidator, Field

from reporter.render.document_types import (
    Count,
    Currency,
    Day,
    DocumentPart,
    Inlining,
    Kind,
    Moment,
    Number,
    NumberFormat,
    OfItsKind,
    Text,
)
from reporter.reports import causes, findings
from reporter.reports.figures import RawReason

Direction: TypeAlias = Literal[-1, 1]


class MovedJson(Kind, of=findings.MetricChange):
    kind: Literal["moved"] = "moved"
    label: Text
    value: Number
    previous: Number
    format: NumberFormat
    currency: Currency


class BusiestJson(Kind, of=findings.BusiestEvent):
    kind: Literal["busiest"] = "busiest"
    event: Text
    count: Number
    share: Number


class NothingHappenedJson(Kind, of=findings.NothingHappened):
    kind: Literal["nothing_happened"] = "nothing_happened"


class NotMeasuredJson(Kind, of=findings.NotMeasured):
    kind: Literal["not_measured"] = "not_measured"
    labels: list[Text]
    reason: Text | None


class CauseJson(DocumentPart):
    """A part that moved on its own; explains is the share of the change that goes away with it put back."""

    property: Text
    values: list[Text]
    explains: Number
    effect: causes.CauseEffect
    moved: Number
    of: Number


class PartJson(DocumentPart):
    """The part of a metric that has one value of a property."""

    property: Text
    value: Text


class UnusualJson(Kind, of=findings.Unusual):
    kind: Literal["unusual"] = "unusual"
    label: Text
    value: Number
    ratio: Number
    low: Number
    high: Number
    causes: list[CauseJson]
    across: list[Text]
    part: PartJson | None
    is_of_users: bool
    format: NumberFormat
    currency: Currency


class UnusualDayJson(Kind, of=findings.UnusualDay):
    kind: Literal["unusual_day"] = "unusual_day"
    label: Text
    date: Day = Field(validation_alias="day")
    actual: Number
    expected: Number
    format: NumberFormat
    currency: Currency
    part: PartJson | None


class TogetherJson(Kind, of=findings.CommonShift):
    kind: Literal["together"] = "together"
    direction: Direction
    count: Count
    among: Count


class RecordJson(Kind, of=findings.RecordNumber):
    kind: Literal["record"] = "record"
    label: Text
    value: Number
    direction: Direction
    since: Day | None
    known: Count
    format: NumberFormat
    currency: Currency


class MilestoneJson(Kind, of=findings.Milestone):
    kind: Literal["milestone"] = "milestone"
    label: Text
    value: Number
    passed: Number
    format: NumberFormat
    currency: Currency


class NothingUnusualJson(Kind, of=findings.NothingUnusual):
    kind: Literal["nothing_unusual"] = "nothing_unusual"
    metrics: Count
    are_others: bool = Field(description="It is about all other metrics, and some are unusual.")


class DoubtJson(Kind, of=findings.DataDoubt):
    kind: Literal["doubt"] = "doubt"
    code: Annotated[str, BeforeValidator(str.lower)]
    label: Text | None
    date: Day = Field(validation_alias="day")
    actual: Number
    expected: Number


class LateJson(Kind, of=findings.Late):
    kind: Literal["late"] = "late"
    due: Moment
    has_waited: bool = Field(description="Whether for the data of its last day.")


class NextJson(Kind, of=findings.Next):
    kind: Literal["next"] = "next"
    due: Moment


class ZoneAssumedJson(Kind, of=findings.ZoneAssumed):
    kind: Literal["zone_assumed"] = "zone_assumed"


class SampledJson(Kind, of=findings.Sampled):
    kind: Literal["sampled"] = "sampled"


class NotAllNumbersJson(Kind, of=findings.NotAllNumbers):
    kind: Literal["not_all_numbers"] = "not_all_numbers"
    label: Text
    count: Count


class RankedPartlyJson(Kind, of=findings.RankedPartly):
    kind: Literal["ranked_partly"] = "ranked_partly"
    among: Count


class NoEarlierDataJson(Kind, of=findings.NoEarlierData):
    kind: Literal["no_earlier_data"] = "no_earlier_data"
    first_date: Day = Field(validation_alias="first_day")


class MeasuredFromRawJson(Kind, of=findings.MeasuredFromRaw):
    kind: Literal["measured_from_raw"] = "measured_from_raw"
    because: RawReason = Field(validation_alias=AliasPath("raw", "because"))
    labels: list[Text] = Field(description="of the metrics; none where it is all of them")
    events: Count = Field(validation_alias=AliasPath("raw", "events"))
    duplicates: Count = Field(validation_alias=AliasPath("raw", "duplicates"))
    late: Count = Field(validation_alias=AliasPath("raw", "late"))
    unreadable: Count = Field(validation_alias=AliasPath("raw", "unreadable"))
    unlinked_from: Day | None = Field(
        validation_alias=AliasPath("raw", "unlinked_from"),
        description="from this day on some users may count twice",
    )


class RestatedJson(Kind, of=findings.Restated):
    kind: Literal["restated"] = "restated"
    label: Text
    said: Number
    now: Number
    format: NumberFormat
    currency: Currency


class TooLittleToJudgeJson(Kind, of=findings.TooLittleToJudge):
    kind: Literal["too_little_to_judge"] = "too_little_to_judge"
    enough_on: Day


class NotJudgedJson(Kind, of=findings.NotJudged):
    kind: Literal["not_judged"] = "not_judged"
    labels: list[Text]


class HolidayJson(Kind, of=findings.HolidayIn):
    kind: Literal["holiday"] = "holiday"
    date: Day = Field(validation_alias="day")
    name: Text


class CausesNotLookedForJson(Kind, of=findings.CausesNotLookedFor):
    kind: Literal["causes_not_looked_for"] = "causes_not_looked_for"
    reason: Text


class PartsNotJudgedJson(Kind, of=findings.PartsNotJudged):
    kind: Literal["parts_not_judged"] = "parts_not_judged"
    property: Text
    reason: Text


class FindingJson(Inlining):
    """A fact, and the sentence that says it."""

    inlined: ClassVar = "fact"
    fact: Annotated[
        MovedJson
        | BusiestJson
        | NothingHappenedJson
        | NotMeasuredJson
        | UnusualJson
        | UnusualDayJson
        | TogetherJson
        | RecordJson
        | MilestoneJson
        | NothingUnusualJson
        | DoubtJson,
        OfItsKind,
    ]
    text: Text


class NoteJson(Inlining):
    """What else a reader must know, and the sentence that says it."""

    inlined: ClassVar = "fact"
    fact: Annotated[
        LateJson
        | NextJson
        | ZoneAssumedJson
        | SampledJson
        | NotAllNumbersJson
        | RankedPartlyJson
        | NoEarlierDataJson
        | MeasuredFromRawJson
        | RestatedJson
        | TooLittleToJudgeJson
        | NotJudgedJson
        | HolidayJson
        | CausesNotLookedForJson
        | PartsNotJudgedJson,
        OfItsKind,
    ]
    text: Text
