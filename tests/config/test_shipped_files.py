"""The files that come along are true: reports.toml, its schema, and .env.example."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.config.conditions import ConditionTable, StepTable
from reporter.config.environment import SETTINGS
from reporter.config.metric_keys import MetricTable
from reporter.config.metric_tables import words_of
from reporter.config.reader import KINDS, TABLES
from reporter.config.reports_file import SCHEMA, ReportsFile, schema_text
from reporter.config.settings import read
from reporter.local import REPORTS
from reporter.render.phrases import words
from reporter.reports.errors import ConfigError
from reporter.reports.periods import Cadence
from reporter.reports.references import events_of
from reporter.reports.subscriptions import LANGUAGES
from reporter.validation import keys
from tests.config.examples import ENVIRON, WEBHOOK

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
EVERY_TABLE = [ReportsFile, *TABLES.values(), *(table for kind in KINDS.values() for table in kind.values())]
KEYS = {key for table in (*EVERY_TABLE, ConditionTable, StepTable) for key in keys(table)}
SETTING = re.compile(r"^(?:# )?([A-Z_]+)=", re.MULTILINE)
OF_EXAMPLES = {"SLACK_BOT_TOKEN": "xoxb-made-up", "WAREHOUSE_URL": "postgresql://db/made-up"}
SUBSCRIPTIONS = read(REPORTS.parent, ENVIRON).subscriptions


def test_the_example_holds_every_setting_and_no_other():
    assert sorted(SETTING.findall(EXAMPLE)) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_of_the_example_has_a_comment(name: str):
    lines = EXAMPLE.splitlines()
    before = lines[[match and match[1] for match in map(SETTING.match, lines)].index(name) - 1]

    assert re.match(r"# \w.*\w.*\.$", before)
    assert not SETTING.match(before)


def test_a_copy_of_the_example_lacks_only_what_a_person_must_fill_in(tmp_path: Path):
    (tmp_path / ".env").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "reports.toml").write_bytes(REPORTS.read_bytes())

    with pytest.raises(ConfigError) as raised:
        read(tmp_path, {})

    assert [(fault.place, fault.problem) for fault in raised.value.faults] == [
        (name, "is still the example's placeholder") for name in ENVIRON
    ]


def test_what_the_example_has_commented_out_is_right_too(tmp_path: Path):
    (tmp_path / ".env").write_text(re.sub(r"^# (?=[A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE))
    (tmp_path / "reports.toml").write_bytes(REPORTS.read_bytes())

    filled_in = {"ERROR_WEBHOOK_URL": WEBHOOK, "HEARTBEAT_URL": "https://hc-ping.com/made-up"}
    settings = read(tmp_path, {**ENVIRON, **filled_in})

    access = settings.projects[None].access
    assert access
    assert access.base_url == "http://127.0.0.1:8080"
    assert str(settings.projects[None].zone) == "Europe/Berlin"
    assert [one.schedule for one in settings.subscriptions.values()] == [
        one.schedule for one in SUBSCRIPTIONS.values()
    ]


@pytest.mark.parametrize("name", ["ERROR_WEBHOOK_URL", "HEARTBEAT_URL"])
def test_an_optional_setting_that_is_left_as_in_the_example_is_a_fault(name: str):
    value = re.search(rf"^# {name}=(.*)$", EXAMPLE, re.MULTILINE)
    assert value

    with pytest.raises(ConfigError, match=rf"^{name}: is still the example's placeholder"):
        read(REPORTS.parent, {**ENVIRON, name: value[1]})


def test_three_reports_come_along():
    assert {name: subscription.spec.cadence for name, subscription in SUBSCRIPTIONS.items()} == {
        "daily": Cadence.DAILY,
        "weekly": Cadence.WEEKLY,
        "biweekly": Cadence.BIWEEKLY,
    }


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("daily", ["2026-12-26", "2026-12-27", "2026-12-28"]),
        ("weekly", ["2026-12-28", "2027-01-04", "2027-01-11"]),
        ("biweekly", ["2027-01-04", "2027-01-18", "2027-02-01"]),
    ],
)
def test_they_come_at_nine_on_their_days(name: str, days: list[str]):
    moments = SUBSCRIPTIONS[name].schedule.due_after(datetime(2026, 12, 25, 12, tzinfo=UTC))

    assert [next(moments).isoformat() for _ in days] == [f"{day}T09:00:00+00:00" for day in days]


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_they_show_the_metrics_of_the_product(name: str):
    spec = SUBSCRIPTIONS[name].spec

    assert {metric.label: events_of(metric.measure) for metric in spec.metrics} == {
        "New Signups": ("Sign Up",),
        "Active Users": (),
        "Users Onboarded": ("User Onboarded",),
        "Active Sessions": ("$ae_session",),
        "Page Views": ("Page View",),
        "Purchases": ("Purchase",),
    }
    assert spec.top_events == 5


def test_the_examples_in_the_comments_are_right_too(tmp_path: Path):
    text = re.sub(r"^#   (?=\[|\w+ = )", "", REPORTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    every = re.sub(r"^metrics = \[[^]]*\]", "", text, flags=re.MULTILINE)
    (tmp_path / "reports.toml").write_text(every)

    settings = read(tmp_path, {**ENVIRON, **OF_EXAMPLES})
    spec = settings.subscriptions["weekly"].spec

    assert len(spec.metrics) == 6 + 7
    assert settings.events.keep_properties == ["plan"]
    assert "team" in settings.destinations


def test_causes_are_looked_for_by_country_system_and_source():
    drivers = {subscription.spec.drivers for subscription in SUBSCRIPTIONS.values()}

    assert drivers == {("mp_country_code", "$os", "utm_source")}


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_their_summary_begins_with_new_users(name: str):
    sentences = [metric.sentence for metric in SUBSCRIPTIONS[name].spec.metrics if metric.sentence]

    assert sentences == ["{value} new users joined", "{value} users were active"]


def test_the_schema_is_that_of_the_code():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run: python -m reporter.config.reports_file"


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_reference_explains_every_key(key: str):
    assert f"`{key}`" in REFERENCE


@pytest.mark.parametrize("measure", words_of(MetricTable))
def test_the_reference_has_an_example_of_every_measure(measure: str):
    assert f'measure = "{measure}"' in REFERENCE


def test_the_examples_of_the_reference_are_right(tmp_path: Path):
    blocks = re.findall(r"^```toml\n(.*?)^```", REFERENCE, re.MULTILINE | re.DOTALL)
    (tmp_path / "reports.toml").write_text("\n".join(blocks))

    settings = read(tmp_path, {**ENVIRON, **OF_EXAMPLES})

    assert len(settings.subscriptions) == 5


def test_the_schema_knows_nothing_that_toml_has_not():
    assert "null" not in schema_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_words(language: str):
    assert words(language) is not words("en") or language == "en"
