import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

from reporter.reports.errors import Refused, ReporterError, TooLong, Unavailable
from reporter.reports.figures import (
    Failed,
    Measured,
    Project,
    Question,
    RawReason,
    Segmentation,
    TooLittleHistory,
    UnknownEvent,
)
from reporter.reports.measures import (
    ActiveUsers,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    Ratio,
    Retention,
    SavedFunnel,
    Sessions,
    Step,
    Stickiness,
    UserGroup,
)
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.cloud import Mirror
from reporter.sources.events.day_file import name_of, note_of, read_facts, write_day
from reporter.sources.events.feed import ExportFeed
from reporter.sources.events.source import EventSource
from reporter.sources.events.store import Store
from tests.world import UTC_ZONE, Clock

from .test_mirror import MemoryBlobs

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
SIGN_UPS = EventCount("Sign Up")
USERS = EventUsers("Sign Up")


@dataclass(frozen=True)
class Raw:
    period: Period
    path: Path
    received: int
    size: int

    def done(self) -> None:
        self.path.unlink()


@dataclass
class FakeExport:
    """So many sign-ups a day, by as many users; `errors` are raised at the end, one a request."""

    first: date = date(2026, 1, 1)
    daily: int = 3
    extra: dict[date, int] = field(default_factory=dict[date, int])
    errors: list[ReporterError] = field(default_factory=list[ReporterError])
    asked: list[Period] = field(default_factory=list[Period])
    given: int | None = None  # so many periods come before an error

    def fetch(self, periods: Sequence[Period], folder: Path) -> Iterator[Raw]:
        folder.mkdir(parents=True, exist_ok=True)
        error = self.errors.pop(0) if self.errors else None
        for period in periods[: self.given] if error else periods:
            self.asked.append(period)
            path = folder / f"{uuid4().hex}.jsonl"
            path.write_text("".join(line for day in period for line in self.lines(day)))
            yield Raw(period, path, 10, path.stat().st_size)
        if error:
            raise error

    def lines(self, day: date) -> Iterator[str]:
        number = (self.daily if day >= self.first else 0) + self.extra.get(day, 0)
        noon = int(datetime.combine(day, time(12), UTC).timestamp())
        for place in range(number):
            properties = {
                "time": noon + place,
                "distinct_id": f"user-{place}",
                "$insert_id": f"{day}-{place}",
                "mp_processing_time_ms": (noon + place) * 1000,
                "$os": "iOS" if place else "Android",
            }
            yield json.dumps({"event": "Sign Up", "properties": properties}) + "\n"


@dataclass
class World:
    export: FakeExport
    clock: Clock
    source: EventSource
    feed: ExportFeed
    folder: Path

    def measure(self, *measures: Measure) -> dict[Measure, object]:
        return dict(self.source.measure(question(*measures)).now)

    @property
    def days_asked(self) -> list[date]:
        return [day for period in self.export.asked for day in period]


@pytest.fixture
def world(tmp_path: Path) -> World:
    export, clock = FakeExport(), Clock(MONDAY)
    feed = ExportFeed(export, None, timedelta(days=5), timedelta(days=400), clock)
    source = EventSource(
        lambda: Project("1", "Acme", UTC_ZONE),
        lambda project: Store(tmp_path, project.zone),
        feed,
        frozenset(),
    )
    return World(export, clock, source, feed, tmp_path)


def question(*measures: Measure) -> Question:
    return Question(measures, WEEK, WEEK.previous)


def test_days_that_are_missing_are_fetched_and_measured(world: World):
    figures = world.source.measure(question(SIGN_UPS, USERS), RawReason.PLAN)

    assert figures.now == {SIGN_UPS: Measured(21), USERS: Measured(3)}
    assert figures.before == {SIGN_UPS: Measured(21), USERS: Measured(3)}
    assert figures.daily[SIGN_UPS].over(WEEK) == (3,) * 7
    assert figures.queries == 0
    assert figures.computed_at == MONDAY
    assert figures.raw is not None
    assert (figures.raw.because, figures.raw.is_all, figures.raw.events) == (RawReason.PLAN, True, 21)


