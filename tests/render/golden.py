"""Golden files: what a renderer drew once, and a person found good in the diff."""

import json
import os
from pathlib import Path
from typing import cast

FOLDER = Path(__file__).parent / "golden"
WIDTH = 110


def golden(path: str, drawn: str) -> str:
    """What the golden file holds; written first where `UPDATE_GOLDEN=1` asks for it."""
    file = FOLDER / path
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drawn, encoding="utf-8", newline="\n")
    assert file.exists(), f"{file} is missing: run the tests with UPDATE_GOLDEN=1, then read it"
    return file.read_text(encoding="utf-8")


def legible(value: object, indent: str = "") -> str:
    """JSON that a person can read in a diff: what fits on a line stands on one."""
    short = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(short) <= WIDTH or not value or not isinstance(value, dict | list):
        return short
    inner = indent + "  "
    if isinstance(value, dict):
        members = cast("dict[str, object]", value).items()
        lines = [f"{inner}{json.dumps(key)}: {legible(each, inner)}" for key, each in members]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    lines = [inner + legible(each, inner) for each in cast("list[object]", value)]
    return "[\n" + ",\n".join(lines) + f"\n{indent}]"
