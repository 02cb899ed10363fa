"""What the environment may say."""

import re
import string
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.settings import load
from reporter.destinations.slack_bot import SlackBot
from reporter.destinations.slack_webhook import SlackWebhook
from reporter.reports.errors import ConfigError
from reporter.sources.mixpanel.access import MixpanelAccess
from tests.config.examples import (
    BOT,
    ENVIRON,
    FILE,
    METRICS,
    REPORT,
    WEBHOOK,
    access,
    faults,
    only_fault,
    settings,
)

TEAM = """
[destinations.team]
type = "webhook"
url = "TEAM_URL"
"""


def test_the_least_environment_is_enough():
    mixpanel = access()

    assert mixpanel == MixpanelAccess("reporter.1a2b.mp-service-account", "made-up-secret", "1234567", "us")
    assert settings().zone == ZoneInfo("UTC")
    assert settings().company == ""


def test_every_setting_reaches_its_place():
    all_set = settings(
        MIXPANEL_REGION="EU",
        MIXPANEL_BASE_URL="http://127.0.0.1:8080/",
        MIXPANEL_PROJECT_TIMEZONE="America/New_York",
        COMPANY_NAME="Crème & Söhne 👩‍👧",
        TIMEZONE="Europe/Berlin",
        ERROR_WEBHOOK_URL=WEBHOOK,
        HEARTBEAT_URL="https://hc-ping.com/made-up",
        WEEKLY_SCHEDULE="30 7 * * 2",
    )

    found = all_set.projects[None].access
    assert found
    assert found.region == "eu"
    assert found.base_url == "http://127.0.0.1:8080"
    assert all_set.projects[None].zone == ZoneInfo("America/New_York")
    assert all_set.company == all_set.subscriptions["weekly"].spec.company == "Crème & Söhne 👩‍👧"
    assert all_set.zone == all_set.subscriptions["weekly"].schedule.zone == ZoneInfo("Europe/Berlin")
    assert all_set.destinations == {"slack": SlackWebhook(WEBHOOK, name="slack")}
    assert all_set.errors == SlackWebhook(WEBHOOK, name="errors")
    assert all_set.heartbeat == "https://hc-ping.com/made-up"
    assert all_set.subscriptions["weekly"].schedule.cron == "30 7 * * 2"


def test_spaces_and_line_ends_around_a_value_do_not_count():
    assert access(MIXPANEL_SECRET=" made-up-secret\n").secret == "made-up-secret"


def test_an_optional_setting_that_is_empty_is_not_set():
    assert (
        settings(MIXPANEL_REGION="", TIMEZONE=" ", MIXPANEL_BASE_URL="", ERROR_WEBHOOK_URL="") == settings()
    )
    assert settings(HEARTBEAT_URL=" ", WEEKLY_SCHEDULE="") == settings()


@pytest.mark.parametrize("name", ENVIRON)
def test_a_required_setting_that_is_not_set_is_named(name: str):
    with pytest.raises(ConfigError) as raised:
        load({other: value for other, value in ENVIRON.items() if other != name}, FILE)

    assert [(fault.place, fault.problem) for fault in raised.value.faults] == [(name, "is not set")]


@pytest.mark.parametrize("name", ENVIRON)
def test_a_required_setting_must_not_be_empty(name: str):
    fault = only_fault(**{name: "  "})

    assert (fault.place, fault.problem) == (name, "is empty")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MIXPANEL_USERNAME", "your_service_account_username"),
        ("MIXPANEL_SECRET", "your_service_account_secret"),
        ("MIXPANEL_PROJECT_ID", "your_project_id"),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"),
        ("SLACK_WEBHOOK_URL", "your_webhook_url"),
        ("MIXPANEL_SECRET", "<the secret>"),
    ],
)
def test_an_example_s_placeholder_is_no_value(name: str, value: str):
    fault = only_fault(**{name: value})

    assert (fault.place, fault.problem) == (name, "is still the example's placeholder")