def test_no_day_that_has_settled_is_fetched_twice(world: World):
    world.measure(SIGN_UPS)
    world.export.asked.clear()
    world.clock.pass_by(timedelta(hours=2))

    world.measure(SIGN_UPS)

    assert sorted(world.days_asked) == [day for day in WEEK if day >= date(2026, 11, 17)]


def test_events_that_arrived_late_are_in_the_next_report(world: World):
    world.measure(SIGN_UPS)
    world.export.extra[date(2026, 11, 20)] = 4
    world.clock.pass_by(timedelta(hours=2))

    assert world.measure(SIGN_UPS) == {SIGN_UPS: Measured(25)}


def test_the_history_comes_with_the_first_report(world: World):
    figures = world.source.measure(question(SIGN_UPS))

    assert figures.daily[SIGN_UPS].start == question(SIGN_UPS).history.start
    assert len(world.export.asked) <= 45


def test_a_history_that_cannot_be_had_does_not_cost_the_report(world: World):
    world.measure(SIGN_UPS)
    feed = ExportFeed(world.export, None, timedelta(days=5), timedelta(days=400), world.clock)
    store = Store(world.folder / "other", UTC_ZONE)
    source = EventSource(lambda: Project("1", "Acme", UTC_ZONE), lambda _: store, feed, frozenset())
    list(feed.fetch(store, Period(WEEK.previous.start, WEEK.end), ()))
    world.export.errors, world.export.given = [Unavailable("the hour's exports are spent", 600)], 2

    figures = source.measure(question(SIGN_UPS))

    assert figures.now == {SIGN_UPS: Measured(21)}
    assert question(SIGN_UPS).history.start < figures.daily[SIGN_UPS].start <= WEEK.previous.start


@pytest.mark.parametrize("error", [Unavailable("down"), Refused("no access")])
def test_days_of_the_period_that_cannot_be_had_are_an_error_and_what_came_is_kept(
    world: World, error: ReporterError
):
    world.export.errors, world.export.given = [error], 3

    with pytest.raises(type(error), match=str(error)):
        world.measure(SIGN_UPS)

    came = set(world.days_asked)
    assert len(came) == 3
    world.export.asked.clear()
    world.measure(SIGN_UPS)
    assert not came & set(world.days_asked)


def test_what_took_too_long_is_asked_for_a_day_at_a_time(world: World):
    far = Period(date(2026, 6, 1), date(2026, 9, 1))
    world.export.errors, world.export.given = [TooLong("took too long", (far,))], 1

    store = Store(world.folder, UTC_ZONE)
    list(world.feed.fetch(store, far, ()))

    assert sorted(store.days()) == list(far)
    assert world.export.asked[0].length > 1
    assert all(period.length == 1 for period in world.export.asked[1:])


def test_an_event_that_never_happened_is_unknown(world: World):
    typo = EventCount("Sign Upp")

    assert world.measure(typo) == {typo: UnknownEvent("Sign Upp", ("Sign Up",))}


def test_before_the_first_event_there_is_nothing_to_compare_with(world: World):
    world.export.first = date(2026, 11, 12)

    figures = world.source.measure(question(SIGN_UPS))

    assert figures.before == {SIGN_UPS: TooLittleHistory(date(2026, 11, 12))}
    assert figures.begins == date(2026, 11, 12)


def test_a_ratio_is_that_of_its_parts(world: World):
    each = Ratio(SIGN_UPS, USERS)

    assert world.measure(each) == {each: Measured(7)}


