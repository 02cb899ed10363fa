"""What each fault of reports.toml says: where it stands, what is wrong, how to fix it."""

import pytest

from reporter.config.settings import load
from reporter.reports.errors import ConfigError
from tests.config.examples import BOT, DESTINATION, ENVIRON, FILE, METRICS, REPORT, faults, only_fault

IN_A_REPORT = {
    "where = { plan = { iss = 1 } }": "where.plan.iss: there is no such key. Did you mean 'is'",
    'better = "lower"': "better: there is no such key here. It belongs to a metric.",
    'labels = { "Page View" = "Page" }': "labels: there is no such key here. It belongs to [events].",
    'channel = "C0123456789"': "channel: there is no such key here. It belongs to a bot.",
    "chart = true": "chart: there is no such key. Did you mean 'charts'?",
    'timezone = "Europe/Berln"': "timezone: there is no such time zone. Did you mean Europe/Berlin",
    'locale = "es"': "locale: reports are not worded in this language. Use en, de or fr",
    'locale = "de_XX"': "locale: there is no such region of this language. Use de",
    "top_events = 51": "top_events: the number is out of range. Use a number from 0 to 50.",
    "top_events = -1": "top_events: the number is out of range. Use a number from 0 to 50.",
    "top_events = 5.0": "top_events: this is not a whole number. Write it without quotes: 5.",
    "top_events = true": "top_events: this is not a whole number. Write it without quotes: 5.",
    'charts = "yes"': "charts: this is neither true nor false, nor a number from 0 to 2. Write it without",
    "charts = 3": "charts: this is neither true nor false, nor a number from 0 to 2. Write it without",
    'footer = "From {begin}"': "footer: there is no placeholder '{begin}'. Choose from 'period', 'start'",
    'footer = "{start} {start}"': "footer: {start} may stand there once only. Remove one of the two.",
    'footer = "{value}"': "footer: there is no placeholder '{value}'.",
    'sections = { "In {Period}" = ["signups"] }': "sections.'In {Period}': there is no placeholder '{Peri",
    'footer = ""': "footer: this is empty. Fill it, or remove it.",
    'sections = ["signups"]': "sections: this is not a table. Give it a header line of its own",
    "sections = {}": "sections: this is empty. Fill it, or remove it.",
    'sections = { Growth = ["singups"] }': "sections.Growth[0]: there is no metric 'singups'. Did you",
    'sections = { A = ["actives"], B = ["actives"] }': "sections: 'actives' stands there twice. Remove one",
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
    'sensitivity = "huge"': "sensitivity: 'huge' is not possible here. Use low, normal or high.",
    'drivers = ["a", "b", "c", "d"]': "drivers: this is too much. Use 3 at most.",
    'drivers = ["a", "a"]': "drivers: 'a' stands there twice. Remove one of the two.",
    'holidays = "Germany"': "holidays: the holidays of 'Germany' are not known. Use the code of a country",
    'holidays = "DE-XX"': "holidays: the holidays of 'DE-XX' are not known. Use DE, DE-BB, DE-BE,",
    'only = "sometimes"': "only: 'sometimes' is not possible here. Use when unusual or always.",
    'mention = "here"': "mention: people are called only by a report that is an alert. Add only",
    'every_two_weeks_from = "2026-01-05"': "every_two_weeks_from: this is not a date. Write it without",
}
IN_A_METRIC = {
    'event = ""': "event: this is empty. Fill it",
    'measure = "active_users"\nevent = "E"': "event: event belongs to count, users, sum, average, median "
    "and p90. Remove it, or choose another measure.",
    'event = "E"\nmeasure = "cuont"': "measure: there is no measure 'cuont'. Did you mean 'count'?",
    'event = "E"\nmeasure = 7': 'measure: this is no measure. Write one in quotes, such as "count".',
    'event = "E"\nproperty = "p"': "property: property belongs to sum, average, median and p90. Remove it",
    'measure = "ratio"\nnumerator = "signups"\ndenominator = "actives"\nof = "signups"': "of: of belongs to "
    "breakdown. Remove it",
    'event = "E"\ncolour = "red"': "colour: there is no such key. Choose from 'label', 'sentence',",
    'event = "E"\ncompare = "none"': "compare: there is no such key here. It belongs to a report",
    'event = "E"\nschedule = "0 9 * * 1"': "schedule: there is no such key here. It belongs to a report.",
    'event = "E"\nbetter = "less"': "better: 'less' is not possible here. Use higher or lower.",
    'event = "E"\nchart = "yes"': "chart: this is neither true nor false. Write true or false, without",
    'event = "E"\nlink = "mixpanel.com/s/1"': "link: does not begin with https://. Copy it whole",
    'event = "E"\nlink = "http://mixpanel.com/s/1"': "link: this is no address of a page. Write it as in",
    'event = "E"\nlink = "https://a.b/<!here>"': "link: this is no address of a page. Write it as in",
    'event = "E"\nlink = "https://hooks.slack.com/services/T0/B0/x"': "link: a secret stands here",
    'event = "E"\nformat = "euro"': "format: 'euro' is not possible here. Use number or percent.",
    'event = "E"\ncurrency = "eur"': "currency: there is no such currency. Did you mean EUR?",
    'event = "E"\ncurrency = "money"': "currency: there is no such currency. Use a code of ISO 4217",
    'event = "E"\nformat = "percent"\ncurrency = "EUR"': "currency: a percentage is not money. Remove",
    'event = "E"\njudge_by = ""': "judge_by: this is empty. Fill it",
    'event = "E"\nmeasure = "users"\njudge_by = "$os"': "judge_by: only what adds up is judged by a "
    "property, and users does not. Remove it, or make it a metric that counts events or adds up a property:",
    'event = "E"\nproperty = "p"\nmeasure = "median"\njudge_by = "$os"': "judge_by: only what adds up is",
    'measure = "active_users"\njudge_by = "$os"': "judge_by: judge_by belongs to count, users, sum, average,",
    'event = "E"\ntarget = 0': "target: the number is out of range. Use a number above 0.",
    'event = "E"\ntarget = { weekly = 0 }': "target.weekly: the number is out of range.",
    'event = "E"\ntarget = { yearly = 5 }': "target.yearly: there is no such key.",
    'event = "E"\ntarget = {}': "target: this is empty.",
    'measure = "stickiness"\ntarget = { weekly = 40 }': "target: this measure is never",
    'event = "E"\ntarget = "300"': "target: this is not a number. Write it without quotes: 300.",
    'event = "E"\ntarget = inf': "target: this is not a number. Write it without quotes: 300.",
    'event = "E"\nby = 2026-12-31': "by: there is no target for this. Add one, as in target = 300.",
    'event = "E"\ntarget_is = "at_most"': "target_is: there is no target for this.",
    'measure = "stickiness"\ntarget = 40': "target: this measure is never above 1, which is 100%. Write 40%",
    'measure = "stickiness"\ndays = 1': "days: the number is out of range. Use a number from 2 to 90.",
    'measure = "breakdown"\nby = "p"\nof = "singups"': "of: there is no metric 'singups'. Did you mean",
    'measure = "breakdown"\nby = "p"\nof = "actives"': "of: 'actives' measures active_users, which does not",
    'measure = "breakdown"\nby = "p"\nof = "signups"\ntarget = 3': "target: target belongs to count, users,",
    'measure = "ratio"\ndenominator = "signups"\nnumerator = "wrong"': "numerator: 'wrong' measures ratio,",
    'measure = "funnel"\nsteps = ["A"]': "steps: these are too few. Give 2 or more.",
    'measure = "funnel"\nsteps = ["A", 7]': "steps[1]: this is not a table.",
    'measure = "retention"\nafter = 7\nunit = "year"': "unit: 'year' is not possible here. Use day or week.",
    'measure = "saved_funnel"\nid = "7"': "id: this is not a whole number.",
    'event = "E"\nwhere = "plan == 3"': "where: conditions are no expression in a text. Write them as in "
    'where = { plan = "pro", amount = { at_least = 10 } }.',
    'event = "E"\nwhere = { plan = {} }': "where.plan: this is empty. Say what the property must be, as in",
    'event = "E"\nwhere = { plan = [] }': "where.plan.is: this is empty. Fill it, or remove it.",
    'event = "E"\nwhere = { at = 2026-01-01 }': "where.at.is[0]: this is no text, number, true or false.",
    'event = "E"\nwhere = { n = { at_least = "3" } }': "where.n.at_least: only numbers can be compared so.",
    'event = "E"\nwhere = { n = { atleast = 3 } }': "where.n.atleast: there is no such key. Did you mean",
    'event = "E"\nwhere = { n = { is_set = 1 } }': "where.n.is_set: this is neither true nor false.",
    'event = "E"\n[metrics.wrong.where]\nplan = { contains = 3 }': "where.plan.contains[0]: this is not",
    'event = "E"\nsentence = "new users"': "sentence: the sentence must hold {value} once.",
    'event = "E"\nsentence = "{value} {value}"': "sentence: the sentence must hold {value} once.",
    'event = "E"\nsentence = "{value} {total}"': "sentence: there is no placeholder '{total}'. Choose from",
    'event = "E"\nsentence = "{value} {perod}"': "sentence: there is no placeholder '{perod}'. Did you mean "
    "'period'?",
    'event = "E"\nsentence = "{value} {period} {period}"': "sentence: {period} may stand there once only.",
    'event = "E"\nsentence = "{value} }"': "sentence: a brace stands alone. Write {value}, {period}, {start}",
}
INSTEAD = {
    ("title", "# title"): "line 9, reports.weekly.title: this is missing. Add it. The headline.",
    ('"Weekly Report"', '" "'): "line 10, reports.weekly.title: this is empty. Fill it",
    ('"Weekly Report"', '"Report {peroid}"'): "line 10, reports.weekly.title: there is no placeholder "
    "'{peroid}'. Did you mean 'period'?",
    (
        '"Weekly Report"',
        '"Report {end"',
    ): "line 10, reports.weekly.title: a brace stands alone. Write",
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
    (
        '"C0123456789"',
        '"C0123456789"\nurl = "X"',
    ): "line 18, destinations.team.url: there is no such key here. It belongs to a webhook.",
    ('"C0123456789"', '"C0123456789"\nlocale = "es"'): "line 18, destinations.team.locale: reports are not "
    "worded in this language. Use en, de or fr",
    ('"C0123456789"', '"C0123456789"\nlocale = 1'): "line 18, destinations.team.locale: this is not text",
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


def test_what_is_shown_is_said_once_in_a_list_or_in_sections():
    lines = 'metrics = ["actives"]\nsections = { A = ["signups"] }\n'

    assert str(only_fault(METRICS + REPORT + lines + DESTINATION)).startswith(
        "reports.toml line 14, reports.weekly.sections: metrics says already what is shown. Remove metrics"
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
        "this is missing",
    )
    assert fault.fix == "Add it. The event's name in Mixpanel, letter for letter."


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


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            'source = "all"\n',
            "line 1, source: 'all' is not possible here. Use auto, query, export, files or warehouse.",
        ),
        ('source = "files"\n', "line 1, source: no files are named. Add a table [events] with files = "),
        ('[events]\nfiles = ["a"]\n', "line 2, events.files: files are read only from files. Add source"),
        (
            "[events]\nkeep_days = 7\n",
            "line 2, events.keep_days: the number is out of range. Use a number from 35",
        ),
        (
            "[events]\nrefetch = 3\n",
            "line 2, events.refetch: there is no such key. Did you mean 'refetch_days'",
        ),
        (
            'source = "files"\n[events]\nfiles = ["s3://me:secret@bucket/x"]\n',
            "line 3, events.files[0]: an address with a password or a signature stands here",
        ),
        (
            'source = "files"\n[events]\nfiles = ["://x"]\n',
            "line 3, events.files[0]: this is no address of files.",
        ),
    ],
)
def test_a_fault_in_where_numbers_come_from_is_told(file: str, said: str):
    assert str(only_fault(file + FILE)).startswith(f"reports.toml {said}")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            'only = "when unusual"\nmention = "#general"',
            "line 14, reports.weekly.mention: nobody can be called so.",
        ),
        (
            'insights = "off"\nonly = "when unusual"',
            "line 14, reports.weekly.only: with insights off nothing is",
        ),
    ],
)
def test_an_alert_that_can_not_work_is_a_fault(lines: str, said: str):
    assert str(only_fault(METRICS + REPORT + lines + DESTINATION)).startswith(f"reports.toml {said}")


