"""What each fault of reports.toml says: where it stands, what is wrong, how to mend it."""

import pytest

from reporter.config import load
from reporter.model.errors import ConfigError
from tests.config.examples import BOT, DESTINATION, ENVIRON, FILE, METRICS, REPORT, faults, only_fault

IN_A_REPORT = {
    "chart = true": "chart: there is no such key. Did you mean 'charts'?",
    'timezone = "Europe/Berln"': "timezone: there is no such time zone. Did you mean Europe/Berlin",
    'locale = "es"': "locale: reports are not worded in this language. Use en, de or fr",
    'locale = "de_XX"': "locale: there is no such region of this language. Use de",
    "top_events = 51": "top_events: the number is out of range. Use a number from 0 to 50.",
    "top_events = -1": "top_events: the number is out of range. Use a number from 0 to 50.",
    "top_events = 5.0": "top_events: this is not a whole number. Write it without quotes: 5.",
    "top_events = true": "top_events: this is not a whole number. Write it without quotes: 5.",
    'charts = "yes"': "charts: this is neither true nor false. Write true or false, without quotes.",
    'hidden_events = [""]': "hidden_events[0]: this is empty. Fill it, or remove it.",
    'metrics = "signups"': "metrics: this is not a list. Write it in brackets",
    "metrics = []": "metrics: this is empty. Fill it, or remove it.",
    "metrics = [3]": "metrics[0]: this is not text. Write it in quotes",
    'metrics = ["singups"]': "metrics[0]: there is no metric 'singups'. Did you mean 'signups'?",
    'metrics = ["zzz"]': "metrics[0]: there is no metric 'zzz'. Choose from 'signups', 'actives'.",
    'metrics = ["actives", "actives"]': "metrics: 'actives' stands there twice. Remove one of the two.",
    'destinations = ["slak"]': "destinations[0]: there is no destination 'slak'. Did you mean 'slack'?",
    'paused = "yes"': "paused: this is neither true nor false. Write true or false, without quotes.",
    "paused_until = true": "paused_until: this is not a date. Write it without quotes and without a time",
    "every_two_weeks_from = 2026-01-05": "every_two_weeks_from: only a biweekly report comes every two w",
    'every_two_weeks_from = "2026-01-05"': "every_two_weeks_from: this is not a date. Write it without",
}
IN_A_METRIC = {
    'event = ""': "event: this is empty. Fill it",
    'measure = "active_users"\nevent = "E"': "event: active_users counts users of all events. Remove",
    'event = "E"\nmeasure = "sum"': "measure: 'sum' is not possible here. Use count, users or active_users.",
    'event = "E"\nsentence = "new users"': "sentence: the sentence must hold {value} once.",
    'event = "E"\nsentence = "{value} {value}"': "sentence: the sentence must hold {value} once.",
    'event = "E"\nsentence = "{value} {total}"': "sentence: only {value} may stand in braces.",
    'event = "E"\nsentence = "{value} }"': "sentence: only {value} may stand in braces.",
}
INSTEAD = {
    ("title", "# title"): "line 9, reports.weekly.title: this is missing. Add it. The headline.",
    ('"Weekly Report"', '" "'): "line 10, reports.weekly.title: this is empty. Fill it",
    ('"Weekly Report"', "7"): "line 10, reports.weekly.title: this is not text. Write it in quotes",
    (
        '"weekly"',
        '"yearly"',
    ): "line 11, reports.weekly.period: 'yearly' is not possible here. Use daily, weekly, bi",
    ('"weekly"', "7"): "line 11, reports.weekly.period: this is not possible here. Use daily",
    (
        "0 9 * * 1",
        "0 9 * *",
    ): "line 12, reports.weekly.schedule: '0 9 * *' has 4 fields; a schedule has 5, or 6",
    (
        "0 9 * * 1",
        "0 25 * * 1",
    ): "line 12, reports.weekly.schedule: '0 25 * * 1' is no cron expression: Bad hour.",
    ("0 9 * * 1", "9 " * 300): "line 12, reports.weekly.schedule: this is no schedule. Write minute, hour",
    (
        "[metrics.actives]",
        "[metrics.'a b']",
    ): "line 5, metrics.'a b': this cannot be a name. Use up to 60 letters",
    (
        '"webhook"',
        '"email"',
    ): "line 15, destinations.slack.type: 'email' is not possible here. Use webhook or bot.",
    ('type = "webhook"', ""): "line 14, destinations.slack.type: this is missing. Add it. The kind of desti",
    ('"webhook"', "7"): "line 15, destinations.slack.type: '7' is not possible here. Use webhook or bot.",
    ("url =", "# url ="): "line 14, destinations.slack.url: this is missing. Add it. The name of the se",
    (
        '"SLACK_WEBHOOK_URL"',
        '"slack"',
    ): "line 16, destinations.slack.url: this is not the name of a setting. Name",
}


