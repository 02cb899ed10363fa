"""What the client makes of everything that Mixpanel, and the way to it, can answer."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx2
import pytest

from reporter.local.server import Fault, LoopbackAnswer, LoopbackServer
from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.sources.mixpanel.access import MixpanelAccess, Region
from reporter.sources.mixpanel.errors import AccessRefused, OutOfReach
from reporter.sources.mixpanel.http import LARGEST_ANSWER, MixpanelClient
from reporter.sources.mixpanel.limits import MOST_WAITING, QueryCounter
from tests.dripping import Dripping, drip_body, drip_head

from .fake import BASIC, PROJECT_ID, SECRET, USERNAME, FakeMixpanel, Turns, error

NO_NAMES: object = list[str]()
NAMES = "/api/query/events/names"
HOUR_SPENT = {
    "Retry-After": "3600",
    "RateLimit-Policy": '"project";q=60;w=3600, "project-concurrency";q=5;qu="concurrent-requests"',
    "RateLimit": '"project";r=0;t=1800, "project-concurrency";r=3',
}
CROWDED = {**HOUR_SPENT, "Retry-After": "10", "RateLimit": '"project";r=12, "project-concurrency";r=0;t=10'}


def ask(mixpanel: FakeMixpanel, tally: QueryCounter | None = None) -> bytes:
    return mixpanel.client().get("/events/names", {"type": "general"}, tally or QueryCounter())


@pytest.mark.parametrize(
    ("region", "host"), [("us", "mixpanel.com"), ("eu", "eu.mixpanel.com"), ("in", "in.mixpanel.com")]
)
def test_each_region_has_its_own_host(region: Region, host: str):
    mixpanel = FakeMixpanel({NAMES: []})

    mixpanel.client(region).get("/events/names", {"type": "general"}, QueryCounter())

    (request,) = mixpanel.requests
    assert str(request.url) == f"https://{host}/api/query/events/names?project_id={PROJECT_ID}&type=general"
    assert request.headers["Authorization"] == f"Basic {BASIC}"
    assert request.headers["User-Agent"] == "mixpanel-to-slack-reporter"


def test_an_inline_query_names_the_project_in_its_body():
    mixpanel = FakeMixpanel({"/api/query/insights": {}})

    mixpanel.client().insights({"sections": {}}, QueryCounter())

    (request,) = mixpanel.requests
    assert request.method == "POST"
    assert json.loads(request.content) == {
        "bookmark": {"sections": {}},
        "project_id": int(PROJECT_ID),
        "queryLimits": {"limit": 3000},
    }


REFUSALS = [
    (error(401, "Invalid"), AccessRefused, "MIXPANEL_SECRET"),
    (
        error(402, "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"),
        PlanRefused,
        "Your plan does",
    ),
    (error(403, "No permission"), AccessRefused, "Consumer"),
    (error(403, "Date range exceeds 90 days into the past"), OutOfReach, "90 days"),
    (httpx2.Response(403, text="<html>Forbidden</html>"), AccessRefused, "(403)."),
    (error(404, "Not found"), AccessRefused, "MIXPANEL_PROJECT_ID"),
    (
        httpx2.Response(400, text="to_date cannot be later than today"),
        Refused,
        "to_date cannot be later than today",
    ),
    (httpx2.Response(400, json={"request": "/x", "error": "Timeout Error."}), Unavailable, "too long"),
    (httpx2.Response(400, text="bad\r\nthings\u2028on\tmany lines"), Refused, "bad things on many lines"),
    (httpx2.Response(400, text="x" * 9_000), Refused, "x" * 199 + "…"),
    (httpx2.Response(400), Refused, "without a reason"),
    (httpx2.Response(302, headers={"Location": "https://elsewhere.example/"}), Refused, "elsewhere (302)"),
    (httpx2.Response(414, text="URI too long"), Refused, "URI too long"),
    (httpx2.Response(200, json={"error": "Bookmark is broken"}), Refused, "Bookmark is broken"),
]


@pytest.mark.parametrize(("response", "kind", "words"), REFUSALS)
def test_a_refusal_is_told_at_once_in_words_to_act_on(
    response: httpx2.Response, kind: type[ReporterError], words: str
):
    mixpanel = FakeMixpanel({NAMES: response})

    with pytest.raises(kind) as raised:
        ask(mixpanel)

    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(mixpanel.requests) == 1
    assert mixpanel.sleeps == []


FAULTS = [
    error(500, "An unknown error occurred."),
    httpx2.Response(502, text="<html>Bad gateway</html>"),
    httpx2.Response(503),
    httpx2.ConnectError("[Errno -2] Name or service not known"),
    httpx2.ConnectTimeout("timed out"),
    httpx2.PoolTimeout("no free connection"),
    httpx2.ReadError("connection reset"),
    httpx2.RemoteProtocolError("peer closed connection without sending complete message body"),
    httpx2.DecodingError("bad gzip"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_tried_again(fault: object):
    mixpanel = FakeMixpanel({NAMES: Turns([fault, fault, ["Sign Up"]])})

    assert json.loads(ask(mixpanel)) == ["Sign Up"]
    assert mixpanel.sleeps == [1.0, 2.0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_unavailable_after_four_attempts(fault: object):
    mixpanel = FakeMixpanel({NAMES: fault})

    with pytest.raises(Unavailable) as raised:
        ask(mixpanel)

    assert "/events/names" in str(raised.value)
    assert mixpanel.sleeps == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("fault", [httpx2.ReadTimeout("slow"), httpx2.WriteTimeout("slow")])
def test_a_slow_query_is_not_asked_a_second_time(fault: Exception):
    mixpanel = FakeMixpanel({NAMES: fault})

    with pytest.raises(Unavailable, match="did not answer in time"):
        ask(mixpanel)

    assert len(mixpanel.requests) == 1


def test_a_spent_hour_is_unavailable_at_once():
    mixpanel = FakeMixpanel({NAMES: error(429, "quota", HOUR_SPENT)})

    with pytest.raises(Unavailable) as raised:
        ask(mixpanel)

    assert raised.value.after == 1800
    assert mixpanel.sleeps == []


def test_too_many_at_once_waits_as_long_as_told_and_tries_again():
    mixpanel = FakeMixpanel({NAMES: Turns([error(429, "busy", CROWDED), ["Sign Up"]])})

    assert json.loads(ask(mixpanel)) == ["Sign Up"]
    assert mixpanel.sleeps == [10.5]


@pytest.mark.parametrize("wait", ["0", "10", "59", "3600", "x"])
def test_all_waiting_of_one_request_ends_within_a_minute(wait: str):
    limit = f'"project";r=12, "project-concurrency";r=0;t={wait}'
    mixpanel = FakeMixpanel({NAMES: error(429, "busy", {**CROWDED, "RateLimit": limit})})

    with pytest.raises(Unavailable, match="run at once"):
        ask(mixpanel)

    assert sum(mixpanel.sleeps) <= MOST_WAITING


def test_a_mixpanel_that_sheds_load_is_backed_off_from():
    mixpanel = FakeMixpanel({NAMES: httpx2.Response(429)})

    with pytest.raises(Unavailable, match="too much to do"):
        ask(mixpanel)

    assert mixpanel.sleeps == [1.0, 2.0, 4.0]


def test_the_back_off_is_random_from_nothing_on():
    mixpanel = FakeMixpanel({NAMES: httpx2.Response(503)})

    with pytest.raises(Unavailable):
        mixpanel.client(random=lambda: 0.0).get("/events/names", {}, QueryCounter())

    assert mixpanel.sleeps == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "project_id", ["0123456789abcdef0123456789ABCDEF", "12345678901234567890123456789012"]
)
def test_a_project_token_is_recognised_before_anything_is_asked(project_id: str):
    mixpanel = FakeMixpanel()

    with pytest.raises(Refused, match="project token"):
        mixpanel.client(project_id=project_id).get("/events/names", {}, QueryCounter())
    with pytest.raises(Refused, match="project token"):
        mixpanel.client(project_id=project_id).insights({}, QueryCounter())

    assert mixpanel.requests == []


@pytest.mark.parametrize("project_id", ["", "acme", "12 34", "٣٤", "-1", "1\n"])
def test_a_project_id_is_a_number(project_id: str):
    with pytest.raises(Refused, match="is not a number"):
        FakeMixpanel().client(project_id=project_id).get("/events/names", {}, QueryCounter())


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        ([NO_NAMES], 1),
        ([error(500), error(500), NO_NAMES], 3),
        ([httpx2.ReadError("cut"), NO_NAMES], 2),
        ([httpx2.ConnectError("refused"), NO_NAMES], 1),
        ([error(429, "busy", CROWDED), NO_NAMES], 1),
        ([error(429, "spent", HOUR_SPENT)], 0),
        ([error(401)], 0),
        ([error(402)], 0),
        ([error(403)], 1),
        ([error(400)], 1),
        ([httpx2.ReadTimeout("slow")], 1),
    ],
)
def test_the_tally_counts_what_mixpanel_counts(answers: list[object], counted: int):
    mixpanel, tally = FakeMixpanel({NAMES: Turns(answers)}), QueryCounter()

    with suppress(ReporterError):
        ask(mixpanel, tally)

    assert tally.count == counted


def test_no_more_than_five_are_asked_at_once():
    running, most, lock = 0, 0, threading.Lock()
    all_five = threading.Barrier(5)

    def answer(_: httpx2.Request) -> httpx2.Response:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_five.wait(10)
        with lock:
            running -= 1
        return httpx2.Response(200, json=[])

    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, PROJECT_ID), transport=httpx2.MockTransport(answer)
    )
    threads = [
        threading.Thread(target=client.get, args=("/events/names", {}, QueryCounter())) for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 5


def test_an_answer_that_never_ends_is_left():
    def flood() -> Iterator[bytes]:
        while True:
            yield b" " * 1_000_000

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=flood())

    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, PROJECT_ID), transport=httpx2.MockTransport(answer)
    )
    with pytest.raises(Unavailable, match="in time"):
        client.get("/events/names", {}, QueryCounter())

    assert LARGEST_ANSWER < 100_000_000


@pytest.mark.parametrize("drip", [drip_body, drip_head])
def test_an_answer_that_drips_is_left(drip: Callable[[], Dripping], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("reporter.sources.mixpanel.http.LONGEST_ANSWER", 0.5)
    with drip() as server:
        client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, PROJECT_ID, base_url=server.url))
        with pytest.raises(Unavailable, match="in time"):
            client.get("/events/names", {}, QueryCounter())
        client.close()


def test_a_body_that_is_cut_on_its_way_is_asked_for_again():
    with LoopbackServer(lambda _: LoopbackAnswer.json(["Sign Up"])) as server:
        server.faults += [Fault(cut=4), Fault(drop=True)]
        client = MixpanelClient(
            MixpanelAccess(USERNAME, SECRET, PROJECT_ID, base_url=server.url), sleep=lambda _: None
        )

        assert json.loads(client.get("/events/names", {}, QueryCounter())) == ["Sign Up"]
        assert len(server.requests) == 3
        client.close()