def test_a_misspelt_setting_is_recognised():
    misspelt = {
        "MIXPANEL_USER_NAME" if name == "MIXPANEL_USERNAME" else name: ENVIRON[name] for name in ENVIRON
    }

    with pytest.raises(ConfigError, match=r"MIXPANEL_USER_NAME is set; should it be MIXPANEL_USERNAME\?"):
        load(misspelt, FILE)


def test_a_project_token_is_told_from_a_project_id():
    fault = only_fault(MIXPANEL_PROJECT_ID="0123456789abcdef0123456789ABCDEF")

    assert fault.problem == "is the project's token, not its id"
    assert "Project Settings > Overview" in fault.fix


@pytest.mark.parametrize("project_id", ["12a", "1.5", "-3", "١٢", "9" * 21])
def test_a_project_id_is_a_number(project_id: str):
    assert only_fault(MIXPANEL_PROJECT_ID=project_id).problem == "is not a number"


@pytest.mark.parametrize("region", ["us", "EU", "In"])
def test_a_region_may_be_written_in_any_case(region: str):
    assert access(MIXPANEL_REGION=region).region == region.lower()


def test_a_region_must_be_one():
    fault = only_fault(MIXPANEL_REGION="asia")

    assert fault.place == "MIXPANEL_REGION"
    assert "us, eu or in" in fault.fix


@pytest.mark.parametrize("name", ["TIMEZONE", "MIXPANEL_PROJECT_TIMEZONE"])
@pytest.mark.parametrize("zone", ["Europe/Berln", "europe/berlin", "Berlin"])
def test_a_misspelt_time_zone_is_recognised(name: str, zone: str):
    fault = only_fault(**{name: zone})

    assert fault.place == name
    assert "Europe/Berlin" in fault.fix.removesuffix("Use an IANA name such as Europe/Berlin or UTC.")


@pytest.mark.parametrize("zone", ["America", "../UTC", "+02:00", "x" * 5000, "zone.tab", "ÿ"])
def test_what_is_no_time_zone_is_refused(zone: str):
    assert only_fault(TIMEZONE=zone).problem == "there is no such time zone"


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("PST", "Write a city: America/Los_Angeles."),
        ("ist", "Write a city: Asia/Kolkata, Asia/Jerusalem or Europe/Dublin."),
        ("Eastern Standard Time", "This is the name that Windows has for it. Write America/New_York."),
        ("GMT+1", "An offset knows no summer time. Write a city, such as Europe/Berlin or Europe/Paris."),
        ("-05:00", "An offset knows no summer time. Write a city, such as America/New_York."),
        ("right/Europe/Berlin", "Write Europe/Berlin."),
        ("localtime", "Write a city, such as Europe/Berlin, or UTC."),
        ("Eastern Time", "Use an IANA name such as Europe/Berlin or UTC."),
    ],
)
def test_what_is_no_zone_gets_a_city_and_never_letters_that_look_alike(zone: str, meant: str):
    assert only_fault(TIMEZONE=zone).fix == meant


@given(st.text(st.sampled_from(string.ascii_uppercase), min_size=2, max_size=4))
def test_an_abbreviation_is_never_answered_with_another_one(zone: str):
    offered = [fault.fix for fault in faults(TIMEZONE=zone)]

    assert not [fix for fix in offered if re.search(r"\b(EST|MST|HST|Etc)\b", fix)]


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        ("EST", "EST has no summer time"),
        ("Etc/GMT-2", "Etc/GMT-2 is 2 h east of UTC (UTC+2), and has no summer time"),
        ("Etc/GMT+5", "Etc/GMT+5 is 5 h west of UTC (UTC-5), and has no summer time"),
    ],
)
def test_a_zone_that_may_not_be_meant_is_noted(zone: str, problem: str):
    (note,) = settings(TIMEZONE=zone).notes

    assert (note.place, note.problem) == ("TIMEZONE", problem)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "CET", "Asia/Kathmandu", "Etc/UTC"])
