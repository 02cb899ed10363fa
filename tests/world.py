"""A small world to test in: makers of model values, and fakes one can look into."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from reporter.anomalies.judge import judge
from reporter.publishing.notices import Ledger
from reporter.reports.compose import compose
from reporter.reports.deliveries import (
    Delivery,
    LedgerEntry,
    Notice,
    Payload,
    Receipt,
    ReportedNumbers,
    State,
)
from reporter.reports.errors import Refused, ReporterError
from reporter.reports.figures import (
    Daily,
    EventTotal,
    Failed,
    Figure,
    Figures,
    Measured,
    Project,
    Question,
    Ranking,
    SegmentAnswer,
    Segmentation,
    Segments,
)
from reporter.reports.measures import ActiveUsers, EventCount, Measure
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Report
from reporter.reports.subscriptions import Edition, MetricSpec, Order, ReportSpec

UTC_ZONE = ZoneInfo("UTC")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))

SIGN_UPS = EventCount("Sign Up")
PAGE_VIEWS = EventCount("Page View")
ACTIVE_USERS = ActiveUsers()


def spec(cadence: Cadence = Cadence.WEEKLY, **changes: object) -> ReportSpec:
    """A weekly report of three metrics, with `changes`."""
    values: dict[str, object] = {
        "name": str(cadence),
        "title": f"{cadence.capitalize()} Report",
        "cadence": cadence,
        "metrics": (
            MetricSpec("New Signups", SIGN_UPS, "{value} new users joined"),
            MetricSpec("Active Users", ACTIVE_USERS, "{value} users were active"),
            MetricSpec("Page Views", PAGE_VIEWS),
        ),
        "company": "Acme",
    }
    return ReportSpec(**{**values, **changes})  # pyright: ignore[reportArgumentType]


def composed(made: Edition, figures: Figures, now: datetime = MONDAY, said: ReportedNumbers = ()) -> Report:
    """The report of these figures, judged, without causes."""
    return compose(made, figures, judge(made.spec, figures), now, said)


def edition(report: ReportSpec | None = None, now: datetime = MONDAY) -> Edition:
    return Order(report or spec()).edition(now, UTC_ZONE)


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


def claim(ledger: Ledger, delivery: Delivery, now: datetime = MONDAY) -> LedgerEntry:
    """Take a delivery on, as a process does that dies then."""
    known = ledger.entry(delivery, now)
    claimed = known.claimed(now, "dead") if known else LedgerEntry(State.CLAIMED, now, id="dead")
    written = ledger.record(delivery, claimed, over=known)
    assert written
    return written


@dataclass
class FakeSource:
    """Answers from tables: for each measure a number or a state, and its daily numbers, the oldest first."""

    values: Mapping[Measure, float | Figure] = field(
        default_factory=lambda: {SIGN_UPS: 89, ACTIVE_USERS: 1_204, PAGE_VIEWS: 12_500}
    )
    before: Mapping[Measure, float | Figure] = field(
        default_factory=lambda: {SIGN_UPS: 79, ACTIVE_USERS: 1_068, PAGE_VIEWS: 11_900}
    )
    ranking: Ranking | Failed | None = field(
        default_factory=lambda: Ranking(
            (EventTotal("Page View", 12_500, 11_900), EventTotal("Sign Up", 89, 79))
        )
    )
    zone: ZoneInfo = UTC_ZONE
    daily: Mapping[Measure, Sequence[float]] = field(default_factory=dict[Measure, Sequence[float]])
    answers: Mapping[Measure, Segments] | ReporterError = field(default_factory=dict[Measure, Segments])
    questions: list[Question] = field(default_factory=list[Question])
    segmentations: list[Segmentation] = field(default_factory=list[Segmentation])

    def project(self) -> Project:
        return Project("123456", "Acme App", self.zone)

    def measure(self, question: Question) -> Figures:
        self.questions.append(question)
        return Figures(
            project=self.project(),
            question=question,
            now={measure: _figure(self.values[measure]) for measure in question.measures},
            before={measure: _figure(self.before[measure]) for measure in question.measures},
            daily={
                measure: Daily(question.history.start, tuple(self._days(measure, question)))
                for measure in question.measures
            },
            ranking=self.ranking if question.ranks_events else None,
            computed_at=MONDAY,
            queries=4,
        )

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        self.segmentations.append(segmentation)
        if isinstance(self.answers, ReporterError):
            raise self.answers
        return SegmentAnswer(self.answers, queries=len(segmentation.properties))

    def _days(self, measure: Measure, question: Question) -> Sequence[float]:
        """The last days of those in the table; else one event more each day."""
        length = question.history.length
        return self.daily[measure][-length:] if measure in self.daily else range(1, length + 1)


def _figure(value: float | Figure) -> Figure:
    return Measured(value) if isinstance(value, int | float) else value


@dataclass
class FakeDestination:
    """Keeps what it is sent; `errors` are raised first, one a send.

    `lost` is what `find` says of each delivery: what is there, or why that cannot be known.
    """

    name: str = "slack"
    reports: list[Report] = field(default_factory=list[Report])
    notices: list[Notice] = field(default_factory=list[Notice])
    sent: list[str] = field(default_factory=list[str])
    errors: list[ReporterError] = field(default_factory=list[ReporterError])
    lost: Receipt | ReporterError | None = field(default_factory=lambda: Refused("It cannot be looked up."))
    looked_up: list[tuple[Delivery, datetime]] = field(default_factory=list[tuple[Delivery, datetime]])

    def draw(self, report: Report) -> Sequence[Payload]:
        self.reports.append(report)
        return (Payload(b"report " + report.title.encode()),)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        self.notices.append(notice)
        return (Payload(b"notice " + notice.code.encode()),)

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = lambda: None,
    ) -> Receipt:
        ready()
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(payloads[0].body.decode())
        return Receipt()

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        self.looked_up.append((delivery, since))
        if isinstance(self.lost, ReporterError):
            raise self.lost
        return self.lost

    def check(self) -> None: ...

    def over(self, transport: object, sleep: object) -> "FakeDestination":
        return self


@dataclass
class FakeAlarm:
    """Keeps what it is told, while it can reach people."""

    notices: list[Notice] = field(default_factory=list[Notice])
    reaches: bool = True

    def tell(self, notice: Notice, destination: str) -> bool:
        if self.reaches:
            self.notices.append(notice)
        return self.reaches

    @property
    def codes(self) -> list[str]:
        return [notice.code for notice in self.notices]
