from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.reports.figures import (
    Daily,
    Failed,
    Figures,
    Measured,
    Project,
    Question,
    RawEvents,
    RawReason,
    SegmentAnswer,
    Segmentation,
)
from reporter.reports.measures import EventUsers, Measure, Ratio, Sessions
from reporter.sources.composite import FallbackSource
from tests.world import ACTIVE_USERS, MONDAY, SIGN_UPS, UTC_ZONE, WEEK, FakeSource

SESSIONS = Sessions()
BUYERS = EventUsers("Purchase")
NOT_OFFERED = Failed("Sessions are measured from raw events", raw_reason=RawReason.NOT_OFFERED)
REFUSED = Failed("Mixpanel refused it", raw_reason=RawReason.REFUSED)
SEGMENTATION = Segmentation((SIGN_UPS,), ("$os",), (WEEK.previous, WEEK))


@dataclass
class FakeQueryApi(FakeSource):
    """Answers from a table, or with an error instead."""

    error: ReporterError | None = None

    def measure(self, question: Question) -> Figures:
        if self.error:
            raise self.error
        return super().measure(question)

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        if self.error:
            raise self.error
        return SegmentAnswer({SIGN_UPS: {"$os": {"iOS": (1.0, 2.0)}}}, queries=1)


@dataclass
class FakeEvents:
    """Measures 7 of everything, or fails."""

    error: ReporterError | None = None
    asked: list[tuple[Question, RawReason]] = field(default_factory=list[tuple[Question, RawReason]])

    def measure(self, question: Question, because: RawReason) -> Figures:
        self.asked.append((question, because))
        if self.error:
            raise self.error
        return Figures(
            project=Project("1", "Acme", UTC_ZONE),
            question=question,
            now=dict.fromkeys(question.measures, Measured(7)),
            before=dict.fromkeys(question.measures, Measured(5)),
            daily={SIGN_UPS: ZEROS, SESSIONS: ZEROS},
            ranking=None,
            computed_at=MONDAY - timedelta(hours=1),
            queries=0,
            raw=RawEvents(because, frozenset(question.measures), False, 1_000),
            earlier={measure: {WEEK.previous: Measured(6)} for measure in question.measures},
        )

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        return SegmentAnswer({SIGN_UPS: {"$os": {"iOS": (3.0, 4.0)}}})


ZEROS = Daily(WEEK.start, (0.0,) * 7)


def question(*measures: Measure) -> Question:
    return Question(measures, WEEK, WEEK.previous)


def query_api(**figures: Failed) -> FakeQueryApi:
    """A Query API that has sign-ups and active users, and fails for the others as told."""
    failed: dict[Measure, float | Measured | Failed] = {SIGN_UPS: 89, ACTIVE_USERS: 1_204}
    failed |= {
        measure: figures[name]
        for name, measure in (("sessions", SESSIONS), ("buyers", BUYERS))
        if name in figures
    }
    return FakeQueryApi(values=failed, before=failed)  # pyright: ignore[reportArgumentType]


def test_what_the_query_api_has_is_not_measured_again():
    events = FakeEvents()

    figures = FallbackSource(query_api(), events).measure(question(SIGN_UPS, ACTIVE_USERS))

    assert figures.now[SIGN_UPS] == Measured(89)
    assert figures.raw is None
    assert events.asked == []


def test_on_a_plan_without_the_query_api_everything_is_measured_from_raw_events():
    events = FakeEvents()
    asked = question(SIGN_UPS, ACTIVE_USERS)

    figures = FallbackSource(FakeQueryApi(error=PlanRefused("402")), events).measure(asked)

    assert figures.now == {SIGN_UPS: Measured(7), ACTIVE_USERS: Measured(7)}
    assert events.asked == [(asked, RawReason.PLAN)]


@pytest.mark.parametrize(
    ("figure", "because"), [(NOT_OFFERED, RawReason.NOT_OFFERED), (REFUSED, RawReason.REFUSED)]
)
def test_only_what_the_query_api_does_not_give_is_measured_from_raw_events(
    figure: Failed, because: RawReason
):
    events = FakeEvents()

    figures = FallbackSource(query_api(sessions=figure), events).measure(question(SIGN_UPS, SESSIONS))

    assert figures.now == {SIGN_UPS: Measured(89), SESSIONS: Measured(7)}
    assert figures.before[SESSIONS] == Measured(5)
    assert figures.ranking is not None  # the Query API's
    assert figures.computed_at == MONDAY - timedelta(hours=1)  # the older of the two
    assert figures.raw is not None
    assert figures.raw.measures == {SESSIONS}
    assert [(asked.measures, asked.ranks_events, why) for asked, why in events.asked] == [
        ((SESSIONS,), False, because)
    ]


def test_the_days_of_a_part_that_is_a_metric_itself_stay_those_that_belong_to_its_figure():
    ratio = Ratio(SESSIONS, SIGN_UPS)
    api = query_api(sessions=NOT_OFFERED)
    api = replace(api, values={**api.values, ratio: NOT_OFFERED}, before={**api.before, ratio: NOT_OFFERED})

    figures = FallbackSource(api, FakeEvents()).measure(question(SIGN_UPS, ratio))

    assert figures.daily[SIGN_UPS] != ZEROS
    assert figures.daily[SESSIONS] == ZEROS
    assert figures.earlier == {ratio: {WEEK.previous: Measured(6)}}


def test_a_failure_that_may_pass_is_no_reason_to_read_raw_events():
    events = FakeEvents()
    passing = Failed("the hour's queries are spent", is_temporary=True)

    figures = FallbackSource(query_api(sessions=passing), events).measure(question(SIGN_UPS, SESSIONS))

    assert figures.now[SESSIONS] == passing
    assert events.asked == []


@pytest.mark.parametrize(
    ("error", "passing", "after"),
    [(Unavailable("disk full", 60), True, 60), (Refused("no access"), False, None)],
)
def test_raw_events_that_cannot_be_had_leave_the_other_figures(
    error: ReporterError, passing: bool, after: float | None
):
    figures = FallbackSource(query_api(sessions=NOT_OFFERED), FakeEvents(error)).measure(
        question(SIGN_UPS, SESSIONS)
    )

    assert figures.now[SIGN_UPS] == Measured(89)
    reason = f"Sessions are measured from raw events. From raw events: {error}"
    assert figures.now[SESSIONS] == figures.before[SESSIONS] == Failed(reason, passing, after)


@pytest.mark.parametrize("error", [Unavailable("down"), Refused("no access")])
def test_what_concerns_all_of_mixpanel_is_raised(error: ReporterError):
    with pytest.raises(type(error)):
        FallbackSource(FakeQueryApi(error=error), FakeEvents()).measure(question(SIGN_UPS))


@pytest.mark.parametrize(
    ("error", "told"), [(None, (1.0, 2.0)), (PlanRefused("402"), (3.0, 4.0)), (Refused("400"), (3.0, 4.0))]
)
def test_causes_are_looked_for_where_the_plan_allows(error: ReporterError | None, told: tuple[float, ...]):
    found = FallbackSource(FakeQueryApi(error=error), FakeEvents()).segments(SEGMENTATION).measures

    assert found[SIGN_UPS]["$os"]["iOS"] == told
