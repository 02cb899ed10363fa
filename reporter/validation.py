"""How a fault names what it found: fit for people, and without a secret."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from reporter.reports.pasted import looks_secret

_LONGEST = 60
_MOST_NAMES = 12


class Invalid(ValueError):
    """A value that can not be, and the fix. Where it stands is known to whoever catches it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def shown(text: str) -> str:
    """A value of the file as a fault may repeat it.

    >>> shown("weekly"), shown("https://hooks.slack.com/services/T0/B0/x")
    ("'weekly'", '(hidden, it looks like a secret)')
    """
    if looks_secret(text):
        return "(hidden, it looks like a secret)"
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def listed(words: Iterable[str], joined: str = "or") -> str:
    """
    >>> listed(["us", "eu", "in"])
    'us, eu or in'
    """
    *first, end = words
    return f"{', '.join(first)} {joined} {end}" if first else end


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """The names likely meant by a word, best first."""
    plain = {name.casefold(): name for name in names}
    return [plain[near] for near in get_close_matches(word[:_LONGEST].casefold(), plain)]


def did_you_mean(word: str, names: Collection[str]) -> str:
    """The fix for a name that is not one of `names`."""
    if near := nearest(word, names):
        return f"Did you mean {listed(map(shown, near))}?"
    some = ", ".join([shown(name) for name in names][:_MOST_NAMES])
    return f"Choose from {some}." if len(names) <= _MOST_NAMES else f"Choose from {some}, …"


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
        raise Invalid("the number is out of range", f"Use a number from {self.least} to {self.most}.")


def keys(table: type[BaseModel]) -> list[str]:
    """The keys that may stand in a table."""
    return [field.alias or name for name, field in table.model_fields.items()]


def description(table: type[BaseModel], key: str) -> str:
    """What a key of a table is for."""
    found = (field for name, field in table.model_fields.items() if key in (name, field.alias))
    return next((field.description or "" for field in found), "")


def each_once(names: list[Item]) -> list[Item]:
    if again := twice(names):
        raise Invalid(f"{shown(str(again))} stands there twice", "Remove one of the two.")
    return names


def twice(names: Iterable[Item]) -> Item | None:
    """The first that was there already."""
    seen: list[Item] = []
    for name in names:
        if name in seen:
            return name
        seen.append(name)
    return None
