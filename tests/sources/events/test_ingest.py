"""Raw lines, and the file of a day that they become."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.errors import Refused
from reporter.reports.periods import Period
from reporter.sources.events.day_file import name_of, read_facts

from .raw_lines import DAY, NOON, at, line, rows, stored

PROPERTIES = ["plan", "price"]
letters = st.characters(exclude_categories=["Cc", "Cs"])  # control letters have two ways to be escaped
scalars = st.one_of(st.text(letters, max_size=3), st.integers(-9, 9), st.booleans(), st.none())


@st.composite
def lines(draw: st.DrawFn) -> str:
    """One of few events, so that many are the same but for their properties and when they came in."""
    identity = {
        "distinct_id": draw(st.sampled_from(["ann", "bob", ""])),
        "insert_id": draw(st.sampled_from(["1", "2", "", None])),
        "time": at(NOON) + draw(st.sampled_from([0, 1, 1_000])),
        "ingested": draw(st.sampled_from([None, at(NOON), at(NOON) + 1])),
    }
    kept = {name: draw(scalars) for name in PROPERTIES if draw(st.booleans())}
    return line(
        draw(st.sampled_from(["Open", "Buy"])), **{k: v for k, v in identity.items() if v is not None}, **kept
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, read the plainest way."""

    key: tuple[str, str | None, int]
    insert_id: str
    ingested: float
    values: tuple[str | None, ...]

    @property
    def rank(self) -> tuple[float, list[tuple[bool, str]]]:
        """The lowest of the same event is kept: the latest, and among those the first by its values."""
        return -self.ingested, [(value is None, value or "") for value in self.values]


def read(text: str) -> Line:
    event = json.loads(text)
    properties = event["properties"]
    values = (properties.get(name) for name in PROPERTIES)
    return Line(
        key=(event["event"], hash_of(properties["distinct_id"]), properties["time"]),
        insert_id=properties.get("$insert_id", ""),
        ingested=properties.get("mp_processing_time_ms", float("-inf")),
        values=tuple(None if value is None else json.dumps(value, ensure_ascii=False) for value in values),
    )


def reference(some: list[str]) -> list[tuple[object, ...]]:
    """What is to be kept of these lines."""
    unnamed: list[Line] = []
    named: dict[tuple[object, ...], list[Line]] = {}
    for one in map(read, some):
        if one.insert_id:
            named.setdefault((*one.key, one.insert_id), []).append(one)
        else:
            unnamed.append(one)
    kept = [*unnamed, *(min(same, key=lambda one: one.rank) for same in named.values())]
    return [(*one.key, *one.values) for one in kept]