def test_a_zone_that_says_what_it_is_needs_no_note(zone: str):
    assert settings(TIMEZONE=zone).notes == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TIMEZON", "TIMEZONE"),
        ("timezone", "TIMEZONE"),
        ("MIXPANEL_REGON", "MIXPANEL_REGION"),
        ("WEKLY_SCHEDULE", "WEEKLY_SCHEDULE"),
        ("COMPNY_NAME", "COMPANY_NAME"),
        ("ERROR_WEBHOOK", "ERROR_WEBHOOK_URL"),
        ("TAEM_URL", "TEAM_URL"),
    ],
)
def test_a_misspelt_setting_that_need_not_be_set_is_noted(name: str, meant: str):
    file = '[defaults]\ndestinations = ["slack"]\n' + FILE + TEAM

    (note,) = settings(file, **{name: "made-up"}).notes

    assert (note.place, note.fix) == (name, f"Did you mean {meant}?")
    assert "made-up" not in str(note)


def test_a_name_of_another_program_and_a_second_of_ours_are_no_misspelling():
    others = {
        "PATH": "/bin",
        "TZ": "UTC",
        "WEBSITE_TIME_ZONE": "x",
        "SLACK_WEBHOOK_URL_2": "y",
        "HTTP_PROXY": "z",
    }

    assert settings(**others).notes == ()


def test_the_example_s_company_is_noted():
    (note,) = settings(COMPANY_NAME="YourCompany").notes

    assert (note.place, note.problem) == ("COMPANY_NAME", "is still the example's placeholder")


@pytest.mark.parametrize("name", [*ENVIRON, "HEARTBEAT_URL", "COMPANY_NAME", "TIMEZONE", "WEEKLY_SCHEDULE"])
def test_a_reference_that_was_not_resolved_is_told_as_one(name: str):
    reference = "@Microsoft.KeyVault(SecretUri=https://made-up.vault.azure.net/secrets/X)"

    fault = only_fault(**{name: reference})

    assert (fault.place, fault.problem) == (name, "is a reference to Key Vault that was not resolved")
    assert "Key Vault Secrets User" in fault.fix


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (f'"{WEBHOOK}"', "stands in quotation marks"),
        (f"“{WEBHOOK}”", "stands in quotation marks"),
        (f"<{WEBHOOK}>", "stands in angle brackets"),
        (f"{WEBHOOK}\u200b", "holds a character that cannot be seen"),
        (WEBHOOK.removeprefix("https://"), "does not begin with https://"),
        ("xoxb-1-2-made-up", "is a token, not an address"),
        ("xoxe.xoxb-1-2-made-up", "is a token, not an address"),
    ],
)
def test_what_copying_did_to_an_address_is_told(value: str, problem: str):
    fault = only_fault(SLACK_WEBHOOK_URL=value)

    assert (fault.place, fault.problem) == ("SLACK_WEBHOOK_URL", problem)
    assert "made-up" not in str(fault)


def test_a_secret_in_quotation_marks_was_not_copied_well():
    assert only_fault(MIXPANEL_SECRET="'made-up'").problem == "stands in quotation marks"


def test_a_destination_without_its_address_comes_with_the_other_faults_even_for_a_preview():
    environ = {
        **ENVIRON,
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/YOUR/WEBHOOK/URL",
        "TIMEZONE": "x",
    }

    with pytest.raises(ConfigError) as raised:
        load(environ, FILE, need_destinations=False)

    assert [fault.place for fault in raised.value.faults] == ["TIMEZONE", "SLACK_WEBHOOK_URL"]


@pytest.mark.parametrize("name", ["MIXPANEL_USERNAME", "MIXPANEL_SECRET"])
@pytest.mark.parametrize("text", ["tab\there", "zero\u200bwidth", "half \udce4"])
def test_a_credential_holds_no_character_that_cannot_be_seen(name: str, text: str):
    assert only_fault(**{name: text}).place == name


