"""Numbers from a warehouse, as a user has them: a PostgreSQL with the product's events."""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.local.product import Product
from reporter.local.warehouse_server import LocalPostgres, is_there, local_postgres
from reporter.sources.warehouse.postgres import PostgresDialect
from tests.desk import Desk, yesterday

TABLE = 'source = "warehouse"\n[warehouse]\nengine = "postgres"\nconnection = "WAREHOUSE_URL"\n'
OF_METRIC = 'event = "Purchase"\nsource = "warehouse"\n'
# "users" of the ranking: the Query API leaves them out, as they would cost a query each.
NOT_NUMBERS = ("notes", "details", "project", "computed_at", "queries", "link", "users")
MIXPANEL = ("USERNAME", "SECRET", "PROJECT_ID", "REGION", "BASE_URL")


@pytest.fixture(scope="module")
def server(product: Product) -> Iterator[LocalPostgres]:
    if not is_there():
        pytest.skip("make tools, and Debian's postgresql, set up the engine")
    with local_postgres() as started:
        started.fill(product)
        yield started


@pytest.fixture
def moved(desk: Desk, server: LocalPostgres) -> Desk:
    """The desk with the numbers from the warehouse, and without a service account."""
    desk.change('source = "auto"\n', TABLE)
    desk.set(**{f"MIXPANEL_{name}": "" for name in MIXPANEL}, WAREHOUSE_URL=server.address)
    return desk


def numbers(document: str) -> dict[str, object]:
    """All that a report says but for where its numbers come from."""
    return json.loads(document, object_hook=without_origin)


def without_origin(found: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in found.items() if key not in NOT_NUMBERS}


@pytest.mark.parametrize("report", ["daily", "weekly", "biweekly"])
def test_a_report_has_the_numbers_of_the_query_api(desk: Desk, server: LocalPostgres, report: str):
    _, by_mixpanel, _ = desk.reporter("preview", report, "--format", "json")
    desk.change('source = "auto"\n', TABLE)
    desk.set(**{f"MIXPANEL_{name}": "" for name in MIXPANEL}, WAREHOUSE_URL=server.address)
    desk.mixpanel.requests.clear()

    code, there, err = desk.reporter("preview", report, "--format", "json")

    assert (code, err) == (0, "")
    assert numbers(there) == numbers(by_mixpanel)
    assert not desk.mixpanel.requests
    assert re.search(r"measured from [\d,]+ raw events, in your warehouse", there)


def test_a_report_is_sent_and_explained(moved: Desk):
    code, _, err = moved.reporter("send", "weekly")
    explained, out, _ = moved.reporter("explain", "weekly", "New Signups")

    assert (code, err, explained) == (0, "", 0)
    assert len(moved.slack.messages) == 1
    assert "in your warehouse" in out


def test_a_metric_may_come_from_the_warehouse_beside_others(desk: Desk, server: LocalPostgres):
    _, before, _ = desk.reporter("preview", "weekly", "--format", "json")
    desk.change('source = "auto"\n', 'source = "query"\n' + TABLE.partition("\n")[2])
    desk.change('event = "Purchase"\n', OF_METRIC)
    desk.set(WAREHOUSE_URL=server.address)

    code, after, err = desk.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert numbers(after) == numbers(before)
    assert "Purchases: measured from" in after
    checked, out, _ = desk.reporter("check")
    assert checked == 0
    assert "the table mp_master_event can be read" in out
    assert "Quota" in out


def test_without_its_warehouse_the_other_metrics_are_there(desk: Desk):
    desk.change('source = "auto"\n', 'source = "query"\n' + TABLE.partition("\n")[2])
    desk.change('event = "Purchase"\n', OF_METRIC)
    desk.set(WAREHOUSE_URL="postgresql://reporter:made-up-secret@127.0.0.1:1/analytics")

    code, out, err = desk.reporter("preview", "weekly", "--format", "json")

    labels = {one["label"]: one["value"] for one in json.loads(out)["metrics"]}
    assert code != 0
    assert labels["Purchases"] is None
    assert labels["New Signups"]
    assert "made-up-secret" not in out + err


def test_a_check_says_what_is_there_and_what_a_report_reads(moved: Desk):
    code, out, err = moved.reporter("check")

    assert (code, err) == (0, "")
    assert "the table mp_master_event can be read, with 5 columns" in out
    assert f"the last complete day is {yesterday()}" in out
    assert "Event: “Sign Up”" in out
    assert re.search(r"Report weekly: takes \d+ queries, which read about [\d.]+ MB together; next due", out)
    assert not moved.mixpanel.requests


def test_what_would_read_more_than_is_allowed_is_refused_before_it_runs(moved: Desk):
    moved.change(TABLE, f"{TABLE}max_bytes = 1_000_000\n")

    checked, _, _ = moved.reporter("check")
    code, _, err = moved.reporter("preview", "weekly")

    assert (checked, code) == (1, 1)
    assert "`max_bytes` in [warehouse] allows 1.0. Allow more" in err


