"""The reports of reports.toml, and what all of them have."""

import re
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from reporter.config.comparison import Compare
from reporter.config.conditions import ReportFilter, can_be_filtered
from reporter.config.due_times import check_cron, check_wait, waits_in_vain
from reporter.config.goal_tables import ReportTargets
from reporter.config.holiday_places import check_holidays
from reporter.config.metric_keys import (
    ALERT,
    ALWAYS,
    InWarehouse,
    declared_names,
    known_destination,
    known_metric,
    known_project,
)
from reporter.config.metric_values import DatedText
from reporter.reports.subscriptions import MOST_CHARTS
from reporter.validation import (
    Between,
    EventName,
    Invalid,
    Locale,
    PropertyName,
    SettingsTable,
    each_once,
)
from reporter.zones import ZoneName

NOBODY: Final = "nobody"


def check_mention(who: str) -> str:
    """Whom Slack calls; or nobody."""
    if who in ("here", "channel", NOBODY) or re.fullmatch(r"[UWS][A-Z0-9]{4,20}", who):
        return who
    raise Invalid(
        "nobody can be called so",
        "Use here, channel, or an id: in Slack, a user's profile has Copy member ID, under its three dots.",
    )


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


def _no_metric_twice(sections: dict[str, list[str]]) -> dict[str, list[str]]:
    each_once([metric for metrics in sections.values() for metric in metrics])
    return sections


def _instead_of_a_list(sections: dict[str, list[str]], info: ValidationInfo) -> dict[str, list[str]]:
    if info.data.get("metrics") is not None:
        raise Invalid(
            "metrics says already what is shown",
            "Remove metrics: the sections name their metrics themselves.",
        )
    return sections


def _charts(wanted: object) -> object:
    if isinstance(wanted, int) and 0 <= wanted <= MOST_CHARTS:  # as true and false are, too
        return wanted
    raise Invalid(
        f"this is neither true nor false, nor a number from 0 to {MOST_CHARTS}",
        "Write it without quotes: charts = 1.",
    )


MetricNames: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(known_metric)]],
    AfterValidator(each_once),
    Field(
        min_length=1, description="Which metrics, the most important first. All of the file when left out."
    ),
]
DestinationNames: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(known_destination)]],
    AfterValidator(each_once),
    Field(min_length=1, description="Where it is sent. To all destinations of the file when left out."),
]
ProjectName: TypeAlias = Annotated[
    str,
    AfterValidator(known_project),
    Field(
        description="The project it is about, one of [projects]. The project of the settings when left out."
    ),
]
TopEventCount: TypeAlias = Annotated[
    int, Between(0, 50), Field(description="How many of the busiest events are ranked; 0 for none.")
]
MakeUpHours: TypeAlias = Annotated[
    int,
    Between(1, 8_784),
    Field(
        description="For how many hours after it was due a report that was missed is still sent; "
        "later, people are told instead. However late when left out."
    ),
]
HiddenEvents: TypeAlias = Annotated[
    list[EventName], Field(description="Events that are never ranked, besides Mixpanel's bookkeeping.")
]
InsightsWord: TypeAlias = Annotated[
    Literal["off", "quiet", "full"],
    Field(
        description="How much is said of what is unusual: nothing, only what is very unlikely, or all of it."
    ),
]
Charts: TypeAlias = Annotated[
    bool | Annotated[int, Field(ge=0, le=MOST_CHARTS)],
    BeforeValidator(_charts),
    Field(description="Whether charts are drawn, or how many at most: 0, 1 or 2."),
]
MetricSections: TypeAlias = Annotated[
    dict[DatedText, MetricNames],
    AfterValidator(_no_metric_twice),
    AfterValidator(_instead_of_a_list),
    Field(
        min_length=1,
        description='Which metrics, under headings: { Growth = ["signups"] }. Instead of metrics.',
    ),
]
FooterLine: TypeAlias = Annotated[
    DatedText,
    Field(max_length=200, description="A line of your own below the report, such as whom to ask."),
]
SensitivityWord: TypeAlias = Annotated[
    Literal["low", "normal", "high"], Field(description="How eagerly something is called unusual.")
]
Drivers: TypeAlias = Annotated[
    list[PropertyName],
    AfterValidator(each_once),
    Field(
        max_length=3,
        description="The properties by which causes of unusual numbers are looked for: 3 at most.",
    ),
]
Holidays: TypeAlias = Annotated[
    str,
    AfterValidator(check_holidays),
    Field(description="The country, or its part, whose holidays are no surprise: DE, DE-BY, US-CA; or none."),
]
Only: TypeAlias = Annotated[
    Literal["when unusual", "always"],
    Field(description='"when unusual" makes it an alert: it is sent only when something is unusual.'),
]
Mention: TypeAlias = Annotated[
    str,
    AfterValidator(check_mention),
    AfterValidator(_for_alerts),
    Field(
        description="Whom an alert calls: here, channel, or the id of a user (U…) or a user group (S…); "
        "or nobody."
    ),
]


