"""What a single value of a report or a metric may be: each check returns the value, or raises Wrong."""

import re
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias

from babel.core import get_global
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config import checks
from reporter.config.declared_names import ALERT, ALWAYS, declared_names, known_destination, known_metric
from reporter.config.zones import time_zone
from reporter.validation import (
    Between,
    Event,
    Invalid,
    Property,
    Table,
    Words,
    each_once,
    listed,
    nearest,
    shown,
)

NO_HOLIDAYS: Final = "none"
NOBODY: Final = "nobody"


def currency(code: str) -> str:
    """A code of ISO 4217."""
    known = get_global("all_currencies")
    if code in known:
        return code
    near = [code.upper()] if code.upper() in known else nearest(code, known)
    fix = f"Did you mean {listed(near)}?" if near else "Use a code of ISO 4217, such as EUR or USD."
    raise Invalid("there is no such currency", fix)


def holiday_place(code: str) -> str:
    """A country, or a part of one, whose holidays are known; or none."""
    if code == NO_HOLIDAYS:
        return code
    country, _, part = code.partition("-")
    parts = _parts(country)
    if parts is not None and (not part or part in parts):
        return code
    raise Invalid(f"the holidays of {shown(code)} are not known", _nearest_places(country, parts))


def _parts(country: str) -> tuple[str, ...] | None:
    """The parts of a country that have holidays of their own; None of a country that is not known."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        return None
    from holidays import country_holidays  # heavy, and few files name a country

    try:
        return country_holidays(country).subdivisions
    except NotImplementedError:  # which says that the country is not known
        return None


def _nearest_places(country: str, parts: tuple[str, ...] | None) -> str:
    if parts is None:
        return "Use the code of a country, such as DE, or of a part of one, such as US-CA."
    return f"Use {listed((country, *(f'{country}-{part}' for part in parts if len(part) <= 3)))}."


def mention(who: str) -> str:
    """Whom Slack calls; or nobody."""
    if who in ("here", "channel", NOBODY) or re.fullmatch(r"[UWS][A-Z0-9]{4,20}", who):
        return who
    raise Invalid(
        "nobody can be called so",
        "Use here, channel, or an id: in Slack, a user's profile has Copy member ID, under its three dots.",
    )


def file_place(place: str) -> str:
    """A path or an address of files, without a secret in it."""
    if re.search(r"://[^/]*@|[?&][\w.-]+=", place):
        raise Invalid(
            "an address with a password or a signature stands here (this file is shared, a secret is not)",
            "Leave it out here, and set it in the environment, as the storage's own tools expect it.",
        )
    if "://" in place and not re.match(r"[a-z][a-z0-9+.]*://[^/]+", place):
        raise Invalid("this is no address of files", 'Write it as in "s3://bucket/mixpanel/*.json.gz".')
    return place


def _zone_name(name: str) -> str:
    time_zone(name)
    return name


def _with_insights(only: str | None, info: ValidationInfo) -> str | None:
    """What is unusual must be looked for."""
    if _is_alert(only, info) and (info.data.get("insights") or declared_names(info).insights) == "off":
        raise Invalid(
            "with insights off nothing is ever found unusual, and so it would never come",
            f'Use insights = "full", or only = "{ALWAYS}".',
        )
    return only


def _for_alerts(who: str, info: ValidationInfo) -> str:
    """Nobody is called by a report that comes anyway."""
    if who == NOBODY or _is_alert(info.data.get("only", ALERT), info):
        return who
    raise Invalid("people are called only by a report that is an alert", f'Add only = "{ALERT}".')


def _is_alert(only: str | None, info: ValidationInfo) -> bool:
    return declared_names(info).is_alert if only is None else only == ALERT


Metrics: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(known_metric)]],
    AfterValidator(each_once),
    Field(
        min_length=1, description="Which metrics, the most important first. All of the file when left out."
    ),
]
Destinations: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(known_destination)]],
    AfterValidator(each_once),
    Field(min_length=1, description="Where it is sent. To all destinations of the file when left out."),
]
Locale: TypeAlias = Annotated[
    str,
    AfterValidator(checks.locale),
    Field(description="How words, numbers and dates read: en, de or fr, or a region of one, such as en_GB."),
]
TopEvents: TypeAlias = Annotated[
    int, Between(0, 50), Field(description="How many of the busiest events are ranked; 0 for none.")
]
HiddenEvents: TypeAlias = Annotated[
    list[Event], Field(description="Events that are never ranked, besides Mixpanel's bookkeeping.")
]
InsightsWord: TypeAlias = Annotated[
    Literal["off", "quiet", "full"],
    Field(
        description="How much is said of what is unusual: nothing, only what is very unlikely, or all of it."
    ),
]
Charts: TypeAlias = Annotated[bool, Field(description="Whether charts are drawn.")]
SensitivityWord: TypeAlias = Annotated[
    Literal["low", "normal", "high"], Field(description="How eagerly something is called unusual.")
]
Drivers: TypeAlias = Annotated[
    list[Property],
    AfterValidator(each_once),
    Field(
        max_length=3,
        description="The properties by which causes of unusual numbers are looked for: 3 at most.",
    ),
]
Holidays: TypeAlias = Annotated[
    str,
    AfterValidator(holiday_place),
    Field(description="The country, or its part, whose holidays are no surprise: DE, DE-BY, US-CA; or none."),
]
Only: TypeAlias = Annotated[
    Literal["when unusual", "always"],
    Field(description='"when unusual" makes it an alert: it is sent only when something is unusual.'),
]
Mention: TypeAlias = Annotated[
    str,
    AfterValidator(mention),
    AfterValidator(_for_alerts),
    Field(
        description="Whom an alert calls: here, channel, or the id of a user (U…) or a user group (S…); "
        "or nobody."
    ),
]


class DefaultsTable(Table):
    """What every report has unless it says otherwise."""

    locale: Locale = "en"
    top_events: TopEvents = 5
    charts: Charts = True
    insights: InsightsWord = "full"
    sensitivity: SensitivityWord = "normal"
    drivers: Drivers = Field(default=[])
    holidays: Holidays | None = None
    only: Only | None = None
    mention: Mention | None = None
    hidden_events: HiddenEvents = Field(default=[])
    destinations: Destinations | None = None
    metrics: Metrics | None = None

    _can_be_unusual = field_validator("only")(_with_insights)


class ReportTable(Table):
    """A report: what it covers, when it comes, and what it has of its own."""

    title: Words = Field(description="The headline.")
    period: Literal["daily", "weekly", "biweekly", "monthly"] = Field(
        description="Which days it covers: yesterday, the last 7, the last 14, or the last calendar month."
    )
    schedule: Annotated[str, AfterValidator(checks.cron)] = Field(
        description='When it comes, as cron: "0 9 * * 1" is Mondays at 9:00. '
        'A sixth field, first, is seconds and must be 0: "0 0 9 * * 1".'
    )
    timezone: Annotated[str, AfterValidator(_zone_name)] | None = Field(
        default=None,
        description="The schedule's time zone, such as Europe/Berlin. The setting TIMEZONE when left out.",
    )
    every_two_weeks_from: date | None = Field(
        default=None,
        description='For period = "biweekly": a day in a week in which the report comes; '
        "it then comes every other week. 2026-01-05 when left out.",
    )
    paused: bool = Field(default=False, description="true: it is not sent until this line is removed.")
    paused_until: date | None = Field(
        default=None, description="The first day on which it is sent again, in the schedule's time zone."
    )
    locale: Locale | None = None
    top_events: TopEvents | None = None
    charts: Charts | None = None
    insights: InsightsWord | None = None
    sensitivity: SensitivityWord | None = None
    drivers: Drivers | None = None
    holidays: Holidays | None = None
    only: Only | None = Field(default=None, validate_default=True)
    mention: Mention | None = None
    hidden_events: HiddenEvents | None = None
    destinations: Destinations | None = None
    metrics: Metrics | None = None

    _can_be_unusual = field_validator("only")(_with_insights)

    @field_validator("every_two_weeks_from")
    @classmethod
    def _fits_the_period(cls, anchor: date | None, info: ValidationInfo) -> date | None:
        if anchor is not None and info.data.get("period", "biweekly") != "biweekly":
            raise Invalid(
                "only a biweekly report comes every two weeks", 'Remove it, or use period = "biweekly".'
            )
        return anchor
