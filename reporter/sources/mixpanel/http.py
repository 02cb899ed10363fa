"""Mixpanel over HTTP: its hosts, requests with timeouts and retries, and what its answers mean."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import TypeAlias

import httpx2

from reporter import telemetry
from reporter.network.bounds import ServerClock, read_body, within
from reporter.network.route import Route, host_of
from reporter.reports.errors import FailureCause, Unavailable
from reporter.sources.mixpanel.access import MixpanelAccess, Region
from reporter.sources.mixpanel.errors import (
    USER_AGENT,
    WEB_PAGE,
    NoReply,
    Reply,
    check_project_id,
    is_error,
    is_rate,
    is_web_page,
    read_reason,
    refusal,
)
from reporter.sources.mixpanel.limits import QueryCounter, RetryBudget, read_pressure, turn_for, wait_or_raise

REGIONS: tuple[Region, ...] = ("us", "eu", "in")
_DOMAINS: Mapping[str, Region] = {"mixpanel.com": "us", "eu.mixpanel.com": "eu", "in.mixpanel.com": "in"}


@dataclass(frozen=True, slots=True)
class Hosts:
    """The base addresses of the three APIs."""

    query: str
    export: str
    app: str

    @classmethod
    def of(cls, region: Region) -> "Hosts":
        """
        >>> Hosts.of("eu").query
        'https://eu.mixpanel.com/api/query'
        """
        host = "mixpanel.com" if region == "us" else f"{region}.mixpanel.com"
        data = "data.mixpanel.com" if region == "us" else f"data-{region}.mixpanel.com"
        return cls(f"https://{host}/api/query", f"https://{data}/api/2.0/export", f"https://{host}/api/app")

    @classmethod
    def under(cls, base_url: str) -> "Hosts":
        """All three at one address, as behind a proxy or on this machine."""
        base = base_url.rstrip("/")
        return cls(f"{base}/api/query", f"{base}/api/2.0/export", f"{base}/api/app")

    @classmethod
    def for_access(cls, access: MixpanelAccess) -> "Hosts":
        return cls.under(access.base_url) if access.base_url else cls.of(access.region)


def other_regions(region: Region) -> tuple[Region, ...]:
    return tuple(other for other in REGIONS if other != region)


def region_of(domain: str | None) -> Region | None:
    """The region of a project's `domain`, as `/api/app/me` writes it; None for one nobody knows."""
    return _DOMAINS.get((domain or "").lower().removeprefix("https://").rstrip("/"))


