"""What reports.toml may hold; its descriptions are what editors and faults say."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from reporter.config import checks
from reporter.config.faults import Wrong, did_you_mean, looks_secret, shown

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Names:
    """What the file defines, for the places that speak of it. None when it cannot be told."""

    metrics: tuple[str, ...] | None
    destinations: tuple[str, ...] | None


def _names(info: ValidationInfo) -> Names:
    return info.context if isinstance(info.context, Names) else Names(None, None)


def _known_metric(name: str, info: ValidationInfo) -> str:
    return _known("metric", name, _names(info).metrics)


def _known_destination(name: str, info: ValidationInfo) -> str:
    return _known("destination", name, _names(info).destinations)


def _known(kind: str, name: str, names: tuple[str, ...] | None) -> str:
    if names is None or name in names:
        return name
    mend = did_you_mean(name, names) if names else f"Define it: [{kind}s.{name}]."
    raise Wrong(f"there is no {kind} {shown(name)}", mend)


def _each_once(names: list[Item]) -> list[Item]:
    if again := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise Wrong(f"{shown(str(again))} stands there twice", "Remove one of the two.")
    return names


def _zone_name(name: str) -> str:
    checks.time_zone(name)
    return name


def _sentence(sentence: str) -> str:
    if sentence.count("{value}") != 1:
        raise Wrong("the sentence must hold {value} once", 'Write it as in "{value} new users joined".')
    if re.search(r"[{}]", sentence.replace("{value}", "")):
        raise Wrong("only {value} may stand in braces", "Remove the other braces.")
    return sentence


def _setting_name(name: str, info: ValidationInfo) -> str:
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not looks_secret(name):
        return name
    usual = "SLACK_BOT_TOKEN" if info.field_name == "token" else "SLACK_WEBHOOK_URL"
    written = f'{info.field_name} = "{usual}"'
    if not looks_secret(name):
        raise Wrong("this is not the name of a setting", f"Name one, as in {written}.")
    raise Wrong(
        "a secret stands here, where the name of a setting should be (this file is shared, a secret is not)",
        f"Put it into .env as {usual}=… and write {written} here. "
        "If others could read it here, replace it in Slack.",
    )


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Event: TypeAlias = Annotated[str, StringConstraints(min_length=1)]

Metrics: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(_known_metric)]],
    AfterValidator(_each_once),
    Field(
        min_length=1, description="Which metrics, the most important first. All of the file when left out."
    ),
]
Destinations: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(_known_destination)]],
    AfterValidator(_each_once),
    Field(min_length=1, description="Where it is sent. To all destinations of the file when left out."),
]
Locale: TypeAlias = Annotated[
    str,
    AfterValidator(checks.locale),
    Field(description="How words, numbers and dates read: en, de or fr, or a region of one, such as en_GB."),
]
TopEvents: TypeAlias = Annotated[
    int, Field(ge=0, le=50, description="How many of the busiest events are ranked; 0 for none.")
]
HiddenEvents: TypeAlias = Annotated[
    list[Event], Field(description="Events that are never ranked, besides Mixpanel's own hidden ones.")
]
InsightsWord: TypeAlias = Annotated[
    Literal["off", "quiet", "full"],
    Field(
        description="How much is said of what is unusual: nothing, only what is very unlikely, or all of it."
    ),
]
Charts: TypeAlias = Annotated[bool, Field(description="Whether charts are drawn.")]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class DefaultsTable(Table):
    """What every report has unless it says otherwise."""

    locale: Locale = "en"
    top_events: TopEvents = 5
    charts: Charts = True
    insights: InsightsWord = "full"
    hidden_events: HiddenEvents = []
    destinations: Destinations | None = None
    metrics: Metrics | None = None


class MetricTable(Table):
    """A number that reports can show."""

    label: Words = Field(description="What it is called in a report.")
    measure: Literal["count", "users", "active_users"] = Field(
        default="count",
        description="count: how often the event happened. users: how many different users did it. "
        "active_users: how many different users did anything (no event).",
    )
    event: Event | None = Field(
        default=None, validate_default=True, description="The event's name in Mixpanel, letter for letter."
    )
    sentence: Annotated[Words, AfterValidator(_sentence)] | None = Field(
        default=None,
        description='Makes it a headline of the summary: "{value} new users joined". What changed is added.',
    )
    sentence_for_one: Annotated[Words, AfterValidator(_sentence)] | None = Field(
        default=None, description='The sentence where the value is 1: "{value} new user joined".'
    )

    @field_validator("event")
    @classmethod
    def _fits_the_measure(cls, event: str | None, info: ValidationInfo) -> str | None:
        measure = info.data.get("measure")
        if measure in ("count", "users") and event is None:
            raise Wrong(
                "the event is missing", 'Add event = "…", its name in Mixpanel; or measure = "active_users".'
            )
        if measure == "active_users" and event is not None:
            raise Wrong(
                "active_users counts users of all events", 'Remove the event, or use measure = "users".'
            )
        return event


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
    hidden_events: HiddenEvents | None = None
    destinations: Destinations | None = None
    metrics: Metrics | None = None

    @field_validator("every_two_weeks_from")
    @classmethod
    def _fits_the_period(cls, anchor: date | None, info: ValidationInfo) -> date | None:
        if anchor is not None and info.data.get("period", "biweekly") != "biweekly":
            raise Wrong(
                "only a biweekly report comes every two weeks", 'Remove it, or use period = "biweekly".'
            )
        return anchor


class WebhookTable(Table):
    """A Slack channel, by an incoming webhook."""

    type: Literal["webhook"] = Field(description="The kind of destination.")
    url: Annotated[str, AfterValidator(_setting_name)] = Field(
        description="The name of the setting that holds the webhook's address, never the address itself."
    )

    @property
    def setting(self) -> str:
        return self.url


class BotTable(Table):
    """A Slack channel, by a bot that is a member of it."""

    type: Literal["bot"] = Field(description="The kind of destination.")
    token: Annotated[str, AfterValidator(_setting_name)] = Field(
        description="The name of the setting that holds the bot's token, never the token itself."
    )
    channel: Annotated[str, AfterValidator(checks.channel_id)] = Field(
        description="The channel's id, such as C0123456789; not its name, which may change."
    )
    details: Literal["thread", "none"] = Field(
        default="thread", description="Whether what does not fit into the message follows in its thread."
    )

    @property
    def setting(self) -> str:
        return self.token


DestinationTable: TypeAlias = Annotated[WebhookTable | BotTable, Field(discriminator="type")]


class ReportsFile(Table):
    """Which reports are sent, when, where to, and what they show."""

    defaults: DefaultsTable = Field(default_factory=DefaultsTable)
    metrics: dict[Name, MetricTable] = Field(
        min_length=1, description="The metrics, by the names reports call them."
    )
    reports: dict[Name, ReportTable] = Field(min_length=1, description="The reports, by name.")
    destinations: dict[Name, DestinationTable] = Field(
        min_length=1, description="Where reports are sent, by name."
    )
