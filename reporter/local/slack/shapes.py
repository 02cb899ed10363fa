"""The blocks that may stand in a Slack message: their keys, types and lengths."""

from typing import Annotated, Literal

from pydantic import Field

from reporter.local.slack.elements import (
    Accessory,
    ActionElement,
    ContextElement,
    FieldText,
    FiniteNumber,
    HeaderText,
    ImageElement,
    Loose,
    PlainField,
    RichPart,
    SlackShape,
    SomeText,
    Text20,
    Text50,
    Text255,
    TextObject,
)


class RawText(SlackShape):
    type: Literal["raw_text"]
    text: SomeText


class RawNumber(SlackShape):
    type: Literal["raw_number"]
    value: FiniteNumber
    text: SomeText


class RichCell(SlackShape):
    type: Literal["rich_text"]
    elements: Annotated[list[RichPart], Field(min_length=1)]
    block_id: Text255 = ""


Cell = Annotated[RawText | RawNumber | RichCell, Field(discriminator="type")]
TableRow = Annotated[list[Cell], Field(min_length=1, max_length=20)]


class ColumnSettings(SlackShape):
    align: Literal["left", "center", "right"] = "left"
    is_wrapped: bool = False


class DataPoint(SlackShape):
    label: Text20
    value: FiniteNumber


class Segment(SlackShape):
    label: Text20
    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class DataSeries(SlackShape):
    name: Text20
    data: Annotated[list[DataPoint], Field(min_length=1, max_length=20)]


class AxisConfig(SlackShape):
    categories: Annotated[list[Text20], Field(min_length=1, max_length=20)]
    x_label: Text50 = ""
    y_label: Text50 = ""


class SeriesChart(SlackShape):
    type: Literal["line", "bar", "area"]
    series: Annotated[list[DataSeries], Field(min_length=1, max_length=6)]
    axis_config: AxisConfig


class PieChart(SlackShape):
    type: Literal["pie"]
    segments: Annotated[list[Segment], Field(min_length=1, max_length=6)]


class BlockShape(SlackShape):
    block_id: Text255 = ""


class Header(BlockShape):
    type: Literal["header"]
    text: HeaderText


class Section(BlockShape):
    type: Literal["section"]
    text: TextObject | None = None
    fields: list[FieldText] = Field(default_factory=list[FieldText], min_length=1, max_length=10)
    accessory: Accessory | None = None
    expand: bool = False


class Context(BlockShape):
    type: Literal["context"]
    elements: Annotated[list[ContextElement], Field(min_length=1, max_length=10)]


class Divider(BlockShape):
    type: Literal["divider"]


class Image(ImageElement, BlockShape):
    title: PlainField | None = None


class Actions(BlockShape):
    type: Literal["actions"]
    elements: Annotated[list[ActionElement], Field(min_length=1, max_length=25)]


class RichText(BlockShape):
    type: Literal["rich_text"]
    elements: Annotated[list[RichPart], Field(min_length=1)]


class Markdown(BlockShape):
    type: Literal["markdown"]
    text: Annotated[str, Field(min_length=1, max_length=12_000)]


class TableBlock(BlockShape):
    type: Literal["table"]
    rows: Annotated[list[TableRow], Field(min_length=1, max_length=100)]
    column_settings: list[ColumnSettings] = Field(default_factory=list[ColumnSettings], max_length=20)


class DataTable(BlockShape):
    type: Literal["data_table"]
    caption: SomeText
    rows: Annotated[list[TableRow], Field(min_length=2, max_length=100)]
    page_size: Annotated[int, Field(ge=1, le=100)] = 5
    row_header_column_index: Annotated[int, Field(ge=0, lt=20)] = 0


class DataVisualization(BlockShape):
    type: Literal["data_visualization"]
    title: Text50
    chart: Annotated[SeriesChart | PieChart, Field(discriminator="type")]


class OtherBlock(Loose):
    block_id: Text255 = ""
    type: Literal["video", "container", "card", "carousel"]


SlackBlock = (
    Header
    | Section
    | Context
    | Divider
    | Image
    | Actions
    | RichText
    | Markdown
    | TableBlock
    | DataTable
    | DataVisualization
    | OtherBlock
)
