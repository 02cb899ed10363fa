"""Whether a value is what a JSON Schema says, closed: an object has no key that is not named.

Only the keywords our schemas use are known; another one fails the test that meets it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int | float,
    "null": type(None),
}
FORMATS = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


def fits(value: Any, schema: Schema, root: Schema) -> bool:
    """Whether the value is as the schema says."""
    rules = sorted(schema.items(), key=_first)
    return all(_keeps(value, keyword, rule, schema, root) for keyword, rule in rules)


def _first(rule: tuple[str, Any]) -> bool:
    """The type before all else, so that the other rules know what they look at."""
    return rule[0] != "type"


def _keeps(value: Any, keyword: str, rule: Any, schema: Schema, root: Schema) -> bool:
    match keyword:
        case "$ref":
            return fits(value, root["$defs"][rule.removeprefix("#/$defs/")], root)
        case "oneOf":
            return sum(fits(value, kind, root) for kind in rule) == 1
        case "anyOf":
            return any(fits(value, kind, root) for kind in rule)
        case "const" | "enum":
            return value in (rule if keyword == "enum" else [rule])
        case "type":
            return any(_is(value, name) for name in ([rule] if isinstance(rule, str) else rule))
        case "minimum":
            return value >= rule
        case "format":
            return bool(FORMATS[rule](value))
        case "items":
            return all(fits(item, rule, root) for item in value)
        case "required":
            return set(value) == set(rule) == set(schema["properties"])
        case "properties":
            return all(key in value and fits(value[key], part, root) for key, part in rule.items())
        case "$schema" | "$defs" | "title" | "description" | "default":
            return True
        case _:
            raise AssertionError(f"the schema says {keyword}, which this check does not know")


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return name != "boolean" and isinstance(value, TYPES[name])
