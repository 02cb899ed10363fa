"""The fan-out of `python -m bench.fan_out`, a small one: workers are killed; nothing is doubled or lost."""

import pytest

from bench.fan_out import Outcome, run
from reporter.reports.deliveries import State
from tests.azurite import Azurite

DELIVERIES, KILLS = 60, 5
SPEED = 120.0  # ten minutes in five seconds


@pytest.fixture(scope="module")
def outcome(azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(azurite, tmp_path_factory.mktemp("fan_out"), DELIVERIES, KILLS, SPEED)


def test_workers_were_killed_and_deliveries_tried_again(outcome: Outcome):
    assert outcome.kills == KILLS
    assert outcome.tries > DELIVERIES


def test_no_delivery_is_made_twice(outcome: Outcome):
    assert len(outcome.fates) == DELIVERIES
    assert outcome.doubled == 0


def test_no_delivery_is_lost_in_silence(outcome: Outcome):
    assert outcome.silent == 0


def test_each_one_by_the_bot_is_in_the_channel_once(outcome: Outcome):
    by_bot = [fate for fate in outcome.fates if fate.destination == "bot"]

    assert {(fate.posted, fate.state) for fate in by_bot} == {(1, State.DELIVERED)}


def test_each_one_by_the_webhook_is_in_the_channel_once_or_was_told(outcome: Outcome):
    by_webhook = [fate for fate in outcome.fates if fate.destination == "slack"]

    assert all(fate.is_told if fate.state is State.UNCERTAIN else fate.posted == 1 for fate in by_webhook)
