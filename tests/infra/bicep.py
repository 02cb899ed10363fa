"""A small reader of Bicep: it holds the templates to what they promise, without the compiler.

It knows words, strings with `${…}` in them, comments, brackets, and declarations. It does not know types,
nor what Azure takes: `azd up` and `az deployment sub validate` do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

Kind = Literal["word", "text", "number", "mark"]
DECLARATIONS = ("param", "var", "resource", "module", "output")
PAIRS = {"(": ")", "[": "]", "{": "}"}
_SPACE = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_]\w*)|(?P<number>\d+)|(?P<mark>=>|==|!=|<=|>=|&&|\|\||\?\?|[^\w\s'\"])"
)
_ESCAPE = re.compile(r"\\(?:['\\nrt$]|u\{[0-9a-fA-F]+\})")


class Malformed(Exception):
    """The text is no Bicep."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text. Of a string, `text` is what the quotes hold, with each `${…}` as `${}`."""

    kind: Kind
    text: str
    inner: tuple["Token", ...] = ()  # of a string: the tokens of all its interpolations


@dataclass(frozen=True)
class Declaration:
    """One declaration, nested ones included."""

    kind: str
    name: str
    head: tuple[Token, ...]  # between the name and `=`
    body: tuple[Token, ...]  # after `=`
    decorators: frozenset[str] = field(default=frozenset())

    @property
    def target(self) -> str:
        """The type of a resource, or the path of a module."""
        return next(token.text for token in self.head if token.kind == "text")

    @property
    def is_existing(self) -> bool:
        return any(token.text == "existing" for token in self.head)

    def object_at(self, *path: str) -> tuple[Token, ...]:
        """The tokens of a value inside the body's first object."""
        tokens: Sequence[Token] = self.body
        for key in path:
            tokens = entries(tokens)[key]
        return tuple(tokens)


@dataclass(frozen=True)
class Template:
    """A Bicep file, read."""

    path: Path

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(tokenize(self.path.read_text(encoding="utf-8")))

    @cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        return tuple(_declarations(self.tokens))

    def named(self, kind: str) -> dict[str, Declaration]:
        return {found.name: found for found in self.declarations if found.kind == kind}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every name that is used: no keys, no members, no declared names, no decorators."""
        return tuple(_used(self.tokens))


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a whole file, with its brackets checked. Raises Malformed."""
    tokens, end = _scan(text, 0, inside_string=False)
    if end != len(text):
        raise Malformed(f"unexpected {text[end]!r} in line {text.count(chr(10), 0, end) + 1}")
    yield from tokens


