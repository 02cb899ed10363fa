"""What a single value may be: each check returns the value, or raises Wrong."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from babel.localedata import exists

from reporter.reports.pasted import looks_secret
from reporter.reports.schedules import Schedule
from reporter.validation import Invalid, listed

LANGUAGES = ("en", "de", "fr")  # in which reports are worded
SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")


def locale(name: str) -> str:
    """The locale as Babel writes it: `de`, `de_AT`."""
    parts = re.fullmatch(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?", name)
    if parts is None or parts[1].lower() not in LANGUAGES:
        raise Invalid(
            "reports are not worded in this language", f"Use {listed(LANGUAGES)}, or a region of one: en_GB."
        )
    language, region = parts[1].lower(), parts[2]
    if region is None:
        return language
    if not exists(f"{language}_{region.upper()}"):
        raise Invalid(
            "there is no such region of this language", f"Use {language}, or a region such as en_GB or de_AT."
        )
    return f"{language}_{region.upper()}"


def cron(text: str) -> str:
    """A cron expression."""
    try:
        Schedule(text, ZoneInfo("UTC"))
    except ValueError as error:
        problem = str(error)
    else:
        return text
    hidden = looks_secret(problem) or len(problem) > 200
    raise Invalid("this is no schedule" if hidden else problem, _cron_hint(text))


def _cron_hint(text: str) -> str:
    """What to write instead of what other kinds of cron know."""
    days = r"(SUN|MON|TUE|WED|THU|FRI|SAT)"
    if "?" in text:
        return "Write * where another cron has ?."
    if text.strip().startswith("@"):
        return 'Write the times out: "0 9 * * *" is each day at 9:00.'
    if re.search(rf"{days}-{days}\s*$", text, re.IGNORECASE):
        return "The week begins with SUN: write a range over its end in two, as in FRI-SAT,SUN-MON."
    if re.search(r"\bL-[0-9]", text):
        return "L alone is the last day of a month; days before it have no sign of their own."
    return 'Write minute, hour, day, month and weekday, as in "0 9 * * 1" (Mondays at 9:00).'


def base_address(url: str) -> str:
    """Where a service is, without a slash at the end: over https, or on this machine."""
    parts = _safe(url)
    if parts.query or parts.fragment:
        raise Invalid("is more than a base address", "Leave out everything from ? or # on.")
    return url.rstrip("/")


def heartbeat_address(url: str) -> str:
    """An address to call: over https, or on this machine."""
    _safe(url)
    return url


def webhook_address(url: str) -> str:
    """Slack's address of an incoming webhook, or one on this machine."""
    if re.match(r"xox[a-z]+[-.]|xapp-", url):
        raise Invalid(
            "is a token, not an address",
            "Copy the address from your Slack app's page Incoming Webhooks; a bot's token belongs into "
            "SLACK_BOT_TOKEN.",
        )
    parts = _split(url)
    if _is_this_machine(parts):
        return url
    if parts.scheme != "https" or parts.hostname not in SLACK_HOSTS or parts.port not in (None, 443):
        raise Invalid(
            "is no address of a Slack webhook",
            "Copy the whole address from your Slack app's page Incoming Webhooks: it begins with "
            f"https://{SLACK_HOSTS[0]}/services/.",
        )
    if not parts.path.startswith("/services/"):
        raise Invalid(
            "is an address of Slack, but not of an incoming webhook",
            "Copy the address from your Slack app's page Incoming Webhooks; one of a workflow will not do.",
        )
    return url


def bot_token(text: str) -> str:
    """The token of a Slack app's bot, one that does not expire."""
    fix = (
        "Copy the Bot User OAuth Token from your Slack app's page OAuth & Permissions: it begins with xoxb-."
    )
    if re.match(r"(?i)https?://", text):
        raise Invalid("is a web address, not a token", fix)
    if text.startswith("xoxe"):
        raise Invalid("is a token that expires after 12 hours", f"Turn token rotation off. {fix}")
    if re.match(r"xox[a-z]-|xapp-", text) and not text.startswith("xoxb-"):
        raise Invalid("is a token of Slack, but not of a bot", fix)
    if not re.fullmatch(r"xoxb-[A-Za-z0-9-]+", text):
        raise Invalid("is no bot token of Slack", fix)
    return text


def channel_id(text: str) -> str:
    """The id of a Slack channel: a name may be given to another one."""
    if re.fullmatch(r"[CGD][A-Z0-9]{4,20}", text):
        return text
    problem = "this is a channel's name, not its id" if text.startswith("#") else "this is no channel's id"
    raise Invalid(
        problem,
        "In Slack, click the channel's name: the id stands at the foot of About. "
        'Write it as channel = "C0123456789".',
    )


def _safe(url: str) -> SplitResult:
    """The parts of an address that nobody on the way can read."""
    parts = _split(url)
    if parts.scheme != "https" and not _is_this_machine(parts):
        raise Invalid(
            "must begin with https://", "Plain http is possible to this machine only: http://127.0.0.1:8080."
        )
    return parts


def _split(url: str) -> SplitResult:
    """The parts of an absolute address without a name or password in it."""
    try:
        parts = urlsplit(url)
        whole = bool(parts.scheme and parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # a bad port, a bad IPv6 address
        whole = False
    else:
        if whole and re.fullmatch(r"[!-~]+", url) and "\\" not in url:
            return parts
    if re.match(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/|$)", url):
        raise Invalid("does not begin with https://", "Copy it whole: https://host/path.")
    raise Invalid("is no web address", "Write it as https://host/path.")


def _is_this_machine(parts: SplitResult) -> bool:
    if parts.scheme != "http":
        return False
    try:
        return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, not an address
        return False
