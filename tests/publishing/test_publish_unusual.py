"""The story of an unusual week: its causes are asked for, an alert is posted, and a usual week is quiet."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet, PublishOutcome, Sent
from reporter.publishing.publish import Publisher
from reporter.reports.deliveries import Attempt, Delivery, LedgerEntry, State
from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed
from reporter.reports.findings import CausesNotLookedFor, Unusual
from reporter.reports.measures import Measure
from reporter.reports.periods import Cadence
from reporter.reports.report import Report
from reporter.reports.subscriptions import Insights, Order
from tests.ledgers import MemoryLedger
from tests.world import (
    ACTIVE_USERS,
    MONDAY,
    PAGE_VIEWS,
    SIGN_UPS,
    WEEK,
    Clock,
    FakeAlarm,
    FakeDestination,
    FakeSource,
    spec,
)

DELIVERY = Delivery("weekly", WEEK, "slack")
DAYS = 27 * 7
USUAL: dict[Measure, float] = {SIGN_UPS: 60.0, ACTIVE_USERS: 300.0, PAGE_VIEWS: 2_000.0}


def wobbling(level: float, last_week: float = 1.0) -> Sequence[float]:
    """Days of about this level that end with a week of another."""
    wobble = [level * (1 + 0.05 * ((day * 37 % 11) / 5 - 1)) for day in range(DAYS)]
    return [round(value * (last_week if day >= DAYS - 7 else 1)) for day, value in enumerate(wobble)]


def weeks(total: float, last: float) -> tuple[float, ...]:
    return (*[total] * 8, last)


class World:
    """A week of usual days, or with page views at a half, for which Android is to blame."""

    def __init__(self, **changes: object) -> None:
        self.spec = spec(Cadence.WEEKLY, drivers=("$os", "mp_country_code"), mention="here", **changes)
        self.source = FakeSource()
        self.slack = FakeDestination()
        self.ledger = MemoryLedger()
        self.alarm = FakeAlarm()
        self.clock = Clock()
        self.page_views(1.0)
        self.source.answers = {
            PAGE_VIEWS: {
                "$os": {"Android": weeks(7_500, 1_000), "iOS": weeks(6_500, 6_400)},
                "mp_country_code": {"IN": weeks(7_000, 3_700), "DE": weeks(7_000, 3_700)},
            }
        }

    def page_views(self, factor: float) -> None:
        factors: Mapping[Measure, float] = {PAGE_VIEWS: factor}
        self.source.daily = {one: wobbling(level, factors.get(one, 1.0)) for one, level in USUAL.items()}
        self.source.values = {one: sum(days[-7:]) for one, days in self.source.daily.items()}

    def publish(self, number: int = 1, of: int = 1, *, again: bool = False) -> PublishOutcome:
        publisher = Publisher(self.source, self.slack, self.ledger, self.alarm, self.clock)
        return publisher.publish(Order(self.spec), Attempt(number, of, 10), again=again)

    def report(self) -> Report:
        outcome = self.publish()
        assert isinstance(outcome, Sent)
        return outcome.report

    @property
    def state(self) -> State | None:
        entry = self.ledger.entry(DELIVERY, self.clock())
        return entry.state if entry else None


@pytest.fixture
def alert() -> World:
    return World(only_when_unusual=True)


def unusual(report: Report) -> Unusual:
    return next(found for found in report.findings if isinstance(found, Unusual))


def test_nobody_is_asked_about_causes_where_nothing_is_unusual():
    world = World()

    world.publish()

    assert world.source.segmentations == []


def test_the_causes_of_what_is_unusual_are_asked_for_once_and_told():
    world = World()
    world.page_views(0.5)

    found = unusual(world.report())

    (asked,) = world.source.segmentations
    assert (asked.measures, asked.properties) == ((PAGE_VIEWS,), ("$os", "mp_country_code"))
    assert asked.periods == (*(WEEK.earlier(7 * number) for number in range(8, 0, -1)), WEEK)
    (cause,) = found.causes
    assert (cause.property, cause.values) == ("$os", ("Android",))
    assert cause.explains == pytest.approx(0.84, abs=0.02)


def test_where_no_part_is_to_blame_nothing_is_said_of_causes():
    world = World()
    world.page_views(0.5)
    half = {"Android": weeks(7_000, 3_500), "iOS": weeks(7_000, 3_500)}
    world.source.answers = {PAGE_VIEWS: {"$os": half, "mp_country_code": {"IN": weeks(14_000, 7_000)}}}

    found = unusual(world.report())

    assert found.causes == ()


@pytest.mark.parametrize("error", [Refused("Mixpanel refused it"), Unavailable("The quota is spent", 1800)])
def test_causes_that_can_not_be_had_never_cost_the_report(error: ReporterError):
    world = World()
    world.page_views(0.5)
    world.source.answers = error

    report = world.report()

    assert unusual(report).causes == ()
    assert CausesNotLookedFor(str(error)) in report.notes


@pytest.mark.parametrize("changes", [{"insights": Insights.OFF}, {"drivers": ()}])
def test_causes_are_not_asked_for_where_the_report_wants_none(changes: dict[str, object]):
    world = World()
    world.spec = spec(Cadence.WEEKLY, **changes)
    world.page_views(0.5)

    world.publish()

    assert world.source.segmentations == []


def test_a_report_that_is_no_alert_calls_nobody():
    world = World()
    world.page_views(0.5)

    assert world.report().mention is None


def test_an_alert_is_posted_and_calls_people_when_something_is_unusual(alert: World):
    alert.page_views(0.5)

    assert alert.report().mention == "here"
    assert alert.state is State.DELIVERED


def test_an_alert_is_quiet_in_a_usual_week_and_that_stands(alert: World):
    assert isinstance(alert.publish(), KeptQuiet)
    assert alert.state is State.QUIET

    alert.page_views(0.5)
    again = alert.publish(2, of=9)

    assert again == AlreadyHandled(DELIVERY, LedgerEntry(State.QUIET, MONDAY))
    assert alert.slack.sent == []
    assert len(alert.source.questions) == 1


def test_a_quiet_alert_can_be_looked_at_again_by_hand(alert: World):
    alert.publish()
    alert.page_views(0.5)

    assert isinstance(alert.publish(again=True), Sent)


def test_a_failure_that_was_told_and_then_turned_out_quiet_is_told_too(alert: World):
    alert.source.values = dict.fromkeys(USUAL, Failed("The quota is spent", is_temporary=True))
    for number in (1, 2):
        with pytest.raises(Unavailable):
            alert.publish(number, of=9)
    alert.page_views(1.0)

    alert.publish(3, of=9)

    assert alert.alarm.codes == ["delayed", "recovered"]
    assert alert.alarm.notices[1].problem == "It could be made after all: nothing was unusual."


def test_an_alert_that_could_not_look_at_everything_says_so_on_the_second_path(alert: World):
    alert.source.values = {**alert.source.values, PAGE_VIEWS: Failed("The plan does not allow it")}

    assert isinstance(alert.publish(), KeptQuiet)

    assert alert.alarm.codes == ["not-judged"]
    assert alert.alarm.notices[0].reasons == ("Page Views",)


def test_an_alert_whose_history_is_too_short_remembers_that(alert: World):
    alert.source.daily = {
        one: [*[0.0] * (DAYS - 30), *days[-30:]] for one, days in alert.source.daily.items()
    }

    alert.publish()

    entry = alert.ledger.entry(DELIVERY, alert.clock())
    assert entry is not None
    assert entry.reason == "The history is too short to tell what is unusual; from 2026-12-26 on it will do."


def test_nothing_is_compared_with_a_week_in_which_nothing_was_told(alert: World):
    alert.ledger.record(Delivery("weekly", WEEK.previous, "slack"), LedgerEntry(State.QUIET, MONDAY))
    alert.page_views(0.5)
    alert.clock.pass_by(timedelta(minutes=5))

    assert alert.report().notes == ()


def test_an_alert_is_drawn_in_the_language_of_its_destination_and_reported_in_its_own(alert: World):
    alert.page_views(0.5)
    publisher = Publisher(alert.source, alert.slack, alert.ledger, alert.alarm, alert.clock, locale="de")

    outcome = publisher.publish(Order(alert.spec))

    assert isinstance(outcome, Sent)
    (drawn,) = alert.slack.reports
    assert (drawn.is_alert, drawn.locale, outcome.report.locale) == (True, "de", "en")
