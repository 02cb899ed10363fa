"""The blocks that may stand in a Slack message: their keys, types and lengths."""

from typing import Annotated, Literal

from pydantic import Field

from reporter.local.slack.elements import (
    Accessory,
    ActionElement,
    ContextElement,
    FieldText,
    HeaderText,
    ImageElement,
    Loose,
    Number,
    PlainField,
    RichPart,
    Shape,
    SomeText,
    Text20,
    Text50,
    Text255,
    TextObject,
)


class RawText(Shape):
    type: Literal["raw_text"]
    text: SomeText


class RawNumber(Shape):
    type: Literal["raw_number"]
    value: Number
    text: SomeText


class RichCell(Shape):
    type: Literal["rich_text"]
    elements: Annotated[list[RichPart], Field(min_length=1)]
    block_id: Text255 = ""


Cell = Annotated[RawText | RawNumber | RichCell, Field(discriminator="type")]
Row = Annotated[list[Cell], Field(min_length=1, max_length=20)]


class ColumnSettings(Shape):
    align: Literal["left", "center", "right"] = "left"
    is_wrapped: bool = False


class Point(Shape):
    label: Text20
    value: Number


class Segment(Shape):
    label: Text20
    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Series(Shape):
    name: Text20
    data: Annotated[list[Point], Field(min_length=1, max_length=20)]


class AxisConfig(Shape):
    categories: Annotated[list[Text20], Field(min_length=1, max_length=20)]
    x_label: Text50 = ""
    y_label: Text50 = ""


class SeriesChart(Shape):
    type: Literal["line", "bar", "area"]
    series: Annotated[list[Series], Field(min_length=1, max_length=6)]
    axis_config: AxisConfig


class PieChart(Shape):
    type: Literal["pie"]
    segments: Annotated[list[Segment], Field(min_length=1, max_length=6)]


class BlockShape(Shape):
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


class Table(BlockShape):
    type: Literal["table"]
    rows: Annotated[list[Row], Field(min_length=1, max_length=100)]
    column_settings: list[ColumnSettings] = Field(default_factory=list[ColumnSettings], max_length=20)


class DataTable(BlockShape):
    type: Literal["data_table"]
    caption: SomeText
    rows: Annotated[list[Row], Field(min_length=2, max_length=100)]
    page_size: Annotated[int, Field(ge=1, le=100)] = 5
    row_header_column_index: Annotated[int, Field(ge=0, lt=20)] = 0


class DataVisualization(BlockShape):
    type: Literal["data_visualization"]
    title: Text50
    chart: Annotated[SeriesChart | PieChart, Field(discriminator="type")]


class OtherBlock(Loose):
    block_id: Text255 = ""
    type: Literal["video", "container", "card", "carousel"]


Block = (
    Header
    | Section
    | Context
    | Divider
    | Image
    | Actions
    | RichText
    | Markdown
    | Table
    | DataTable
    | DataVisualization
    | OtherBlock
)
