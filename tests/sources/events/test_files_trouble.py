"""Files that cannot be used: which one, why, and what to do; and no secret of an address shows."""

import logging
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.periods import ONE_DAY, Period
from reporter.sources.events import engine
from reporter.sources.events.feeds.files import FilesFeed
from reporter.sources.events.feeds.files.listing import access_error, library_error, without_secrets
from reporter.sources.events.time_rule import TimeRule

from .event_files import PROPERTIES, WEEK, Fed, event, write_lines, write_parquet
from .raw_lines import FETCHED, NOON

AFTERWARDS = FETCHED + timedelta(days=4)
STREAM = [
    event("Open", NOON + number * ONE_DAY, distinct_id="ann", insert_id=str(number)) for number in range(7)
]


def refused(tmp_path: Path, pattern: str = "*.json") -> str:
    """What is said of the files in this folder."""
    with pytest.raises(Refused) as raised:
        Fed(tmp_path, (f"{tmp_path}/{pattern}",)).fetch()
    return str(raised.value).replace(str(tmp_path), "…")


def unavailable(tmp_path: Path, pattern: str = "*.json*") -> str:
    with pytest.raises(Unavailable) as raised:
        Fed(tmp_path, (f"{tmp_path}/{pattern}",)).fetch()
    return str(raised.value).replace(str(tmp_path), "…")


def test_a_pattern_that_nothing_matches_is_named_though_others_match(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM)

    with pytest.raises(Refused, match=r"No file matches .*/b\.json\. Check the path"):
        Fed(tmp_path, (f"{tmp_path}/a.json", f"{tmp_path}/b.json")).fetch()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "hello\nworld\n",
            "….json, line 1 and after: no JSON object in a line. Files are JSON lines or Parquet",
        ),
        ('[{"event": "Open"}]\n', "….json, line 1 and after: no JSON object in a line"),
        ('{"distinct_id": "ann", "properties": {}}\n', "….json has no events in a known shape"),
        (
            '{"$distinct_id": "a", "resolved_distinct_id": "b"}\n',
            "its columns are $distinct_id, resolved_distinct",
        ),
    ],
    ids=["text", "array", "profiles", "identities"],
)
def test_a_file_without_events_is_named(tmp_path: Path, content: str, said: str):
    (tmp_path / "a.json").write_text(content)

    assert said.replace("….json", "…/a.json") in refused(tmp_path)


def test_a_table_of_each_event_has_no_names_of_events(tmp_path: Path):
    write_parquet(tmp_path / "sign_up.parquet", STREAM, "schematized", "1 AS mp_event_name")
    (tmp_path / "a.json").write_text('{"time": 1, "distinct_id": "ann", "plan": "pro"}\n')

    assert "its columns are time, distinct_id, plan. Export all events into one table" in refused(tmp_path)


def test_the_first_line_that_is_no_event_is_named_where_most_are_none(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM[:1])
    with (tmp_path / "a.json").open("a") as file:
        file.write("\n{}\n{}\n")

    assert refused(tmp_path) == "…/a.json, line 3, is no event, and so are most of its JSON lines"


def test_an_export_that_mixpanel_cut_is_to_be_made_again(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM)
    with (tmp_path / "a.json").open("a") as file:
        file.write("export terminated early\n")

    assert "…/a.json was ended early by Mixpanel ('export terminated early'). Export it again" in refused(
        tmp_path
    )


@pytest.mark.parametrize("rest", [1, 30, 100_000])
def test_a_file_that_ends_within_a_line_is_not_whole_yet(tmp_path: Path, rest: int):
    path = write_lines(tmp_path / "a.json", [*STREAM, event("Open", NOON, text="x" * 3_000_000)])
    path.write_bytes(path.read_bytes()[: -rest - 1])

    assert unavailable(tmp_path) == "…/a.json ends within a line. Put it there whole"


