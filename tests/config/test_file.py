"""What reports.toml may say."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from reporter.config.reports_file import EventsTable
from reporter.reports.measures import ActiveUsers, EventCount, EventUsers
from reporter.reports.periods import Cadence
from reporter.reports.schedules import FIRST_MONDAY, Schedule
from reporter.reports.subscriptions import MetricSpec, ReportSpec, Sensitivity, Subscription
from tests.config.examples import DESTINATION, FILE, METRICS, REPORT, settings

USERS = (
    '[metrics.buyers]\nlabel = "Buyers"\nmeasure = "users"\nevent = "Purchase"\nsentence = "{value} bought"\n'
)
DEFAULTS = """
[defaults]
locale = "de-at"
top_events = 7
charts = true
hidden_events = ["Ping"]
metrics = ["actives"]
"""


def weekly(file: str) -> Subscription:
    return settings(file).subscriptions["weekly"]


def test_the_least_file_is_a_whole_subscription():
    assert weekly(FILE) == Subscription(
        ReportSpec(
            name="weekly",
            title="Weekly Report",
            cadence=Cadence.WEEKLY,
            metrics=(MetricSpec("Signups", EventCount("Sign Up")), MetricSpec("Actives", ActiveUsers())),
        ),
        Schedule("0 9 * * 1", ZoneInfo("UTC")),
        ("slack",),
    )


def test_a_report_has_the_defaults_it_does_not_change():
    spec = weekly(DEFAULTS + FILE).spec

    assert (spec.locale, spec.top_events, spec.charts, spec.hidden_events) == ("de_AT", 7, 2, {"Ping"})
    assert [metric.label for metric in spec.metrics] == ["Actives"]


def test_a_report_s_own_words_count_instead_of_the_defaults():
    own = 'locale = "fr"\ntop_events = 0\ncharts = false\nhidden_events = []\nmetrics = ["signups"]\n'
    spec = weekly(DEFAULTS + METRICS + REPORT + own + DESTINATION).spec

    assert (spec.locale, spec.top_events, spec.charts, spec.hidden_events) == ("fr", 0, 0, set())
    assert [metric.label for metric in spec.metrics] == ["Signups"]


@pytest.mark.parametrize(("charts", "most"), [("true", 2), ("false", 0), ("0", 0), ("1", 1), ("2", 2)])
def test_charts_are_drawn_or_not_or_so_many_at_most(charts: str, most: int):
    assert weekly(METRICS + REPORT + f"charts = {charts}\n" + DESTINATION).spec.charts == most


def test_a_metric_may_say_what_it_is_better_at_where_more_is_found_and_whether_it_is_drawn():
    own = 'better = "lower"\nlink = "https://mixpanel.com/s/1a2B3c"\nchart = false\n'
    file = FILE + '[metrics.errors]\nlabel = "Errors"\nevent = "Error"\n' + own
    *_, plain, errors = weekly(file).spec.metrics

    assert (plain.is_lower_better, plain.link, plain.is_charted) == (False, None, None)
    assert (errors.is_lower_better, errors.link, errors.is_charted) == (
        True,
        "https://mixpanel.com/s/1a2B3c",
        False,
    )


SECTIONS = '[reports.weekly.sections]\n"All of them" = ["actives"]\nGrowth = ["signups"]\n'


def test_sections_name_the_metrics_in_their_order_under_headings():
    assert [(metric.section, metric.label) for metric in weekly(FILE + SECTIONS).spec.metrics] == [
        ("All of them", "Actives"),
        ("Growth", "Signups"),
    ]


def test_what_a_report_shows_itself_counts_instead_of_the_sections_of_the_defaults():
    defaults = '[defaults]\nsections = { Growth = ["signups"] }\n'
    own = 'metrics = ["actives"]\n'

    assert [metric.section for metric in weekly(defaults + FILE).spec.metrics] == ["Growth"]
    shown = weekly(defaults + METRICS + REPORT + own + DESTINATION).spec.metrics
    assert [(metric.section, metric.label) for metric in shown] == [("", "Actives")]


def test_events_may_be_called_otherwise_and_a_report_may_have_a_line_of_its_own():
    labels = '[events.labels]\n"$ae_session" = "Visit"\n[defaults]\nfooter = "Questions? Ask Ada."\n'

    assert weekly(labels + FILE).spec.event_labels == (("$ae_session", "Visit"),)
    assert weekly(labels + FILE).spec.footer == "Questions? Ask Ada."


def test_users_of_an_event_can_be_measured():
    assert weekly(USERS + FILE).spec.metrics[0] == MetricSpec(
        "Buyers", EventUsers("Purchase"), "{value} bought"
    )


def test_metrics_keep_the_order_of_the_report_s_list():
    spec = weekly(METRICS + REPORT + 'metrics = ["actives", "signups"]\n' + DESTINATION).spec

    assert [metric.label for metric in spec.metrics] == ["Actives", "Signups"]


def test_a_schedule_may_have_a_zone_of_its_own():
    file = METRICS + REPORT + 'timezone = "Asia/Kolkata"\n' + DESTINATION

    assert settings(file, TIMEZONE="Europe/Berlin").subscriptions["weekly"].schedule.zone == ZoneInfo(
        "Asia/Kolkata"
    )


def test_a_report_is_sent_unless_it_is_paused():
    assert not weekly(FILE).is_paused
    assert weekly(METRICS + REPORT + "paused = true\n" + DESTINATION).is_paused


def test_a_report_may_be_paused_until_a_day():
    file = METRICS + REPORT + "paused_until = 2026-12-01\n" + DESTINATION

    assert weekly(file).paused_until == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("period", "own", "anchor"),
    [
        ("biweekly", "", FIRST_MONDAY),
        ("biweekly", "every_two_weeks_from = 2026-01-12\n", date(2026, 1, 12)),
        ("weekly", "", None),
    ],
)
def test_only_a_biweekly_report_has_an_anchor(period: str, own: str, anchor: date | None):
    file = METRICS + REPORT.replace('"weekly"', f'"{period}"') + own + DESTINATION

    assert weekly(file).schedule.anchor == anchor


def test_numbers_come_from_mixpanel_unless_the_file_says_otherwise():
    assert (settings().source, settings().events) == ("auto", EventsTable())


def test_raw_events_are_kept_as_the_file_says():
    events = """source = "files"
