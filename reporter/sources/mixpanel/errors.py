"""What an answer that is no answer means, in words a person can act on."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from reporter.reports.errors import (
    FailureCause,
    FailureCode,
    PlanRefused,
    Refused,
    ReporterError,
    Unavailable,
)
from reporter.sources.mixpanel.access import MixpanelAccess, SettingNames

LONGEST_REASON = 200  # characters of Mixpanel's own words
WRONG_ACCESS = (401, 403, 404)  # these may mean that the project lives in another region

WEB_PAGE = (
    "Mixpanel answers with a web page where data should be: it may be down for maintenance, or a proxy "
    "answers in its place"
)
SMALL = 4_096  # bytes; an error is short

_DATA = frozenset({"series", "data", "results", "values", "event"})
_TOOK_TOO_LONG = re.compile(r"time(d)?[ -]?out", re.IGNORECASE)
_RATE = re.compile(r"too many requests|rate[ -]?limit", re.IGNORECASE)
_ERROR_FIRST = re.compile(rb'\s*\{\s*("request"\s*:\s*"[^"]*"\s*,\s*)?"error"\s*:')
_OUT_OF_REACH = re.compile(r"exceeds\s+([0-9]{1,5})\s+days into the past", re.IGNORECASE)


class AccessRefused(Refused):
    """The account cannot read this project as the settings say; another region may be the reason."""


class AccountRefused(AccessRefused):
    """The account itself is not accepted, so that raw events cannot be had, either."""


class OutOfReach(Refused):
    """The plan shows only so many days into the past."""

    def __init__(self, message: str, days: int) -> None:
        super().__init__(message, FailureCause("out_of_reach", 403))
        self.days = days


def refusal(status: int, reason: str, place: str, names: SettingNames) -> ReporterError:
    """The error that a status means. `reason` is what Mixpanel said, `place` what was asked."""
    said = f": {reason}" if reason else ""

    def cause(code: FailureCode, *settings: str) -> FailureCause:
        return FailureCause(code, status, reason, settings=settings)

    match status:
        case _ if is_rate(reason):
            return Unavailable(
                f"Mixpanel takes no more queries of this project for now ({status}{said})",
                None,
                cause("rate_limited"),
            )
        case 200 | 400 if _TOOK_TOO_LONG.search(reason):
            return Unavailable(
                f"Mixpanel gave up on {place} because it took too long ({status}{said})",
                None,
                cause("too_slow"),
            )
        case 401:
            return AccountRefused(
                f"Mixpanel does not accept the service account (401). Check {names.username}, "
                f"{names.secret} and {names.project_id}, and in Organization Settings > Service Accounts "
                "that it has not expired",
                cause("account_refused", names.username, names.secret, names.project_id),
            )
        case 402:
            return PlanRefused(
                f"This Mixpanel project's plan does not include the Query API (402{said}). "
                "Upgrade the plan, or take the numbers from the raw export",
                cause("plan_without_query_api"),
            )
        case 403 if days := _OUT_OF_REACH.search(reason):
            return OutOfReach(f"Mixpanel shows this project no further back (403{said})", int(days[1]))
        case 403:
            return AccessRefused(
                f"The service account may not read {place} of this project (403{said}). "
                "Give it at least the role Consumer in Project Settings > Users",
                cause("access_refused"),
            )
        case 404:
            return AccessRefused(
                f"Mixpanel does not find {place} for this project (404{said}). "
                f"Check {names.project_id} and {names.region}",
                cause("not_found", names.project_id, names.region),
            )
        case _ if 300 <= status < 400:
            return Refused(
                f"Mixpanel sends {place} elsewhere ({status}). Check {names.region} and {names.base_url}"
            )
        case _:
            return Refused(
                f"Mixpanel refused {place} ({status}{said or ' without a reason'})", cause("refused")
            )


def is_error(body: bytes) -> bool:
    """Whether an answer with the status 200 is an error all the same, as Mixpanel's own client has seen."""
    if _ERROR_FIRST.match(body) is not None:
        return True
    value = _parsed(body) if len(body) <= SMALL else None
    if not isinstance(value, dict):
        return False
    fields = cast(dict[str, object], value)
    return not fields.keys() & _DATA and bool(_error_of(fields))


def is_web_page(body: bytes) -> bool:
    """Whether HTML came where JSON was asked for, whatever the status says."""
    return body[:SMALL].lstrip().startswith(b"<")


def is_rate(reason: str) -> bool:
    """Whether Mixpanel refuses for a while; a 402 that says so is no fault of the plan's."""
    return _RATE.search(reason) is not None


def read_reason(body: bytes, secrets: Iterable[str] = ()) -> str:
    """Mixpanel's own words, on one short line, without a secret that somebody on the way may have echoed."""
    text = _error_in(body)
    for secret in secrets:
        text = text.replace(secret, "***")
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def _error_in(body: bytes) -> str:
    """The `error` of a JSON object, or plain text; a page of HTML says nothing."""
    return "" if is_web_page(body) else _error_of(_parsed(body))


def _parsed(body: bytes) -> object:
    """The JSON, or the text of what is none."""
    text = body.decode("utf-8-sig", "replace").strip()
    try:
        return cast(object, json.loads(text))
    except (ValueError, RecursionError):
        return text


def _error_of(value: object) -> str:
    error = cast(dict[str, object], value).get("error") if isinstance(value, dict) else value
    return error if isinstance(error, str) else ""


USER_AGENT = "mixpanel-to-slack-reporter"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing came back, or not all of it."""

    reason: str
    sent: bool = True  # Mixpanel may have counted it
    again: bool = True  # asking again soon may help

    @property
    def cause(self) -> FailureCause:
        """Why nothing came, for readers of other languages."""
        if not self.sent:
            return FailureCause("unreachable", said=self.reason)
        return FailureCause("cut_off" if self.again else "no_answer")


def check_project_id(access: MixpanelAccess) -> None:
    """Raises Refused for what cannot be one."""
    if re.fullmatch(r"[0-9a-fA-F]{32}", access.project_id):
        problem = "is a project token, not the project's id"
    elif not re.fullmatch(r"[0-9]{1,18}", access.project_id):
        problem = "is not a number"
    else:
        return
    raise Refused(
        f"{access.names.project_id} {problem}. Take the number from Project Settings > Overview > Project ID"
    )
