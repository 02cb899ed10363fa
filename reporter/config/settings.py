"""What the program is set up to do: reports.toml and the environment, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from reporter.reports.errors import SettingsProblem
from reporter.reports.subscriptions import Subscription

Region: TypeAlias = Literal["us", "eu", "in"]
Origin: TypeAlias = Literal["auto", "query", "export", "files"]
TimeRule: TypeAlias = Literal["auto", "utc", "project"]


@dataclass(frozen=True, slots=True)
class MixpanelAccess:
    """A service account, and the project it reads."""

    username: str
    secret: str = field(repr=False)
    project_id: str
    region: Region = "us"
    base_url: str | None = None  # instead of the region's hosts; without a slash at its end
    project_zone: ZoneInfo | None = None  # instead of what Mixpanel says


@dataclass(frozen=True, slots=True)
class WebhookDestination:
    """A Slack channel's incoming webhook. Its address is the credential."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BotDestination:
    """A Slack channel that a bot writes to. Its token is the credential."""

    name: str
    token: str = field(repr=False)
    channel: str  # its id
    has_thread: bool = True  # what does not fit into the message follows as its thread
    base_url: str | None = None  # instead of Slack's own; without a slash at its end


DestinationSettings: TypeAlias = WebhookDestination | BotDestination


@dataclass(frozen=True, slots=True)
class EventsSettings:
    """How raw events are kept, and where they are found."""

    refetch_days: int = 5  # of the last days, which are fetched again each time
    keep_days: int = 400  # after which a stored day is deleted
    keep_properties: tuple[str, ...] = ()  # besides those that measures need
    time_rule: TimeRule = "auto"  # "utc": projects made from 2023 on; "project": older ones
    files: tuple[str, ...] = ()  # globs and addresses; given where the source is "files", and only there


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person decides. All mappings are in the order of the file."""

    mixpanel: MixpanelAccess
    subscriptions: Mapping[str, Subscription]  # by report name
    destinations: Mapping[str, DestinationSettings]  # those that can be sent to
    unready: Mapping[
        str, SettingsProblem
    ]  # destinations whose secret is not set yet, and what to do about it
    company: str
    zone: ZoneInfo  # of schedules that name none
    errors: WebhookDestination | None = None  # where notices go; None: to the destination concerned
    heartbeat: str | None = field(default=None, repr=False)  # called after each success
    source: Origin = "auto"  # of the numbers; "auto": the Query API, then raw events where it refuses
    events: EventsSettings = EventsSettings()
    notes: tuple[SettingsProblem, ...] = ()  # what is no fault, and may not be meant