def test_a_query_has_a_limit_of_rows(moved: Desk):
    by_event = "SELECT event_name, count(*) FROM mp_master_event GROUP BY 1 ORDER BY 2 DESC"

    code, out, err = moved.reporter("query", by_event, "--format", "json", "--limit", "2")

    assert code == 0
    assert json.loads(out.splitlines()[0])["event_name"] == "Page View"
    assert len(out.splitlines()) == 2
    assert "These are the first 2 rows; --limit gives more." in err


@pytest.mark.parametrize("text", ["DELETE FROM mp_master_event", "DROP TABLE mp_master_event"])
def test_a_query_changes_nothing(moved: Desk, text: str):
    code, _, err = moved.reporter("query", text)

    assert code == 1
    assert "read-only" in err


def test_nothing_is_fetched(moved: Desk):
    code, _, err = moved.reporter("fetch", "--from", str(yesterday()))

    assert code == 1
    assert "nothing is fetched: the events are measured where they are" in err


BROKEN: dict[str, tuple[dict[str, str], str, str]] = {
    "wrong password": ({"local-password": "another-password"}, "", "does not accept the user or the secret"),
    "unknown user": ({"reporter:": "nobody:"}, "", "does not accept the user or the secret"),
    "unknown database": ({"/postgres": "/elsewhere"}, "", "does not have this database"),
    "server down": ({"127.0.0.1:": "127.0.0.1:1"}, "", "could not be reached"),
    "no address": ({"postgresql://": "//"}, "", "WAREHOUSE_URL: is no address of PostgreSQL"),
    "missing table": ({}, 'events = "mp_master_evnt"\n', "Near to mp_master_evnt is mp_master_event"),
    "missing mapping": ({}, 'identities = "mp_identities"\n', "does not find a table or a column"),
    "no right": ({}, 'events = "secret_events"\n', "does not let this user read it"),
    "missing column": (
        {},
        'events = "mp_master_event"\n'
        'columns = { event = "event_name", time = "tme", distinct_id = "distinct_id" }\n',
        "The table mp_master_event has no column tme; did you mean time?",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_one_clear_line_in_the_check_and_in_a_notice(
    moved: Desk, server: LocalPostgres, case: str
):
    with closing(server.connect()) as session:
        session.execute("CREATE TABLE IF NOT EXISTS secret_events (LIKE mp_master_event)")
    changed, more, said = BROKEN[case]
    address = server.address
    for old, new in changed.items():
        address = address.replace(old, new)
    moved.set(WAREHOUSE_URL=address)
    moved.change(TABLE, TABLE + more)

    checked, out, _ = moved.reporter("check")
    sent, printed, err = moved.reporter("send", "weekly")

    lines = [line for line in out.splitlines() if line.startswith("fault")]
    assert (checked, sent) != (0, 0)
    assert len(lines) == 1
    assert said in lines[0]
    notices = "".join(str(message) for message in moved.slack.messages)
    assert "weekly" in err + printed + notices
    for text in (out, err, printed, notices):
        assert "local-password" not in text
        assert "another-password" not in text


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    secret=st.text("abcXYZ0189-_.~!*:/?#[]@%= ", min_size=6).map(str.strip).filter(lambda one: len(one) > 5)
)
def test_no_password_is_ever_printed(moved: Desk, server: LocalPostgres, secret: str):
    """Whatever is in it, and however the address is misread for it."""
    moved.set(WAREHOUSE_URL=server.address.replace("local-password", f"se{secret}t"))

    _, out, err = moved.reporter("check")
    _, preview, more = moved.reporter("preview", "daily")

    assert f"se{secret}t" not in out + err + preview + more


def test_a_missing_client_is_one_line_with_what_to_install(moved: Desk, monkeypatch: pytest.MonkeyPatch):
    import_module("psycopg")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    code, out, _ = moved.reporter("check")

    assert code == 2
    assert "pip install '.[postgres]'" in out


def test_a_day_that_is_taken_out_proves_that_the_engine_measures_as_duckdb(
    moved: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    taken = tmp_path / "taken"
    taken.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(taken))

    code, out, _ = moved.reporter("check", "--prove")

    assert code == 0
    assert re.search(r"[\d,]+ rows of [\d-]+ were taken out, measured here as well, and deleted again", out)
    agreed = re.search(r"(\d+) of (\d+) measures agree", out)
    assert agreed
    assert agreed[1] == agreed[2]
    for kind in ("sessions: ", "funnel of 3 steps: ", "new users: ", "by “", "median of ", "p90 of "):
        assert f"Proof: {kind}" in out or kind in out
    assert not [*taken.iterdir()]


def length_instead(_: PostgresDialect, value: str) -> str:
    """A number that is read wrongly."""
    return f"(length({value}) + 0.5)"


def test_a_proof_names_each_measure_that_differs(moved: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PostgresDialect, "read_number", length_instead)

    code, out, _ = moved.reporter("check", "--prove")

    assert code == 1
    assert re.search(r"fault +Proof: sum of “.*” of “.*”: .* by the warehouse, .* by DuckDB", out)
    assert "ok     Proof: “Sign Up”: " in out


def test_only_a_warehouse_is_proved(desk: Desk):
    code, _, err = desk.reporter("check", "--prove")

    assert code == 2
    assert "no numbers come from a warehouse" in err
