"""No secret in any error, its chain, a repr or a log line, whatever goes wrong and whatever is echoed."""

import logging
import traceback
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx2
import pytest

from reporter.local.server import Answer, LoopbackServer
from reporter.mixpanel.client import Client
from reporter.mixpanel.patience import Tally
from reporter.mixpanel.query import QuerySource
from reporter.model.errors import PlanRefused, ReporterError
from reporter.model.figures import Question
from reporter.model.measure import ActiveUsers, EventCount

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

    for ask in (source.event_names, source.project, lambda: source.measure(QUESTION)):
        with pytest.raises(ReporterError) as raised:
            ask()

        assert_hides_secrets("".join(traceback.format_exception(raised.value)))
        assert_hides_secrets(repr(raised.value))
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
    assert_hides_secrets(caplog.text)


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_figure_shows_a_secret(answer: object):
    paths = ("/api/query/events/names", "/api/query/events", "/api/query/insights")
    mixpanel = FakeMixpanel(dict.fromkeys(paths, answer))
    asked = Question((EventCount("Sign Up"), ActiveUsers()), QUESTION.period, QUESTION.previous)

    try:
        figures = QuerySource(mixpanel.client(), project_zone=ZoneInfo("UTC")).measure(asked)
    except PlanRefused as error:
        assert_hides_secrets(str(error))
    else:
        assert figures.failures
        assert_hides_secrets(repr(figures))


def test_no_repr_shows_a_secret():
    client = FakeMixpanel().client()

    assert_hides_secrets(repr(client) + repr(QuerySource(client)) + repr(Tally()))


def test_no_log_line_of_a_real_connection_shows_a_secret(caplog: pytest.LogCaptureFixture):
    for logger in ("", "httpx2", "httpcore2"):  # even where somebody makes the HTTP library speak up
        caplog.set_level(logging.DEBUG, logger)
    with LoopbackServer(lambda request: Answer.json([], headers={"X-Echo": request.path})) as server:
        client = Client(USERNAME, SECRET, PROJECT_ID, base_url=server.url)
        client.get("/events/names", {}, Tally())
        client.insights({}, Tally())
        client.close()

    assert len(caplog.records) > 2
    assert_hides_secrets(caplog.text)
