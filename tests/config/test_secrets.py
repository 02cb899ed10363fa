"""No secret shows, whatever is wrong."""

import traceback

import pytest

from reporter.config.environment import SETTINGS
from reporter.config.settings import load
from reporter.reports.errors import ConfigError
from reporter.validation import Environment
from tests.config.examples import BOT, ENVIRON, FILE, METRICS, REPORT, settings

SECRETS = (
    "https://hooks.slack.com/services/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",
    "hooks.slack.com/services/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",
    "https://evil.example/SECRETsecret",
    "http://me:SECRET@127.0.0.1:70000/SECRET",
    "xoxb-1234-SECRET",
    "fh37SECRET8rh3f73hfSECRET73hf33",
    "junk SECRET\u200b junk",
    "{SECRET}",
    "-SECRET-",
)
PLACES_OF_A_FILE = (
    METRICS + REPORT + '[destinations.slack]\ntype = "webhook"\nurl = "{}"\n',
    METRICS + REPORT + BOT.replace("SLACK_BOT_TOKEN", "{}"),
    METRICS + REPORT + BOT.replace("C0123456789", "{}"),
    METRICS + REPORT + BOT.replace('"bot"', '"{}"'),
    FILE + "'{}' = 1\n",
    FILE + "[destinations.'{}']\n",
    METRICS + REPORT + 'metrics = ["{}"]\n',
    METRICS + REPORT + 'destinations = ["{}"]\n',
    METRICS + REPORT + "'{}' = 1\n",
    FILE.replace('"weekly"', '"{}"'),
    FILE.replace("0 9 * * 1", "{}"),
    FILE.replace('"webhook"', '"{}"'),
    "[defaults]\nlocale = '{}'\n" + FILE,
    "[warehouse]\nconnection = '{}'\n" + FILE,
    "[warehouse]\nengine = '{}'\n" + FILE,
    "[warehouse]\nschema = '{}'\n" + FILE,
    "['{0}']\n['{0}']\n",
    "{}",
)


def everything_told(error: BaseException) -> str:
    """What a log, a debugger or a person may see of an error, and of those it came from."""
    chain = [error, error.__cause__, error.__context__]
    return "".join(traceback.format_exception(error)) + "".join(map(repr, chain)) + "".join(map(str, chain))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", SETTINGS)
def test_a_value_of_the_environment_is_never_told(name: str, secret: str):
    with pytest.raises(ConfigError) as raised:
        load({**ENVIRON, name: secret}, "not a file of ours")

    assert "SECRET" not in everything_told(raised.value).replace("MIXPANEL_SECRET", "")


@pytest.mark.parametrize("secret", SECRETS[:6])
@pytest.mark.parametrize("file", PLACES_OF_A_FILE)
def test_a_secret_pasted_into_the_file_is_not_told(file: str, secret: str):
    with pytest.raises(ConfigError) as raised:
        load(ENVIRON, file.replace("{}", secret).replace("{0}", secret))

    assert "SECRET" not in everything_told(raised.value)


def test_a_pasted_webhook_is_told_to_move():
    with pytest.raises(ConfigError) as raised:
        load(ENVIRON, PLACES_OF_A_FILE[0].replace("{}", SECRETS[0]))

    (fault,) = raised.value.faults
    assert fault.place == "reports.toml line 15, destinations.slack.url"
    assert "a secret stands here" in fault.problem
    assert "Put it into .env as SLACK_WEBHOOK_URL" in fault.fix


def test_settings_show_no_secret():
    secrets = {
        **ENVIRON,
        "SLACK_BOT_TOKEN": "xoxb-1-made-up",
        "ERROR_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B1/made-up-too",
        "HEARTBEAT_URL": "https://hc-ping.com/made-up",
    }
    loaded = settings(FILE + BOT, **secrets)

    assert loaded.destinations["team"]
    assert loaded.errors
    assert loaded.heartbeat
    shown = repr(loaded) + str(loaded)
    for name in secrets.keys() - {"MIXPANEL_USERNAME", "MIXPANEL_PROJECT_ID"}:
        assert secrets[name] not in shown


def test_the_environment_shows_no_value():
    assert ENVIRON["MIXPANEL_SECRET"] not in repr(Environment(ENVIRON, []))


def test_an_error_has_no_cause_that_could_tell_more():
    with pytest.raises(ConfigError) as raised:
        load({}, FILE.replace('"weekly"', "7"))

    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
