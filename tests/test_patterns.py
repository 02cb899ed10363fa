"""No text from outside holds the program up: a regular expression takes time in proportion to its text."""

import ast
import importlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LENGTH, TIMES = 1_500, 8
STEEPEST = 24  # times as long for eight times the text; a square would take 64
UNMEASURABLE = 0.004  # seconds


@dataclass(frozen=True)
class Use:
    """Where a regular expression is used, and how: one that is only matched looks at one place of a text."""

    place: str
    pattern: str
    flags: int
    is_matched: bool

    def seconds(self, text: str) -> float:
        """Of the processor, to find it in the text."""
        compiled = re.compile(self.pattern, self.flags)
        start = time.process_time()
        if self.is_matched:
            compiled.match(text)
        else:
            for _ in compiled.finditer(text):
                pass
        return time.process_time() - start


def uses() -> Iterator[Use]:
    """Every call of `re` in the program; the local Mixpanel and Slack are not of it."""
    for path in sorted((ROOT / "reporter").rglob("*.py")):
        if "local" in path.parts:
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method)) if method != "escape":
                    yield use(name, source, node, method)
                case _:
                    pass


def use(name: str, source: str, call: ast.Call, method: str) -> Use:
    names = vars(importlib.import_module(name))
    inner = {one.id for one in ast.walk(call.args[0]) if isinstance(one, ast.Name)} - names.keys()
    names = {**names, **dict.fromkeys(inner, "x")}  # what a function puts into its pattern
    pattern: str | bytes = eval(ast.unparse(call.args[0]), names)  # noqa: S307  (our own text)
    flag = next((word.value for word in call.keywords if word.arg == "flags"), None)
    if method == "compile":
        flag = call.args[1] if len(call.args) > 1 else None
    return Use(
        f"{name}:{call.lineno}",
        pattern if isinstance(pattern, str) else pattern.decode("latin-1"),
        int(eval(ast.unparse(flag), names)) if flag else 0,  # noqa: S307
        methods(source, call, method) <= {"match", "fullmatch"},
    )


def methods(source: str, call: ast.Call, method: str) -> set[str]:
    """How it is used; a compiled one by its name."""
    if method != "compile":
        return {method}
    before = "\n".join(source.splitlines()[: call.lineno])
    names: list[str] = re.findall(r"^(\w+) = re\.compile", before, re.MULTILINE)
    return {"search"} if not names else set(re.findall(rf"\b{names[-1]}\.(\w+)", source)) or {"search"}


def attacks(pattern: str) -> set[str]:
    """What is repeated to hold a pattern up: each letter and each word of it, and the usual suspects."""
    letters = set(re.sub(r"\\.|[()|+*?^$]", "", pattern)) | set("aA0 \n\"'_.{[")
    words = set(re.findall(r"[a-z:/\"{}]{2,12}", pattern))
    return letters | words | {'"a', "'a", "a0", "0.", "a ", " a", "\n ", '\\"'}


USES = [one for one in uses() if re.search(r"[*+{]", one.pattern)]


def test_the_patterns_are_found():
    assert len(USES) > 40


@pytest.mark.parametrize("use", USES, ids=lambda use: use.place)
def test_eight_times_the_text_takes_about_eight_times_as_long(use: Use):
    for attack in sorted(attacks(use.pattern)):
        for end in ("", "\x00"):
            text = attack * (LENGTH // len(attack))
            if use.seconds(text * TIMES + end) < UNMEASURABLE:
                continue
            longer = min(use.seconds(text * TIMES + end) for _ in range(3))
            assert longer < STEEPEST * max(use.seconds(text + end) for _ in range(3)), (attack, end)