def test_a_saved_report_needs_the_query_api(world: World):
    figure = world.measure(SIGN_UPS, SavedFunnel(1))[SavedFunnel(1)]

    assert isinstance(figure, Failed)
    assert "Query API" in figure.reason
    alone = Question((SavedFunnel(1),), WEEK, WEEK.previous, ranks_events=False)
    with pytest.raises(Refused, match="saved"):
        world.source.measure(alone)


def test_parts_of_a_change_are_sums_of_days(world: World):
    asked = Segmentation((SIGN_UPS, USERS), ("$os",), (WEEK.previous, WEEK))

    found = world.source.segments(asked).measures

    assert found[SIGN_UPS] == {"$os": {"Android": (7, 7), "iOS": (14, 14)}}
    assert found[USERS] == found[SIGN_UPS]  # users of each day, as the judged daily numbers are


def test_days_that_were_kept_long_enough_are_deleted(world: World):
    old = Period(date(2025, 1, 1), date(2025, 1, 3))
    store = Store(world.folder, UTC_ZONE)
    list(world.feed.fetch(store, old, ()))
    assert set(old) <= set(store.days())

    world.measure(SIGN_UPS)

    assert not set(old) & set(store.days())


OLD_WEEK = Period(date(2026, 3, 2), date(2026, 3, 9))


def test_a_report_over_days_older_than_those_that_are_kept_is_measured(world: World):
    feed = replace(world.feed, keeps=timedelta(days=35))
    source = replace(world.source, feed=feed)
    old = Question((SIGN_UPS,), OLD_WEEK, OLD_WEEK.previous)

    assert source.measure(old).now == {SIGN_UPS: Measured(21)}
    asked = list(world.export.asked)
    assert source.measure(old).before == {SIGN_UPS: Measured(21)}
    assert world.export.asked == asked  # the days stay until another report was measured

    source.measure(question(SIGN_UPS))
    assert not set(OLD_WEEK) & set(Store(world.folder, UTC_ZONE).days())


def test_days_that_would_be_deleted_at_once_are_not_wished_for(world: World):
    source = replace(world.source, feed=replace(world.feed, keeps=timedelta(days=35)))

    source.measure(question(SIGN_UPS))

    assert min(world.days_asked) >= MONDAY.date() - timedelta(days=35)
    asked = list(world.export.asked)
    source.measure(question(SIGN_UPS))
    assert world.export.asked == asked


