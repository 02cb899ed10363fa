"""Calling Slack's Web API with a bot's token, and what its errors mean.

Sources: Slack, "Using the Slack Web API", and the lists of errors of the methods that are called here.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import urlencode

from reporter.destinations.slack_http import (
    OURS,
    SLACK_WORD,
    TOO_RICH,
    Poster,
    http_date,
    not_slack,
    passing,
    unclear,
)
from reporter.reports.deliveries import always
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable

if TYPE_CHECKING:
    import httpx2

LOG = logging.getLogger("reporter.slack")

SlackReply: TypeAlias = Mapping[str, object]  # what Slack answered: JSON

SCOPES = re.compile(r"[a-z:.,]{2,100}")
LIMITED = frozenset({"ratelimited", "rate_limited"})

# Slack broke down in the middle: whether it posted first is not known.
BROKEN = frozenset({"fatal_error", "internal_error", "service_unavailable"})

_NEW_TOKEN = "Copy the Bot User OAuth Token again from your Slack app"  # noqa: S105
_RESTRICTED = (
    "A workspace admin restricted posting: ask for permission for this app, or choose another channel"
)

# Refusals that only a person can fix, and how.
MENDS = {
    "not_authed": _NEW_TOKEN,
    "invalid_auth": f"The token is wrong: {_NEW_TOKEN[0].lower()}{_NEW_TOKEN[1:]}",
    "token_revoked": f"The app was removed from the workspace: install it again. {_NEW_TOKEN}",
    "token_expired": "Turn token rotation off in your Slack app, and install it again",
    "account_inactive": f"The app was removed, or its workspace is gone: install it again. {_NEW_TOKEN}",
    "access_denied": "A workspace admin must approve the app",
    "not_allowed_token_type": f"This is no bot token. {_NEW_TOKEN}",
    "team_access_not_granted": "The app is not installed in this workspace: install it there",
    "channel_not_found": "Check the channel's id in reports.toml; into a private one the bot must be invited",
    "not_in_channel": "Invite the bot: write /invite @YourApp in the channel",
    "is_archived": "The channel is archived: unarchive it, or choose another channel",
    "restricted_action": _RESTRICTED,
    "restricted_action_read_only_channel": _RESTRICTED,
    "restricted_action_thread_locked": _RESTRICTED,
    "restricted_action_non_threadable_channel": _RESTRICTED,
    "ekm_access_denied": "An administrator suspended the posting of messages: ask them",
    "message_limit_exceeded": "The workspace has no room for more messages: ask its owner",
    "team_not_found": "The Slack workspace is gone",
    "accesslimited": "A workspace admin limits the networks Slack is used from: ask them to allow this one",
    "no_text": OURS,
    "invalid_metadata_format": OURS,
    "invalid_metadata_schema": OURS,
    "metadata_too_large": OURS,
    "invalid_arguments": OURS,
}


@dataclass(frozen=True, slots=True)
class SlackApi:
    """The Web API, as one bot may use it."""

    token: str = field(repr=False)
    base_url: str
    poster: Poster

    def write(self, method: str, arguments: SlackReply, ready: Callable[[], None] = always) -> SlackReply:
        """Do something. What comes back is a success, or `too_rich`.

        Raises Unavailable (it surely did not happen), Refused, or DeliveryUncertain.
        """
        body = json.dumps(arguments, ensure_ascii=False, separators=(",", ":")).encode()
        return self._call(method, body, "application/json; charset=utf-8", ready)[1]

    def read(self, method: str, arguments: Mapping[str, str]) -> SlackReply:
        """Ask something. Raises Unavailable or Refused."""
        return self.read_dated(method, arguments)[0]

    def read_dated(self, method: str, arguments: Mapping[str, str]) -> tuple[SlackReply, datetime | None]:
        """Ask something, and what Slack's clock says, where it does. Raises Unavailable or Refused."""
        form = "application/x-www-form-urlencoded"
        try:
            answer, said = self._call(method, urlencode(arguments).encode(), form)
            return said, http_date(answer.headers.get("date", ""))
        except DeliveryUncertain:
            raise Unavailable(f"Slack did not answer, or could not ({method}).") from None

    def _call(
        self, method: str, body: bytes, content_type: str, ready: Callable[[], None] = always
    ) -> tuple["httpx2.Response", SlackReply]:
        headers = {"Content-Type": content_type, "Authorization": f"Bearer {self.token}"}
        url = f"{self.base_url.rstrip('/')}/{method}"
        answer = self.poster.post(url, body, headers, ready)
        said = decoded(answer)
        if said.get("ok") is True:
            return answer, said
        error = _word(said.get("error"))
        if error is None:
            raise (
                not_slack(answer.status_code, url)
                if 300 <= answer.status_code < 500
                else unclear(answer, "with an answer that is not Slack's")
            )
        if error in TOO_RICH:
            LOG.warning("too-rich: Slack refused a message (%s): %s", error, "; ".join(_reasons(said)))
            return answer, said
        raise _error(error, said, answer, method)


def too_rich(said: SlackReply) -> str | None:
    """Slack's word when it refused a message as drawn: a plainer one may pass."""
    return None if said.get("ok") is True else str(said.get("error"))


def is_limited(answer: "httpx2.Response") -> bool:
    """Whether Slack asks to wait: mostly by the status, at times in the answer."""
    return answer.status_code == 429 or decoded(answer).get("error") in LIMITED


def decoded(answer: "httpx2.Response") -> SlackReply:
    """The answer's JSON object; an empty one where there is none."""
    try:
        return table(json.loads(answer.content))
    except (ValueError, RecursionError):
        return {}


def table(value: object) -> SlackReply:
    """The JSON object; an empty one where it is something else."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """The JSON array; an empty one where it is something else."""
    return cast("list[object]", value) if isinstance(value, list) else ()


def _error(error: str, said: SlackReply, answer: "httpx2.Response", method: str) -> ReporterError:
    if error in BROKEN or answer.status_code >= 500:
        return unclear(answer, error)
    if later := passing(error):
        return later
    if error == "missing_scope":
        needed = str(said.get("needed"))
        scope = needed.replace(",", " or ") if SCOPES.fullmatch(needed) else "that it lacks"
        return Refused(
            f"Slack refused {method} (missing_scope). Give the app the scope {scope} "
            "on its page OAuth & Permissions, and install it again."
        )
    return Refused(f"Slack refused {method} ({error}). {MENDS.get(error, 'Look the word up in its manual')}.")


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and SLACK_WORD.fullmatch(value) else None


def _reasons(said: SlackReply) -> list[str]:
    """Which block is bad, as Slack says it."""
    messages = items(said.get("errors")) or items(table(said.get("response_metadata")).get("messages"))
    return [str(message)[:200] for message in messages[:5]]