class DefaultsTable(SettingsTable):
    """What every report has unless it says otherwise."""

    locale: Locale = "en"
    top_events: TopEventCount = 5
    charts: Charts = True
    compare: Compare = "previous"
    footer: FooterLine | None = None
    insights: InsightsWord = "full"
    sensitivity: SensitivityWord = "normal"
    drivers: Drivers = Field(default=[])
    holidays: Holidays | None = None
    only: Only | None = None
    mention: Mention | None = None
    hidden_events: HiddenEvents = Field(default=[])
    destinations: DestinationNames | None = None
    metrics: MetricNames | None = None
    sections: MetricSections | None = None
    project: ProjectName | None = None
    source: InWarehouse | None = None
    where: ReportFilter = Field(default={})
    make_up_hours: MakeUpHours | None = None

    _can_be_unusual = field_validator("only")(_with_insights)


class ReportTable(SettingsTable):
    """A report: what it covers, when it comes, and what it has of its own."""

    title: DatedText = Field(
        description="The headline. {period}, {start} and {end} in it stand for its days."
    )
    period: Literal["daily", "weekly", "biweekly", "monthly"] = Field(
        description="Which days it covers: yesterday, the last 7, the last 14, or the last calendar month."
    )
    schedule: Annotated[str, AfterValidator(check_cron)] = Field(
        description='When it comes, as cron: "0 9 * * 1" is Mondays at 9:00. '
        'A sixth field, first, is seconds and must be 0: "0 0 9 * * 1".'
    )
    timezone: ZoneName | None = Field(
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
    top_events: TopEventCount | None = None
    charts: Charts | None = None
    compare: Compare | None = None
    footer: FooterLine | None = None
    insights: InsightsWord | None = None
    sensitivity: SensitivityWord | None = None
    drivers: Drivers | None = None
    holidays: Holidays | None = None
    only: Only | None = Field(default=None, validate_default=True)
    mention: Mention | None = None
    hidden_events: HiddenEvents | None = None
    destinations: DestinationNames | None = None
    metrics: MetricNames | None = None
    sections: MetricSections | None = None
    project: ProjectName | None = None
    source: InWarehouse | None = None
    where: ReportFilter | None = Field(default=None, validate_default=True)
    targets: ReportTargets = Field(default={})
    wait_for_data_until: Annotated[str, AfterValidator(check_wait)] | None = Field(
        default=None,
        description='While the data of its last day are not complete, it is held back until then: "11:00", '
        "in the schedule's time zone. It is tried every 15 minutes.",
    )

    make_up_hours: MakeUpHours | None = None

    _can_be_unusual = field_validator("only")(_with_insights)
    _is_about_events = field_validator("where")(can_be_filtered)

    @field_validator("every_two_weeks_from")
    @classmethod
    def _fits_the_period(cls, anchor: date | None, info: ValidationInfo) -> date | None:
        if anchor is not None and info.data.get("period", "biweekly") != "biweekly":
            raise Invalid(
                "only a biweekly report comes every two weeks", 'Remove it, or use period = "biweekly".'
            )
        return anchor

    @field_validator("wait_for_data_until")
    @classmethod
    def _is_worth_waiting(cls, until: str | None, info: ValidationInfo) -> str | None:
        if until is None:
            return None
        if (info.data.get("insights") or declared_names(info).insights) == "off":
            raise Invalid(
                "with insights off nobody looks whether a day is complete",
                'Use insights = "quiet" or "full", or remove it.',
            )
        if "schedule" in info.data and (problem := waits_in_vain(until, info.data["schedule"])):
            raise problem
        return until