[events]
refetch_days = 2
keep_days = 90
keep_properties = ["plan"]
time_rule = "project"
files = ["data/*.parquet", "s3://bucket/mixpanel/*.json.gz"]
"""
    found = settings(events + FILE)

    assert found.source == "files"
    assert found.events == EventsTable.model_construct(
        refetch_days=2,
        keep_days=90,
        keep_properties=["plan"],
        time_rule="project",
        files=["data/*.parquet", "s3://bucket/mixpanel/*.json.gz"],
    )


def test_the_defaults_of_raw_events_are_those_of_the_settings():
    assert settings("[events]\n" + FILE).events == EventsTable()


def test_a_report_says_how_it_looks_for_what_is_unusual():
    own = 'sensitivity = "high"\ndrivers = ["$os"]\nholidays = "DE-BY"\n'
    alert = 'only = "when unusual"\nmention = "S012345"\n'
    spec = weekly(METRICS + REPORT + own + alert + DESTINATION).spec

    assert (spec.sensitivity, spec.drivers, spec.holidays) == (Sensitivity.HIGH, ("$os",), "DE-BY")
    assert (spec.only_when_unusual, spec.mention) == (True, "S012345")


def test_the_defaults_may_make_every_report_an_alert():
    defaults = '[defaults]\nonly = "when unusual"\nmention = "here"\ndrivers = ["$os"]\nholidays = "FR"\n'
    spec = weekly(defaults + METRICS + REPORT + 'mention = "U012345"\ndrivers = []\n' + DESTINATION).spec

    assert (spec.only_when_unusual, spec.mention, spec.drivers, spec.holidays) == (True, "U012345", (), "FR")


def test_a_report_may_be_what_the_defaults_are_not():
    defaults = '[defaults]\nonly = "when unusual"\nmention = "here"\nholidays = "FR"\ndrivers = ["$os"]\n'
    own = 'only = "always"\nholidays = "none"\ndrivers = []\n'
    spec = weekly(defaults + METRICS + REPORT + own + DESTINATION).spec
    silent = weekly(defaults + METRICS + REPORT + 'mention = "nobody"\n' + DESTINATION).spec

    assert (spec.only_when_unusual, spec.mention, spec.holidays, spec.drivers) == (False, None, "none", ())
    assert (silent.only_when_unusual, silent.mention, silent.holidays) == (True, None, "FR")


def test_a_report_is_no_alert_unless_it_says_so():
    spec = weekly(FILE).spec

    assert (spec.only_when_unusual, spec.mention, spec.sensitivity) == (False, None, Sensitivity.NORMAL)


def test_a_file_may_hold_200_metrics():
    many = "".join(
        f'[metrics.m{number}]\nlabel = "M{number}"\nevent = "E{number}"\n' for number in range(200)
    )

    assert len(weekly(many + REPORT + DESTINATION).spec.metrics) == 200