def in_order(some: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    return sorted(tuple(map(repr, row)) for row in some)


def hash_of(distinct_id: str) -> str | None:
    if not distinct_id:
        return None
    return str(UUID(bytes=md5(distinct_id.encode(), usedforsecurity=False).digest()[::-1]))


@settings(deadline=None, max_examples=60)
@given(st.lists(lines(), max_size=12), st.randoms())
def test_no_order_of_lines_and_no_repetition_changes_what_is_stored(some: list[str], chosen: Random) -> None:
    named = [one for one in some if json.loads(one)["properties"].get("$insert_id")]
    mixed = some + chosen.choices(named, k=3) if named else list(some)
    chosen.shuffle(mixed)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        stored(Path(one), some, *PROPERTIES)
        stored(Path(other), mixed, *PROPERTIES)

        assert in_order(rows(Path(one), *PROPERTIES)) == in_order(rows(Path(other), *PROPERTIES))


@settings(deadline=None, max_examples=60)
@given(st.lists(lines(), max_size=12))
def test_what_is_stored_are_the_events_each_once(some: list[str]) -> None:
    with TemporaryDirectory() as folder:
        (facts,) = stored(Path(folder), some, *PROPERTIES)
        kept = rows(Path(folder), *PROPERTIES)

    expected = reference(some)
    assert in_order([(row[0], row[1] and str(row[1]), *row[2:]) for row in kept]) == in_order(expected)
    assert facts.events == len(expected)
    assert facts.duplicates == len(some) - len(expected)
    assert sum(facts.delays.values()) <= facts.events


def test_of_the_same_event_the_one_that_came_in_last_counts(tmp_path: Path) -> None:
    early = line(distinct_id="ann", insert_id="1", ingested=at(NOON), plan="free")
    late = line(distinct_id="ann", insert_id="1", ingested=at(NOON) + 1, plan="pro")
    for some in ([early, late], [late, early], [late, early, late]):
        stored(tmp_path, some, "plan")

        assert [row[3] for row in rows(tmp_path, "plan")] == ['"pro"']


def test_events_without_an_insert_id_are_never_the_same(tmp_path: Path) -> None:
    some = [line(distinct_id="ann"), line(distinct_id="ann"), line(distinct_id="ann", insert_id="")]

    (facts,) = stored(tmp_path, some)

    assert (facts.events, facts.duplicates) == (3, 0)


def test_a_value_is_kept_as_its_json_text_so_that_text_is_no_number(tmp_path: Path) -> None:
    values: list[object] = ["12", 12, 12.5, True, None, [1, {"a": "b"}], "Zürich", 'say "hi"', ""]
    some = [line(distinct_id="ann", time=at(NOON) + place, plan=value) for place, value in enumerate(values)]

    stored(tmp_path, [*some, line(distinct_id="ann", time=at(NOON) + len(values))], "plan")

    assert [row[3] for row in rows(tmp_path, "plan")] == [
        *('"12"', "12", "12.5", "true", None, '[1,{"a":"b"}]', '"Zürich"', '"say \\"hi\\""', '""'),
        None,
    ]


@pytest.mark.parametrize(
    "name", ["$city", 'say "hi"', "it's", "a b", "x; DROP TABLE lines", "{name}", "ünï", ","]
)
def test_a_property_may_have_any_name(tmp_path: Path, name: str) -> None:
    stored(tmp_path, [json.dumps({"event": "A", "properties": {"time": 1_792_497_600, name: "yes"}})], name)

    quoted = name.replace('"', '""')
    assert [row[3] for row in rows(tmp_path, quoted)] == ['"yes"']


def test_properties_that_differ_in_case_only_are_refused_rather_than_mixed_up(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="'Plan' and 'plan' differ in upper and lower case only"):
        stored(tmp_path, [line()], "plan", "Plan")


def test_a_user_is_a_hash_that_stays_and_nobody_where_the_id_is_empty(tmp_path: Path) -> None:
    some = [
        line(distinct_id="ann"),
        line(distinct_id=""),
        line(distinct_id=None),
        line(),
        line(distinct_id=12),
    ]

    stored(tmp_path, some)

    users = [row[1] and str(row[1]) for row in rows(tmp_path)]
    # Files of earlier days hold these hashes: a change makes every user a new one.
    number, ann = "1067ff9b-c9a0-27aa-5977-e96fd7d40ac2", "b272ce1b-f340-c8fc-4fc2-965d8a7f0d7e"
    assert users[3:] == [number, ann]
    assert users[:3] == [None, None, None]


def test_time_in_seconds_and_in_milliseconds_is_told_by_its_size(tmp_path: Path) -> None:
    seconds = at(NOON) // 1_000
    some = [line(time=value) for value in (seconds, at(NOON) + 1, seconds + 0.5, str(seconds))]

    stored(tmp_path, some)

    assert [row[2] for row in rows(tmp_path)] == [at(NOON), at(NOON), at(NOON) + 1, at(NOON) + 500]


def test_milliseconds_are_told_back_to_1973(tmp_path: Path) -> None:
    day = date(1973, 3, 3)

    stored(tmp_path, [line(time=100_000_000_000)], period=Period.of_days(day, day))

    assert [row[2] for row in rows(tmp_path, day=day)] == [100_000_000_000]


def test_lines_that_are_no_event_are_counted_and_left_out(tmp_path: Path) -> None:
    odd = [
        "not json",
        "[1]",
        "{}",
        '{"event":"A"}',
        '{"event":"A","properties":7}',
        line(time="soon"),
        line(None),
    ]

    (facts,) = stored(tmp_path, [*odd, line(distinct_id="ann")])

    assert facts.unreadable == len(odd)
    assert facts.events == len(rows(tmp_path)) == 1


def test_half_an_emoji_does_not_cost_an_event(tmp_path: Path) -> None:
    half = line(plan="cut \ud83d", note="\\ud83d \ud83d\ude00")
    bytes_ = line(plan="?").encode().replace(b"?", b"\xff")

    (facts,) = stored(tmp_path, [half, bytes_], "plan", "note")

    assert facts.unreadable == 0
    assert {row[3:] for row in rows(tmp_path, "plan", "note")} == {
        ('"cut \ufffd"', '"\\\\ud83d 😀"'),
        ('"\ufffd"', None),
    }
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".jsonl", ".parquet"]


def test_a_line_may_be_longer_than_a_megabyte(tmp_path: Path) -> None:
    stored(tmp_path, [line(plan="x" * 3_000_000), line(plan="y")], "plan")

    assert sorted(len(str(row[3])) for row in rows(tmp_path, "plan")) == [3, 3_000_002]


def test_letters_that_look_like_line_ends_do_not_end_a_line(tmp_path: Path) -> None:
    some = json.dumps(
        {"event": "A", "properties": {"time": at(NOON), "plan": "a\u2028b\x85c"}}, ensure_ascii=False
    )

    stored(tmp_path, [some], "plan")

    assert [row[3] for row in rows(tmp_path, "plan")] == ['"a\u2028b\x85c"']


def test_one_file_of_several_days_becomes_a_file_for_each_even_an_empty_one(tmp_path: Path) -> None:
    period = Period.of_days(DAY, DAY + timedelta(days=2))
    midnight = datetime(2026, 10, 21, tzinfo=UTC)
    moments = [
        at(midnight) - 1,
        at(midnight),
        at(midnight - timedelta(days=1)) - 1,
        at(midnight + timedelta(days=2)),
    ]

    facts = stored(tmp_path, [line(time=moment) for moment in moments], period=period)

    assert [day.events for day in facts] == [1, 1, 0]
    assert [day.lines for day in facts] == [1, 1, 0]
    assert [day.foreign for day in facts] == [2, 0, 0]
    assert [row[2] for row in rows(tmp_path, day=date(2026, 10, 21))] == [at(midnight)]
    assert rows(tmp_path, day=date(2026, 10, 22)) == []


def test_a_day_tells_what_is_known_of_it(tmp_path: Path) -> None:
    some = [
        line(insert_id="1", ingested=at(NOON) + 1_000),
        line(insert_id="1", ingested=at(NOON) + 90_000_000),
    ]

    (facts,) = stored(tmp_path, some, "plan")

    read = read_facts(tmp_path / name_of(DAY))
    assert read is not None
    assert (read.day, read.lines, read.events, read.duplicates) == (DAY, 2, 1, 1)
    assert read.properties == ("plan",)
    assert read.delays == {100: 1} == facts.delays


def test_a_file_that_was_cut_short_is_not_there(tmp_path: Path) -> None:
    stored(tmp_path, [line()])
    path = tmp_path / name_of(DAY)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])

        assert read_facts(path) is None