IN_A_BOT = {
    ('"SLACK_BOT_TOKEN"', '"slack"'): "line 16, destinations.team.token: this is not the name of a setting. "
    'Name one, as in token = "SLACK_BOT_TOKEN".',
    ('"SLACK_BOT_TOKEN"', '"xoxb-1-made-up"'): "line 16, destinations.team.token: a secret stands here",
    (
        '"C0123456789"',
        '"#general"',
    ): "line 17, destinations.team.channel: this is a channel's name, not its id. "
    "In Slack, click the channel's name: the id stands at the foot of About. "
    'Write it as channel = "C0123456789".',
    ('"C0123456789"', '"general"'): "line 17, destinations.team.channel: this is no channel's id. In Slack",
    ('"C0123456789"', '"U0123456789"'): "line 17, destinations.team.channel: this is no channel's id. In",
    (
        "channel =",
        "chanel =",
    ): "line 14, destinations.team.channel: this is missing. Add it. The channel's id",
    ('"C0123456789"', '"C0123456789"\nurl = "X"'): "line 18, destinations.team.url: there is no such key. "
    "Choose from 'type', 'token', 'channel', 'details'.",
    ('"C0123456789"', '"C0123456789"\ndetails = "email"'): "line 18, destinations.team.details: 'email' is "
    "not possible here. Use thread or none.",
}


@pytest.mark.parametrize(("change", "said"), IN_A_BOT.items())
def test_a_fault_in_a_bot_is_told(change: tuple[str, str], said: str):
    file = METRICS + REPORT + BOT.replace(*change)

    found = faults(file, SLACK_BOT_TOKEN="xoxb-made-up")

    assert str(found[0]).startswith(f"reports.toml {said}")


@pytest.mark.parametrize(("line", "said"), IN_A_REPORT.items())
def test_a_fault_in_a_report_is_told(line: str, said: str):
    assert str(only_fault(METRICS + REPORT + line + DESTINATION)).startswith(
        f"reports.toml line 13, reports.weekly.{said}"
    )


@pytest.mark.parametrize(("lines", "said"), IN_A_METRIC.items())
def test_a_fault_in_the_last_line_of_a_metric_is_told(lines: str, said: str):
    line = 3 + lines.count("\n")

    assert str(only_fault(f'[metrics.wrong]\nlabel = "L"\n{lines}\n{FILE}')).startswith(
        f"reports.toml line {line}, metrics.wrong.{said}"
    )


@pytest.mark.parametrize("measure", ["count", "users"])
def test_a_measure_of_an_event_needs_the_event(measure: str):
    fault = only_fault(f'[metrics.wrong]\nlabel = "L"\nmeasure = "{measure}"\n{FILE}')

    assert (fault.place, fault.problem) == (
        "reports.toml line 1, metrics.wrong.event",
        "the event is missing",
    )
    assert 'Add event = "…"' in fault.mend


@pytest.mark.parametrize(("change", "said"), INSTEAD.items())
def test_a_wrong_value_is_told(change: tuple[str, str], said: str):
    assert str(only_fault(FILE.replace(*change))).startswith(f"reports.toml {said}")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (METRICS + REPORT, "reports.toml, destinations: this is missing. Add it."),
        (
            "[default]\n" + FILE,
            "reports.toml line 1, default: there is no such key. Did you mean 'defaults'?",
        ),
        ("metrics = 3\n" + REPORT + DESTINATION, "reports.toml line 1, metrics: this is not a table."),
        ("[metrics]\n" + REPORT + DESTINATION, "reports.toml line 1, metrics: this is empty."),
        (
            "reports.weekly = 3\n" + METRICS + DESTINATION,
            "reports.toml line 1, reports.weekly: this is not a table.",
        ),
    ],
)
def test_a_wrong_table_is_told(file: str, said: str):
    assert str(only_fault(file)).startswith(said)


def test_an_item_of_a_long_list_is_found_by_its_line():
    lines = 'metrics = [\n    "actives",  # everybody\n    "singups",\n]\n'

    assert (
        only_fault(METRICS + REPORT + lines + DESTINATION).place
        == "reports.toml line 15, reports.weekly.metrics[1]"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[defaults\ncharts = true", "reports.toml line 1, column 10"),
        ('[defaults]\nlocale = "en\n', "reports.toml line 2, column 13"),
        ("[a]\n\n[a]\n", "reports.toml line 3, column 3"),
        ("[defaults]\ncharts = \n", "reports.toml line 2, column 10"),
        ("x = [1,\n\n", "reports.toml line 3"),
        ("x = " + "9" * 5000, "reports.toml"),
        ("x = " + "[" * 5000, "reports.toml"),
    ],
)
def test_what_is_not_toml_is_one_fault_with_its_line(text: str, place: str):
    fault = only_fault(text)

    assert fault.place == place
    assert fault.problem.startswith("this is not TOML")


def test_all_faults_come_at_once_in_the_order_of_the_file():
    wrong = DESTINATION.replace('"webhook"', '"hook"') + REPORT.replace("weekly", "wekly") + METRICS
    wrong = wrong.replace("0 9 * * 1", "now").replace("label", "lable", 1)

    assert [fault.place.removeprefix("reports.toml ") for fault in faults(wrong)] == [
        "line 3, destinations.slack.type",
        "line 8, reports.wekly.period",
        "line 9, reports.wekly.schedule",
        "line 11, metrics.signups.label",
        "line 12, metrics.signups.lable",
    ]


def test_faults_call_the_file_by_its_name():
    with pytest.raises(ConfigError, match=r"^teams/a\.toml line 1, column 5: this is not TOML"):
        load(ENVIRON, "x = \n", file="teams/a.toml")
