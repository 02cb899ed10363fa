"""A Mixpanel that answers a question about one week from a table."""

import json
from collections.abc import Callable

import httpx2

from reporter.reports.figures import Failed, Figure, Figures, Question
from reporter.reports.measures import Measure
from reporter.sources.mixpanel.source import QuerySource

from .fake import FakeMixpanel, me
from .test_states import EVENTS, INSIGHTS, NAMES, WEEK, days, events, insights
from .truth import NOW

__all__ = [
    "NOW",
    "RETENTION",
    "WEEK",
    "assert_failed",
    "days",
    "events",
    "insights",
    "measure",
    "now",
    "with_days",
    "world",
]

RETENTION, FUNNELS = "/api/query/retention", "/api/query/funnels"


def world(**answers: object) -> FakeMixpanel:
    """One with an event "Sign Up", thrice a day ever since."""
    usual: dict[str, object] = {
        "me": me(),
        "names": ["Sign Up"],
        "events": events({"Sign Up": dict.fromkeys(days(), 3)}),
    }
    paths = {
        "me": "/api/app/me",
        "names": NAMES,
        "events": EVENTS,
        "insights": INSIGHTS,
        "retention": RETENTION,
        "funnels": FUNNELS,
    }
    return FakeMixpanel({paths[name]: answer for name, answer in {**usual, **answers}.items()})


def with_days(whole: object) -> Callable[[httpx2.Request], object]:
    """Over a whole period this answer; by the day, everything that is asked for happened."""

    def answer(request: httpx2.Request) -> object:
        bookmark = json.loads(request.content)["bookmark"]
        if bookmark["displayOptions"]["chartType"] == "bar":
            return whole
        shown = (clause.get("name") or clause["behavior"]["name"] for clause in bookmark["sections"]["show"])
        return insights({name: dict.fromkeys(days(), 1) for name in shown})

    return answer


def measure(mixpanel: FakeMixpanel, *measures: Measure) -> Figures:
    return QuerySource(mixpanel.client(), now=lambda: NOW).measure(Question(measures, WEEK, WEEK.previous))


def now(mixpanel: FakeMixpanel, asked: Measure) -> Figure:
    return measure(mixpanel, asked).now[asked]


def assert_failed(figure: Figure, words: str) -> None:
    assert isinstance(figure, Failed)
    assert words in figure.reason
    assert not figure.is_temporary