@pytest.mark.parametrize("rest", [1, 8, 50])
def test_packed_data_that_ends_too_early_is_not_whole_yet(tmp_path: Path, rest: int):
    path = write_lines(tmp_path / "a.json.gz", STREAM)
    path.write_bytes(path.read_bytes()[:-rest])

    assert unavailable(tmp_path) == "…/a.json.gz ends within its gzip data. Put it there whole"


def test_packed_data_that_is_damaged_is_refused(tmp_path: Path):
    path = write_lines(tmp_path / "a.json.gz", STREAM)
    content = path.read_bytes()
    path.write_bytes(content[:-8] + bytes(4) + content[-4:])

    assert "…/a.json.gz has damaged gzip data. Put it there again" in refused(tmp_path, "*.gz")


@pytest.mark.parametrize("place", [60, -12])
def test_damaged_parquet_is_refused(tmp_path: Path, place: int):
    path = write_parquet(tmp_path / "a.parquet", STREAM * 50, "schematized")
    content = bytearray(path.read_bytes())
    content[place : place + 4] = b"\xff" * 4
    path.write_bytes(content)

    assert "…/a.parquet is damaged: it cannot be read as Parquet. Put it there again" in refused(
        tmp_path, "*.parquet"
    )


def test_files_that_end_before_the_days_are_over_may_not_be_there_yet(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM[:-1])
    feed = FilesFeed((f"{tmp_path}/*.json",), timedelta(days=400), lambda: AFTERWARDS)
    store = Fed(tmp_path, ()).store

    with pytest.raises(
        Unavailable, match=r"The files end on 2026-10-25 at 12:00, but 2026-10-20 to 2026-10-26"
    ):
        feed.bring(store, WEEK, WEEK, PROPERTIES)
    feed.bring(store, Period(WEEK.start, WEEK.last), WEEK, PROPERTIES)


def young_feed(tmp_path: Path) -> FilesFeed:
    """Files that begin two days into the week."""
    write_lines(tmp_path / "a.json", STREAM[2:])
    return FilesFeed((f"{tmp_path}/*.json",), timedelta(days=400), lambda: AFTERWARDS)


def test_days_to_fetch_that_files_do_not_have_are_told(tmp_path: Path):
    feed, store = young_feed(tmp_path), Fed(tmp_path, ()).store

    with pytest.raises(
        Unavailable, match="The files begin on 2026-10-22, but 2026-10-20 to 2026-10-25 is needed"
    ):
        list(feed.fetch(store, Period(WEEK.start, WEEK.last), PROPERTIES))
    assert WEEK.start not in store.days()


def test_a_product_younger_than_what_a_report_looks_back_on_has_a_report(tmp_path: Path):
    feed, store = young_feed(tmp_path), Fed(tmp_path, ()).store
    needed = Period(WEEK.start - timedelta(days=90), WEEK.last)

    feed.bring(store, needed, needed, PROPERTIES)

    there = store.days()
    assert set(needed) <= set(there)
    assert next(day for day in sorted(there) if there[day].events) == WEEK.start + 2 * ONE_DAY


def test_older_files_that_come_later_take_the_place_of_days_without_events(tmp_path: Path):
    feed, store = young_feed(tmp_path), Fed(tmp_path, ()).store
    feed.bring(store, Period(WEEK.start, WEEK.last), WEEK, PROPERTIES)

    write_lines(tmp_path / "b.json", STREAM[:2])
    feed.bring(store, Period(WEEK.start, WEEK.last), WEEK, PROPERTIES)

    assert store.days()[WEEK.start].events == 1


def test_files_that_begin_after_a_report_s_days_have_none_of_it(tmp_path: Path):
    feed, store = young_feed(tmp_path), Fed(tmp_path, ()).store

    with pytest.raises(Unavailable, match="The files begin on 2026-10-22"):
        feed.bring(store, Period(WEEK.start - 7 * ONE_DAY, WEEK.start), WEEK, PROPERTIES)