def test_an_alert_needs_insights_of_the_defaults_too():
    fault = only_fault(
        '[defaults]\ninsights = "off"\n' + METRICS + REPORT + 'only = "when unusual"\n' + DESTINATION
    )

    assert fault.place == "reports.toml line 15, reports.weekly.only"


def test_a_report_without_insights_is_no_alert_of_the_defaults():
    report = '[defaults]\nonly = "when unusual"\n' + METRICS + REPORT + 'insights = "off"\n'
    fault = only_fault(report + DESTINATION)

    assert str(fault).startswith("reports.toml line 11, reports.weekly.only: with insights off nothing is")
    assert not faults(report + 'only = "always"\n' + DESTINATION)


def test_a_step_of_a_funnel_is_found_by_its_line():
    steps = 'steps = [\n  "A",\n  { event = "B", where = { n = { is = 1 } } },\n  { evnt = "C" },\n]\n'
    wrong = '[metrics.wrong]\nlabel = "L"\nmeasure = "funnel"\n' + steps

    assert [str(fault)[:72] for fault in faults(wrong + FILE)] == [
        "reports.toml line 7, metrics.wrong.steps[2].event: this is missing. Add ",
        "reports.toml line 7, metrics.wrong.steps[2].evnt: there is no such key. ",
    ]


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


@pytest.mark.parametrize("text", ['a = "x\n', "a = 'x\nb = 1", 'a = """x', "a = 'x"])
def test_a_text_that_is_not_closed_is_told_as_one(text: str):
    with pytest.raises(ConfigError, match=r"this is not TOML \(a text is not closed\)"):
        load(ENVIRON, text)
