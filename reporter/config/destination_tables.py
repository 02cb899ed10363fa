"""The destinations of reports.toml; they name the settings that hold the secrets."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from reporter.config import checks
from reporter.reports.pasted import looks_secret
from reporter.validation import Invalid, Table


def _setting_name(name: str, info: ValidationInfo) -> str:
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not looks_secret(name):
        return name
    usual = "SLACK_BOT_TOKEN" if info.field_name == "token" else "SLACK_WEBHOOK_URL"
    written = f'{info.field_name} = "{usual}"'
    if not looks_secret(name):
        raise Invalid("this is not the name of a setting", f"Name one, as in {written}.")
    raise Invalid(
        "a secret stands here, where the name of a setting should be (this file is shared, a secret is not)",
        f"Put it into .env as {usual}=… and write {written} here. "
        "If others could read it here, replace it in Slack.",
    )


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
