"""Whatever is written, it becomes Settings or a ConfigError, never another exception."""

import json
from collections.abc import Mapping
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.config.conditions import ConditionTable, StepTable
from reporter.config.environment import SETTINGS
from reporter.config.metric_keys import MetricTable
from reporter.config.metric_tables import words_of
from reporter.config.reader import KINDS, TABLES
from reporter.config.reports_file import ReportsFile
from reporter.config.settings import load
from reporter.config.toml_lines import line_of
from reporter.reports.errors import ConfigError
from reporter.validation import keys
from tests.config.examples import ENVIRON, FILE

LINES = [*FILE.splitlines(), "[defaults]", "metrics = [", "]", '"', "top_events = 3", "[[reports]]", "x = {"]
NAMED = [table for kinds in KINDS.values() for table in kinds.values()]
KEYS = sorted(
    {
        key
        for table in (ReportsFile, *TABLES.values(), *NAMED, ConditionTable, StepTable)
        for key in keys(table)
    }
)
WORDS = [
    *words_of(MetricTable),
    "when unusual",
    "EUR",
    "percent",
    "daily",
    "UTC",
    "de",
    "webhook",
    "bot",
    "SLACK_WEBHOOK_URL",
    "C0123456789",
    "{value}",
    "weekly",
    "America",
]
CRONS = st.from_regex(r"([0-9*/,L#-]{1,4} ){4,5}[0-9*/,L#-]{1,4}", fullmatch=True)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(),
    CRONS,
    st.sampled_from(WORDS),
)
NAMES = st.sampled_from(["weekly", "signups", "slack", "[key]"]) | st.text(max_size=3)


def collections(children: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    keys = st.sampled_from(KEYS) | NAMES
    return st.lists(children, max_size=3) | st.dictionaries(keys, children, max_size=4)


ANYTHING = st.recursive(SCALARS, collections, max_leaves=12)
A_TABLE = st.dictionaries(st.sampled_from(KEYS), SCALARS | st.lists(SCALARS, max_size=3), max_size=8)
TABLES_OF_OURS = st.fixed_dictionaries(
    {},
    optional={name: A_TABLE | st.dictionaries(NAMES, A_TABLE, max_size=2) for name in [*TABLES, *KINDS]},
)


def toml(value: object) -> str:
    """The value written as TOML, tables inline."""
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return (
            "{"
            + ", ".join(
                f"{json.dumps(key, ensure_ascii=False)} = {toml(item)}" for key, item in table.items()
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, cast("list[object]", value))) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value).lower()


def is_settings_or_faults(environ: Mapping[str, str], text: str) -> bool:
    try:
        load(environ, text)
    except ConfigError as error:
        return (
            all(fault.place and fault.problem and fault.fix for fault in error.faults) and error.faults != ()
        )
    return True


@given(st.text() | st.lists(st.sampled_from(LINES) | st.text(max_size=5)).map("\n".join))
def test_any_text_is_a_file_or_a_fault(text: str):
    assert is_settings_or_faults(ENVIRON, text)


@settings(deadline=None)  # the first country's holidays load slowly
@given(TABLES_OF_OURS | st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=5))
def test_any_toml_is_a_file_or_a_fault(document: dict[str, object]):
    assert is_settings_or_faults(
        ENVIRON, "\n".join(f"{key} = {toml(value)}" for key, value in document.items())
    )


@given(st.dictionaries(st.sampled_from(list(SETTINGS)) | st.text(), st.text(st.characters())))
def test_any_environment_is_settings_or_a_fault(environ: dict[str, str]):
    assert is_settings_or_faults(environ, FILE)
    assert is_settings_or_faults({**ENVIRON, **environ}, FILE)


@given(
    st.lists(st.sampled_from(LINES) | st.text(max_size=5)).map("\n".join),
    st.lists(st.sampled_from(KEYS) | NAMES | st.integers(0, 3)),
)
def test_a_line_is_one_of_the_text(text: str, path: list[str | int]):
    line = line_of(text, tuple(path))

    assert line is None or 1 <= line <= text.count("\n") + 1
