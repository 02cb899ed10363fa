"""The fault table's rows of a day that is not complete when its report is due, against the local Mixpanel."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.local.slack import LocalSlack
from reporter.reports.deliveries import State
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.faults.test_serve import Machine
from tests.world import MONDAY, Clock

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LAST = MONDAY.date() - DAY
REPORTS = """
source = "SOURCE"
[defaults]
charts = false
[metrics.views]
label = "Page Views"
event = "Page View"
[metrics.sessions]
label = "App Sessions"
event = "$ae_session"
[metrics.clicks]
label = "Clicks"
event = "Button Click"
[metrics.features]
label = "Features"
event = "Feature Used"
[metrics.searches]
label = "Searches"
event = "Search"
[metrics.people]
label = "Active Users"
measure = "active_users"
[reports.daily]
title = "Daily Report"
period = "daily"
schedule = "0 9 * * *"
wait_for_data_until = "11:00"
[destinations.slack]
type = "webhook"
url = "SLACK_WEBHOOK_URL"
"""


@pytest.fixture(scope="module")
def whole() -> Product:
    return make_product(LAST, zone="UTC", days=90, scale=2.0)


def filling(whole: Product, at: datetime) -> Product:
    """The same product, three of five events of whose last day arrive only then; all others have arrived."""
    midnight, late = milliseconds(MONDAY.replace(hour=0)), milliseconds(at)
    events = [
        replace(event, ingested_at=late if is_late else event.time)
        for number, event in enumerate(whole.events)
        for is_late in (event.time >= midnight - 24 * 3_600_000 and number % 5 < 3,)
    ]
    return replace(whole, events=tuple(events))


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


@pytest.fixture(params=["query", "export"])
def source(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def machine(desk: Desk, whole: Product, source: str, arrival: datetime) -> Iterator[Machine]:
    clock = Clock(MONDAY)
    (desk.folder / "reports.toml").write_text(REPORTS.replace("SOURCE", source))
    with (
        LocalMixpanel(filling(whole, arrival), quota=100_000, now=clock) as mixpanel,
        LocalSlack(clock=clock) as slack,
    ):
        desk.set(MIXPANEL_BASE_URL=mixpanel.url, SLACK_WEBHOOK_URL=slack.webhook_url)
        desk.mixpanel, desk.slack = mixpanel, slack
        yield Machine(desk, clock)


@pytest.mark.parametrize("arrival", [MONDAY + 50 * MINUTE])
def test_a_report_comes_once_its_data_have_arrived(machine: Machine, source: str):
    machine.run(MONDAY - HOUR)
    posted = {minutes: machine.run(MONDAY + minutes * MINUTE) for minutes in (0, 15, 40, 60, 75, 120)}
    first = 60 if source == "query" else 75  # raw days are fetched anew after half an hour

    assert [minutes for minutes, titles in posted.items() if titles] == [first]
    (message,) = machine.desk.slack.messages
    assert "Daily Report" in message.text
    assert "not complete" not in message.text
    history = machine.ledger.history(9)
    assert [record.entry.state for record in history] == [State.DELIVERED, State.WAITING]


@pytest.mark.parametrize("arrival", [MONDAY + DAY])
def test_at_its_deadline_it_comes_and_says_that_they_are_not_complete(machine: Machine):
    machine.run(MONDAY - HOUR)
    posted = {minutes: machine.run(MONDAY + minutes * MINUTE) for minutes in (0, 30, 105, 120, 121)}

    assert [minutes for minutes, titles in posted.items() if titles] == [120]
    (message,) = machine.desk.slack.messages
    assert "is not complete yet" in message.text


@pytest.mark.parametrize("arrival", [MONDAY + DAY])
@pytest.mark.parametrize("source", ["query"])
def test_each_try_costs_what_a_report_costs_without_causes(machine: Machine):
    machine.run(MONDAY - HOUR)
    counts: list[int] = []
    for minutes in (0, 15, 30):
        before = len(machine.desk.mixpanel.queries)
        machine.run(MONDAY + minutes * MINUTE)
        counts.append(len(machine.desk.mixpanel.queries) - before)

    assert len(set(counts)) == 1
    assert 0 < counts[0] <= 5


@pytest.mark.parametrize("arrival", [MONDAY + 50 * MINUTE])
@pytest.mark.parametrize("source", ["query"])
def test_one_process_asks_anew_at_each_try(machine: Machine):
    machine.run(MONDAY - HOUR)
    machine.clock.now = MONDAY
    with machine.start() as server:
        while machine.clock() < MONDAY + 65 * MINUTE:
            server.step()
            machine.clock.pass_by(MINUTE)
            if machine.desk.slack.messages:
                break

    assert machine.clock() == MONDAY + 61 * MINUTE
    assert "not complete" not in machine.desk.slack.messages[0].text


@pytest.mark.parametrize("arrival", [MONDAY + DAY])
@pytest.mark.parametrize("source", ["query"])
def test_the_ledger_calls_it_waiting_and_nobody_is_told_of_a_failure(machine: Machine):
    machine.run(MONDAY - HOUR)
    machine.run(MONDAY)

    assert machine.states == {("daily", str(LAST)): State.WAITING}
    assert machine.desk.slack.messages == []
    code, out, _ = machine.desk.reporter("history")
    assert code == 0
    assert "waiting" in out
    assert "The data of Sun 22 Nov 2026 are not complete; it comes by 11:00 UTC." in out
