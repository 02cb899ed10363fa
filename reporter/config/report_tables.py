"""The reports of reports.toml, and what all of them have."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config import checks, report_checks
from reporter.config.elsewhere import ALERT, ALWAYS, elsewhere, known_destination, known_metric
from reporter.config.faults import Wrong
from reporter.config.report_checks import NOBODY
from reporter.config.table import Between, Event, Property, Table, Words, each_once
from reporter.config.zones import time_zone


def _zone_name(name: str) -> str:
    time_zone(name)
    return name


def _with_insights(only: str | None, info: ValidationInfo) -> str | None:
    """What is unusual must be looked for."""
    if _is_alert(only, info) and (info.data.get("insights") or elsewhere(info).insights) == "off":
        raise Wrong(
            "with insights off nothing is ever found unusual, and so it would never come",
            f'Use insights = "full", or only = "{ALWAYS}".',
        )
    return only


def _for_alerts(who: str, info: ValidationInfo) -> str:
    """Nobody is called by a report that comes anyway."""
    if who == NOBODY or _is_alert(info.data.get("only", ALERT), info):
        return who
    raise Wrong("people are called only by a report that is an alert", f'Add only = "{ALERT}".')


def _is_alert(only: str | None, info: ValidationInfo) -> bool:
    return elsewhere(info).is_alert if only is None else only == ALERT


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
    AfterValidator(report_checks.holiday_place),
    Field(description="The country, or its part, whose holidays are no surprise: DE, DE-BY, US-CA; or none."),
]
Only: TypeAlias = Annotated[
    Literal["when unusual", "always"],
    Field(description='"when unusual" makes it an alert: it is sent only when something is unusual.'),
]
Mention: TypeAlias = Annotated[
    str,
    AfterValidator(report_checks.mention),
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
            raise Wrong(
                "only a biweekly report comes every two weeks", 'Remove it, or use period = "biweekly".'
            )
        return anchor
