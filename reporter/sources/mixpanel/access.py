"""The access to a Mixpanel project, and the settings that give it: of the environment, or of a table."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from reporter.reports.pasted import looks_secret
from reporter.sources.warehouse.warehouse_table import WarehouseSettings, WarehouseTable
from reporter.validation import Environment, Invalid, SettingsTable, base_address, setting_name
from reporter.zones import ZoneName, time_zone

Region: TypeAlias = Literal["us", "eu", "in"]

_SERVICE_ACCOUNTS = "Mixpanel > Organization Settings > Service Accounts"

CREDENTIALS: Mapping[str, str] = {
    "MIXPANEL_USERNAME": f"Take it from {_SERVICE_ACCOUNTS}.",
    "MIXPANEL_SECRET": "Take the service account's secret; Mixpanel shows it once, when the account is made.",
}
REQUIRED = (*CREDENTIALS, "MIXPANEL_PROJECT_ID")
SETTINGS: Mapping[str, str] = {
    **CREDENTIALS,
    "MIXPANEL_PROJECT_ID": "Take the number: Mixpanel > Project Settings > Overview > Project ID.",
    "MIXPANEL_REGION": "Use us, eu or in: where Mixpanel keeps the project's data.",
    "MIXPANEL_PROJECT_TIMEZONE": "Use an IANA name, or leave it out and Mixpanel is asked.",
    "MIXPANEL_BASE_URL": "Leave it out, unless Mixpanel is reached at another address.",
}


@dataclass(frozen=True, slots=True)
class SettingNames:
    """What the settings of a project are called, for errors that say which one to change."""

    username: str
    secret: str
    project_id: str
    region: str
    zone: str
    base_url: str
    table: str = ""  # in reports.toml; empty: all is in the environment

    def in_region(self, region: str) -> str:
        """The line that sets the region."""
        return f'{self.region} = "{region}"' if self.table else f"{self.region}={region}"


OF_THE_ENVIRONMENT = SettingNames(
    "MIXPANEL_USERNAME",
    "MIXPANEL_SECRET",
    "MIXPANEL_PROJECT_ID",
    "MIXPANEL_REGION",
    "MIXPANEL_PROJECT_TIMEZONE",
    "MIXPANEL_BASE_URL",
)


@dataclass(frozen=True, slots=True)
class MixpanelAccess:
    """A service account, and the project it reads."""

    username: str
    secret: str = field(repr=False)
    project_id: str
    region: Region = "us"
    base_url: str | None = None  # instead of the region's hosts; without a slash at its end
    names: SettingNames = OF_THE_ENVIRONMENT

    @property
    def login(self) -> tuple[str, str]:
        return self.username, self.secret

    @property
    def project_page(self) -> str:
        """Where people look at the project, as in Mixpanel's own links; empty at another address."""
        host = "mixpanel.com" if self.region == "us" else f"{self.region}.mixpanel.com"
        return "" if self.base_url else f"https://{host}/project/{self.project_id}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What somebody on the way may echo: the secret, as it is and as HTTP sends it."""
        return self.secret, b64encode(":".join(self.login).encode()).decode()


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """A project, as the settings describe it."""

    id: str
    zone: ZoneInfo | None  # instead of what Mixpanel says
    access: MixpanelAccess | None  # None: Mixpanel is not asked, and no service account is set
    warehouse: WarehouseSettings | None = None
    names: SettingNames = OF_THE_ENVIRONMENT


