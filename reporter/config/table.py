"""What the tables of reports.toml are made of, and how their keys are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from reporter.config.faults import Wrong, shown

Item = TypeVar("Item")

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Event: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
Property: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Between:
    """Whole numbers from `least` to `most`, which the fault names both, as the schema does."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "minimum": self.least, "maximum": self.most}

    def _checked(self, number: int) -> int:
        if self.least <= number <= self.most:
            return number
        raise Wrong("the number is out of range", f"Use a number from {self.least} to {self.most}.")


def keys(table: type[BaseModel]) -> list[str]:
    """The keys that may stand in a table."""
    return [field.alias or name for name, field in table.model_fields.items()]


def description(table: type[BaseModel], key: str) -> str:
    """What a key of a table is for."""
    found = (field for name, field in table.model_fields.items() if key in (name, field.alias))
    return next((field.description or "" for field in found), "")


def each_once(names: list[Item]) -> list[Item]:
    if again := twice(names):
        raise Wrong(f"{shown(str(again))} stands there twice", "Remove one of the two.")
    return names


def twice(names: Iterable[Item]) -> Item | None:
    """The first that was there already."""
    seen: list[Item] = []
    for name in names:
        if name in seen:
            return name
        seen.append(name)
    return None
