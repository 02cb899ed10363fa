"""Calling the watcher outside, HEARTBEAT_URL, after each report that was delivered."""

import logging

import httpx2

from reporter.network.bounds import within
from reporter.network.route import Route, host_of
from reporter.reports.errors import ConfigError

LONGEST_CALL = 10.0  # seconds, whatever the watcher does: nobody needs its answer
TIMEOUT = httpx2.Timeout(LONGEST_CALL)

LOG = logging.getLogger("reporter.publishing.heartbeat")


def beat(address: str | None) -> str | None:
    """Call it; what went wrong, for people and without the address. That is no failure of the report's."""
    if address is None:
        return None
    problem = _problem(address)
    if problem is None:
        return None
    LOG.warning("heartbeat: HEARTBEAT_URL could not be called: %s", problem)
    return f"HEARTBEAT_URL could not be called, so the watcher may raise a false alarm: {problem}."


def _problem(address: str) -> str | None:
    route = Route(host_of(address))
    try:
        route = Route.to(address)
        status = _call(route, address)
    except ConfigError as error:
        return str(error)
    except httpx2.TimeoutException:
        return f"{route.host} did not answer within {LONGEST_CALL:.0f} s"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return route.reason(error)
    return None if status < 300 else f"{route.host} answered {status}"


def _call(route: Route, address: str) -> int:
    """The answer's status; its body, which may never end, is not read."""
    with (
        within(LONGEST_CALL),
        httpx2.Client(transport=route.transport(), timeout=TIMEOUT, trust_env=False) as http,
        http.stream("GET", address) as answer,
    ):
        return answer.status_code