def _number_or_setting(value: object) -> str:
    """The project's number as text, or the name of the setting that holds it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _project_id(str(value))
    if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]*", value) and not looks_secret(value):
        return value
    if isinstance(value, str):
        return _project_id(value)
    raise Invalid("is not a number", SETTINGS["MIXPANEL_PROJECT_ID"])


class ProjectTable(SettingsTable):
    """A Mixpanel project in reports.toml; it names the settings that hold its service account."""

    id: Annotated[
        str, PlainValidator(_number_or_setting), WithJsonSchema({"type": ["integer", "string"]})
    ] = Field(description="The project's number, or the name of the setting that holds it.")
    region: Region | None = Field(
        default=None,
        description="Where Mixpanel keeps its data: us, eu or in. The setting MIXPANEL_REGION when left out.",
    )
    username: Annotated[str, setting_name("MIXPANEL_USERNAME", _SERVICE_ACCOUNTS)] = Field(
        default="MIXPANEL_USERNAME",
        description="The name of the setting that holds the service account's username.",
    )
    secret: Annotated[str, setting_name("MIXPANEL_SECRET", _SERVICE_ACCOUNTS)] = Field(
        default="MIXPANEL_SECRET",
        description="The name of the setting that holds the service account's secret.",
    )
    timezone: ZoneName | None = Field(
        default=None,
        description="The project's time zone, only where Mixpanel does not tell it: Europe/Berlin.",
    )
    base_url: Annotated[str, setting_name("MIXPANEL_BASE_URL", "Mixpanel")] = Field(
        default="MIXPANEL_BASE_URL",
        description="The name of the setting that holds another address of Mixpanel, if any.",
    )
    warehouse: WarehouseTable | None = Field(
        default=None, description="The warehouse with its raw events, as a table [projects.NAME.warehouse]."
    )

    def names(self, name: str) -> SettingNames:
        """What its settings are called when the file calls it so."""
        table = f"projects.{name}"
        project_id = f"{table}.id" if self.id.isdecimal() else self.id
        zone = f"{table}.timezone"
        return SettingNames(
            self.username, self.secret, project_id, f"{table}.region", zone, self.base_url, table
        )

    def settings(self, name: str) -> Mapping[str, str]:
        """The environment variables it names, and what a person has to do for each."""
        usual = {
            self.username: "MIXPANEL_USERNAME",
            self.secret: "MIXPANEL_SECRET",
            self.base_url: "MIXPANEL_BASE_URL",
            **({} if self.id.isdecimal() else {self.id: "MIXPANEL_PROJECT_ID"}),
        }
        fixes = {own: f"{SETTINGS[one]} The project {name} needs it." for own, one in usual.items()}
        return fixes | (dict(self.warehouse.settings(f"projects.{name}.warehouse")) if self.warehouse else {})

    def project(self, name: str, environment: Environment, *, is_asked: bool) -> ProjectSettings | None:
        """The project that the file calls so; None where its settings have a fault."""
        names = self.names(name)
        place = f"projects.{name}.warehouse"
        warehouse = self.warehouse.warehouse(place, environment) if self.warehouse else None
        is_open = is_asked or not all(map(environment.missing, (self.username, self.secret)))
        access = self.access(environment, names) if is_open else None
        project_id = access.project_id if access else self._id(environment)
        if project_id is None or (is_open and access is None) or (self.warehouse and warehouse is None):
            return None
        zone = ZoneInfo(self.timezone) if self.timezone else None
        return ProjectSettings(project_id, zone, access, warehouse, names)

    def access(
        self, environment: Environment, names: SettingNames = OF_THE_ENVIRONMENT
    ) -> MixpanelAccess | None:
        """None where there is a fault."""
        username = environment.required(self.username, _credential)
        secret = environment.required(self.secret, _credential)
        project_id = self._id(environment)
        region = self.region or environment.optional("MIXPANEL_REGION", _region) or "us"
        base_url = environment.optional(self.base_url, base_address)
        if username is None or secret is None or project_id is None:
            return None
        return MixpanelAccess(username, secret, project_id, region, base_url, names)

    def _id(self, environment: Environment) -> str | None:
        return self.id if self.id.isdecimal() else environment.required(self.id, _project_id)


def environment_project(
    environment: Environment, warehouse: WarehouseTable | None, *, is_asked: bool
) -> ProjectSettings:
    """The project of the environment. Where Mixpanel is not asked, it needs no service account."""
    is_open = is_asked or not all(map(environment.missing, CREDENTIALS))
    access = ProjectTable(id="MIXPANEL_PROJECT_ID").access(environment) if is_open else None
    project_id = (
        access.project_id if access else _optional_id(environment, "warehouse" if warehouse else "files")
    )
    zone = environment.optional("MIXPANEL_PROJECT_TIMEZONE", time_zone)
    found = warehouse.warehouse("warehouse", environment) if warehouse else None
    return ProjectSettings(project_id, zone, access, found)


def _optional_id(environment: Environment, otherwise: str) -> str:
    """The project's id where Mixpanel is not asked; what stands in for it where none is set."""
    is_set = environment.missing("MIXPANEL_PROJECT_ID") is None
    return (environment.optional("MIXPANEL_PROJECT_ID", _project_id) if is_set else None) or otherwise


def _project_id(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,20}", text):
        return text
    fix = SETTINGS["MIXPANEL_PROJECT_ID"]
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        raise Invalid("is the project's token, not its id", fix)
    raise Invalid("is not a number", fix)


def _credential(text: str) -> str:
    if not text.isprintable() or (len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"):
        raise Invalid("cannot be what Mixpanel shows", "Copy it once more, alone.")
    return text


def _region(text: str) -> Region:
    match text.lower():
        case "us" | "eu" | "in" as region:
            return region
        case _:
            raise Invalid("is no region of Mixpanel", SETTINGS["MIXPANEL_REGION"])
