"""Whatever day was stored when: users are as if all had been fetched afresh."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.reports.measures import ActiveUsers, Sessions
from reporter.reports.periods import Period
from reporter.sources.events.measures import EventsPlan, EventsResult, MeasureRequest, PlanRun
from reporter.sources.events.store import Store
from reporter.sources.events.time_rule import TimeRule

from . import reference
from .event_files import WEEK, Fed, Kind, Line, event, write_lines, write_parquet
from .people import DAYS, FIRST, Act, Original, Project, numbered, projects
from .raw_lines import DAY, NOON, SMALL, at, line, rows, stored
from .strategies import small_plans

# Who is one with whom shows in the users of any stretch of days.
STRETCHES = frozenset(
    MeasureRequest(ActiveUsers(), Period(FIRST + timedelta(days=one), FIRST + timedelta(days=other)))
    for one in range(DAYS)
    for other in range(one + 1, DAYS + 1)
)
plans = small_plans.map(
    lambda plan: replace(
        plan, requests=plan.requests | STRETCHES, daily=plan.daily | {ActiveUsers(), Sessions()}
    )
)
KINDS: tuple[Kind, ...] = ("export", "pipeline", "schematized")
thoroughly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def store_in(folder: Path, parts: int = 1, events: int = 100) -> Store:
    sizing = replace(SMALL, events_at_once=-(-events // parts))
    return Store(folder, ZoneInfo("UTC"), TimeRule.UTC, sizing)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def keep(folder: Path, project: Project, of: int, at: int) -> None:
    stored(folder, project.export(of, at), "price", period=Period.of_days(day(of), day(of)))


def keep_empty_days(folder: Path, days: Period) -> None:
    for first, end in ((days.start, day(0)), (day(DAYS), days.end)):
        if first < end:
            stored(folder, [], "price", period=Period(first, end))


def keep_all(folder: Path, project: Project, days: Period) -> None:
    """Afresh, when all is known."""
    stored(folder, [one for of in range(DAYS) for one in project.export(of, DAYS - 1)], "price", period=days)


def answer(store: Store, plan: EventsPlan, days: Period) -> EventsResult:
    run = PlanRun(plan)
    for connection in store.buckets(days, ("price",)):
        run.add(connection)
    return run.result()


@thoroughly
@given(projects, plans, st.permutations(range(DAYS)), st.data(), st.integers(1, 3))
def test_users_are_as_if_all_had_been_fetched_afresh(
    project: Project, plan: EventsPlan, order: list[int], data: st.DataObject, parts: int
) -> None:
    days = plan.days
    assert days
    covered = Period(min(days.start, day(0)), max(days.end, day(DAYS)))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        for of in order:
            keep(
                Path(one),
                project,
                of,
                at=data.draw(st.integers(of, DAYS - 1), label=f"day {of} is stored on"),
            )
        keep_empty_days(Path(one), covered)
        keep_all(Path(other), project, covered)
        found = answer(store_in(Path(one), parts, len(project.acts)), plan, covered)
        fresh = answer(store_in(Path(other)), plan, covered)

    assert (
        found == fresh == reference.answer([one for one in project.events() if covered.covers(one.day)], plan)
    )


@st.composite
def extracts(draw: st.DrawFn) -> list[tuple[range, int]]:
    """Days and the day on whose end they are exported: some overlap, and every day is in one."""
    some = draw(st.lists(st.tuples(*[st.integers(0, DAYS - 1)] * 3).map(sorted), max_size=3))
    exported = [(range(first, last + 1), at) for first, last, at in some]
    rest = set(range(DAYS)).difference(*(days for days, _ in exported))
    exported += [(range(of, of + 1), draw(st.integers(of, DAYS - 1))) for of in sorted(rest)]
    return draw(st.permutations(exported))


ALIAS_LATER = Original(
    numbered(
        [
            *[Act("A", 0, 1, ("d1", ""))] * 4,
            Act("$create_alias", 3, 1, ("d1", "d2"), says_failure=False),
            Act("A", 0, 1, ("d2", "")),
        ]
    ),
    "none",
    "d",
)
A_PLAN = EventsPlan(STRETCHES, frozenset())


@settings(thoroughly, max_examples=25)
@given(projects, plans, extracts(), st.sampled_from(KINDS), st.integers(1, 2))
@example(ALIAS_LATER, A_PLAN, [(range(of, of + 1), of) for of in range(DAYS)], "export", 1)
def test_extracts_that_overlap_give_what_one_afresh_gives(
    project: Project, plan: EventsPlan, exported: list[tuple[range, int]], kind: Kind, parts: int
) -> None:
    days = plan.days
    assert days
    covered = Period(min(days.start, day(0)), max(days.end, day(DAYS)))
    with TemporaryDirectory() as name:
        fed = Fed(Path(name), (f"{name}/*.json",), quiet=timedelta(days=30))
        for number, (part, at) in enumerate(exported):
            lines = [json.loads(one) for of in part for one in project.export(of, at)]
            write_lines(Path(name) / f"{number}.json", lines, kind)
            if any(path.stat().st_size for path in Path(name).glob("*.json")):
                fed.fetch(covered, "plan", "price")
        found = answer(store_in(fed.store.folder, parts, len(project.acts)), plan, covered)

    assert found == reference.answer([one for one in project.events() if covered.covers(one.day)], plan)


ANONYMOUS = line(distinct_id="$device:d", insert_id="1")
SIGNED_IN = {"distinct_id": "ann", "$device_id": "d", "$user_id": "ann"}
LATER = line(insert_id="2", time=at(NOON) + 1, **SIGNED_IN)
RESTAMPED = line(distinct_id="ann", insert_id="1", **{"$distinct_id_before_identity": "$device:d"})


def users(store: Store, days: Period) -> list[int]:
    """How many users and events each part has."""
    counts = [
        connection.execute('SELECT count(DISTINCT "user"), count(*) FROM events').fetchone()
        for connection in store.buckets(days)
    ]
    return [number for row in counts if row for number in row]


@pytest.mark.parametrize(
    "joined",
    [
        LATER,
        RESTAMPED,
        line("$identify", distinct_id="ann", **{"$anon_id": "$device:d", "$identified_id": "ann"}),
        line("$identify", distinct_id="ann", **{"$anon_distinct_id": "$device:d"}),
        line("$create_alias", distinct_id="$device:d", alias="ann"),
        line("$merge", distinct_id="ann", **{"$distinct_ids": ["$device:d", "ann"]}),
        line("$merge", distinct_id="", **{"$distinct_ids": ["$device:d", "ann"]}),
        line(distinct_id="ann", **{"$preshuffle_distinct_id": "$device:d"}),
        line(distinct_id="ann", **{"$device_id": "$device:d", "$user_id": "ann"}),
    ],
)
def test_every_way_of_joining_two_ids_is_understood(joined: str, tmp_path: Path) -> None:
    stored(tmp_path, [ANONYMOUS, line(distinct_id="ann", insert_id="3"), joined])

    assert users(store_in(tmp_path), Period.of_days(DAY, DAY))[0] == 1


@pytest.mark.parametrize(
    "other",
    [
        line(distinct_id="bob", **{"$device_id": "d", "$user_id": "bob"}, ingested=at(NOON) + 9),
        line("$merge", distinct_id="ann", **{"$distinct_ids": ["bob"]}),
        line("$merge", distinct_id="ann", **{"$distinct_ids": "bob"}),
        line("$merge", distinct_id="bob", **{"$distinct_ids": ["undefined", "bob"]}),
        line("$identify", distinct_id="bob", **{"$anon_id": "ann", "$failure_reason": "errManyIDs"}),
        line(distinct_id="ann", **{"$device_id": None, "$user_id": "bob", "alias": "bob"}),
    ],
)
def test_who_is_not_the_same_stays_apart(other: str, tmp_path: Path) -> None:
    some = [
        LATER,
        line(distinct_id="bob", insert_id="3"),
        line(distinct_id="undefined", insert_id="4"),
        other,
    ]
    stored(tmp_path, some)

    assert users(store_in(tmp_path), Period.of_days(DAY, DAY))[0] == 3


def test_properties_that_are_kept_are_read_for_identities_as_well(tmp_path: Path) -> None:
    kept = ("$device_id", "$user_id", "Alias", "$distinct_ids")
    stored(tmp_path, [ANONYMOUS, LATER], *kept)

    assert users(store_in(tmp_path), Period.of_days(DAY, DAY))[0] == 1
    assert ('"d"', '"ann"') in {row[3:5] for row in rows(tmp_path, *kept)}


def test_an_event_exported_before_and_after_a_sign_up_is_one(tmp_path: Path) -> None:
    """Whether it has an id of its own or not, and whenever the file comes that says who signed up."""
    for number, some in enumerate([ANONYMOUS, line(distinct_id="$device:d", plan="pro")]):
        folder = tmp_path / str(number)
        before = json.loads(some)
        after = json.loads(some.replace("$device:d", "ann"))
        fed = Fed(folder, (f"{folder}/*.json",))
        write_lines(folder / "before.json", [before])
        write_lines(folder / "after.json", [after])
        fed.fetch()
        assert users(fed.store, WEEK) == [2, 2]

        write_lines(folder / "later.json", [json.loads(LATER)])
        fed.fetch()

        assert users(fed.store, WEEK) == [1, 2]


@pytest.mark.parametrize("suffix", [".json", ".json.gz", ".parquet"])
def test_mixpanels_own_mappings_beside_the_events_are_applied(suffix: str, tmp_path: Path) -> None:
    mapping: list[Line] = [
        {"distinct_id": "$device:d", "resolved_distinct_id": "ann"},
        {"distinct_id": "other"},
    ]
    write_lines(tmp_path / "events/a.json", [json.loads(ANONYMOUS), event("Buy", NOON, distinct_id="ann")])
    path = tmp_path / f"mp_identity_mappings_data/a{suffix}"
    if suffix == ".parquet":
        path.parent.mkdir()
        write_parquet(path, mapping, "export")
    else:
        write_lines(path, mapping)
    fed = Fed(tmp_path, (f"{tmp_path}/events/**", f"{tmp_path}/mp_identity_mappings_data/**"))

    fed.fetch()
    fed.feed.drop_old(fed.store, WEEK)

    assert users(fed.store, WEEK) == [1, 2]


def test_damaged_links_are_fetched_or_read_again(tmp_path: Path) -> None:
    store = store_in(tmp_path / "fetched")
    store.folder.mkdir()
    stored(store.folder, [ANONYMOUS, LATER])
    damage(store.folder)

    assert store.lacking(Period.of_days(DAY, DAY)) == [DAY]

    fed = Fed(tmp_path, (f"{tmp_path}/*.json",))
    write_lines(tmp_path / "a.json", [json.loads(ANONYMOUS), json.loads(LATER)])
    fed.fetch()
    damage(fed.store.folder)
    fed.fetch()
    assert users(fed.store, WEEK) == [1, 2]


def damage(folder: Path) -> None:
    (path,) = folder.glob("*.identities")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_links_go_with_their_day(tmp_path: Path) -> None:
    stored(tmp_path, [ANONYMOUS, LATER])
    store = store_in(tmp_path)

    gone = store.drop_before(DAY + timedelta(days=1))

    assert len(gone) == 2
    assert [path for path in tmp_path.iterdir() if path.name != "raw-2026-10-20.jsonl"] == []
