"""Telling people what went wrong."""

import logging

import pytest

from reporter.destinations.alarm import ChannelAlarm
from reporter.reports.deliveries import Notice
from reporter.reports.errors import Refused
from tests.world import WEEK, FakeDestination

NOTICE = Notice("not-delivered", "Weekly Report", WEEK, "It was not posted.", ("no_service",), "Look.")


def test_the_channel_concerned_is_told_where_there_is_no_other():
    slack = FakeDestination()

    assert ChannelAlarm({"slack": slack}).tell(NOTICE, "slack")

    assert slack.sent == ["notice not-delivered"]


def test_the_error_channel_is_told_instead_where_there_is_one():
    slack, errors = FakeDestination(), FakeDestination()

    ChannelAlarm({"slack": slack}, errors).tell(NOTICE, "slack")

    assert (slack.sent, errors.sent) == ([], ["notice not-delivered"])


def test_the_log_has_it_in_any_case_under_its_code(caplog: pytest.LogCaptureFixture):
    broken = FakeDestination(errors=[Refused("no_service")])

    with caplog.at_level(logging.ERROR):
        assert not ChannelAlarm({"slack": broken}).tell(NOTICE, "slack")

    said = [record.getMessage() for record in caplog.records]
    assert said[0].startswith("not-delivered: Weekly Report, 2026-11-16 to 2026-11-22: It was not posted.")
    assert said[1].startswith(
        "not-told: the notice not-delivered of Weekly Report could not be sent: no_service"
    )


def test_a_destination_that_does_not_exist_leaves_the_log(caplog: pytest.LogCaptureFixture):
    assert ChannelAlarm({}).tell(NOTICE, "slack")

    assert len(caplog.records) == 1


def test_a_notice_is_in_the_language_of_the_channel_concerned_and_elsewhere_in_its_own():
    german, errors = FakeDestination(), FakeDestination()

    ChannelAlarm({"slack": german}, locales={"slack": "de"}).tell(NOTICE, "slack")
    ChannelAlarm({"slack": german}, errors, {"slack": "de"}).tell(NOTICE, "slack")

    assert [notice.locale for notice in (*german.notices, *errors.notices)] == ["de", "en"]
