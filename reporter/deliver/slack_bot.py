"""Writing into a Slack channel as a bot: it knows where its message stands, and can look a lost one up."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

from reporter.deliver.posting import OURS, Poster
from reporter.deliver.slack_api import Said, SlackApi, is_limited, items, table, too_rich
from reporter.model.delivery import Delivery, Payload, Receipt
from reporter.model.errors import Refused, ReporterError

SLACK = "https://slack.com/api/"
EVENT = "reporter_delivery"  # the metadata's event_type
MESSAGES_IN_A_PAGE = 200  # as Slack advises
MOST_PAGES = 20  # looked through for a lost message

LOG = logging.getLogger("reporter.slack")


@dataclass(frozen=True, slots=True)
class SlackBot:
    """A bot in a channel, which is named by its id; the token is the credential.

    It needs the scopes chat:write and channels:history (groups:history in a private channel).
    """

    token: str = field(repr=False)
    channel: str
    transport: httpx2.BaseTransport | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    base_url: str = SLACK

    def send(self, payloads: Sequence[Payload], delivery: Delivery | None = None) -> Receipt:
        """Send the first payload Slack takes, marked with the delivery; then its details, in its thread.

        Raises Unavailable (it surely did not arrive), Refused (Slack takes none), or DeliveryUncertain.
        """
        payload, said = self._post_first(payloads, _mark(delivery) if delivery else {})
        receipt = Receipt(_text(said, "channel") or self.channel, _text(said, "ts"), payload.left_out)
        if payload.details and receipt.ts:
            self._add_details(payload.details, receipt.ts)
        return receipt

    def find(self, delivery: Delivery, since: datetime) -> Receipt | None:
        """The message of this delivery, if one was posted at or after `since`.

        Raises Unavailable (not now), or Refused: the bot may not look, or there is too much to look through.
        """
        asked = {"oldest": f"{since.timestamp():.6f}", "inclusive": "true", "include_all_metadata": "true"}
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._history({**asked, "limit": str(MESSAGES_IN_A_PAGE), "cursor": cursor})
            for message in map(table, items(page.get("messages"))):
                if _is_of(delivery, table(message.get("metadata"))):
                    return Receipt(self.channel, _text(message, "ts"))
            cursor = _text(table(page.get("response_metadata")), "next_cursor") or ""
            if not cursor and page.get("has_more") is not True:
                return None
        raise Refused("The channel holds more messages since then than can be looked through.")

    def check(self) -> None:
        """Nothing when the token lives and the bot may look into the channel; posts nothing.

        Raises Unavailable or Refused.
        """
        self._api.read("auth.test", {})
        self._history({"limit": "1"})

    @property
    def _api(self) -> SlackApi:
        return SlackApi(self.token, self.base_url, Poster(self.transport, self.sleep, is_limited))

    def _history(self, asked: dict[str, str]) -> Said:
        given = {name: value for name, value in asked.items() if value}
        return self._api.read("conversations.history", {"channel": self.channel, **given})

    def _post_first(self, payloads: Sequence[Payload], more: Said) -> tuple[Payload, Said]:
        """The first payload that Slack takes, and what it says to it."""
        refused = None
        for payload in payloads:
            drawn = table(json.loads(payload.body))
            quiet = {"channel": self.channel, "unfurl_links": False, "unfurl_media": False}
            said = self._api.write("chat.postMessage", {**drawn, **quiet, **more})
            refused = too_rich(said)
            if refused is None:
                return payload, said
        if refused is None:
            raise Refused(f"There was no message to send. {OURS}.")
        raise Refused(f"Slack refused the message ({refused}). {OURS}.")

    def _add_details(self, details: Sequence[Payload], ts: str) -> None:
        """The message is whole without them, so their failure is no failure of the delivery."""
        try:
            self._post_first(details, {"thread_ts": ts})
        except ReporterError as error:
            LOG.warning("no-details: the thread of %s in %s was not written: %s", ts, self.channel, error)


def _mark(delivery: Delivery) -> dict[str, object]:
    """By which a message is found again. The whole workspace may see it."""
    return {"metadata": {"event_type": EVENT, "event_payload": {"delivery": delivery.key}}}


def _is_of(delivery: Delivery, metadata: Said) -> bool:
    said = table(metadata.get("event_payload")).get("delivery")
    return metadata.get("event_type") == EVENT and said == delivery.key


def _text(said: Said, name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None
