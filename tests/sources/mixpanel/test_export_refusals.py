"""What Mixpanel refuses, and its limits: what is waited for, what is told, and what is still given."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.local.server import Fault, LoopbackAnswer, LoopbackRequest, LoopbackServer
from reporter.reports.errors import PlanRefused, Refused, ReporterError, TooLong, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.errors import AccessRefused, OutOfReach
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.export.retry_policy import NotYet

from .exports import (
    DAY,
    EXPORT,
    LINE,
    NOW,
    TODAY,
    WEEK,
    Time,
    contents,
    days,
    exporter,
    failure_of,
    had_before_it_failed,
    take_all,
    truth,
)
from .exports import client as client  # a fixture
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture
from .exports import time as time  # a fixture
from .fake import SECRET, USERNAME

IN_PROGRESS = "too many export requests in progress for this project"


HOUR_SPENT = {"RateLimit": '"project";r=0;t=1800'}


def _error(status: int, said: str = "", headers: dict[str, str] | None = None) -> Fault:
    return Fault(EXPORT, status=status, body=json.dumps({"error": said}), headers=headers or {}, times=99)


REFUSALS = [
    (_error(401), AccessRefused, "service account", 1),
    (_error(402, "upgrade"), PlanRefused, r"does not include the raw export \(402: upgrade\)", 1),
    (_error(403), AccessRefused, "may not read the raw export", 1),
    (_error(404), AccessRefused, "does not find the raw export", 1),
    (_error(403, "Date range exceeds 90 days into the past"), OutOfReach, "no further back", 1),
    (_error(400, "bad event"), Refused, r"refused the raw export of 2026-11-21 \(400: bad event\)", 1),
    (
        Fault(EXPORT, status=400, body="to_date cannot be later than today", times=9),
        NotYet,
        "days to come",
        1,
    ),
    (Fault(EXPORT, status=302, headers={"Location": "http://127.0.0.1:1"}, times=9), Refused, "elsewhere", 1),
    (_error(400, "Timeout Error."), Unavailable, "took too long", 4),
    (_error(500, "An unknown error occurred."), Unavailable, r"of 2026-11-21 \(500: An unknown", 4),
    (_error(503), Unavailable, r"fault of its own .* \(503\)", 4),
    (_error(429, IN_PROGRESS), Unavailable, "Too many raw exports of this project run at once", 7),
    (_error(429, headers=HOUR_SPENT), Unavailable, "hourly raw exports are used up", 1),
    (_error(429), Unavailable, "too much to do for the raw export of 2026-11-21", 4),
]


@pytest.mark.parametrize(("fault", "kind", "says", "requests"), REFUSALS)
def test_a_refusal_says_what_to_do_and_passing_trouble_is_waited_out(
    mixpanel: LocalMixpanel,
    client: Exporter,
    tmp_path: Path,
    fault: Fault,
    kind: type[ReporterError],
    says: str,
    requests: int,
):
    fault.times = 99
    mixpanel.faults.append(fault)

    with pytest.raises(kind, match=says):
        take_all(client.fetch([DAY], tmp_path))

    assert len(mixpanel.requests) == requests
    assert contents(tmp_path) == []


def test_a_turn_is_waited_for(mixpanel: LocalMixpanel, client: Exporter, time: Time, tmp_path: Path):
    mixpanel.faults.append(Fault(EXPORT, status=429, body=json.dumps({"error": IN_PROGRESS})))

    assert len(take_all(client.fetch([DAY], tmp_path))) == 1
    assert time.slept >= 10


def test_a_spent_hour_says_when_to_come_back(mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path):
    mixpanel.faults.append(Fault(EXPORT, status=429, headers=HOUR_SPENT, times=99))

    error = failure_of(client, days(20), tmp_path)

    assert isinstance(error, Unavailable)
    assert error.after == 1800
    assert len(mixpanel.requests) <= 6


def test_at_most_three_a_second_begin(mixpanel: LocalMixpanel, client: Exporter, time: Time, tmp_path: Path):
    take_all(client.fetch(days(10), tmp_path))

    assert time.slept >= 9 / 3


def test_the_61st_within_an_hour_is_not_asked_for(tmp_path: Path):
    time = Time()
    with LoopbackServer(lambda _: LoopbackAnswer(200, LINE)) as server:
        client = exporter(server.url, time)
        had, error = had_before_it_failed(client, days(70), tmp_path)
        in_time = len(server.requests)

        assert isinstance(error, Unavailable)
        assert 3_500 < (error.after or 0) <= 3_600
        time.now += error.after or 0
        take_all(client.fetch(days(1), tmp_path))
        client.close()

    assert in_time == len(had) == 60
    assert len(server.requests) == 61


def test_requests_that_never_arrive_do_not_count(tmp_path: Path):
    client = exporter("http://127.0.0.1:1")

    errors = [failure_of(client, [DAY], tmp_path) for _ in range(20)]

    assert all("127.0.0.1:1 refused the connection" in str(error) for error in errors)
    client.close()


def test_what_can_be_had_is_given_before_the_trouble_is_told(product: Product, tmp_path: Path):
    bad = TODAY - timedelta(days=3)

    with LocalMixpanel(product, username=USERNAME, secret=SECRET, now=lambda: NOW) as mixpanel:
        right = mixpanel._server._answer

        def answer(request: LoopbackRequest) -> LoopbackAnswer:
            broken = request.query["from_date"] == str(bad)
            return LoopbackAnswer.json({"error": "Broken"}, 500) if broken else right(request)

        mixpanel._server._answer = answer
        client = exporter(mixpanel.url)
        had, error = had_before_it_failed(client, days(10), tmp_path)
        client.close()

    assert sorted(map(str, had)) == sorted(str(day) for day in days(10) if day.start != bad)
    assert isinstance(error, Unavailable)
    assert str(bad) in str(error)


def test_when_nothing_comes_the_rest_is_not_even_asked_for(mixpanel: LocalMixpanel, tmp_path: Path):
    mixpanel.faults.append(Fault(EXPORT, status=500, times=999))
    client = exporter(mixpanel.url, at_once=2)

    failure_of(client, days(30), tmp_path)

    assert len(mixpanel.requests) <= 4 * 4
    client.close()


def test_a_refused_account_is_not_tried_for_every_day(mixpanel: LocalMixpanel, tmp_path: Path):
    mixpanel.faults.append(Fault(EXPORT, status=401, times=999))
    client = exporter(mixpanel.url, at_once=2)

    assert isinstance(failure_of(client, days(30), tmp_path), AccessRefused)
    assert len(mixpanel.requests) <= 2
    client.close()


def test_days_out_of_reach_do_not_keep_others_from_coming(mixpanel: LocalMixpanel, tmp_path: Path):
    too_old = {"error": "Date range exceeds 90 days into the past"}
    mixpanel.faults.append(Fault(EXPORT, status=403, body=json.dumps(too_old)))
    client = exporter(mixpanel.url, at_once=1)

    had, error = had_before_it_failed(client, days(3), tmp_path)

    assert isinstance(error, OutOfReach)
    assert error.days == 90
    assert had == days(3)[1:]
    client.close()


@pytest.mark.parametrize("said", ["Timeout Error.", "timeout error"])
def test_several_days_that_take_too_long_are_named_and_not_asked_for_twice(
    mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path, said: str
):
    mixpanel.faults.append(
        Fault(EXPORT, status=400, body=json.dumps({"request": "x", "error": said}), times=9)
    )
    weeks = [WEEK, WEEK.previous]

    error = failure_of(client, weeks, tmp_path)

    assert isinstance(error, TooLong)
    assert set(error.periods) == set(weeks)
    assert "Fewer days at once may help" in str(error)
    assert len(mixpanel.requests) == 2


def test_days_to_come_are_not_asked_for(mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path):
    tomorrow = Period(TODAY, TODAY + timedelta(days=3))

    with pytest.raises(Refused, match="no days to come"):
        take_all(client.fetch([tomorrow], tmp_path))

    assert mixpanel.requests == []


def test_today_may_be_had_wherever_it_has_begun(mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path):
    today = Period(TODAY, TODAY + timedelta(days=1))

    assert take_all(client.fetch([today], tmp_path)) == [(today, truth(mixpanel, today))]


@pytest.mark.parametrize("project_id", ["0123456789abcdef0123456789abcdef", "Acme", ""])
def test_a_token_is_no_project_id(tmp_path: Path, project_id: str):
    client = Exporter(MixpanelAccess(USERNAME, SECRET, project_id))

    with pytest.raises(Refused, match="MIXPANEL_PROJECT_ID"):
        next(client.fetch([DAY], tmp_path))
