"""What Slack's blocks are made of: texts, images, buttons and rich text, with their lengths."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class SlackShape(BaseModel):
    """Strict: a wrong type, a null and an unknown key are errors, as they are in Slack."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Loose(BaseModel):
    """Something Slack knows and this Slack does not look into."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


Text20 = Annotated[str, Field(min_length=1, max_length=20)]
Text50 = Annotated[str, Field(min_length=1, max_length=50)]
Text75 = Annotated[str, Field(min_length=1, max_length=75)]
Text150 = Annotated[str, Field(min_length=1, max_length=150)]
Text255 = Annotated[str, Field(min_length=1, max_length=255)]
Text2000 = Annotated[str, Field(min_length=1, max_length=2000)]
Text3000 = Annotated[str, Field(min_length=1, max_length=3000)]
SomeText = Annotated[str, Field(min_length=1)]
FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]


class PlainText(SlackShape):
    type: Literal["plain_text"]
    text: Text3000
    emoji: bool = True


class Mrkdwn(SlackShape):
    type: Literal["mrkdwn"]
    text: Text3000
    verbatim: bool = False


TextObject = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]


class HeaderText(PlainText):
    text: Text150


class ButtonText(PlainText):
    text: Text75


class PlainField(PlainText):
    text: Text2000


class MrkdwnField(Mrkdwn):
    text: Text2000


FieldText = Annotated[PlainField | MrkdwnField, Field(discriminator="type")]


class SlackFile(SlackShape):
    id: str = ""
    url: str = ""


class ImageElement(SlackShape):
    type: Literal["image"]
    alt_text: Text2000
    image_url: Annotated[str, Field(max_length=3000)] = ""
    slack_file: SlackFile | None = None


class Button(SlackShape):
    type: Literal["button"]
    text: ButtonText
    action_id: Text255 = ""
    value: Text2000 = ""
    url: Text3000 = ""
    style: Literal["", "primary", "danger"] = ""
    accessibility_label: Text75 = ""


class OtherElement(Loose):
    type: Literal[
        "checkboxes",
        "datepicker",
        "datetimepicker",
        "multi_static_select",
        "overflow",
        "radio_buttons",
        "static_select",
        "timepicker",
        "workflow_button",
    ]


ActionElement = Annotated[Button | OtherElement, Field(discriminator="type")]
Accessory = Annotated[Button | ImageElement | OtherElement, Field(discriminator="type")]
ContextElement = Annotated[PlainText | Mrkdwn | ImageElement, Field(discriminator="type")]


class Style(SlackShape):
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    underline: bool = False


class RichWords(SlackShape):
    type: Literal["text"]
    text: SomeText
    style: Style = Style()


class RichLink(SlackShape):
    type: Literal["link"]
    url: SomeText
    text: str = ""
    unsafe: bool = False
    style: Style = Style()


class RichEmoji(SlackShape):
    type: Literal["emoji"]
    name: SomeText
    unicode: str = ""
    style: Style = Style()


class RichDate(SlackShape):
    type: Literal["date"]
    timestamp: int
    format: SomeText
    url: str = ""
    fallback: str = ""
    style: Style = Style()


class RichMention(SlackShape):
    """Names somebody, or something, and may wake them up."""

    type: Literal["broadcast", "channel", "color", "team", "user", "usergroup"]
    range: Literal["", "channel", "everyone", "here"] = ""
    channel_id: str = ""
    team_id: str = ""
    user_id: str = ""
    usergroup_id: str = ""
    value: str = ""
    style: Style = Style()

    @property
    def named(self) -> str:
        names = (self.range, self.channel_id, self.team_id, self.user_id, self.usergroup_id, self.value)
        return next(filter(None, names), self.type)


RichElement = Annotated[
    RichWords | RichLink | RichEmoji | RichDate | RichMention, Field(discriminator="type")
]
PlainRichElement = Annotated[RichWords | RichLink, Field(discriminator="type")]


class RichSection(SlackShape):
    type: Literal["rich_text_section"]
    elements: list[RichElement]


class RichList(SlackShape):
    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: Annotated[list[RichSection], Field(min_length=1)]
    indent: Annotated[int, Field(ge=0, le=8)] = 0
    offset: Annotated[int, Field(ge=0)] = 0
    border: Literal[0, 1] = 0


class RichPreformatted(SlackShape):
    type: Literal["rich_text_preformatted"]
    elements: list[PlainRichElement]
    border: Literal[0, 1] = 0
    language: str = ""


class RichQuote(SlackShape):
    type: Literal["rich_text_quote"]
    elements: list[RichElement]
    border: Literal[0, 1] = 0


RichPart = Annotated[RichSection | RichList | RichPreformatted | RichQuote, Field(discriminator="type")]
