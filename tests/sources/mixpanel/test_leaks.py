"""No secret in any error, its chain, a repr or a log line, whatever goes wrong and whatever is echoed."""

import logging
import traceback
from datetime import date
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx2
import pytest

from reporter.local.server import Fault, LoopbackAnswer, LoopbackServer
from reporter.reports.errors import PlanRefused, ReporterError
from reporter.reports.figures import Question
from reporter.reports.measures import ActiveUsers, EventCount, Retention, SavedFunnel, SavedInsights
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.limits import QueryCounter
from reporter.sources.mixpanel.source import QuerySource

from .fake import BASIC, PROJECT_ID, SECRET, USERNAME, FakeMixpanel
from .test_client import FAULTS, REFUSALS
from .test_states import QUESTION

SECRETS = (SECRET, BASIC, quote(SECRET))
ECHO = f"Authorization: Basic {BASIC} ({USERNAME}:{SECRET})"
ECHOES = [
    *(
        httpx2.Response(status, json={"error": ECHO})
        for status in (200, 302, 400, 401, 402, 403, 404, 418, 429, 500)
    ),
    *(httpx2.Response(status, text=ECHO) for status in (200, 400, 403, 503)),
    httpx2.ConnectError(ECHO),
    httpx2.LocalProtocolError(ECHO),
    httpx2.ReadError(ECHO),
    httpx2.ReadTimeout(ECHO),
    httpx2.ProxyError(ECHO),
    httpx2.UnsupportedProtocol(ECHO),
]
ANSWERS = [*(response for response, _, _ in REFUSALS), *FAULTS, *ECHOES, httpx2.Response(200, text="[")]


def assert_hides_secrets(text: str) -> None:
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_error_shows_a_secret(answer: object, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    mixpanel = FakeMixpanel({"/api/query/events/names": answer, "/api/app/me": answer})
    source = QuerySource(mixpanel.client())

    for ask in (source.project, lambda: source.measure(QUESTION)):
        with pytest.raises(ReporterError) as raised:
            ask()

        assert_hides_secrets("".join(traceback.format_exception(raised.value)))
        assert_hides_secrets(repr(raised.value))
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
    assert_hides_secrets(caplog.text)


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_figure_shows_a_secret(answer: object):
    told = ("events/names", "events", "insights", "retention", "funnels")
    paths = [f"/api/query/{path}" for path in told]
    mixpanel = FakeMixpanel(dict.fromkeys(paths, answer))
    measures = (
        EventCount("Sign Up"),
        ActiveUsers(),
        Retention("Sign Up", None, 1),
        SavedFunnel(7),
        SavedInsights(8),
    )
    asked = Question(measures, QUESTION.period, QUESTION.previous)

    try:
        figures = QuerySource(mixpanel.client(), project_zone=ZoneInfo("UTC")).measure(asked)
    except PlanRefused as error:
        assert_hides_secrets(str(error))
    else:
        assert figures.failures
        assert_hides_secrets(repr(figures))


def test_no_repr_shows_a_secret():
    client = FakeMixpanel().client()

    assert_hides_secrets(repr(client) + repr(QuerySource(client)) + repr(QueryCounter()))


def test_no_log_line_of_a_real_connection_shows_a_secret(caplog: pytest.LogCaptureFixture):
    for logger in ("", "httpx2", "httpcore2"):  # even where somebody makes the HTTP library speak up
        caplog.set_level(logging.DEBUG, logger)
    with LoopbackServer(lambda request: LoopbackAnswer.json([], headers={"X-Echo": request.path})) as server:
        client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, PROJECT_ID, base_url=server.url))
        client.get("/events/names", {}, QueryCounter())
        client.insights({}, QueryCounter())
        client.close()

    assert len(caplog.records) > 2
    assert_hides_secrets(caplog.text)


DAY = Period(date(2026, 11, 21), date(2026, 11, 22))
EXPORTS = [
    *(
        LoopbackAnswer.json({"error": ECHO}, status)
        for status in (200, 302, 400, 401, 402, 403, 404, 418, 429, 500)
    ),
    *(LoopbackAnswer(status, ECHO.encode(), "text/plain") for status in (200, 400, 403, 503)),
]


def exporter(url: str) -> Exporter:
    return Exporter(MixpanelAccess(USERNAME, SECRET, PROJECT_ID, base_url=url), sleep=lambda _: None)


def assert_export_hides_secrets(url: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger)
    client = exporter(url)
    with pytest.raises(ReporterError) as raised:
        next(client.fetch([DAY], folder))
    client.close()

    assert_hides_secrets("".join(traceback.format_exception(raised.value)))
    assert_hides_secrets(repr(raised.value) + repr(client) + repr(vars(raised.value)))
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert_hides_secrets(caplog.text)


@pytest.mark.parametrize("answer", EXPORTS)
def test_no_error_of_an_export_shows_a_secret(
    answer: LoopbackAnswer, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with LoopbackServer(lambda _: answer) as server:
        assert_export_hides_secrets(server.url, tmp_path, caplog)

    assert server.requests
    assert any("/api/2.0/export" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    "fault", [Fault(drop=True), Fault(cut_head=40), Fault(cut=9), Fault(reset=True, cut=9)]
)
def test_no_lost_export_shows_a_secret(fault: Fault, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    fault.times = 99
    with LoopbackServer(lambda _: LoopbackAnswer(200, ECHO.encode())) as server:
        server.faults.append(fault)
        assert_export_hides_secrets(server.url, tmp_path, caplog)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "https://127.0.0.1:1", f"{USERNAME}:{SECRET}", "http://"]
)
def test_no_export_that_cannot_begin_shows_a_secret(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    assert_export_hides_secrets(url, tmp_path, caplog)


def test_no_proxy_of_an_export_shows_a_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    for address in (f"http://me:{SECRET}@127.0.0.1:1", f"socks5://me:{SECRET}@127.0.0.1:1"):
        monkeypatch.setenv("http_proxy", address)
        assert_export_hides_secrets("http://mixpanel.test", tmp_path, caplog)
