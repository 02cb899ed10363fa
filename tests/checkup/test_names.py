"""What `reporter check` says of names, and of a Mixpanel that refuses everything."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import httpx2
import pytest

from reporter.checkup.checks import ProjectCheck
from reporter.checkup.names import CheckMark, name_lines
from reporter.checkup.raw_events import StoredDays
from reporter.reports.conditions import Condition, Operator
from reporter.reports.figures import Failed, NotNumeric, Project, Unknown, UnknownProperty, UnknownValue
from reporter.reports.measures import EventCount, PropertyStatistic, Statistic
from reporter.reports.references import Reference
from reporter.reports.schedules import Schedule
from reporter.reports.subscriptions import MetricSpec, ReportSpec, Subscription
from reporter.sources.mixpanel.source import QuerySource
from tests.sources.mixpanel.fake import FakeMixpanel, error, me
from tests.world import spec

DAY = date(2026, 6, 1)
IS_PRO = Condition("plan", Operator.IS, ("Pro",))
REVENUE = PropertyStatistic("Buy", "amount", Statistic.SUM, (IS_PRO,))
REPORT = spec(metrics=(MetricSpec("Revenue", REVENUE),), drivers=("$os",))
PRO = Reference("Buy", "plan", conditions=(IS_PRO,))
AMOUNT = Reference("Buy", "amount", is_number=True)


@dataclass
class Names:
    """Knows everything but this."""

    found: Mapping[Reference, Unknown | Failed]
    asked: list[Reference] = field(default_factory=list[Reference])

    def __call__(self, references: Collection[Reference]) -> Mapping[Reference, Unknown | Failed]:
        self.asked.extend(references)
        return {one: told for one, told in self.found.items() if one in references}


def said(report: ReportSpec, found: Mapping[Reference, Unknown | Failed]) -> list[tuple[CheckMark, str]]:
    lines = name_lines([report], ["Buy"], Names(found))
    return [(line.mark, f"{line.topic}: {line.text}. {line.fix}") for line in lines]


def test_what_is_known_needs_no_word():
    assert said(REPORT, {}) == []


def test_each_name_that_does_not_exist_is_a_fault_with_the_likely_meant_one():
    found: Mapping[Reference, Unknown | Failed] = {
        AMOUNT: UnknownProperty("Buy", "amount", DAY, ("amounts",)),
        PRO: UnknownValue("Buy", "plan", "Pro", DAY, ("pro",)),
    }

    lines = said(REPORT, found)

    assert [mark for mark, _ in lines] == [CheckMark.BAD, CheckMark.BAD]
    assert "“amount”" in lines[0][1]
    assert "Did you mean “amounts”?" in lines[0][1]
    assert "Did you mean “pro”?" in lines[1][1]


def test_a_property_that_is_only_text_is_a_fault_where_numbers_are_needed():
    assert said(REPORT, {AMOUNT: NotNumeric("Buy", "amount")})[0][0] is CheckMark.BAD


def test_a_value_that_is_left_out_in_vain_is_a_note():
    excluding = spec(
        metrics=(MetricSpec("x", EventCount("Buy", (Condition("plan", Operator.IS_NOT, ("Pro",)),))),)
    )

    assert said(excluding, {PRO: UnknownValue("Buy", "plan", "Pro", DAY)})[0][0] is CheckMark.DOUBTFUL


def test_a_driver_that_no_event_has_is_a_note():
    driver = Reference("Buy", "$os")

    (line,) = said(REPORT, {driver: UnknownProperty("Buy", "$os", DAY)})

    assert line[0] is CheckMark.DOUBTFUL
    assert "“$os”" in line[1]


def test_a_property_to_judge_by_that_no_event_has_is_a_fault():
    judged = spec(metrics=(MetricSpec("x", EventCount("Buy"), judge_by="$os"),))

    (line,) = said(judged, {Reference("Buy", "$os"): UnknownProperty("Buy", "$os", DAY)})

    assert line[0] is CheckMark.BAD


def test_what_could_not_be_looked_up_is_said_once():
    failed = Failed("The hour's queries are used up (429)", is_temporary=True)

    assert len(said(REPORT, {AMOUNT: failed, PRO: failed})) == 1


def test_names_of_events_that_do_not_exist_are_not_asked_for():
    names = Names({})

    assert not list(name_lines([REPORT], [], names))
    assert names.asked == []


class NoEvents:
    """Raw events that nobody looks at."""

    def project(self) -> Project:
        raise AssertionError

    def stock(self) -> StoredDays:
        raise AssertionError

    def check(self) -> None:
        raise AssertionError

    def look_up(self, references: object) -> Mapping[Reference, Unknown]:
        raise AssertionError


SPENT = {"RateLimit": '"project";r=0;t=1200'}


@pytest.mark.parametrize(
    ("account", "refusal", "words"),
    [(error(401), error(401), "(401)"), (me(), error(429, headers=SPENT), "(429)")],
)
def test_what_mixpanel_refuses_throughout_is_said_once(account: object, refusal: httpx2.Response, words: str):
    paths = ("/events/names", "/events", "/insights")
    mixpanel = FakeMixpanel({"/api/app/me": account, **{f"/api/query{path}": refusal for path in paths}})
    source = QuerySource(mixpanel.client(), fallback_zone=ZoneInfo("UTC"))
    report = spec(metrics=tuple(MetricSpec(name, EventCount(name)) for name in ("A", "B", "C")))
    subscriptions = {"weekly": Subscription(report, Schedule("0 9 * * 1", ZoneInfo("UTC")), ())}
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)

    lines = list(ProjectCheck("acme", subscriptions, "query", source, NoEvents(), now).lines())

    told = [line for line in lines if line.topic != "Ledger"]
    assert [(line.mark, line.topic) for line in told] == [(CheckMark.BAD, "Mixpanel")]
    assert words in told[0].text
