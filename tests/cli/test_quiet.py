"""An alert that had nothing to say, on the command line and over HTTP."""

from reporter.http.responses import status_code
from reporter.publishing.on_demand import QUIET, DeliveryStatus
from reporter.publishing.outcomes import AlreadyHandled, KeptQuiet
from reporter.reports.deliveries import Delivery, LedgerEntry, State
from tests.desk import Desk
from tests.world import MONDAY, WEEK, FakeSource, composed, edition

ALERT = """
[reports.alert]
title = "Alert"
period = "daily"
schedule = "0 9 * * *"
only = "when unusual"
metrics = ["page_views"]
"""


def quiet() -> KeptQuiet:
    made = edition()
    return KeptQuiet(composed(made, FakeSource().measure(made.question)), Delivery("alert", WEEK, "slack"))


def test_a_caller_is_told_that_nothing_was_unusual():
    told = DeliveryStatus.of("slack", quiet(), MONDAY)

    assert told == DeliveryStatus("slack", "quiet", MONDAY, QUIET)
    assert status_code([told]) == 200


def test_a_caller_who_asks_again_is_told_that_it_was_looked_at():
    stands = AlreadyHandled(Delivery("alert", WEEK, "slack"), LedgerEntry(State.QUIET, MONDAY))

    assert DeliveryStatus.of("slack", stands, MONDAY).state == "quiet"


def test_an_alert_sends_nothing_in_a_usual_time_and_says_so(desk: Desk):
    file = desk.folder / "reports.toml"
    file.write_text(file.read_text() + ALERT)

    first = desk.reporter("send", "alert")
    second = desk.reporter("send", "alert")
    _, history, _ = desk.reporter("history")

    assert (first[0], second[0], first[2]) == (0, 0, "")
    assert "not sent to slack: nothing is unusual." in first[1]
    assert "nothing is unusual, so nothing was sent to slack; --again looks once more." in second[1]
    assert " quiet " in history
    assert desk.slack.messages == []
