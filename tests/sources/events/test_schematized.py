"""Schematized exports: a property's columns, where names or types clash; and which files are no data."""

import json
from pathlib import Path
from typing import cast

import duckdb
import pytest

from reporter.reports.errors import Refused
from reporter.reports.periods import ONE_DAY
from reporter.sources.events.feeds.files.listing import list_files
from reporter.sources.events.feeds.files.schematized import read_schema

from .event_files import WEEK, Fed, Line, event, in_shape, write_lines
from .raw_lines import DAY, NOON


def rows(**columns: object) -> list[Line]:
    """An event a day, each with what these columns have for it: one value, or one of a list."""
    made: list[Line] = []
    for number in range(7):
        one = dict(in_shape("schematized", event("Open", NOON + number * ONE_DAY, insert_id=str(number))))
        for name, given in columns.items():
            value = cast(list[object], given)[number] if isinstance(given, list) else given
            if value is not None:
                one[name] = value
        made.append(one)
    return made


def written(folder: Path, lines: list[Line], is_parquet: bool) -> Fed:
    (folder / "data").mkdir()
    plain = folder / "a.json"
    plain.write_text("".join(json.dumps(one) + "\n" for one in lines))
    if is_parquet:
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM '{plain}') TO '{folder}/data/a.parquet'")
    else:
        plain.rename(folder / "data" / "a.json")
    return Fed(folder, (f"{folder}/data/**",))


def values(feeding: Fed, wanted: str) -> list[object]:
    feeding.fetch(WEEK, wanted)
    return [row[-1] for day in sorted(feeding.rows) for row in feeding.rows[day]]


SEVEN = [None, 1, None, 2, None, 3, None]
TEXTS = ["n/a", None, "n/a", None, "n/a", None, "n/a"]
MIXED = ['"n/a"', "1", '"n/a"', "2", '"n/a"', "3", '"n/a"']


@pytest.mark.parametrize("is_parquet", [False, True])
def test_a_property_of_several_types_is_read_from_all_its_columns(tmp_path: Path, is_parquet: bool):
    feeding = written(tmp_path, rows(amount=TEXTS, amount_number=SEVEN), is_parquet)

    assert values(feeding, "amount") == MIXED


@pytest.mark.parametrize("is_parquet", [False, True])
def test_two_properties_of_one_event_are_no_types_of_one(tmp_path: Path, is_parquet: bool):
    feeding = written(tmp_path, rows(order=TEXTS, order_number=[1, *SEVEN[1:]]), is_parquet)

    assert values(feeding, "order") == ['"n/a"', None] * 3 + ['"n/a"']


@pytest.mark.parametrize("is_parquet", [False, True])
def test_a_property_of_its_own_is_none_of_another_that_is_not_there(tmp_path: Path, is_parquet: bool):
    assert values(written(tmp_path, rows(order_number=SEVEN), is_parquet), "order") == [None] * 7


@pytest.mark.parametrize("is_parquet", [False, True])
def test_names_that_became_one_are_refused_with_what_to_do(tmp_path: Path, is_parquet: bool):
    feeding = written(tmp_path, rows(plan="Enterprise", plan_1="free"), is_parquet)

    with pytest.raises(
        Refused, match=r"has the columns plan, plan_1, and nothing tells .* 'plan'\. Put Mixpanel's"
    ):
        feeding.fetch(WEEK, "plan")


SCHEMAS = [
    {"Plan": "plan", "plan": "plan_1"},
    {"plan": "Plan", "plan_1": "plan"},
    {
        "events": {
            "Plan": {"column": "plan", "type": "string"},
            "plan": {"column": "plan_1", "type": "string"},
        }
    },
    {"properties": [{"name": "Plan", "column": "plan"}, {"name": "plan", "column": "plan_1"}]},
]


@pytest.mark.parametrize("place", ["data/schema", "schema"])
@pytest.mark.parametrize("schema", SCHEMAS, ids=["by name", "by column", "nested", "list"])
def test_the_schema_beside_the_data_tells_them_apart(tmp_path: Path, schema: object, place: str):
    feeding = written(tmp_path, rows(plan="Enterprise", plan_1="free"), is_parquet=False)
    (tmp_path / place).mkdir()
    (tmp_path / place / "events.json").write_text(json.dumps(schema))

    assert values(feeding, "plan") == ['"free"'] * 7
    assert values(feeding, "Plan") == ['"Enterprise"'] * 7


def test_a_schema_that_is_no_json_is_named(tmp_path: Path):
    feeding = written(tmp_path, rows(), is_parquet=False)
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/events.json").write_text("{")

    with pytest.raises(Refused, match=r"/schema/events\.json is no JSON"):
        feeding.fetch(WEEK, "plan")


def test_what_a_schema_says_of_other_things_is_no_column():
    assert read_schema(b'{"version": "2", "event": "Sign Up", "plan": {"type": "string"}}') == {}


def test_names_that_stand_beside_each_other_are_not_of_each_other():
    assert read_schema(b'{"Amount": "amount", "amount number": "amount_number"}') == {
        "Amount": ("amount",),
        "amount number": ("amount_number",),
    }


def test_columns_of_a_table_that_differ_in_case_alone_are_told_apart(tmp_path: Path):
    (tmp_path / "data").mkdir()
    moment = int(NOON.timestamp())
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'Open' AS mp_event_name, {moment} AS time, 'ann' AS distinct_id, "
            f"'1' AS mp_insert_id, 'Enterprise' AS aaaa, 'free' AS plan) TO '{tmp_path}/a.parquet'"
        )
    # DuckDB writes no twins, so their name is put into the file afterwards, at the same length.
    content = (tmp_path / "a.parquet").read_bytes().replace(b"aaaa", b"Plan")
    (tmp_path / "data/a.parquet").write_bytes(content)
    feeding = Fed(tmp_path, (f"{tmp_path}/data/**",))

    for wanted, value in (("plan", '"free"'), ("Plan", '"Enterprise"')):
        feeding.fetch(WEEK, wanted)
        assert feeding.rows[DAY][0][-1] == value


def test_what_spark_and_hadoop_hide_is_no_data_unless_it_is_asked_for(tmp_path: Path):
    for name in ("a.json", ".a.json.crc", "_SUCCESS", "_temporary/0/a.json", "x/.b/c.json", "_part-1.json"):
        write_lines(tmp_path / "_data" / name, [])
        (tmp_path / "_data" / name).write_text("{}")

    def found(pattern: str) -> list[str]:
        return sorted(Path(name).name for name in list_files([f"{tmp_path}/{pattern}"], {}))

    assert found("_data/**") == found("_data") == ["a.json"]
    assert found("_data/_part*") == ["_part-1.json"]
    assert found("_data/.a.json.crc") == [".a.json.crc"]
    with pytest.raises(Refused, match=r"No file matches .* Names that begin with \. or _ are left out"):
        found("_data/*CCESS")
