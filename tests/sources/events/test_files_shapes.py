"""The shapes of files: which one it is, and where Mixpanel puts a property."""

from pathlib import Path

import pytest

from reporter.sources.events.feeds.files.formats import FileShape, shape_of
from reporter.sources.events.feeds.files.schematized import cleaned

from .event_files import WEEK, Fed, event, write_lines, write_parquet
from .raw_lines import NOON


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("plan", "plan"),
        ("Plan Name", "plan_name"),
        ("$city", "mp_city"),
        ("$mp_api_timestamp_ms", "mp_mp_api_timestamp_ms"),
        ("utm_source [first touch]", "utm_source__first_touch_"),
        ("x" * 200, "x" * 128),
    ],
)
def test_a_property_has_the_column_that_mixpanel_gives_it(name: str, column: str):
    assert cleaned(name) == column


@pytest.mark.parametrize(
    ("columns", "shape"),
    [
        (["event", "properties"], FileShape.EXPORT),
        (
            ["device_id", "distinct_id", "event_name", "insert_id", "properties", "time"],
            FileShape.JSON_PIPELINE,
        ),
        (["mp_event_name", "time", "distinct_id", "plan"], FileShape.SCHEMATIZED),
        (["time", "distinct_id", "plan"], None),
        (["distinct_id", "properties"], None),
        (["distinct_id", "resolved_distinct_id"], FileShape.IDENTITIES),
    ],
    ids=["export", "JSON pipeline", "one table", "a table of each event", "profiles", "identities"],
)
def test_columns_tell_the_shape(columns: list[str], shape: FileShape | None):
    assert shape_of(columns) is shape


@pytest.mark.parametrize("is_parquet", [False, True])
def test_a_property_that_is_a_reserved_word_is_found_by_its_prefix(tmp_path: Path, is_parquet: bool):
    stream = [event("Open", NOON, insert_id="1", res_timestamp=12)]
    if is_parquet:
        write_parquet(tmp_path / "a.parquet", stream, "schematized")
    else:
        write_lines(tmp_path / "a.json", stream, "schematized")
    fed = Fed(tmp_path, (f"{tmp_path}/a.*",))

    fed.fetch(WEEK, "Timestamp")

    assert fed.rows[NOON.date()][0][-1] == "12"
