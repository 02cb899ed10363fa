"""Writing into a Slack channel as a bot: it knows where its message stands, and can look a lost one up."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from reporter.destinations.slack_api import SlackApi, SlackReply, is_limited, items, table, too_rich
from reporter.destinations.slack_http import OURS, Poster, SlackSender
from reporter.destinations.table import DestinationTable
from reporter.reports.deliveries import Delivery, Payload, Receipt, always
from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.setting_files import SettingFiles
from reporter.validation import Environment, Invalid, base_address, setting_name

if TYPE_CHECKING:
    pass

SLACK = "https://slack.com/api/"
EVENT = "reporter_delivery"  # the metadata's event_type
MESSAGES_IN_A_PAGE = 200  # as Slack advises
MOST_PAGES = 20  # looked through for a lost message
CLOCKS_DIFFER = timedelta(minutes=5)
CLOCKS_CHANGE = timedelta(days=1)  # a machine's clock may have been set since it wrote a time down

_NAMED = re.compile(r'\btoken\s*=\s*["\']([A-Z][A-Z0-9_]{0,60})["\']')
_CHANNEL = re.compile(r'\bchannel\s*=\s*["\']([CGD][A-Z0-9]{4,20})["\']')

LOG = logging.getLogger("reporter.slack")


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


class BotTable(DestinationTable):
    """A Slack channel, by a bot that is a member of it."""

    SETTINGS: ClassVar[Mapping[str, str]] = {
        "SLACK_BOT_TOKEN": "Take the Bot User OAuth Token from your Slack app's page OAuth & Permissions.",
        "SLACK_API_URL": "Leave it out, unless a bot reaches Slack at another address.",
    }

    type: Literal["bot"] = Field(description="The kind of destination.")
    token: Annotated[str, setting_name("SLACK_BOT_TOKEN", "Slack")] = Field(
        description="The name of the setting that holds the bot's token, never the token itself."
    )
    channel: Annotated[str, AfterValidator(channel_id)] = Field(
        description="The channel's id, such as C0123456789; not its name, which may change."
    )
    details: Literal["thread", "none"] = Field(
        default="thread", description="Whether what does not fit into the message follows in its thread."
    )

    @property
    def setting(self) -> str:
        return self.token

    def channel_of(self, name: str, environment: Environment) -> "SlackBot | None":
        token = environment.optional(self.token, bot_token)
        base_url = environment.optional("SLACK_API_URL", base_address) or SLACK
        has_thread = self.details == "thread"
        if token is None:
            return None
        return SlackBot(token, self.channel, base_url=base_url, name=name, has_thread=has_thread)

    @classmethod
    def guess(cls, files: SettingFiles) -> Iterator["SlackBot"]:
        environment, text = Environment(files.values, []), files.reports_text or ""
        base_url = environment.optional("SLACK_API_URL", base_address) or SLACK
        tokens = dict.fromkeys((*_NAMED.findall(text), "SLACK_BOT_TOKEN"))
        for setting, channel in product(tokens, dict.fromkeys(_CHANNEL.findall(text))):
            if token := environment.required_if_set(setting, bot_token):
                yield SlackBot(token, channel, base_url=base_url, name=f"{setting} in {channel}")


@dataclass(frozen=True, slots=True)
class SlackBot(SlackSender):
    """A bot in a channel, which is named by its id; the token is the credential.

    It needs the scopes chat:write and channels:history (groups:history in a private channel).
    """

    token: str = field(repr=False)
    channel: str
    base_url: str = SLACK  # or one without a slash at its end
    has_thread: bool = field(default=True, kw_only=True)

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        """Send the first payload Slack takes, marked with its try; then its details, in its thread.

        Raises Unavailable (it surely did not arrive), Refused (Slack takes none), or DeliveryUncertain.
        """
        payload, said = self._post_first(payloads, _mark(delivery, id) if delivery else {}, ready)
        receipt = Receipt(_text(said, "channel") or self.channel, _text(said, "ts"), payload.left_out)
        if payload.details and receipt.message:
            self._add_details(payload.details, receipt.message)
        return receipt

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        """The message of this try, if it was posted at or after `since`, by the clock that says `now`.

        Messages have Slack's time, so both are taken for what Slack's clock said then. That may have been
        otherwise: a day more is looked through. Where the clocks differ, absence proves nothing.
        Raises Unavailable (not now), or Refused: the bot may not look, or there is too much to look through.
        """
        asked, cursor = {"include_all_metadata": "true", "limit": str(MESSAGES_IN_A_PAGE)}, ""
        for _ in range(MOST_PAGES):
            page, date = self._history({**asked, "cursor": cursor})
            ahead = now - date if date else timedelta(0)
            messages = [table(message) for message in items(page.get("messages"))]
            for message in messages:
                if _is_of(delivery, id, table(message.get("metadata"))):
                    return Receipt(self.channel, _text(message, "ts"))
            cursor = _text(table(page.get("response_metadata")), "next_cursor") or ""
            oldest = (since - ahead - CLOCKS_CHANGE).timestamp()
            is_all = not cursor and page.get("has_more") is not True
            if is_all or any(_moment(message) < oldest for message in messages):
                return _absent(ahead)
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

    def _history(self, asked: dict[str, str]) -> tuple[SlackReply, datetime | None]:
        """A page of messages, the newest first, and what Slack's clock says."""
        given = {name: value for name, value in asked.items() if value}
        return self._api.read_dated("conversations.history", {"channel": self.channel, **given})

    def _post_first(
        self, payloads: Sequence[Payload], more: SlackReply, ready: Callable[[], None] = always
    ) -> tuple[Payload, SlackReply]:
        """The first payload that Slack takes, and what it says to it."""
        refused = None
        for payload in payloads:
            drawn = table(json.loads(payload.body))
            quiet = {"channel": self.channel, "unfurl_links": False, "unfurl_media": False}
            said = self._api.write("chat.postMessage", {**drawn, **quiet, **more}, ready)
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


def _mark(delivery: Delivery, id: str) -> dict[str, object]:
    """By which a message is found again. The whole workspace may see it."""
    return {"metadata": {"event_type": EVENT, "event_payload": {"delivery": delivery.key, "try": id}}}


def _is_of(delivery: Delivery, id: str, metadata: SlackReply) -> bool:
    """Whether it is the message of this try; earlier versions gave a try no id."""
    said = table(metadata.get("event_payload"))
    is_ours = metadata.get("event_type") == EVENT and said.get("delivery") == delivery.key
    return is_ours and (not id or said.get("try") == id)


def _absent(ahead: timedelta) -> None:
    """Nothing, where that is sure. Raises Unavailable."""
    if abs(ahead) > CLOCKS_DIFFER:
        minutes = round(abs(ahead).total_seconds() / 60)
        raise Unavailable(
            f"The clocks of this machine and of Slack differ by {minutes} minutes, so that nobody can tell "
            "whether the message is in the channel. Set this machine's clock."
        )


def _moment(message: SlackReply) -> float:
    """When it was posted, in Slack's time; 0 where that cannot be read."""
    try:
        return float(_text(message, "ts") or 0)
    except ValueError:
        return 0.0


def _text(said: SlackReply, name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None
