"""A right environment and a right file, to be made wrong by a test."""

from collections.abc import Mapping

from reporter.config.settings import Settings, load
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.sources.mixpanel.access import MixpanelAccess

WEBHOOK = "https://hooks.slack.com/services/T0000/B0000/made-up"
ENVIRON: Mapping[str, str] = {
    "MIXPANEL_USERNAME": "reporter.1a2b.mp-service-account",
    "MIXPANEL_SECRET": "made-up-secret",
    "MIXPANEL_PROJECT_ID": "1234567",
    "SLACK_WEBHOOK_URL": WEBHOOK,
}
METRICS = """
[metrics.signups]
label = "Signups"
event = "Sign Up"
[metrics.actives]
label = "Actives"
measure = "active_users"
"""
REPORT = """
[reports.weekly]
title = "Weekly Report"
period = "weekly"
schedule = "0 9 * * 1"
"""
DESTINATION = """
[destinations.slack]
type = "webhook"
url = "SLACK_WEBHOOK_URL"
"""
BOT = """
[destinations.team]
type = "bot"
token = "SLACK_BOT_TOKEN"
channel = "C0123456789"
"""
FILE = METRICS + REPORT + DESTINATION


def settings(file: str = FILE, **environ: str) -> Settings:
    return load({**ENVIRON, **environ}, file)


def access(**environ: str) -> MixpanelAccess:
    found = settings(**environ).projects[None].access
    assert found
    return found


def faults(file: str = FILE, **environ: str) -> tuple[SettingsProblem, ...]:
    """What is wrong with it; nothing when it loads."""
    try:
        load({**ENVIRON, **environ}, file)
    except ConfigError as error:
        return error.faults
    return ()


def only_fault(file: str = FILE, **environ: str) -> SettingsProblem:
    found = faults(file, **environ)
    assert len(found) == 1, found
    return found[0]
