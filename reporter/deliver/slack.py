"""Sending to a Slack incoming webhook, so that nothing is doubled and nothing is lost in silence.

Which answer means what: Slack, "Sending messages using incoming webhooks", and slack_sdk's own handling.
A webhook has no idempotency key: a message may be sent again only when it surely did not arrive.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx2

from reporter.model.delivery import Payload, Receipt
from reporter.model.errors import DeliveryUncertain, Refused, Unavailable

TIMEOUT = httpx2.Timeout(20.0, connect=10.0)
LONGEST_WAIT = 30.0  # seconds that rate limits may hold one message up
SLACK_WORD = re.compile(r"[a-z_]{2,60}")

# Refusals of the message as drawn: a plainer one may pass.
TOO_RICH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})

# Refusals that only a person can mend, and how.
MENDS = {
    "invalid_payload": "This is a fault of the reporter: please report it",
    "no_text": "This is a fault of the reporter: please report it",
    "invalid_token": "The webhook address is wrong or was revoked: copy it again from your Slack app",
    "no_service": "The webhook was removed or disabled: add a new one in your Slack app",
    "no_team": "The Slack workspace of this webhook is gone: add a webhook in the new one",
    "team_disabled": "The Slack workspace is disabled: ask its owner",
    "channel_not_found": "The channel was deleted: add a webhook for another channel",
    "channel_is_archived": "The channel is archived: unarchive it, or add a webhook for another channel",
    "action_prohibited": "A workspace admin restricted posting: ask for permission for this app",
    "posting_to_general_channel_denied": "Only some members may post there: choose another channel",
}

# httpx2 logs each address it calls at INFO, and the address is the secret.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class SlackWebhook:
    """An incoming webhook; its address is the credential."""

    url: str = field(repr=False)
    transport: httpx2.BaseTransport | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def send(self, payloads: Sequence[Payload]) -> Receipt:
        """Send the first payload Slack takes.

        Raises Unavailable (it surely did not arrive), Refused (Slack takes none), or DeliveryUncertain.
        """
        for payload in payloads:
            answer = self._post_patiently(payload)
            if answer.status_code == 400 and _words(answer) in TOO_RICH and payload is not payloads[-1]:
                continue
            _check(answer)
            return Receipt(left_out=payload.left_out)
        raise Refused("There was no message to send. This is a fault of the reporter: please report it.")

    def check(self) -> None:
        """Nothing when the webhook lives; posts nothing, since Slack answers a message without text so.

        Raises Unavailable or Refused.
        """
        answer = self._post_patiently(Payload(b"{}"))
        if answer.status_code != 400:
            _check(answer)

    def _post_patiently(self, payload: Payload) -> httpx2.Response:
        """A rate limit is waited out within a bound: Slack surely dropped the message."""
        left = LONGEST_WAIT
        while True:
            answer = self._post(payload)
            if answer.status_code != 429:
                return answer
            wait = _retry_after(answer)
            if wait > left:
                raise Unavailable(f"Slack limits the rate: it asks to wait {wait:.0f} s.", after=wait)
            left -= wait
            self.sleep(wait)

    def _post(self, payload: Payload) -> httpx2.Response:
        try:
            # A connection of its own: on a reused one, a hang-up does not tell whether the message arrived.
            with httpx2.Client(transport=self.transport, timeout=TIMEOUT, follow_redirects=False) as http:
                return http.post(
                    self.url,
                    content=payload.body,
                    headers={"Content-Type": "application/json; charset=utf-8"},
                )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError):
            raise Unavailable("Slack could not be reached. Nothing was sent.") from None
        except (httpx2.WriteError, httpx2.WriteTimeout):
            raise Unavailable("The connection to Slack broke while sending. Nothing was posted.") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise Refused("The Slack webhook address is no web address: copy it again.") from None
        except httpx2.HTTPError:
            raise DeliveryUncertain(
                "Slack never answered: the message may have been posted. Look into the channel."
            ) from None


def _check(answer: httpx2.Response) -> None:
    """Nothing when Slack took the message; else the error that says what to do."""
    words = _words(answer)
    if answer.status_code == 200 and words == "ok":
        return
    if words in MENDS:
        raise Refused(f"Slack refused the message ({words}). {MENDS[words]}.")
    if 300 <= answer.status_code < 500:
        raise Refused(f"Slack refused the message ({answer.status_code} {words}). Check the webhook address.")
    raise DeliveryUncertain(
        f"Slack answered {answer.status_code} {words}: the message may have been posted. "
        "Look into the channel."
    )


def _words(answer: httpx2.Response) -> str:
    """Slack's word for what happened. Anything else may echo the address, so it is not shown."""
    words = answer.text.strip()
    return words if SLACK_WORD.fullmatch(words) else "with an answer that is not Slack's"


def _retry_after(answer: httpx2.Response) -> float:
    """Seconds; Slack may leave the header out, or write something else into it."""
    text = answer.headers.get("retry-after", "")
    return float(min(max(int(text), 1), 3600)) if re.fullmatch(r"[0-9]{1,6}", text) else 1.0
