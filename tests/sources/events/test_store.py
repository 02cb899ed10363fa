"""A folder of days: what is there, what is missing, and the events that measures see of it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.errors import Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events.day_file import name_of
from reporter.sources.events.engine import MIB, Sizing, open_database
from reporter.sources.events.ingest import Ingest
from reporter.sources.events.store import Pipeline, Store
from reporter.sources.events.time_rule import TimeRule

from .raw_lines import DAY, FETCHED, NOON, SMALL, Raw, at, line, raw

BERLIN = ZoneInfo("Europe/Berlin")
TWO_DAYS = Period.of_days(DAY, DAY + ONE_DAY)
MANY = 60_000


def store_in(
    folder: Path, zone: str = "UTC", rule: TimeRule | None = TimeRule.UTC, sizing: Sizing = SMALL
) -> Store:
    return Store(folder / "store", ZoneInfo(zone), rule, sizing)


def add(store: Store, *raws: Raw, properties: tuple[str, ...] = ()) -> None:
    list(store.add(raws, properties, FETCHED))


def seen(
    store: Store, days: Period, columns: str, properties: tuple[str, ...] = ()
) -> list[list[tuple[object, ...]]]:
    """These columns of the events, of each bucket of users."""
    return [
        connection.execute(f"SELECT {columns} FROM events ORDER BY ALL").fetchall()  # noqa: S608
        for connection in store.buckets(days, properties)
    ]


def test_a_day_that_was_added_is_there_and_its_raw_file_gone(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    days = raw(tmp_path, [line(distinct_id="ann"), "no event"], TWO_DAYS)

    facts = list(store.add([days], ["plan"], FETCHED))

    assert [one.day for one in facts] == list(TWO_DAYS)
    assert not days.path.exists()
    there = store.days(["plan"])
    assert list(there) == list(TWO_DAYS)
    assert (there[DAY].events, there[DAY].unreadable, there[DAY].fetched_at) == (1, 1, FETCHED)
    assert store.size == sum(one.size for one in there.values()) > 0


def test_a_day_without_a_property_that_is_needed_now_counts_as_missing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    add(store, raw(tmp_path, [line()]), properties=("plan",))

    assert list(store.days(["plan"])) == [DAY]
    assert list(store.days(["plan", "price"])) == []
    assert store.lacking(TWO_DAYS, ["plan"]) == [TWO_DAYS.last]


def test_a_day_that_comes_again_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    add(store, raw(tmp_path, [line(distinct_id="ann"), line(distinct_id="bob")]))
    add(store, raw(tmp_path, [line(distinct_id="eve")]))

    assert len(seen(store, Period.of_days(DAY, DAY), '"user"')[0]) == 1


def test_an_empty_store_has_nothing_and_says_what_it_lacks(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    assert (store.days(), store.size, store.drop_before(DAY)) == ({}, 0, [])
    assert store.time_rule() is TimeRule.UTC
    with pytest.raises(
        Unavailable, match=r"store lacks the raw events of 2026-10-20, 2026-10-21\. Fetch them first"
    ):
        list(store.buckets(TWO_DAYS))
    with store.opened_for_sql() as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchall() == [(0,)]


def test_files_are_stored_together_that_do_not_fit_in_memory_together(tmp_path: Path) -> None:
    week = [Period.of_days(day, day) for day in Period(DAY, DAY + timedelta(days=7))]
    raws = [
        raw(tmp_path, [line(time=at(NOON) + 86_400_000 * place + number) for number in range(MANY)], day)
        for place, day in enumerate(week)
    ]
    ingest = Ingest.of(tmp_path, [], FETCHED)
    short = Sizing(90 * MIB, 2, 1)  # DuckDB reads lines in blocks of 32 MiB, one for each file

    with open_database(short) as connection:
        facts = list(Pipeline(connection, ingest, short).store(raws))

    assert sorted((one.day, one.events) for one in facts) == [(day.start, MANY) for day in week]
    assert not any(one.path.exists() for one in raws)


def test_nothing_is_loaded_where_nothing_comes(tmp_path: Path) -> None:
    code = f"""
import sys, pathlib, zoneinfo
from datetime import UTC, datetime
from reporter.sources.events.store import Store
list(Store(pathlib.Path({str(tmp_path)!r}), zoneinfo.ZoneInfo("UTC")).add([], [], datetime.now(UTC)))
assert "duckdb" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603


