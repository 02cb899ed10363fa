"""Posting to Slack over HTTP, so that nothing is doubled and nothing is lost in silence.

Slack has no idempotency key: a message may be sent again only when it surely did not arrive.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from reporter import telemetry
from reporter.reports.deliveries import Notice, Payload, always
from reporter.reports.errors import DeliveryUncertain, Refused, ReporterError, Unavailable

if TYPE_CHECKING:
    import httpx2

    from reporter.network.route import Route
    from reporter.reports.report import Report

TIMEOUT, CONNECT_TIMEOUT = 20.0, 10.0  # seconds of each step, and of connecting
LONGEST_EXCHANGE = 60.0  # seconds, from the connection to the last byte of the answer
LARGEST_ANSWER = 4 * 1024 * 1024  # bytes; 200 messages of a channel's history are far less
LONGEST_WAIT = 30.0  # seconds that rate limits may hold one message up
SLACK_WORD = re.compile(r"[a-z_]{2,60}")

# Refusals of the message as drawn: a plainer one may pass.
TOO_RICH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
OURS = "This is a fault of the reporter: please report it"

# httpx2 logs each address it calls at INFO, and the address may be the secret.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


# Words of Slack's that pass by themselves: nothing was posted (Slack, the errors of "chat.postMessage").
PASSING = {
    "team_added_to_org": "the workspace moves into an organization",
    "org_login_required": "the workspace moves into an organization",
    "external_channel_migrating": "the channel is being moved",
    "request_timeout": "the message did not arrive whole",
}
BODY = "http11.send_request_body.started"  # httpcore's last event before a request is whole

TRY_LATER = (408, 425)  # statuses that say that nothing was taken, and that it may be later


def is_limited(answer: "httpx2.Response") -> bool:
    return answer.status_code == 429


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSender:
    """What the senders to Slack have in common: their network, and their messages."""

    transport: "httpx2.BaseTransport | None" = field(default=None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    name: str = ""  # of its table
    has_thread: bool = False  # what does not fit into the message follows as its thread

    def over(self, transport: "httpx2.BaseTransport | None", sleep: Callable[[float], None]) -> Self:
        return replace(self, transport=transport, sleep=sleep)

    def draw(self, report: "Report") -> Sequence[Payload]:
        from reporter.render import slack  # heavy, and only a report needs it

        return slack.payloads(report, has_thread=self.has_thread)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        from reporter.render import slack

        return slack.notice_payloads(notice)


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts, and waits where Slack asks to. `is_limited` tells the answers that ask for it."""

    transport: "httpx2.BaseTransport | None" = field(default=None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    is_limited: Callable[["httpx2.Response"], bool] = is_limited

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], ready: Callable[[], None] = always
    ) -> "httpx2.Response":
        """Any answer of Slack's but a rate limit: that is waited out within a bound, as nothing was posted.

        `ready` is called right before each request: whoever was paused, or had to wait, looks again.
        Raises Unavailable (it surely did not arrive), Refused (it cannot be sent), DeliveryUncertain, or
        ConfigError (the system's proxy or certificates cannot be used).
        """
        left, least = LONGEST_WAIT, 1.0
        while True:
            answer = self._post(url, body, headers, ready)
            if not self.is_limited(answer):
                return answer
            asked = retry_after(answer)
            wait = max(asked or 0.0, least)
            if wait > left:
                raise _limited(asked)
            left, least = left - wait, least * 2
            self.sleep(wait)
            telemetry.add("reporter.http.retries", of="slack")

    def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], ready: Callable[[], None]
    ) -> "httpx2.Response":
        import httpx2  # heavy, and settings are read without it

        from reporter.network.route import Route, host_of

        route = Route(host_of(url))
        try:
            if self.transport is None:
                route = Route.to(url)
            return self._exchange(route, url, body, headers, ready)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError) as error:
            raise Unavailable(
                f"Slack could not be reached: {route.reason(error)}. Nothing was sent."
            ) from None
        except (httpx2.WriteError, httpx2.WriteTimeout):
            raise Unavailable("The connection to Slack broke while sending. Nothing was posted.") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError):
            raise Refused("The address is no web address, or the token no token: copy it again.") from None
        except httpx2.HTTPError:
            raise DeliveryUncertain(
                "Slack never answered: the message may have been posted. Look into the channel."
            ) from None

    def _exchange(
        self, route: "Route", url: str, body: bytes, headers: Mapping[str, str], ready: Callable[[], None]
    ) -> "httpx2.Response":
        """The whole answer, on a connection of its own: on a reused one, a hang-up does not tell whether the
        message arrived."""
        import httpx2

        from reporter.network.bounds import read_body, within

        transport = self.transport or route.transport()
        if self.transport is not None:
            ready()

        def look_again(event: str, _: object) -> None:
            if event == BODY:
                ready()

        with (
            within(LONGEST_EXCHANGE),
            httpx2.Client(
                transport=transport, timeout=httpx2.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT), trust_env=False
            ) as http,
            telemetry.request("POST", url) as exchange,
            http.stream(
                "POST", url, content=body, headers=headers, extensions={"trace": look_again}
            ) as answer,
        ):
            content = read_body(answer, LARGEST_ANSWER)
            exchange.answered(answer.status_code)
        return httpx2.Response(answer.status_code, headers=_plain(answer.headers), content=content)


def not_slack(status: int, url: str) -> ReporterError:
    """The error for an answer that is not in Slack's words. It may echo the address, so it is not shown."""
    from reporter.network.route import Route, host_of

    between = f"something between this machine and {host_of(url)}, such as a proxy or a firewall"
    if proxy := Route.to(url).proxy_name:
        between = proxy
    came = f"The answer is not Slack's ({status}): it may come from {between}."
    if status in TRY_LATER:
        return Unavailable(f"{came} Nothing was posted.")
    return Refused(
        f"{came} Ask for {host_of(url)} to be let through; if nothing is in between, check the address."
    )


def passing(word: str) -> Unavailable | None:
    """The error for a word of Slack's that passes by itself."""
    why = PASSING.get(word)
    return Unavailable(f"Slack does not take it now: {why} ({word}). Nothing was posted.") if why else None


def unclear(answer: "httpx2.Response", words: str) -> DeliveryUncertain:
    """The error for an answer that does not tell whether the message was posted."""
    return DeliveryUncertain(
        f"Slack answered {answer.status_code} {words}: the message may have been posted. "
        "Look into the channel."
    )


def retry_after(answer: "httpx2.Response") -> float | None:
    """Seconds, which may be written as a moment; None where Slack says nothing that can be read."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        return float(text)
    then, now = http_date(text), http_date(answer.headers.get("date", "")) or datetime.now(UTC)
    return max((then - now).total_seconds(), 0.0) if then else None


def http_date(text: str) -> datetime | None:
    """RFC 9110, "Date/Time Formats"; without a zone it is UTC."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limited(asked: float | None) -> Unavailable:
    if not asked:
        return Unavailable("Slack limits the rate, and does not say for how long.")
    return Unavailable(f"Slack limits the rate: it asks to wait {_duration(asked)}.", after=asked)


def _duration(seconds: float) -> str:
    """
    >>> _duration(30), _duration(5400), _duration(7200), _duration(86400)
    ('30 s', '90 minutes', '2 hours', '24 hours')
    """
    if seconds < 600:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"


def _plain(headers: "httpx2.Headers") -> list[tuple[str, str]]:
    """Those of an answer whose body is unpacked."""
    return [
        (name, value) for name, value in headers.items() if name not in ("content-encoding", "content-length")
    ]