@pytest.mark.parametrize("text", ["two\nlines", "half \udce4"])
def test_a_company_is_a_line_of_text(text: str):
    assert only_fault(COMPANY_NAME=text).place == "COMPANY_NAME"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T0/B0/x",
        "https://HOOKS.slack.com:443/services/T0/B0/x",
        "https://hooks.slack-gov.com/services/T0/B0/x",
        "http://127.0.0.1:8081/services/demo",
        "http://localhost/any",
        "http://[::1]:8081/any",
    ],
)
def test_a_webhook_is_slack_s_or_on_this_machine(url: str):
    assert settings(SLACK_WEBHOOK_URL=url).destinations == {"slack": SlackWebhook(url, name="slack")}


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/T0/B0/x",
        "https://hooks.slack.com.evil.example/services/T0/B0/x",
        "https://hooks.slack.com@evil.example/services/T0/B0/x",
        "https://evil.example/hooks.slack.com/services/x",
        "https://hooks.slack.com:8443/services/T0/B0/x",
        "https://hooks.slack.com/workflows/T0/A0/1/x",
        "https://hooks.slack.com",
        "https://hooks.slack.com/services/T0/B0/x y",
        "https://hooks.slack.com\\@evil.example/services/x",
        "http://127.0.0.1.evil.example/services/x",
        "http://169.254.169.254/latest",
        "http://localhost:99999/",
        "https://[::1",
        "hooks.slack.com/services/T0/B0/x",
        "xoxb-1-2-made-up",
    ],
)
def test_a_webhook_is_nowhere_else(url: str):
    fault = only_fault(SLACK_WEBHOOK_URL=url)

    assert fault.place == "SLACK_WEBHOOK_URL"
    assert url not in str(fault)


def test_errors_go_to_a_webhook_and_nowhere_else():
    fault = only_fault(ERROR_WEBHOOK_URL="https://evil.example/services/x")

    assert (fault.place, fault.problem) == ("ERROR_WEBHOOK_URL", "is no address of a Slack webhook")


@pytest.mark.parametrize("url", ["https://hc-ping.com/made-up?create=1", "http://127.0.0.1:8000/ping/x"])
def test_a_heartbeat_may_be_any_address_that_nobody_on_the_way_reads(url: str):
    assert settings(HEARTBEAT_URL=url).heartbeat == url


@pytest.mark.parametrize("url", ["http://hc-ping.com/made-up", "hc-ping.com/made-up", "ftp://127.0.0.1/x"])
def test_a_heartbeat_is_no_other_address(url: str):
    fault = only_fault(HEARTBEAT_URL=url)

    assert fault.place == "HEARTBEAT_URL"
    assert url not in str(fault)


@pytest.mark.parametrize(
    ("report", "setting"), [("daily", "DAILY_SCHEDULE"), ("bi-weekly_2", "BI_WEEKLY_2_SCHEDULE")]
)
def test_a_schedule_of_the_environment_counts_instead_of_the_file_s(report: str, setting: str):
    file = FILE.replace("[reports.weekly]", f"[reports.{report}]")

    loaded = settings(file, **{setting: "0 30 8 * * 1-5", "WEEKLY_SCHEDULE": "0 1 * * *"})

    assert loaded.subscriptions[report].schedule.cron == "0 30 8 * * 1-5"


def test_a_wrong_schedule_of_the_environment_is_a_fault_of_its_setting():
    fault = only_fault(WEEKLY_SCHEDULE="0 25 * * 1")

    assert fault.place == "WEEKLY_SCHEDULE"
    assert fault.problem == "'0 25 * * 1' is no cron expression: Bad hour"
    assert 'as in "0 9 * * 1"' in fault.fix


def test_a_bot_has_a_token_and_a_channel():
    loaded = settings(METRICS + REPORT + BOT, SLACK_BOT_TOKEN="xoxb-1-made-up")

    assert loaded.destinations == {"team": SlackBot("xoxb-1-made-up", "C0123456789", name="team")}


