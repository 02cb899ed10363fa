"""The project, its zone and its region, as far as the account may see them."""

from datetime import date
from zoneinfo import ZoneInfo

import httpx2
import pytest

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.figures import Failed, Project, Question
from reporter.reports.periods import Period
from reporter.sources.mixpanel.account import find_project
from reporter.sources.mixpanel.source import QuerySource

from .fake import PROJECT_ID, FakeMixpanel, error, me

BERLIN, UTC, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")
ME = "/api/app/me"
PAGE = f"https://eu.mixpanel.com/project/{PROJECT_ID}"
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))


def find(answer: object, zone: ZoneInfo | None = None, fallback_zone: ZoneInfo | None = UTC) -> Project:
    return find_project(FakeMixpanel({ME: answer}).client(), zone=zone, fallback_zone=fallback_zone)


def reason_of_a_refusal(mixpanel: FakeMixpanel) -> str:
    """What the ranking of a refused question says."""
    source = QuerySource(mixpanel.client(), fallback_zone=UTC, project_zone=UTC)
    ranking = source.measure(Question((), WEEK, WEEK.previous)).ranking
    assert isinstance(ranking, Failed)
    return ranking.reason


def test_mixpanel_tells_the_name_and_the_zone():
    assert find(me()) == Project(PROJECT_ID, "Acme", BERLIN, link=PAGE)


def test_a_zone_that_is_set_wins():
    assert find(me(), zone=AUCKLAND) == Project(PROJECT_ID, "Acme", AUCKLAND, link=PAGE)


@pytest.mark.parametrize("zone", ["Nowhere/Atlantis", "../../etc/passwd", "America", "US/Pacific-New"])
def test_a_zone_that_is_not_known_here_is_named_and_nothing_is_assumed(zone: str):
    with pytest.raises(Refused, match=f"{zone}.*MIXPANEL_PROJECT_TIMEZONE"):
        find(me(zone=zone))
    assert find(me(zone=zone), zone=BERLIN) == Project(PROJECT_ID, "Acme", BERLIN, link=PAGE)


@pytest.mark.parametrize("zone", [None, ""])
def test_without_a_zone_of_mixpanel_the_fallback_is_assumed(zone: str | None):
    assert find(me(zone=zone)) == Project(PROJECT_ID, "Acme", UTC, zone_is_assumed=True, link=PAGE)


@pytest.mark.parametrize(
    "answer", [error(401), error(403), error(404), {"results": 3}, {"results": {"projects": {}}}]
)
def test_where_the_account_may_not_ask_the_fallback_is_assumed(answer: object):
    assert find(answer) == Project(PROJECT_ID, f"Project {PROJECT_ID}", UTC, zone_is_assumed=True, link=PAGE)


def test_without_any_zone_a_person_has_to_set_one():
    with pytest.raises(Refused, match="MIXPANEL_PROJECT_TIMEZONE"):
        find(error(403), fallback_zone=None)


def test_a_passing_failure_assumes_nothing():
    with pytest.raises(Unavailable):
        find(error(500))
    assert find(error(500), zone=BERLIN) == Project(PROJECT_ID, f"Project {PROJECT_ID}", BERLIN, link=PAGE)


def test_a_project_that_the_account_does_not_see_is_refused_with_those_it_sees():
    projects = {str(number): {"name": f"App {number}"} for number in range(1, 8)}

    with pytest.raises(Refused) as raised:
        find({"results": {"projects": projects}})

    assert "1 (App 1), 2 (App 2), 3 (App 3), 4 (App 4), 5 (App 5) and 2 more" in str(raised.value)
    assert "App 6" not in str(raised.value)


def test_a_project_in_another_region_is_refused_with_that_region():
    with pytest.raises(Refused, match="set MIXPANEL_REGION=in"):
        find(me(domain="in.mixpanel.com"))


def test_a_domain_nobody_knows_is_no_reason_to_refuse():
    assert find(me(domain="moon.mixpanel.com")).name == "Acme"


def test_the_project_is_asked_for_once():
    mixpanel = FakeMixpanel({ME: me()})
    source = QuerySource(mixpanel.client())

    assert source.project() is source.project()
    assert mixpanel.paths == [ME]


def test_an_account_of_another_region_is_told_its_region():
    mixpanel = FakeMixpanel(
        {"/api/query/events/names": error(401), ME: error(401), f"in.mixpanel.com{ME}": me()}
    )

    assert reason_of_a_refusal(mixpanel).endswith("set MIXPANEL_REGION=in")


def test_wrong_credentials_are_called_that_when_no_region_knows_them():
    mixpanel = FakeMixpanel({"/api/query/events/names": error(401), ME: error(401)})

    assert reason_of_a_refusal(mixpanel).endswith("that it has not expired")
    assert {request.url.host for request in mixpanel.requests} == {
        "mixpanel.com",
        "eu.mixpanel.com",
        "in.mixpanel.com",
    }


@pytest.mark.parametrize("answer", [error(500), httpx2.ConnectError("down"), me()])
def test_advice_that_can_not_be_had_leaves_the_refusal_as_it_is(answer: object):
    mixpanel = FakeMixpanel({"/api/query/events/names": error(403, "No"), ME: answer})

    assert reason_of_a_refusal(mixpanel).endswith("Project Settings > Users")