MOST_GROUPS = 3_000  # values of a property in one answer, as Mixpanel's own pages show at most
AT_ONCE = 5  # queries of one project (Mixpanel, Query API, "Rate limits")
NOT_COUNTED = frozenset({401, 402, 429})  # every other query counts, also one that fails
LONGEST_ANSWER = 180.0  # seconds from the connection to the last byte read
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes
TIMEOUT = httpx2.Timeout(connect=10.0, read=120.0, write=30.0, pool=10.0)
_DICE = SystemRandom()
Connections: TypeAlias = tuple[Route, httpx2.Client]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request. Query parameters and body hold no credentials."""

    place: str  # its name for people: "/events"
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None  # sent as JSON by POST; None: GET
    tally: QueryCounter | None = None  # None: not limited


class MixpanelClient:
    """One service account that reads one project."""

    def __init__(
        self,
        access: MixpanelAccess,
        *,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _DICE.random,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.access = access
        self.server_clock = ServerClock(elapsed)
        self._hosts = Hosts.for_access(access)
        self.other_regions: tuple[Region, ...] = () if access.base_url else other_regions(access.region)
        self._gate = threading.BoundedSemaphore(AT_ONCE)
        self._sleep, self._random = sleep, random
        self._transport = transport
        self._connections: dict[str, Connections] = {}  # by host
        self._lock = threading.Lock()

    def close(self) -> None:
        for _, http in self._connections.values():
            http.close()

    def get(self, path: str, parameters: Mapping[str, str], tally: QueryCounter) -> bytes:
        """A GET of the Query API. Raises Unavailable or Refused."""
        named = {"project_id": self.access.project_id, **parameters}
        return self._ask(ApiCall(path, self._hosts.query + path, named, tally=tally))

    def insights(self, bookmark: object, tally: QueryCounter, most: int = MOST_GROUPS) -> bytes:
        """An inline query of Insights, as Mixpanel's own client sends it. Raises Unavailable or Refused.

        `most` is how many values of a property are in the answer, the largest ones.
        """
        check_project_id(self.access)
        project_id, limits = int(self.access.project_id), {"limit": most}
        body = {"bookmark": bookmark, "project_id": project_id, "queryLimits": limits}
        return self._ask(ApiCall("/insights", self._hosts.query + "/insights", body=body, tally=tally))

    def me(self, region: Region | None = None) -> bytes:
        """What the account may see, which costs no query. Raises Unavailable or Refused."""
        hosts = Hosts.of(region) if region and region in self.other_regions else self._hosts
        return self._ask(ApiCall("/api/app/me", hosts.app + "/me"))

    def _ask(self, call: ApiCall) -> bytes:
        check_project_id(self.access)
        budget = RetryBudget(self._random)
        while True:
            answer = self._send(call)
            if isinstance(answer, Reply) and _is_data(answer):
                return answer.body
            self._sleep(self._judge(call, answer, budget))
            telemetry.add("reporter.http.retries", of="mixpanel")

    def _judge(self, call: ApiCall, answer: Reply | NoReply, budget: RetryBudget) -> float:
        """How long to wait before asking again. Raises what there is to say when asking again is no use."""
        if isinstance(answer, NoReply):
            problem = f"Mixpanel could not be asked for {call.place}: {answer.reason}"
            lost = Unavailable(problem, None, answer.cause)
            return wait_or_raise(budget.back_off() if answer.again else None, lost)
        reason = read_reason(answer.body, self.access.secrets)
        if answer.status == 429 or is_rate(reason):
            return turn_for(
                call.place, "Mixpanel queries", read_pressure(answer.headers), answer.status, budget
            )
        if answer.status == 200 and is_web_page(answer.body):
            raise Unavailable(WEB_PAGE, None, FailureCause("fault", answer.status))
        if answer.status >= 500 or answer.status == 408:
            said = f": {reason}" if reason else ""
            problem = f"Mixpanel has a fault of its own at {call.place} ({answer.status}{said})"
            fault = Unavailable(problem, None, FailureCause("fault", answer.status, reason))
            return wait_or_raise(budget.back_off(), fault)
        raise refusal(answer.status, reason, call.place, self.access.names)

    def _send(self, call: ApiCall) -> Reply | NoReply:
        """Raises ConfigError where the system's proxy or certificates cannot be used."""
        method = "GET" if call.body is None else "POST"
        route, http = self._connected(call.url)
        try:
            with (
                self._gate,
                within(LONGEST_ANSWER),
                telemetry.request(method, call.url, call.place) as exchange,
                http.stream(method, call.url, params=call.parameters, json=call.body) as response,
            ):
                answer = Reply(response.status_code, response.headers, read_body(response, LARGEST_ANSWER))
                self.server_clock.read(response.headers)
                exchange.answered(response.status_code)
        except httpx2.RequestError as error:
            answer = no_reply(error, route)
        self._count(call, answer)
        return answer

    def _connected(self, url: str) -> Connections:
        """Connections that are kept for what is asked next, on the way the system wants."""
        host = host_of(url)
        with self._lock:
            if host not in self._connections:
                route = Route(host) if self._transport else Route.to(url)
                http = httpx2.Client(
                    auth=self.access.login,
                    headers={"User-Agent": USER_AGENT},
                    timeout=TIMEOUT,
                    transport=self._transport or route.transport(),
                    trust_env=False,
                )
                self._connections[host] = route, http
            return self._connections[host]

    def _count(self, call: ApiCall, answer: Reply | NoReply) -> None:
        counted = answer.sent if isinstance(answer, NoReply) else answer.status not in NOT_COUNTED
        if counted and call.tally is not None:
            call.tally.add()
            project = self.access.project_id
            telemetry.add("reporter.mixpanel.queries", place=call.place, project=project)


def no_reply(error: httpx2.RequestError, route: Route) -> NoReply:
    """Why there is no whole answer."""
    match error:
        case httpx2.ConnectError() | httpx2.ConnectTimeout() | httpx2.PoolTimeout() | httpx2.ProxyError():
            hint = "; is the demo still running?" if route.is_loopback else ""
            return NoReply(f"{route.reason(error)}{hint}", sent=False)
        case httpx2.UnsupportedProtocol():
            return NoReply("MIXPANEL_BASE_URL is no web address", sent=False, again=False)
        case httpx2.TimeoutException():
            # A slow query is not helped by a second one beside it.
            return NoReply("it did not answer in time", again=False)
        case httpx2.DecodingError():
            return NoReply("the answer's compression is broken")
        case _:
            return NoReply("the answer was cut off")


def _is_data(reply: Reply) -> bool:
    return reply.status == 200 and not is_error(reply.body) and not is_web_page(reply.body)