def test_a_bot_may_leave_threads_alone():
    loaded = settings(METRICS + REPORT + BOT + 'details = "none"\n', SLACK_BOT_TOKEN="xoxb-1-made-up")

    assert loaded.destinations == {
        "team": SlackBot("xoxb-1-made-up", "C0123456789", has_thread=False, name="team")
    }


def test_a_bot_may_reach_slack_at_another_address():
    loaded = settings(
        METRICS + REPORT + BOT,
        SLACK_BOT_TOKEN="xoxb-1-made-up",
        SLACK_API_URL="https://slack-gov.com/api/",
    )

    assert loaded.destinations == {
        "team": SlackBot("xoxb-1-made-up", "C0123456789", base_url="https://slack-gov.com/api", name="team")
    }


@pytest.mark.parametrize("token", [None, "", "xoxb-your-bot-token"])
def test_a_bot_without_its_token_is_unready(token: str | None):
    environ = ENVIRON if token is None else {**ENVIRON, "SLACK_BOT_TOKEN": token}
    loaded = load(environ, FILE + BOT, need_destinations=False)

    assert list(loaded.destinations) == ["slack"]
    assert loaded.unready["team"].place == "SLACK_BOT_TOKEN"
    assert "Bot User OAuth Token" in loaded.unready["team"].fix


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("xoxp-1-made-up", "is a token of Slack, but not of a bot"),
        ("xapp-1-made-up", "is a token of Slack, but not of a bot"),
        ("xoxe.xoxb-1-made-up", "is a token that expires after 12 hours"),
        (WEBHOOK, "is a web address, not a token"),
        ("xoxb-made up", "is no bot token of Slack"),
        ("xoxb-zero\u200bwidth", "holds a character that cannot be seen"),
        ('"xoxb-1-made-up"', "stands in quotation marks"),
    ],
)
def test_a_bot_s_token_is_one_that_stays_valid(token: str, problem: str):
    fault = only_fault(METRICS + REPORT + BOT, SLACK_BOT_TOKEN=token)

    assert (fault.place, fault.problem) == ("SLACK_BOT_TOKEN", problem)
    assert "made" not in str(fault)


@pytest.mark.parametrize("url", ["https://mixpanel.example", "http://localhost:8080", "http://127.0.0.9"])
def test_mixpanel_may_be_at_another_address(url: str):
    assert access(MIXPANEL_BASE_URL=url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://mixpanel.com",
        "mixpanel.com",
        "https://me:secret@mixpanel.com",
        "ftp://127.0.0.1",
        "https://x/?a=1",
    ],
)
def test_mixpanel_s_password_travels_encrypted(url: str):
    assert only_fault(MIXPANEL_BASE_URL=url).place == "MIXPANEL_BASE_URL"


@pytest.mark.parametrize("value", [None, "", "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"])
def test_a_preview_needs_no_webhook(value: str | None):
    environ = {name: text for name, text in ENVIRON.items() if name != "SLACK_WEBHOOK_URL"}
    previewing = load(
        environ if value is None else {**environ, "SLACK_WEBHOOK_URL": value}, FILE, need_destinations=False
    )

    assert previewing.destinations == {}
    assert previewing.unready["slack"].place == "SLACK_WEBHOOK_URL"
    assert previewing.subscriptions["weekly"].destinations == ("slack",)


def test_a_wrong_webhook_is_a_fault_for_a_preview_too():
    environ = {**ENVIRON, "SLACK_WEBHOOK_URL": "http://evil.example"}

    with pytest.raises(ConfigError, match=r"^SLACK_WEBHOOK_URL: is no address of a Slack webhook"):
        load(environ, FILE, need_destinations=False)


