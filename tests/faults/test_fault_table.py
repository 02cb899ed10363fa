"""The fault table: what goes wrong; then how many messages Slack has, what the ledger says, who was told.

Each row is a delivery by real processes, servers and storage; the test plays the queue. Never two messages
where the fate could be known, and never silence: a report is in the channel, or people were told.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from reporter.publishing.scheduler import PAUSE
from reporter.reports.deliveries import State
from tests.faults.rows import KILLED, LEDGER, MIXPANEL, SLACK, STORAGE, TWO, Row
from tests.faults.world import HURRY, World


def rows(table: Sequence[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table, ids=[row.sentence for row in table])


def check(row: Row, world: World) -> None:
    world.by_bot, world.hurry = (
        row.by_bot,
        HURRY if "slower" in row.sentence or "locked" in row.sentence else 0.0,
    )

    tries = world.play(tuple(row.mishaps), row.first)

    assert (world.posted, world.state, world.told, tries) == (row.posted, row.state, row.told, row.tries)


@rows([*KILLED, *TWO, *STORAGE])
def test_with_a_ledger_in_azure(row: Row, azure_world: World):
    check(row, azure_world)


@rows([*SLACK, *MIXPANEL, *LEDGER])
def test_with_a_ledger_in_a_file(row: Row, world: World):
    check(row, world)


@rows([*KILLED, *TWO, *STORAGE, *SLACK, *MIXPANEL, *LEDGER])
def test_a_report_that_is_not_surely_there_was_told(row: Row):
    is_there = row.posted == 1 and row.state is State.DELIVERED

    assert row.posted <= 1
    assert is_there or row.told


def test_what_a_killed_process_left_is_a_fault_of_health_until_the_next_command_tells_it(world: World):
    assert world.ask(1, stop="after the claim") == {"at": "after the claim"}
    world.process.kill()
    assert world.process.ask(do="health", now=world.now.isoformat())["said"] == []
    world.hand.now += 2 * PAUSE

    now = world.now.isoformat()
    assert len(world.process.ask(do="health", now=now)["said"]) == 1
    world.process.ask(do="tell", now=now)

    assert world.process.ask(do="health", now=now)["said"] == []
    assert world.told == ("uncertain",)


def test_a_timer_whose_storage_is_down_puts_its_deliveries_on_the_queue_all_the_same(azure_world: World):
    azure_world.storage_goes()

    due, now = azure_world.due.isoformat(), (azure_world.due + timedelta(seconds=1)).isoformat()
    answer = azure_world.process.ask(do="due", report="weekly", moment=due, now=now)

    assert answer["said"] == (azure_world.message,)
