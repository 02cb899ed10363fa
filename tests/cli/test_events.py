"""Raw events on the command line: fetching, querying, and reports on a plan without the Query API."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.reports.definitions import is_activity
from tests.desk import Desk, yesterday

QUERIES = Path(__file__).parents[2] / "docs/query.md"
WEEK_AGO = yesterday() - timedelta(days=6)


@pytest.fixture
def free(desk: Desk, product: Product) -> Iterator[LocalMixpanel]:
    """A project on a plan without the Query API."""
    with LocalMixpanel(product, free_plan=True) as mixpanel:
        desk.set(MIXPANEL_BASE_URL=mixpanel.url)
        yield mixpanel


def numbers(out: str) -> dict[str, float]:
    return {metric["label"]: metric["value"] for metric in json.loads(out)["metrics"]}


def without_users(out: str) -> list[dict[str, object]]:
    return [{**row, "users": None} for row in json.loads(out)["top_events"]["rows"]]


def test_a_report_reads_the_same_on_a_plan_without_the_query_api(desk: Desk, product: Product):
    _, paid, _ = desk.reporter("preview", "weekly", "--format", "json")
    with LocalMixpanel(product, free_plan=True) as free:
        desk.set(MIXPANEL_BASE_URL=free.url)
        code, out, err = desk.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert numbers(out) == numbers(paid)
    assert without_users(out) == without_users(paid)  # whom the Query API tells for a query more


def test_its_document_says_where_the_numbers_come_from_and_its_message_does_not(
    desk: Desk, free: LocalMixpanel
):
    code, _, err = desk.reporter("send", "weekly")
    _, document, _ = desk.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert "raw events" in document
    assert "raw events" not in json.dumps(desk.slack.messages[-1].payload)


def test_what_the_query_api_does_not_offer_is_measured_from_raw_events(desk: Desk):
    desk.change(
        "[metrics.purchases]",
        '[metrics.sessions]\nlabel = "Sessions"\nmeasure = "sessions"\n\n[metrics.purchases]',
    )
    desk.change('    "purchases",\n', '    "purchases",\n    "sessions",\n')

    code, out, err = desk.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert numbers(out)["Sessions"] > 100
    assert any(request.path.endswith("/export") for request in desk.mixpanel.requests)


def test_fetch_fills_the_store_and_goes_on_where_it_stopped(desk: Desk, free: LocalMixpanel):
    code, out, err = desk.reporter("fetch", "--from", str(WEEK_AGO))
    assert (code, err) == (0, "")
    assert "events" in out
    asked = len(free.requests)

    code, out, _ = desk.reporter("fetch", "--from", str(WEEK_AGO))

    assert code == 0
    assert "is there" in out
    exports = [request for request in free.requests[asked:] if request.path.endswith("/export")]
    assert exports == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", str(yesterday() + timedelta(days=1))), "is not complete yet"),
        (("--from", str(WEEK_AGO), "--to", str(yesterday() + timedelta(days=1))), "not complete"),
    ],
)
def test_fetch_refuses_days_that_are_not_over(desk: Desk, words: tuple[str, ...], said: str):
    code, _, err = desk.reporter("fetch", *words)

    assert code == 1
    assert said in err


def test_query_answers_in_sql(desk: Desk, free: LocalMixpanel, product: Product):
    desk.reporter("fetch", "--from", str(WEEK_AGO))
    sql = "SELECT count(*) AS n FROM events WHERE event = 'Sign Up'"

    code, out, err = desk.reporter("query", sql, "--format", "csv")

    assert (code, err) == (0, "")
    _, paid, _ = desk.reporter("preview", "weekly", "--format", "json")
    assert list(csv.reader(io.StringIO(out))) == [["n"], [str(int(numbers(paid)["New Signups"]))]]


def test_query_answers_with_moments_of_a_zone(desk: Desk, free: LocalMixpanel):
    desk.reporter("fetch", "--from", str(yesterday()))

    code, out, err = desk.reporter("query", "SELECT max(to_timestamp(time / 1000)) AS last FROM events")

    assert (code, err) == (0, "")
    assert str(yesterday()) in out


def test_an_account_that_is_refused_is_no_reason_to_measure_stored_events(desk: Desk, product: Product):
    with LocalMixpanel(product, free_plan=True) as free:
        desk.set(MIXPANEL_BASE_URL=free.url)
        assert desk.reporter("preview", "weekly")[0] == 0
    desk.set(MIXPANEL_BASE_URL=desk.mixpanel.url, MIXPANEL_SECRET="wrong")

    code, out, err = desk.reporter("preview", "weekly")

    assert (code, out) == (1, "")
    assert "does not accept the service account (401)" in err


def test_query_shows_a_table_or_lines_of_json(desk: Desk, free: LocalMixpanel):
    desk.reporter("fetch", "--from", str(WEEK_AGO))
    sql = "SELECT event, count(*) AS n FROM events GROUP BY event ORDER BY n DESC LIMIT 1"

    _, table, _ = desk.reporter("query", sql)
    _, lines, _ = desk.reporter("query", sql, "--format", "json")

    assert "Page View" in table
    first = json.loads(lines)
    assert first["event"] == "Page View"
    assert is_activity(first["event"])


def test_query_of_an_empty_store_says_how_to_fill_it(desk: Desk):
    code, _, err = desk.reporter("query", "SELECT 1")

    assert code == 1
    assert "reporter fetch" in err


def test_a_wrong_query_is_told_in_duckdbs_words(desk: Desk, free: LocalMixpanel):
    desk.reporter("fetch", "--from", str(yesterday()))

    code, _, err = desk.reporter("query", "SELECT nothing FROM nowhere")

    assert code == 1
    assert "nowhere" in err


@pytest.mark.parametrize("sql", ["", ";", "-- x", "  "])
def test_a_query_without_sql_says_so(desk: Desk, free: LocalMixpanel, sql: str):
    desk.reporter("fetch", "--from", str(yesterday()))

    code, out, err = desk.reporter("query", sql)

    assert (code, out) == (1, "")
    assert "no SQL" in err
    assert "Traceback" not in err


def test_what_is_stored_is_queried_without_a_network(desk: Desk, free: LocalMixpanel):
    desk.reporter("fetch", "--from", str(yesterday()))
    desk.set(MIXPANEL_BASE_URL="http://127.0.0.1:9")

    code, out, err = desk.reporter("query", "SELECT DISTINCT day FROM events", "--format", "csv")

    assert (code, err) == (0, "")
    assert out.split() == ["day", str(yesterday())]


def test_a_column_that_is_not_there_is_answered_with_those_that_are(desk: Desk, free: LocalMixpanel):
    desk.reporter("fetch", "--from", str(yesterday()))

    code, _, err = desk.reporter("query", "SELECT country FROM events")

    assert code == 1
    assert "event, user, time, day, " in err
    assert "p:mp_country_code" in err


@pytest.mark.parametrize(
    "sql", re.findall(r"```sql\n(.*?)\n```", QUERIES.read_text(encoding="utf-8"), re.DOTALL)
)
def test_the_queries_of_the_docs_find_something(desk: Desk, free: LocalMixpanel, sql: str):
    desk.change('source = "auto"', 'source = "auto"\n\n[events]\nkeep_properties = ["amount"]')
    desk.reporter("fetch", "--from", str(yesterday()))

    code, out, err = desk.reporter("query", sql, "--format", "json")

    assert (code, err) == (0, "")
    assert all(value not in (None, 0) for value in json.loads(out.splitlines()[0]).values())


HOSTILE = "\x1b]52;c;cm0=\x07 \x9b2J = x"


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize(
    "sql", ["SELECT {} AS a", 'SELECT 1 AS "{}"', "SELECT [{}] AS a", "SELECT no_{} FROM events"]
)
def test_no_text_of_events_controls_the_terminal(desk: Desk, free: LocalMixpanel, form: str, sql: str):
    desk.reporter("fetch", "--from", str(yesterday()))
    text = HOSTILE if '"{}"' in sql or "no_" in sql else f"'{HOSTILE}'"

    _, out, err = desk.reporter("query", sql.format(text), "--format", form)

    assert not set("\x1b\x07\x9b") & set(out + err)


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_spreadsheet_takes_no_text_for_a_formula(desk: Desk, free: LocalMixpanel, begins: str):
    desk.reporter("fetch", "--from", str(yesterday()))
    sql = f"SELECT '{begins}1+1' AS a, -5 AS b, 'a{begins}b' AS c"

    _, out, _ = desk.reporter("query", sql, "--format", "csv")

    _, (a, b, c) = csv.reader(io.StringIO(out, newline=""))
    assert (a, b, c) == (f"'{begins}1+1", "-5", f"a{begins}b")


def test_check_tells_that_numbers_come_from_raw_events(desk: Desk, free: LocalMixpanel):
    _, before, _ = desk.reporter("check")
    desk.reporter("fetch", "--from", str(WEEK_AGO))
    code, after, _ = desk.reporter("check")

    assert "numbers come from raw events" in before
    assert "reporter fetch" in before
    assert code == 0
    assert "days are stored" in after
    assert "“Sign Up”" in after
