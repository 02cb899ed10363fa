"""What looks like an answer, or like a lasting refusal, and is neither: each by the right word and kind."""

import httpx2
import pytest

from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.reports.figures import Measured
from reporter.reports.measures import ActiveUsers, EventCount
from reporter.sources.mixpanel.limits import QueryCounter

from .answering import events, insights, measure, now, world
from .fake import FakeMixpanel, error

PATH = "/api/query/events"
PAGES = (
    "<html><body>Your analytics will be back soon.</body></html>",
    "\n <!DOCTYPE html><title>Mixpanel</title>",
)


def failure(answer: object) -> tuple[ReporterError, int]:
    """What is said of the answer, and how many queries it cost."""
    tally = QueryCounter()
    with pytest.raises(ReporterError) as caught:
        FakeMixpanel({PATH: answer}).client().get("/events", {}, tally)
    return caught.value, tally.count


@pytest.mark.parametrize("page", PAGES)
def test_a_web_page_in_place_of_data_passes_and_is_called_one(page: str):
    found, _ = failure(httpx2.Response(200, text=page))

    assert isinstance(found, Unavailable)
    assert "web page" in str(found)
    assert "maintenance" in str(found)


@pytest.mark.parametrize("said", ["Query timed out", "Timeout Error.", "time-out"])
@pytest.mark.parametrize(
    "shape", [{"status": "error"}, {"request": "/x"}, {"code": 7, "status": "error"}, {}]
)
def test_an_error_within_a_200_is_said_in_its_own_words_and_a_timeout_passes(
    said: str, shape: dict[str, object]
):
    found, _ = failure({**shape, "error": said})

    assert isinstance(found, Unavailable)
    assert said in str(found)


def test_another_error_within_a_200_lasts():
    found, _ = failure({"status": "error", "error": "Bookmark 7 does not exist"})

    assert isinstance(found, Refused)
    assert "Bookmark 7 does not exist" in str(found)


def test_data_that_speaks_of_an_error_is_data():
    body = {"series": {"error": {"all": 1}}, "error": "none"}

    assert FakeMixpanel({PATH: body}).client().get("/events", {}, QueryCounter())


@pytest.mark.parametrize("status", [200, 400, 402, 403, 429])
@pytest.mark.parametrize("said", ["Too many requests", "Rate limit exceeded"])
def test_a_rate_passes_whatever_its_status(status: int, said: str):
    found, _ = failure(httpx2.Response(status, json={"error": said}))

    assert isinstance(found, Unavailable)
    assert "plan" not in str(found)


def test_a_plan_without_the_query_api_still_lasts():
    found, queries = failure(error(402, "Your plan does not allow API calls"))

    assert isinstance(found, PlanRefused)
    assert queries == 0


def test_a_week_without_any_event_has_no_users():
    quiet = world(names=[], events=events({}), insights=insights({}))

    assert now(quiet, ActiveUsers()) == Measured(0)
    figures = measure(
        world(events=events({"Sign Up": {"2026-06-01": 1}}), insights=insights({})), ActiveUsers()
    )
    assert figures.now[ActiveUsers()] == figures.before[ActiveUsers()] == Measured(0)


def test_an_answer_of_nothing_is_no_zero_where_something_happened():
    assert now(world(insights=insights({})), ActiveUsers()) != Measured(0)
    both = measure(world(insights=insights({})), ActiveUsers(), EventCount("Sign Up"))
    assert both.now[EventCount("Sign Up")] == Measured(21)
    assert both.now[ActiveUsers()] != Measured(0)