@pytest.mark.parametrize("rule", [None, TimeRule.UTC])
def test_times_of_two_kinds_are_mixed_only_where_they_are_said_to_be_one(
    tmp_path: Path, rule: TimeRule | None
):
    write_lines(tmp_path / "a.json", STREAM)
    write_lines(tmp_path / "b.json", STREAM, "pipeline")
    fed = Fed(tmp_path, (f"{tmp_path}/*.json",), rule=rule)

    if rule:
        fed.fetch()
    else:
        assert "more than one kind (JSON pipeline and raw export)" in refused(tmp_path)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://acme/events/**", r"s3://acme/events/\*\* needs the library s3fs, .*pip install '\.\[s3\]'"),
        ("gs://acme/events/**", r"needs the library gcsfs, .*pip install '\.\[gcs\]'"),
        ("abfs://acme/events/**", r"needs the library adlfs, .*pip install '\.\[abfs\]'"),
        ("ftq://acme/events", "'ftq' is not known. Use a path, or an address that begins with s3://"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_the_extra_that_has_it(
    tmp_path: Path, address: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    for library in ("s3fs", "gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(Refused, match=said):
        Fed(tmp_path, (address,)).fetch()


def test_a_property_that_is_called_like_a_part_of_the_event_is_none_to_measure_by(tmp_path: Path):
    write_lines(tmp_path / "a.json", STREAM)

    with pytest.raises(Refused, match="'Time' is no property that events can be measured by"):
        Fed(tmp_path, (f"{tmp_path}/a.json",)).fetch(WEEK, "Time")


class NoCredentialsError(Exception):
    """As botocore's."""


class HttpResponseError(Exception):
    """As Azure's."""

    status_code = 403


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (PermissionError("no"), Refused, "may not be read. Credentials are looked for as those of AWS"),
        (NoCredentialsError(), Refused, "AWS_ACCESS_KEY_ID"),
        (HttpResponseError("https://acme?sig=secret"), Refused, "may not be read"),
        (FileNotFoundError("no"), Unavailable, "is not there, or not any more"),
        (TimeoutError("https://acme?sig=secret"), Unavailable, "could not be read (TimeoutError). Try again"),
    ],
)
def test_a_place_that_cannot_be_used_is_named(error: Exception, kind: type[ReporterError], said: str):
    trouble = access_error("s3://user:secret@acme/events?sig=secret", error)

    assert isinstance(trouble, kind)
    assert said in str(trouble)
    assert "s3://acme/events" in str(trouble)
    assert "secret" not in str(trouble)


def test_a_library_that_lacks_its_settings_says_where_it_looks_for_them():
    trouble = library_error("abfs://acme/events", ValueError("account_name is missing"))

    assert str(trouble).startswith("abfs://acme/events may not be read. Credentials are looked for as AZURE_")


def test_a_path_is_shown_as_it_is_and_an_address_without_its_secrets():
    assert without_secrets("/data/a b?.json") == "/data/a b?.json"
    assert without_secrets("https://key:secret@acme.com/a.json?sig=secret#x") == "https://acme.com/a.json"


def test_no_option_and_no_part_of_an_address_that_is_secret_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    options = {"secret": "hush-hush"}
    feed = FilesFeed(("memory://user:hush-hush@x/a?sig=hush-hush",), timedelta(1), lambda: FETCHED, options)
    said = [repr(feed)]
    with caplog.at_level(logging.DEBUG), pytest.raises(ReporterError) as raised:
        list(feed.fetch(Fed(tmp_path, ()).store, WEEK, PROPERTIES))
    said += ["".join(traceback.format_exception(raised.value)), caplog.text]

    assert "hush" not in "".join(said)


def test_a_disk_without_room_is_named_before_a_file_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_lines(tmp_path / "a.json.gz", STREAM)

    def full(folder: Path) -> SimpleNamespace:
        return SimpleNamespace(free=10)

    monkeypatch.setattr(engine, "disk_usage", full)

    assert "has no room for …/a.json.gz, unpacked: 1 MiB are needed" in unavailable(tmp_path)
