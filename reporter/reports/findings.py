"""What a report may say: findings on its numbers and notes below them; renderers put them into words."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from reporter.reports.causes import Cause, MetricPart
from reporter.reports.errors import FailureCause
from reporter.reports.figures import RawEvents
from reporter.reports.subscriptions import NUMBER, Format


class FaultKind(StrEnum):
    """What is wrong."""

    STOPPED = "STOPPED"  # nothing came from some day to the end
    GAP = "GAP"  # nothing came for a day or more, then it came again
    INCOMPLETE = "INCOMPLETE"  # all metrics lack a part of one of the last two days
    DUPLICATES = "DUPLICATES"  # many more events for each user than usual, of as many users as usual
    ALL_ZERO = "ALL_ZERO"  # nothing at all came


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric's value, and its previous one where it can be compared. `sentence` begins the words."""

    label: str
    sentence: str | None
    value: float
    previous: float | None
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class BusiestEvent:
    """The event that happened most, and its share of all ranked events."""

    event: str
    count: float
    share: float  # 0..1


@dataclass(frozen=True, slots=True)
class NothingHappened:
    """Everything that was measured is zero."""


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """Metrics that have no number, by their labels; the reason where it is the same for several."""

    labels: tuple[str, ...]
    reason: str | None = None
    causes: tuple[FailureCause, ...] = field(default=(), compare=False)  # of the reason


@dataclass(frozen=True, slots=True)
class Unusual:
    """A metric outside of what its own past led to expect. Users have no range, only a ratio.

    Users of a period are distinct and their daily numbers overlap, so what is expected of the days says how
    far off they are, and not how many users were to be expected.
    """

    label: str
    value: float
    ratio: float  # actual / expected - 1, of the daily numbers
    low: float | None  # 98 of 100 usual periods lie between low and high
    high: float | None
    causes: tuple[Cause, ...] = ()  # the most telling first, of a property each
    is_of_users: bool = False  # users may be in several parts at once
    format: Format = NUMBER
    across: tuple[str, ...] = ()  # where no cause is known: properties all of whose large values moved alike
    part: MetricPart | None = None  # that it is about, where the whole is as usual


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """One day that departs from what was to be expected of it, in a period that does not."""

    label: str
    day: date
    actual: float
    expected: float
    format: Format = NUMBER
    part: MetricPart | None = None  # that it is about, where the whole is as usual


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """The highest (1) or lowest (-1) of such periods since `since`, or of all that are known (None)."""

    label: str
    value: float
    direction: int
    since: date | None  # the first day of the last period that was as high or low
    known: int  # how many such periods, this one included, were compared
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class Milestone:
    """A period's number is at or above a round one for the first time since the history begins."""

    label: str
    value: float
    passed: float  # the round number
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class NothingUnusual:
    """All of so many metrics are within their normal range; all others, where something is unusual."""

    metrics: int
    are_others: bool = False


@dataclass(frozen=True, slots=True)
class CommonShift:
    """So many metrics are unusually high (1) or low (-1) together that it is one story."""

    direction: int
    count: int
    among: int


@dataclass(frozen=True, slots=True)
class DataDoubt:
    """A fault of the tracking, which comes before the numbers and is never told as business.

    `label` is None where all metrics have it. `expected` is what was usual of such a day, `actual` what came;
    for INCOMPLETE they are shares of a day.
    """

    code: FaultKind
    label: str | None
    day: date
    expected: float
    actual: float


Finding: TypeAlias = (
    MetricChange
    | BusiestEvent
    | NothingHappened
    | NotMeasured
    | Unusual
    | UnusualDay
    | CommonShift
    | DataDoubt
    | RecordNumber
    | Milestone
    | NothingUnusual
)


@dataclass(frozen=True, slots=True)
class Late:
    """The report runs well after it was due; it may have waited for the data of its last day."""

    due: datetime
    has_waited: bool = False


@dataclass(frozen=True, slots=True)
class ZoneAssumed:
    """Mixpanel did not tell the project's zone; the setting was taken."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Some numbers are Mixpanel's estimates from a sample."""


@dataclass(frozen=True, slots=True)
class NotAllNumbers:
    """So many values of the metric's property are no numbers, and so left out of it."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class RankedPartly:
    """Only the most common `among` events of the project could be ranked."""

    among: int


@dataclass(frozen=True, slots=True)
class NoEarlierData:
    """The project's first event is younger than the previous period: nothing to compare with."""

    first_day: date


@dataclass(frozen=True, slots=True)
class Next:
    """When the report comes next, where that is not plain from its name."""

    due: datetime


@dataclass(frozen=True, slots=True)
class MeasuredFromRaw:
    """Numbers were measured from raw events; `labels` are of those metrics, none where it is all of them."""

    raw: RawEvents
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restated:
    """A number of the report before was told otherwise than it is now known: late data, merged users."""

    label: str
    said: float
    now: float
    format: Format = NUMBER


@dataclass(frozen=True, slots=True)
class TooLittleToJudge:
    """The history is too short to tell what is unusual; from `enough_on` it will do."""

    enough_on: date


@dataclass(frozen=True, slots=True)
class NotJudged:
    """These metrics have a number, and no past that tells what is usual of it."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HolidayIn:
    """A holiday of the period, which explains a quiet day."""

    day: date
    name: str  # in the country's own language
    country: str | None = None  # whose it is, where nobody named one: by the time zone
    translations: tuple[tuple[str, str], ...] = ()  # its name by language: ("en", "Christmas Day")

    def name_in(self, language: str) -> str:
        return dict(self.translations).get(language, self.name)


@dataclass(frozen=True, slots=True)
class PartsNotJudged:
    """The values of this property could not be judged beside the whole; the reason is fit for people."""

    property: str
    reason: str
    causes: tuple[FailureCause, ...] = field(default=(), compare=False)  # of the reason


@dataclass(frozen=True, slots=True)
class CausesNotLookedFor:
    """What is unusual could not be taken apart; the reason is fit for people."""

    reason: str
    causes: tuple[FailureCause, ...] = field(default=(), compare=False)  # of the reason


Note: TypeAlias = (
    Next
    | Late
    | ZoneAssumed
    | Sampled
    | NotAllNumbers
    | RankedPartly
    | NoEarlierData
    | MeasuredFromRaw
    | Restated
    | TooLittleToJudge
    | NotJudged
    | HolidayIn
    | CausesNotLookedFor
    | PartsNotJudged
)
