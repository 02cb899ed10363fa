"""Posting to Slack over HTTP, so that nothing is doubled and nothing is lost in silence.

Slack has no idempotency key: a message may be sent again only when it surely did not arrive.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from reporter.model.errors import DeliveryUncertain, Refused, Unavailable

TIMEOUT = httpx2.Timeout(20.0, connect=10.0)
LONGEST_WAIT = 30.0  # seconds that rate limits may hold one message up
SLACK_WORD = re.compile(r"[a-z_]{2,60}")

# Refusals of the message as drawn: a plainer one may pass.
TOO_RICH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
OURS = "This is a fault of the reporter: please report it"

# httpx2 logs each address it calls at INFO, and the address may be the secret.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


def is_limited(answer: httpx2.Response) -> bool:
    return answer.status_code == 429


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts, and waits where Slack asks to. `is_limited` tells the answers that ask for it."""

    transport: httpx2.BaseTransport | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    is_limited: Callable[[httpx2.Response], bool] = is_limited

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """Any answer of Slack's but a rate limit: that is waited out within a bound, as nothing was posted.

        Raises Unavailable (it surely did not arrive), Refused (it cannot be sent), or DeliveryUncertain.
        """
        left = LONGEST_WAIT
        while True:
            answer = self._post(url, body, headers)
            if not self.is_limited(answer):
                return answer
            wait = _retry_after(answer)
            if wait > left:
                raise Unavailable(f"Slack limits the rate: it asks to wait {wait:.0f} s.", after=wait)
            left -= wait
            self.sleep(wait)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        try:
            # A connection of its own: on a reused one, a hang-up does not tell whether the message arrived.
            with httpx2.Client(transport=self.transport, timeout=TIMEOUT, follow_redirects=False) as http:
                return http.post(url, content=body, headers=headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError):
            raise Unavailable("Slack could not be reached. Nothing was sent.") from None
        except (httpx2.WriteError, httpx2.WriteTimeout):
            raise Unavailable("The connection to Slack broke while sending. Nothing was posted.") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError):
            raise Refused("The address is no web address, or the token no token: copy it again.") from None
        except httpx2.HTTPError:
            raise DeliveryUncertain(
                "Slack never answered: the message may have been posted. Look into the channel."
            ) from None


def unclear(answer: httpx2.Response, words: str) -> DeliveryUncertain:
    """The error for an answer that does not tell whether the message was posted."""
    return DeliveryUncertain(
        f"Slack answered {answer.status_code} {words}: the message may have been posted. "
        "Look into the channel."
    )


def _retry_after(answer: httpx2.Response) -> float:
    """Seconds; Slack may leave the header out, or write something else into it."""
    text = answer.headers.get("retry-after", "")
    return float(min(max(int(text), 1), 3600)) if re.fullmatch(r"[0-9]{1,6}", text) else 1.0