def flat(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens, and those inside their strings."""
    for token in tokens:
        yield token
        yield from flat(token.inner)


def entries(tokens: Sequence[Token]) -> dict[str, tuple[Token, ...]]:
    """The first object in these tokens: each key with the tokens of its value."""
    start = next(at for at, token in enumerate(tokens) if token.text == "{" and token.kind == "mark")
    end = _matching(tokens, start)
    found: dict[str, tuple[Token, ...]] = {}
    at = start + 1
    while at < end:
        key, value = tokens[at], at + 2
        if key.kind == "word" and key.text in DECLARATIONS and tokens[at + 1].text != ":":
            break  # nested resources come last
        if tokens[at + 1].text != ":":
            raise Malformed(f"{key.text!r} is no key")
        at = _value_end(tokens, value, end)
        found[key.text] = tuple(tokens[value:at])
    return found


def _scan(text: str, at: int, *, inside_string: bool) -> tuple[list[Token], int]:
    """Tokens from here; inside a string up to the `}` that ends its interpolation."""
    tokens: list[Token] = []
    open_: list[str] = []
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        if text[at] == "'":
            token, at = _string(text, at)
            tokens.append(token)
            continue
        found = _TOKEN.match(text, at)
        if not found:
            raise Malformed(f"unexpected {text[at]!r} in line {text.count(chr(10), 0, at) + 1}")
        mark = found.group()
        if mark in PAIRS:
            open_.append(PAIRS[mark])
        elif mark in PAIRS.values():
            if inside_string and not open_ and mark == "}":
                return tokens, at
            if not open_ or open_.pop() != mark:
                raise Malformed(f"{mark!r} closes nothing in line {text.count(chr(10), 0, at) + 1}")
        kind: Kind = "word" if found["word"] else "number" if found["number"] else "mark"
        tokens.append(Token(kind, mark))
        at = found.end()
    if open_ or inside_string:
        raise Malformed(f"{(open_ or ['}'])[-1]!r} is missing at the end")
    return tokens, at


def _string(text: str, at: int) -> tuple[Token, int]:
    if text.startswith("'''", at):
        raise Malformed("strings over several lines are not read here")
    said, inner, at = "", list[Token](), at + 1
    while at < len(text) and text[at] not in "'\n":
        if text[at] == "\\":
            escape = _ESCAPE.match(text, at)
            if not escape:
                raise Malformed(f"{text[at : at + 2]!r} is no escape")
            said, at = said + escape.group(), escape.end()
        elif text.startswith("${", at):
            tokens, at = _scan(text, at + 2, inside_string=True)
            inner += tokens
            said, at = said + "${}", at + 1
        else:
            said, at = said + text[at], at + 1
    if at >= len(text) or text[at] == "\n":
        raise Malformed("a string is not ended on its line")
    return Token("text", said, tuple(inner)), at + 1


def _matching(tokens: Sequence[Token], start: int) -> int:
    """Where the bracket that opens here is closed."""
    depth = 0
    for at in range(start, len(tokens)):
        if tokens[at].kind == "mark" and tokens[at].text in PAIRS:
            depth += 1
        elif tokens[at].kind == "mark" and tokens[at].text in PAIRS.values():
            depth -= 1
            if depth == 0:
                return at
    raise Malformed("a bracket is not closed")


def _value_end(tokens: Sequence[Token], at: int, end: int) -> int:
    """Where a value ends: at the next `key:`, a nested declaration, a decorator, or the end of the object."""
    conditions = 0  # `a ? b : c` has a colon that is no key's
    while at < end:
        token = tokens[at]
        if token.kind == "mark" and token.text in PAIRS:
            at = _matching(tokens, at) + 1
            continue
        conditions += token.text == "?" and token.kind == "mark"
        is_key = token.kind in ("word", "text") and at + 1 < end and tokens[at + 1].text == ":"
        if is_key and conditions:
            conditions -= 1
            at += 2
            continue
        if is_key or (token.kind == "word" and token.text in DECLARATIONS) or token.text == "@":
            return at
        at += 1
    return end


def _declarations(tokens: Sequence[Token]) -> Iterator[Declaration]:
    decorators: set[str] = set()
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "@" and token.kind == "mark":
            decorators.add(tokens[at + 1].text)
            at = _matching(tokens, at + 2) + 1
        elif _declares(tokens, at):
            end = _declaration_end(tokens, at + 2)
            head, body = _parted(tokens[at + 2 : end])
            yield Declaration(token.text, tokens[at + 1].text, head, body, frozenset(decorators))
            decorators = set()
            at += 2  # nested declarations follow
        else:
            at += 1


def _declares(tokens: Sequence[Token], at: int) -> bool:
    is_keyword = tokens[at].kind == "word" and tokens[at].text in DECLARATIONS
    return (
        is_keyword and at + 2 < len(tokens) and tokens[at + 1].kind == "word" and tokens[at + 2].text != ":"
    )


def _declaration_end(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark" and token.text in PAIRS:
            at = _matching(tokens, at) + 1
        elif _declares(tokens, at) or (token.text in ("@", "}") and token.kind == "mark"):
            return at
        else:
            at += 1
    return at


def _parted(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    for at, token in enumerate(tokens):
        if token.text == "=" and token.kind == "mark":
            return tuple(tokens[:at]), tuple(tokens[at + 1 :])
    return tuple(tokens), ()


def _used(tokens: Sequence[Token]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "@" and token.kind == "mark":
            at = _matching(tokens, at + 2) + 1
            continue
        if _declares(tokens, at):
            at += 2
            if token.text in ("param", "output"):
                at += 1  # its type
            continue
        before = tokens[at - 1].text if at else ""
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if token.kind == "word" and before != "." and (after != ":" or before in ("?", "in")):
            yield token.text
        yield from _used(token.inner)
        at += 1
