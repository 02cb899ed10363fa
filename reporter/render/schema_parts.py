"""What JSON Schemas of our documents are made of: all keys named are always there, and more may come."""

from typing import Final

from reporter.render.document_values import Object

TEXT: Final[Object] = {"type": "string"}
TEXTS: Final[Object] = {"type": "array", "items": TEXT}
FLAG: Final[Object] = {"type": "boolean"}
COUNT: Final[Object] = {"type": "integer", "minimum": 0}
NUMBER: Final[Object] = {
    "type": ["number", "null"],
    "description": "null where there is none, or it is endless",
}
SCALAR: Final[Object] = {"type": ["string", "number", "boolean"]}
NOTHING: Final[Object] = {"type": "null"}
DATE: Final[Object] = {"type": "string", "format": "date"}
MOMENT: Final[Object] = {"type": "string", "format": "date-time"}


def described(description: str = "", /, **properties: Object) -> Object:
    """An object with these keys."""
    said: Object = {"description": description} if description else {}
    return {**said, "type": "object", "properties": properties, "required": list(properties)}


def list_of(each: Object) -> Object:
    return {"type": "array", "items": each}


def one_of(*kinds: Object) -> Object:
    return {"oneOf": list(kinds)}


def or_nothing(each: Object) -> Object:
    return one_of(each, NOTHING)


def defined(name: str) -> Object:
    """What the schema defines once, for several places."""
    return {"$ref": f"#/$defs/{name}"}


READS: Final[dict[str, Object]] = {
    "format": {"enum": ["number", "percent", "currency"], "description": "percent: 0.127 is 12.7%"},
    "currency": or_nothing({**TEXT, "description": "ISO 4217, such as EUR"}),
}
