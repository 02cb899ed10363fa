"""What a setting may be: tables, addresses, the environment; and how a problem with one is explained."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import CoreSchema, core_schema

from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import looks_secret, mangled, unresolved
from reporter.reports.subscriptions import LANGUAGES
from reporter.setting_files import value_of

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

Item = TypeVar("Item")
Value = TypeVar("Value")

NOT_SET = "is not set"
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


EntryName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
FilledText: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
EventName: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
PropertyName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class SettingsTable(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )


@dataclass(frozen=True, slots=True)
class Between:
    """Whole numbers from `least` to `most`, which the fault names both, as the schema does."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> "JsonSchemaValue":
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


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several tables by their tags; `discriminator` is the key that holds the tag, or finds it."""

    tables: Mapping[str, type[SettingsTable]]
    discriminator: str | Callable[[object], str | None]

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = {tag: handler.generate_schema(table) for tag, table in self.tables.items()}
        return core_schema.tagged_union_schema(choices, self.discriminator)


def each_once(names: list[Item]) -> list[Item]:
    again = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if again is not None:
        raise Invalid(f"{shown(str(again))} stands there twice", "Remove one of the two.")
    return names


def setting_name(usual: str, service: str) -> AfterValidator:
    """The check of a key that names a setting; `service` is where a secret can be replaced."""

    def check(name: str, info: ValidationInfo) -> str:
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not looks_secret(name):
            return name
        written = f'{info.field_name} = "{usual}"'
        if not looks_secret(name):
            raise Invalid("this is not the name of a setting", f"Name one, as in {written}.")
        raise Invalid(
            "a secret stands here, where the name of a setting should be "
            "(this file is shared, a secret is not)",
            f"Put it into .env as {usual}=… and write {written} here. "
            f"If others could read it here, replace it in {service}.",
        )

    return AfterValidator(check)


def base_address(url: str) -> str:
    """Where a service is, without a slash at the end: over https, or on this machine."""
    parts = _safe(url)
    if parts.query or parts.fragment:
        raise Invalid("is more than a base address", "Leave out everything from ? or # on.")
    return url.rstrip("/")


def heartbeat_address(url: str) -> str:
    """An address to call: over https, or on this machine."""
    _safe(url)
    return url


def api_key(text: str) -> str:
    """A key that nobody guesses, and that goes into a header and an address as it is."""
    if not re.fullmatch(r"[A-Za-z0-9_.~=-]{16,256}", text):
        raise Invalid("is no key", "Use 16 to 256 letters, digits, - or _: openssl rand -hex 32 makes some.")
    return text


def _safe(url: str) -> SplitResult:
    """The parts of an address that nobody on the way can read."""
    parts = split_address(url)
    if parts.scheme != "https" and not is_this_machine(parts):
        raise Invalid(
            "must begin with https://", "Plain http is possible to this machine only: http://127.0.0.1:8080."
        )
    return parts


def split_address(url: str) -> SplitResult:
    """The parts of an absolute address without a name or password in it."""
    try:
        parts = urlsplit(url)
        whole = bool(parts.scheme and parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # a bad port, a bad IPv6 address
        whole = False
    else:
        if whole and re.fullmatch(r"[!-~]+", url) and "\\" not in url:
            return parts
    if re.match(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/|$)", url):
        raise Invalid("does not begin with https://", "Copy it whole: https://host/path.")
    raise Invalid("is no web address", "Write it as https://host/path.")


def is_this_machine(parts: SplitResult) -> bool:
    if parts.scheme != "http":
        return False
    try:
        return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, not an address
        return False


_PLACEHOLDER = re.compile(r"^(xoxb-)?your[_-]|/YOUR[/-]|^<(?!https?:|xox).*>$")


def is_placeholder(text: str) -> bool:
    """Whether a value is still the one of an example."""
    return _PLACEHOLDER.search(text) is not None


@dataclass(frozen=True, slots=True)
class Environment:
    """Settings by name. Wrong ones become faults, which never repeat a value."""

    values: Mapping[str, str] = field(repr=False)
    faults: list[SettingsProblem]
    known: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # what each is for

    def optional(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """None where the setting is not set, is empty, or is wrong."""
        text = value_of(self.values, name)
        return self._checked(name, text, check) if text else None

    def required(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """None where there is a fault."""
        if fault := self.missing(name):
            self.faults.append(fault)
            return None
        return self.optional(name, check)

    def required_if_set(self, name: str, check: Callable[[str], Value]) -> Value | None:
        """As `optional`, but the example's placeholder is a fault, too."""
        return self.required(name, check) if value_of(self.values, name) else None

    def missing(self, name: str) -> SettingsProblem | None:
        """The fault when a setting has no value yet."""
        fix = self.known.get(name, "Set it in .env, or in the environment.")
        text = self.values.get(name)
        if text is None:
            return SettingsProblem(name, NOT_SET, fix + self._misspelt(name))
        if not text.strip():
            return SettingsProblem(name, "is empty", fix)
        if is_placeholder(text.strip()):
            return SettingsProblem(name, "is still the example's placeholder", fix)
        return None

    def _misspelt(self, name: str) -> str:
        """A hint at a setting that is set and has no meaning, but nearly this name."""
        others = [other for other in self.values if nearest(other, self.known)[:1] == [name]]
        return f" {others[0]} is set; should it be {name}?" if others else ""

    def _checked(self, name: str, text: str, check: Callable[[str], Value]) -> Value | None:
        if found := unresolved(text):
            self.faults.append(SettingsProblem(name, *found))
            return None
        try:
            return check(text)
        except Invalid as wrong:
            self.faults.append(SettingsProblem(name, *(mangled(text) or (wrong.problem, wrong.fix))))
            return None


def check_locale(name: str) -> str:
    """The locale as Babel writes it: `de`, `de_AT`."""
    language, mark, region = name.lower().replace("-", "_").partition("_")
    if language not in LANGUAGES or not re.fullmatch(r"[A-Za-z]{2}([-_][A-Za-z]{2})?", name):
        fix = f"Use {listed(LANGUAGES)}, or a region of one: en_GB."
        raise Invalid("reports are not worded in this language", fix)
    locale = f"{language}{mark}{region.upper()}"
    if region:
        from babel.localedata import exists  # heavy, and few files name a region

        if not exists(locale):
            fix = f"Use {language}, or a region such as en_GB or de_AT."
            raise Invalid("there is no such region of this language", fix)
    return locale


Locale: TypeAlias = Annotated[
    str,
    AfterValidator(check_locale),
    Field(description=f"How words and numbers read: {listed(LANGUAGES)}, or a region of one, such as en_GB."),
]
