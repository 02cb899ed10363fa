"""The endpoints on a socket of this machine: keys, bounds, and an end that waits."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest

from reporter.http import listener
from reporter.http.call import LARGEST_BODY
from reporter.http.listener import Endpoints, Listener, bind
from reporter.http.request import HttpRequest, HttpResponse
from reporter.reports.errors import ConfigError
from tests.desk import Desk
from tests.http.caller import Caller

KEY = "a-key-of-these-tests"
HALF_A_BODY = f"POST /api/Due HTTP/1.1\r\nHost: x\r\nx-functions-key: {KEY}\r\nContent-Length: 9\r\n\r\n{{"
RIGHT = {"x-functions-key": KEY}


@contextmanager
def listening(endpoints: Endpoints) -> Generator[tuple[str, Listener]]:
    made = Listener(bind("127.0.0.1:0", endpoints.key), endpoints)
    made.start()
    yield made.address, made
    made.stop()
    assert made.join()


@pytest.fixture
def caller(desk: Desk) -> Iterator[Caller]:
    made = Caller(desk)
    yield made
    made.close()


@pytest.fixture
def url(caller: Caller) -> Iterator[str]:
    with listening(Endpoints(caller.app, caller.queue.append, KEY)) as (address, _):
        yield address


@pytest.fixture
def open_url(caller: Caller) -> Iterator[str]:
    """Without a key."""
    with listening(Endpoints(caller.app, caller.queue.append, None)) as (address, _):
        yield address


def test_the_three_endpoints_answer_as_on_azure(url: str, caller: Caller):
    report = httpx2.post(f"{url}/api/CustomReport", json={"period": "daily"}, headers=RIGHT)
    shown = httpx2.get(f"{url}/api/customreport?period=weekly&send_slack=false&format=html&code={KEY}")
    health = httpx2.get(f"{url}/api/Health", headers=RIGHT)
    outstanding = httpx2.post(f"{url}/api/Due", headers=RIGHT)

    assert report.json()["report"]["title"] == "Daily Report"
    assert len(caller.desk.slack.messages) == 1
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (health.status_code, health.json()["is_well"]) == (200, True)
    assert outstanding.status_code in (200, 202)
    assert httpx2.head(f"{url}/api/Health", headers=RIGHT).status_code == 200
    assert httpx2.get(f"{url}/", headers=RIGHT).status_code == 404


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "x", "ключ".encode().decode("latin-1")])
@pytest.mark.parametrize("path", ["/api/CustomReport", "/api/Due", "/api/Health", "/elsewhere"])
def test_without_the_right_key_nothing_is_said_or_done(url: str, caller: Caller, path: str, key: str):
    header = httpx2.post(url + path, headers={b"x-functions-key": key.encode("latin-1")})
    address = httpx2.get(url + path, params={"code": key})

    assert (header.status_code, header.content) == (401, b"")
    assert (address.status_code, address.content) == (401, b"")
    assert (caller.queue, caller.desk.slack.messages) == ([], [])


def test_without_a_key_no_web_page_can_call(open_url: str, caller: Caller):
    due = f"{open_url}/api/Due"

    assert httpx2.post(due).status_code in (200, 202)
    assert httpx2.post(due, headers={"Origin": open_url}).status_code in (200, 202)
    assert httpx2.post(due, headers={"Origin": "https://evil.example"}).status_code == 401
    assert httpx2.post(due, headers={"Origin": "null"}).status_code == 401
    assert httpx2.post(due, headers={"Host": "evil.example"}).status_code == 401


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.7:80", "reporter.example:80"])
def test_an_address_that_others_reach_needs_a_key(address: str):
    with pytest.raises(ConfigError, match="REPORTER_API_KEY"):
        bind(address, None)


@pytest.mark.parametrize(
    "address", ["", "8080", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:80", "a b:80"]
)
def test_what_is_no_address_is_told(address: str):
    with pytest.raises(ConfigError, match="no address and port"):
        bind(address, KEY)


def test_a_port_that_is_taken_is_told():
    with bind("127.0.0.1:0", None) as taken:
        taken.listen()
        with pytest.raises(ConfigError, match="cannot be used"):
            bind(f"127.0.0.1:{taken.getsockname()[1]}", None)


def test_a_body_that_is_too_large_is_refused_before_it_is_all_read(url: str):
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(10_000):
            sent.append(number)
            yield b" " * LARGEST_BODY

    response = httpx2.post(f"{url}/api/CustomReport", content=b"x" * (LARGEST_BODY + 1), headers=RIGHT)
    assert (response.status_code, response.json()["errors"][0]["problem"]) == (400, "is too large")
    with suppress(httpx2.TransportError):  # it hangs up while more is being sent
        httpx2.post(f"{url}/api/CustomReport", content=endless(), headers=RIGHT)
    assert len(sent) < 1_000


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET /api/Health HT", b""),
        (b"", b""),
        (
            HALF_A_BODY.encode(),
            b"408",
        ),
    ],
)
def test_a_request_that_drips_is_hung_up(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes
):
    monkeypatch.setattr(listener, "ARRIVES_WITHIN", 0.3)
    with (
        listening(Endpoints(caller.app, caller.queue.append, KEY)) as (address, _),
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=10) as client,
    ):
        client.sendall(sent)
        assert answer in client.recv(1_000)


def test_what_breaks_is_in_the_log_without_its_words(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    secret = KeyError("https://hooks.slack.com/services/secret")

    def broken(*_: object) -> HttpResponse:
        raise secret

    monkeypatch.setattr(listener, "health", broken)

    assert httpx2.get(f"{url}/api/Health", headers=RIGHT).status_code == 500
    assert "KeyError" in caplog.text
    assert "services/secret" not in caplog.text


def test_a_stop_waits_for_the_answer_under_way(caller: Caller, monkeypatch: pytest.MonkeyPatch):
    has_begun, may_end = threading.Event(), threading.Event()

    def slow(request: HttpRequest, app: object) -> HttpResponse:
        has_begun.set()
        may_end.wait(20)
        return HttpResponse(200, b"{}")

    monkeypatch.setattr(listener, "health", slow)
    statuses: list[int] = []
    with listening(Endpoints(caller.app, caller.queue.append, KEY)) as (address, one):
        ask = threading.Thread(
            target=lambda: statuses.append(httpx2.get(f"{address}/api/Health", headers=RIGHT).status_code)
        )
        ask.start()
        assert has_begun.wait(10)
        one.stop()
        time.sleep(0.3)
        may_end.set()
        ask.join()

    assert statuses == [200]


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_delivers_what_is_due_answers_and_ends_when_it_is_told_to(desk: Desk, number: signal.Signals):
    desk.set(REPORTER_API_KEY=KEY, TIMEZONE="Europe/Berlin", WEEKLY_SCHEDULE="0 9 1 1 *")
    desk.set(DAILY_SCHEDULE="0 10 1 1 *", BIWEEKLY_SCHEDULE="0 11 1 1 *")
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), "serve", "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stderr
        lines = [process.stderr.readline() for _ in range(3)]
        found = re.search(r"address=(\S+) key=needed", "".join(lines))
        assert found
        answers = [
            httpx2.get(f"{found[1]}/api/Health", headers=RIGHT),
            httpx2.post(f"{found[1]}/api/Due", headers=RIGHT),
        ]
        process.send_signal(number)
        rest = process.stderr.read()
        process.wait(30)

    assert [one.status_code for one in answers] == [200, 200]
    assert json.loads(answers[1].content) == {"deliveries": []}
    assert "(Ctrl-C stops)" in "".join(lines)
    assert re.search(r"next: Weekly Report \w{3} 1 Jan \d{4}, 09:00 CET", "".join(lines))
    assert process.returncode == 0
    assert KEY not in "".join(lines) + rest


def test_serve_says_why_it_does_not_listen(desk: Desk):
    code, _, complaint = desk.reporter("serve", "--http", "0.0.0.0:8080")

    assert code == 2
    assert "no key is set" in complaint
    assert "REPORTER_API_KEY" in complaint
