"""Sending to a Slack incoming webhook.

Which answer means what: Slack, "Sending messages using incoming webhooks", and slack_sdk's own handling.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from reporter.destinations.slack_http import (
    OURS,
    SLACK_WORD,
    TOO_RICH,
    Poster,
    SlackSender,
    not_slack,
    passing,
    unclear,
)
from reporter.destinations.table import DestinationTable
from reporter.reports.deliveries import Delivery, Payload, Receipt, always
from reporter.reports.errors import Refused
from reporter.setting_files import SettingFiles
from reporter.validation import Environment, Invalid, is_this_machine, setting_name, split_address

if TYPE_CHECKING:
    import httpx2

SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_NAMED = re.compile(r'\burl\s*=\s*["\']([A-Z][A-Z0-9_]{0,60})["\']')

# Refusals that only a person can fix, and how.
MENDS = {
    "invalid_payload": OURS,
    "no_text": OURS,
    "invalid_token": "The webhook address is wrong or was revoked: copy it again from your Slack app",
    "no_service": "The webhook was removed or disabled: add a new one in your Slack app",
    "no_team": "The Slack workspace of this webhook is gone: add a webhook in the new one",
    "team_disabled": "The Slack workspace is disabled: ask its owner",
    "channel_not_found": "The channel was deleted: add a webhook for another channel",
    "channel_is_archived": "The channel is archived: unarchive it, or add a webhook for another channel",
    "action_prohibited": "A workspace admin restricted posting: ask for permission for this app",
    "posting_to_general_channel_denied": "Only some members may post there: choose another channel",
}


class WebhookTable(DestinationTable):
    """A Slack channel, by an incoming webhook."""

    SETTINGS: ClassVar[Mapping[str, str]] = {
        "SLACK_WEBHOOK_URL": "Take the address from your Slack app's page Incoming Webhooks.",
        "ERROR_WEBHOOK_URL": "Take the address of an incoming webhook in the channel that hears of failures.",
    }

    type: Literal["webhook"] = Field(description="The kind of destination.")
    url: Annotated[str, setting_name("SLACK_WEBHOOK_URL", "Slack")] = Field(
        description="The name of the setting that holds the webhook's address, never the address itself."
    )

    @property
    def setting(self) -> str:
        return self.url

    def channel_of(self, name: str, environment: Environment) -> "SlackWebhook | None":
        url = environment.optional(self.url, webhook_address)
        return SlackWebhook(url, name=name) if url else None

    @classmethod
    def guess(cls, files: SettingFiles) -> Iterator["SlackWebhook"]:
        environment = Environment(files.values, [])
        named = _NAMED.findall(files.reports_text or "")
        for setting in dict.fromkeys(("ERROR_WEBHOOK_URL", *named, "SLACK_WEBHOOK_URL")):
            if url := environment.required_if_set(setting, webhook_address):
                yield SlackWebhook(url, name=setting)


@dataclass(frozen=True, slots=True)
class SlackWebhook(SlackSender):
    """An incoming webhook; its address is the credential."""

    url: str = field(repr=False)

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        """Send the first payload Slack takes. Of which delivery it is, a webhook has no way to say.

        Raises Unavailable (it surely did not arrive), Refused (Slack takes none), or DeliveryUncertain.
        """
        for payload in payloads:
            answer = self._post(payload.body, ready)
            if answer.status_code == 400 and _words(answer) in TOO_RICH and payload is not payloads[-1]:
                continue
            self._check(answer)
            return Receipt(left_out=payload.left_out)
        raise Refused(f"There was no message to send. {OURS}.")

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        """Raises Refused."""
        raise Refused("A webhook can only post: what is in its channel cannot be looked up.")

    def check(self) -> None:
        """Nothing when the webhook lives; posts nothing, since Slack answers a message without text so.

        Raises Unavailable or Refused.
        """
        answer = self._post(b"{}")
        if answer.status_code != 400:
            self._check(answer)

    def _post(self, body: bytes, ready: Callable[[], None] = always) -> "httpx2.Response":
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return Poster(self.transport, self.sleep).post(self.url, body, headers, ready)

    def _check(self, answer: "httpx2.Response") -> None:
        """Nothing when Slack took the message; else the error that says what to do."""
        words, status = _words(answer), answer.status_code
        if status == 200 and words == "ok":
            return
        if words is None:
            if 300 <= status < 500:
                raise not_slack(status, self.url)
            raise unclear(answer, "with an answer that is not Slack's")
        if error := passing(words):
            raise error
        if words in MENDS or words in TOO_RICH:
            raise Refused(f"Slack refused the message ({words}). {MENDS.get(words, OURS)}.")
        if 300 <= status < 500:
            raise Refused(f"Slack refused the message ({status} {words}). Check the webhook address.")
        raise unclear(answer, words)


def _words(answer: "httpx2.Response") -> str | None:
    """Slack's word for what happened. Anything else may echo the address, so it is not shown."""
    words = answer.text.strip()
    return words if SLACK_WORD.fullmatch(words) else None


def webhook_address(url: str) -> str:
    """Slack's address of an incoming webhook, or one on this machine."""
    if re.match(r"xox[a-z]+[-.]|xapp-", url):
        raise Invalid(
            "is a token, not an address",
            "Copy the address from your Slack app's page Incoming Webhooks; a bot's token belongs into "
            "SLACK_BOT_TOKEN.",
        )
    parts = split_address(url)
    if is_this_machine(parts):
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
