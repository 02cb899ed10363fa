"""What a call may say: what is understood, and what is told of a call that is wrong."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.http.call import MOST_EVENTS, PARAMETERS, BadRequest, CallProblem, ReportCall, read_call
from reporter.http.request import HttpRequest
from reporter.http.responses import bad_request, status_address
from reporter.publishing.on_demand import Ticket
from reporter.reports.periods import Cadence, Period

REPORTS = ("daily", "weekly")
TICKET = "weekly.2026-11-16.2026-11-22.0123456789abcdef"

TEXT = st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*PARAMETERS, "status", "code"]) | TEXT


def read(body: object = None, key: str | None = None, **query: str) -> ReportCall:
    sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if key is None else {"idempotency-key": key}
    return read_call(HttpRequest("POST", query, headers, sent), REPORTS)


def wrong(body: object = None, key: str | None = None, **query: str) -> dict[str, str]:
    """What is wrong with each parameter."""
    with pytest.raises(BadRequest) as raised:
        read(body, key, **query)
    return {one.parameter: f"{one.problem}. {one.fix}" for one in raised.value.problems}


def test_a_call_without_a_word_is_sent_as_json():
    assert read() == ReportCall(send_slack=True, format="json")


def test_address_and_body_say_the_same_thing_alike():
    said = {
        "period": "weekly",
        "report": "daily",
        "send_slack": "false",
        "from_date": "2026-11-01",
        "to_date": "2026-11-10",
        "events": "Sign Up, Page View",
        "format": "html",
    }
    expected = ReportCall.model_construct(
        period=Cadence.WEEKLY,
        report="daily",
        send_slack=False,
        from_date=date(2026, 11, 1),
        to_date=date(2026, 11, 10),
        events=("Sign Up", "Page View"),
        format="html",
    )

    assert read(**said) == expected
    assert read(said) == expected
    assert read({**said, "send_slack": False, "events": ["Sign Up", "Page View"]}) == expected
    assert read(said, **said) == expected


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "1", "yes", True, 1])
def test_words_for_true(word: str | int):
    assert read({"send_slack": word}).send_slack
    assert read(send_slack=str(word)).send_slack


@pytest.mark.parametrize("word", ["false", "False", "0", "no", False, 0])
def test_words_for_false(word: str | int):
    assert not read({"send_slack": word}).send_slack
    assert not read(send_slack=str(word)).send_slack


def test_a_name_with_a_comma_can_be_said_in_a_list():
    assert read({"events": ["Bought, and paid", "Sign Up"]}).events == ("Bought, and paid", "Sign Up")


def test_everything_that_is_wrong_is_named_at_once():
    found = wrong(
        {"events": []},
        "x" * 129,
        period="weakly",
        report="wekly",
        send_slack="perhaps",
        from_date="2026-02-30",
        to_date="20261101",
        format="pdf",
        perod="weekly",
    )

    assert set(found) == {*PARAMETERS, "Idempotency-Key", "perod"}
    assert "Did you mean 'weekly' or" in found["period"]
    assert "Did you mean 'weekly'?" in found["report"]
    assert "Did you mean 'period'?" in found["perod"]
    assert "YYYY-MM-DD" in found["from_date"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("period", "Weekly"),
        ("period", ""),
        ("period", None),
        ("period", ["weekly"]),
        ("report", 5),
        ("send_slack", 2),
        ("send_slack", None),
        ("send_slack", 1.0),
        ("from_date", "tomorrow"),
        ("from_date", "2009-12-31"),
        ("from_date", "2026-11-16T00:00"),
        ("from_date", "2026-W47-1"),
        ("from_date", "20261116"),
        ("from_date", "0001-01-01"),
        ("from_date", "9999-12-31"),
        ("from_date", 20261116),
        ("from_date", "٢٠٢٦-١١-١٦"),
        ("events", ""),
        ("events", " , "),
        ("events", [""]),
        ("events", ["Sign Up", 5]),
        ("events", {"Sign Up": 1}),
        ("events", ["x" * 256]),
        ("events", ["half \ud83d"]),
        ("events", ["line\nbreak"]),
        ("events", [f"event {number}" for number in range(MOST_EVENTS + 1)]),
        ("events", [f"{number:0200}" for number in range(11)]),
        ("format", "HTML"),
    ],
)
def test_a_value_that_can_not_be_is_named(name: str, value: object):
    assert set(wrong({name: value})) == {name}


def test_days_that_contradict_each_other_are_named():
    assert "has no" not in str(read(from_date="2026-11-10", to_date="2026-11-10"))
    assert set(wrong(to_date="2026-11-10")) == {"from_date"}
    assert set(wrong(from_date="2026-11-10", to_date="2026-11-09")) == {"to_date"}


def test_a_parameter_that_is_given_twice_differently_is_named():
    assert "twice" in wrong({"period": "weekly"}, period="daily")["period"]
    assert read({"send_slack": False}, send_slack="no") == ReportCall(send_slack=False)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"weekly"', b"\xff", b"period=weekly", b"[" * 50_000, b" " * 65_537 + b"{}"]
)
def test_a_body_that_is_no_json_object_is_named(body: bytes):
    assert set(wrong(body)) == {"body"}


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_a_body_without_a_word_is_none(body: bytes):
    assert read(body) == ReportCall()


def test_the_function_key_belongs_into_the_address_alone():
    assert read(code="secret") == ReportCall()
    assert set(wrong({"code": "secret"})) == {"code"}


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\there", "größe"])
def test_a_key_that_is_none_is_named(key: str):
    assert set(wrong(key=key)) == {"Idempotency-Key"}


def test_a_key_of_128_characters_is_taken():
    assert read(key="x" * 128).key == "x" * 128


def test_a_status_is_asked_alone():
    assert read(status=TICKET).status == Ticket(
        "weekly", Period.of_days(date(2026, 11, 16), date(2026, 11, 22)), "0123456789abcdef"
    )
    assert str(read(status=TICKET).status) == TICKET
    assert set(wrong(status=TICKET, period="weekly")) == {"status"}


@pytest.mark.parametrize(
    "ticket",
    [
        "",
        TICKET.upper(),
        TICKET + "0",
        TICKET.replace("weekly", "hourly"),
        TICKET.replace("11-16", "11-31"),
        TICKET.replace("11-16", "11-23"),
    ],
)
def test_a_status_that_nobody_was_given_is_named(ticket: str):
    assert set(wrong(status=ticket)) == {"status"}


def test_what_looks_like_a_secret_is_not_repeated():
    secret = "https://hooks.slack.com/services/T0/B0/abcdefghijk1234567890"

    found = wrong(**{"period": secret, "report": secret, "from_date": secret, secret: "x"})

    assert len(found) == 4
    assert "abcdefghijk1234567890" not in str(found)


def test_a_status_address_holds_neither_key_nor_password():
    ticket = Ticket("weekly", Period.of_days(date(2026, 11, 16), date(2026, 11, 22)), "0123456789abcdef")

    address = status_address("https://me:pass@acme.net/api/CustomReport?code=key&period=weekly#x", ticket)

    assert address == f"https://acme.net/api/CustomReport?status={TICKET}"
    assert status_address("/api/CustomReport?code=key", ticket) == f"/api/CustomReport?status={TICKET}"


@given(
    st.dictionaries(NAMES, TEXT, max_size=4),
    st.binary(max_size=60) | JSON.map(lambda it: json.dumps(it).encode()),
)
def test_any_call_is_understood_or_told_what_is_wrong(query: dict[str, str], body: bytes):
    for problem in problems(HttpRequest("POST", query, {}, body)):
        assert json.loads(bad_request((problem,)).body)["errors"][0]["mend"]


@given(st.dictionaries(st.sampled_from(PARAMETERS), JSON, max_size=4))
def test_any_body_is_understood_or_told_what_is_wrong(body: dict[str, object]):
    found = problems(HttpRequest("POST", {}, {}, json.dumps(body).encode()))

    assert {one.parameter for one in found} <= {*body, "from_date"}


def problems(request: HttpRequest) -> tuple[CallProblem, ...]:
    """What is wrong with a call; nothing where it is understood."""
    try:
        read_call(request, REPORTS)
    except BadRequest as bad:
        return bad.problems
    return ()
