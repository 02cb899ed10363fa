"""The access to a Mixpanel project, and the settings that give it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reporter.validation import Environment, Invalid, base_address

Region: TypeAlias = Literal["us", "eu", "in"]

CREDENTIALS: Mapping[str, str] = {
    "MIXPANEL_USERNAME": "Take it from Mixpanel > Organization Settings > Service Accounts.",
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
class MixpanelAccess:
    """A service account, and the project it reads."""

    username: str
    secret: str = field(repr=False)
    project_id: str
    region: Region = "us"
    base_url: str | None = None  # instead of the region's hosts; without a slash at its end


def mixpanel_access(environment: Environment, *, is_needed: bool) -> MixpanelAccess | None:
    """The access; None where there is a fault, or where it is not needed and no service account is set."""
    if not is_needed and all(map(environment.missing, CREDENTIALS)):
        return None
    username = environment.required("MIXPANEL_USERNAME", _credential)
    secret = environment.required("MIXPANEL_SECRET", _credential)
    project_id = environment.required("MIXPANEL_PROJECT_ID", _project_id)
    region = environment.optional("MIXPANEL_REGION", _region) or "us"
    base_url = environment.optional("MIXPANEL_BASE_URL", base_address)
    if username is None or secret is None or project_id is None:
        return None
    return MixpanelAccess(username, secret, project_id, region, base_url)


def optional_project_id(environment: Environment) -> str:
    """The project's id where Mixpanel is not asked; what stands in for it where none is set."""
    is_set = environment.missing("MIXPANEL_PROJECT_ID") is None
    return (environment.optional("MIXPANEL_PROJECT_ID", _project_id) if is_set else None) or "files"


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