def test_a_destination_nobody_uses_needs_no_secret():
    loaded = settings('[defaults]\ndestinations = ["slack"]\n' + FILE + TEAM)

    assert list(loaded.destinations) == ["slack"]
    assert list(loaded.unready) == ["team"]


def test_each_destination_has_a_secret_of_its_own():
    file = METRICS + REPORT + TEAM

    assert settings(file, TEAM_URL=WEBHOOK).destinations == {"team": SlackWebhook(WEBHOOK, name="team")}
    fault = only_fault(file)
    assert (fault.place, fault.problem) == ("TEAM_URL", "is not set")
    assert "team" in fault.fix


def test_faults_of_the_environment_and_of_the_file_come_together():
    found = faults(FILE.replace("weekly", "wekly"), TIMEZONE="Mars/Olympus", MIXPANEL_SECRET="")

    assert [fault.place for fault in found] == [
        "MIXPANEL_SECRET",
        "TIMEZONE",
        "reports.toml line 11, reports.wekly.period",
    ]


def test_what_may_not_be_meant_comes_with_the_faults():
    environ = {**ENVIRON, "MIXPANEL_SECRET": "", "COMPANY_NAME": "YourCompany", "TIMEZON": "Europe/Berlin"}

    with pytest.raises(ConfigError) as raised:
        load(environ, FILE)

    assert [fault.place for fault in raised.value.faults] == ["MIXPANEL_SECRET"]
    assert [note.partition(":")[2].split(":")[0] for note in raised.value.__notes__] == [
        " TIMEZON",
        " COMPANY_NAME",
    ]


def test_a_misspelt_setting_that_is_needed_is_told_once():
    environ = {
        "MIXPANEL_USER_NAME" if name == "MIXPANEL_USERNAME" else name: ENVIRON[name] for name in ENVIRON
    }

    with pytest.raises(ConfigError) as raised:
        load(environ, FILE)

    assert not hasattr(raised.value, "__notes__")


# What Azure Functions, shells, systemd, CI and Mixpanel's own libraries set.
OF_OTHERS = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LC_TIME",
    "TERM",
    "SHELL",
    "USER",
    "PWD",
    "OLDPWD",
    "TZ",
    "TMPDIR",
    "EDITOR",
    "PAGER",
    "HOSTNAME",
    "XDG_RUNTIME_DIR",
    "SSH_AUTH_SOCK",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PIP_INDEX_URL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "INVOCATION_ID",
    "WEBSITE_SITE_NAME",
    "WEBSITE_HOSTNAME",
    "WEBSITE_INSTANCE_ID",
    "WEBSITE_RESOURCE_GROUP",
    "WEBSITE_OWNER_NAME",
    "WEBSITE_TIME_ZONE",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_SKU",
    "WEBSITE_AUTH_ENABLED",
    "WEBSITE_DEPLOYMENT_ID",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsFeatureFlags",
    "AzureWebJobsScriptRoot",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_APPLICATION_DIRECTORY",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "CONTAINER_NAME",
    "HOST_VERSION",
    "GITHUB_ACTIONS",
    "GITHUB_TOKEN",
    "GITHUB_REPOSITORY",
    "CI",
    "RUNNER_OS",
    "KUBERNETES_SERVICE_HOST",
    "NOTIFY_SOCKET",
    "COMPUTERNAME",
    "MIXPANEL_TOKEN",
    "MIXPANEL_PROJECT_TOKEN",
    "MIXPANEL_API_KEY",
    "MIXPANEL_API_HOST",
    "SLACK_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CHANNEL",
    "SLACK_APP_TOKEN",
    "API_KEY",
    "COMPANY",
    "COMPANY_ID",
    "PROJECT_ID",
    "DATABASE_URL",
    "SENTRY_DSN",
    "HOURLY_SCHEDULE",
]


def test_what_other_programs_set_is_no_misspelt_setting():
    found = load({**ENVIRON, **dict.fromkeys(OF_OTHERS, "x")}, FILE).notes

    assert [note for note in found if note.place in OF_OTHERS] == []