def test_when_fetching_breaks_off_what_came_before_is_stored(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    def broken_off() -> Iterator[Raw]:
        yield raw(tmp_path, [line()])
        raise Unavailable("Mixpanel is down")

    with pytest.raises(Unavailable, match="Mixpanel is down"):
        list(store.add(broken_off(), [], FETCHED))

    assert list(store.days()) == [DAY]


def test_a_day_that_cannot_be_stored_leaves_nothing_half(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    (store.folder / name_of(DAY)).mkdir(parents=True)  # in the way of the day's file
    days = raw(tmp_path, [line()])

    with pytest.raises(OSError, match="directory"):
        add(store, days)

    assert [path.name for path in store.folder.iterdir()] == [name_of(DAY)]
    assert not days.path.exists()


def test_old_days_are_dropped_and_other_files_left_alone(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    add(store, raw(tmp_path, [], Period.of_days(DAY, DAY + timedelta(days=3))))
    other = store.folder / "notes.parquet"
    other.touch()

    assert store.drop_before(DAY + timedelta(days=2)) == [name_of(DAY), name_of(DAY + ONE_DAY)]
    assert list(store.days()) == [DAY + timedelta(days=2), DAY + timedelta(days=3)]
    assert other.exists()


def test_a_day_of_the_project_is_cut_in_its_zone(tmp_path: Path) -> None:
    store = store_in(tmp_path, "America/New_York")
    midnight = datetime(2026, 10, 21, tzinfo=store.zone)
    moments = [midnight - timedelta(hours=24, seconds=1), midnight - timedelta(seconds=1), midnight]
    add(store, raw(tmp_path, [line(time=at(moment)) for moment in moments], TWO_DAYS))

    assert seen(store, Period.of_days(DAY, DAY), "day") == [[(DAY,)]]
    assert store.lacking(TWO_DAYS) == [DAY + timedelta(days=2)]


def test_under_the_older_rule_time_is_what_the_clock_showed(tmp_path: Path) -> None:
    store = store_in(tmp_path, "America/New_York", TimeRule.PROJECT_ZONE)
    midnight = datetime(2026, 10, 21, tzinfo=UTC)  # as if New York were on UTC
    add(store, raw(tmp_path, [line(time=at(midnight)), line(time=at(midnight) - 1)], TWO_DAYS))

    assert seen(store, TWO_DAYS, "day") == [[(DAY,), (DAY + ONE_DAY,)]]
    assert store.lacking(TWO_DAYS) == []


def test_an_hour_before_midnight_that_comes_twice_is_of_one_day(tmp_path: Path) -> None:
    """In Beirut the clock goes back from midnight to 23:00, and so back into the day before."""
    store = store_in(tmp_path, "Asia/Beirut")
    twice = [datetime(2026, 10, 24, hour, 30, tzinfo=UTC) for hour in (20, 21, 22)]
    days = Period(date(2026, 10, 24), date(2026, 10, 26))
    fetched = Period(date(2026, 10, 23), date(2026, 10, 26))
    add(store, raw(tmp_path, [line(time=at(moment)) for moment in twice], fetched))

    (found,) = seen(store, days, "day")

    assert found == [(date(2026, 10, 24),), (date(2026, 10, 24),), (date(2026, 10, 25),)]


ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
]
CHANGES = [date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 10, 31), date(2026, 4, 4)]


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(ZONES), st.sampled_from(CHANGES), st.lists(st.integers(0, 5 * 86_400 - 1), max_size=40)
)
def test_the_day_is_the_zones_own_over_changes_of_its_clock(
    zone: str, first: date, seconds: list[int]
) -> None:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - ONE_DAY
    moments = [start + timedelta(seconds=second) for second in seconds]
    with TemporaryDirectory() as folder:
        store = store_in(Path(folder), zone)
        fetched = Period(start.date(), start.date() + timedelta(days=5))
        add(store, raw(Path(folder), [line(time=at(moment)) for moment in moments], fetched))
        days = Period(first, first + timedelta(days=3))
        (found,) = seen(store, days, "time, day")

    expected = [(at(moment), moment.astimezone(store.zone).date()) for moment in moments]
    assert found == sorted(one for one in expected if days.covers(one[1]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(["", *"abcdefgh"]), min_size=1, max_size=60), st.integers(1, 5))
def test_buckets_part_the_users_and_lose_nobody(people: list[str], parts: int) -> None:
    day = Period.of_days(DAY, DAY)
    with TemporaryDirectory() as folder:
        store = store_in(Path(folder), sizing=replace(SMALL, events_at_once=-(-len(people) // parts)))
        add(store, raw(Path(folder), [line(distinct_id=one) for one in people]))
        parted = seen(store, day, '"user"')
        (whole,) = seen(replace(store, sizing=SMALL), day, '"user"')

    assert len(parted) <= parts
    assert sorted(chain(*parted), key=repr) == sorted(whole, key=repr)
    users = [set(rows) for rows in parted]
    assert all(one.isdisjoint(other) for place, one in enumerate(users) for other in users[:place])
    assert all((None,) not in rows for rows in parted[1:])


def test_an_analyst_sees_all_days_and_every_property_that_any_has(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    add(store, raw(tmp_path, [line(distinct_id="ann", plan="pro")]), properties=("plan",))
    add(
        store,
        raw(tmp_path, [line(time=at(NOON + ONE_DAY), price=1)], Period.of_days(DAY + ONE_DAY, DAY + ONE_DAY)),
        properties=("price",),
    )

    with store.opened_for_sql() as connection:
        found = connection.execute(
            'SELECT event, "user", day, "p:plan", "p:price" FROM events ORDER BY day'
        ).fetchall()

    assert found == [
        ("Open", UUID("b272ce1b-f340-c8fc-4fc2-965d8a7f0d7e"), DAY, '"pro"', None),
        ("Open", None, DAY + ONE_DAY, None, "1"),
    ]