def test_a_machine_that_is_too_small_is_told_and_tried_again(world: World, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate\nPossible solutions: …")

    monkeypatch.setattr(EventSource, "_run", full)

    with pytest.raises(Unavailable, match=r"failed to allocate\. Give the app more memory"):
        world.measure(SIGN_UPS)


def test_the_stock_says_what_is_stored(world: World):
    assert world.source.stock().period is None
    world.measure(Sessions())

    stock = world.source.stock()

    assert stock.names == ("Sign Up",)
    assert stock.period is not None
    assert stock.period.last == WEEK.last
    assert stock.days == stock.period.length
    assert stock.size > 0
    assert stock.period.end - ONE_DAY == WEEK.last


def test_days_of_an_earlier_version_are_measured_and_what_they_cannot_tell_is_noted(world: World):
    world.measure(USERS)
    forget_links(world.folder, WEEK.start + ONE_DAY)

    def unlinked(*measures: Measure) -> date | None:
        raw = world.source.measure(question(*measures)).raw
        return raw.unlinked_from if raw else None

    assert world.measure(USERS) == {USERS: Measured(3)}
    assert unlinked(USERS) == world.source.stock().unlinked_from == WEEK.start + ONE_DAY
    assert unlinked(SIGN_UPS) is None  # which does not depend on who is who

    assert WEEK.start + ONE_DAY in world.source.missing(WEEK)
    list(world.source.fetch(WEEK))
    assert unlinked(USERS) is None


def forget_links(folder: Path, day: date) -> None:
    """Writes the day's file as versions did that kept no identities."""
    path = folder / name_of(day)
    facts = read_facts(path)
    assert facts
    note = json.loads(note_of(facts))
    del note["links"]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE day AS FROM read_parquet('{path}')")
        write_day(connection, "FROM day", json.dumps(note, separators=(",", ":")), path)


def test_another_machine_knows_who_is_who_from_days_it_does_not_need(tmp_path: Path):
    """Somebody signs up after the week: what that day says comes from the backup, without the day."""
    export, blobs = SignUps(), MemoryBlobs()
    clock = Clock(MONDAY)
    one = machine(export, blobs, clock, tmp_path / "one")
    one.measure(question(USERS))
    clock.pass_by(timedelta(days=30))
    export.signed_up = date(2026, 12, 1)
    later = Period(date(2026, 12, 1), date(2026, 12, 8))
    one.measure(Question((USERS,), later, later.previous))
    export.asked.clear()

    two = machine(export, blobs, clock, tmp_path / "two")

    assert two.measure(question(USERS)).now == one.measure(question(USERS)).now == {USERS: Measured(1)}
    assert export.asked == []


@dataclass
class SignUps(FakeExport):
    """One person, with another device in each half of the day, who signs up on both on one day."""

    signed_up: date | None = None

    def lines(self, day: date) -> Iterator[str]:
        for number in (1, 2):
            noon = int(datetime.combine(day, time(12), UTC).timestamp())
            properties: dict[str, object] = {"time": noon + number, "$device_id": str(number)}
            if day == self.signed_up:
                properties |= {"$user_id": "ann"}
            owner = "ann" if self.signed_up else f"$device:{number}"
            yield json.dumps({"event": "Sign Up", "properties": {**properties, "distinct_id": owner}}) + "\n"


def machine(export: FakeExport, blobs: MemoryBlobs, clock: Clock, folder: Path) -> EventSource:
    folder.mkdir()
    feed = ExportFeed(export, lambda: Mirror(blobs, folder), timedelta(days=5), timedelta(days=400), clock)
    project = Project("1", "Acme", UTC_ZONE)
    return EventSource(lambda: project, lambda _: Store(folder, UTC_ZONE), feed, frozenset())


SINGLE_STEP = Funnel((Step("Sign Up"), Step("Sign Up")), 7)
OF_PERIODS: tuple[Measure, ...] = (
    SINGLE_STEP,
    Retention("Sign Up", None, 1),
    Stickiness(7),
    Lifecycle(UserGroup.RETAINED, 14),
    Ratio(Lifecycle(UserGroup.NEW, 14), ActiveUsers()),
)


@pytest.mark.parametrize("measure", OF_PERIODS, ids=lambda one: type(one).__name__)
def test_what_has_no_days_is_told_of_earlier_periods_as_if_each_were_asked_alone(
    world: World, measure: Measure
):
    world.export.extra[date(2026, 10, 7)] = 2
    world.export.extra[date(2026, 11, 3)] = 1
    found = world.source.measure(question(measure)).earlier[measure]

    assert len(found) >= 20
    assert max(found, key=lambda one: one.start) == WEEK.previous
    for days in (7, 14, 42, 49):
        period = WEEK.earlier(days)
        alone = world.source.measure(Question((measure,), period, period.previous))
        assert found[period] == alone.now[measure]


def test_what_is_told_by_days_is_not_measured_over_earlier_periods(world: World):
    assert world.source.measure(question(SIGN_UPS, Ratio(SIGN_UPS, USERS))).earlier == {}


def test_no_period_is_told_that_reaches_back_before_the_first_event(world: World):
    world.export.first = date(2026, 10, 1)
    found = world.source.measure(question(Stickiness(7), Lifecycle(UserGroup.RETAINED, 14))).earlier

    assert min(one.start for one in found[Stickiness(7)]) == date(2026, 10, 5)
    assert min(one.start for one in found[Lifecycle(UserGroup.RETAINED, 14)]) == date(2026, 10, 19)
