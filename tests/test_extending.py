"""A destination and a measure are added by what CONTRIBUTING.md lists for them, and by nothing else."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, cast

import pytest
from pydantic import Field

from reporter import destinations
from reporter.config import load, metric_tables, reports_file
from reporter.config.metric_keys import MetricTables, SimpleTable
from reporter.config.metric_tables import words_of
from reporter.config.reports_file import schema_text
from reporter.destinations.table import DestinationTable
from reporter.render import slack
from reporter.reports.deliveries import Delivery, Notice, Payload, Receipt, always
from reporter.reports.errors import ConfigError, Refused
from reporter.reports.measures import Sessions
from reporter.reports.report import Report
from reporter.setting_files import SettingFiles
from reporter.validation import Environment, EventName
from tests.config.examples import ENVIRON, METRICS, REPORT
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.world import FakeSource, composed, edition, spec

# ---- a destination: a file that takes a line for each message


class LogbookTable(DestinationTable):
    """A file of messages."""

    SETTINGS: ClassVar[Mapping[str, str]] = {"LOGBOOK": "Use the path of a file."}

    type: Literal["logbook"] = Field(description="The kind of destination.")
    path: str = Field(description="The name of the setting that holds the path.")

    @property
    def setting(self) -> str:
        return self.path

    def channel_of(self, name: str, environment: Environment) -> "Logbook | None":
        path = environment.optional(self.path, Path)
        return Logbook(name, path) if path else None

    @classmethod
    def guess(cls, files: SettingFiles) -> Iterator["Logbook"]:
        if path := files.values.get("LOGBOOK"):
            yield Logbook("LOGBOOK", Path(path))


@dataclass(frozen=True, slots=True)
class Logbook:
    """Writes messages into a file."""

    name: str
    path: Path

    def over(self, transport: object, sleep: object) -> "Logbook":
        return self

    def draw(self, report: Report) -> Sequence[Payload]:
        labels = ", ".join(metric.label for metric in report.metrics)
        return (Payload(f"{report.title}: {labels}".encode()),)

    def draw_notice(self, notice: Notice) -> Sequence[Payload]:
        return (Payload(f"{notice.code}: {notice.problem}".encode()),)

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        ready()
        with self.path.open("ab") as file:
            file.write(payloads[0].body + b"\n")
        return Receipt()

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        raise Refused("Nobody reads it.")

    def check(self) -> None:
        if not self.path.parent.is_dir():
            raise Refused("There is no such folder")


@pytest.fixture
def with_logbook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(
        cast("dict[str, type[DestinationTable]]", destinations.KINDS), "logbook", LogbookTable
    )
    reports_file.ReportsFile.model_rebuild(force=True)
    yield
    monkeypatch.undo()
    reports_file.ReportsFile.model_rebuild(force=True)


@pytest.fixture
def logbook(desk: Desk, with_logbook: None) -> Path:
    """The desk's destination is a file."""
    desk.change('type = "webhook"', 'type = "logbook"')
    desk.change('url = "SLACK_WEBHOOK_URL"', 'path = "LOGBOOK"')
    path = desk.folder / "logbook.txt"
    desk.set(LOGBOOK=str(path), SLACK_WEBHOOK_URL="")
    return path


def test_a_new_destination_receives_a_report_once(desk: Desk, logbook: Path):
    assert desk.reporter("send", "weekly")[0] == 0
    assert desk.reporter("send", "weekly")[0] == 0

    (line,) = logbook.read_text().splitlines()
    assert line.startswith("Weekly Report: New Signups, ")


def test_a_new_destination_is_checked(desk: Desk, logbook: Path):
    code, out, _ = desk.reporter("check")

    assert code == 0
    assert "Destination slack: takes messages" in out


def test_a_new_destination_hears_of_wrong_settings(desk: Desk, logbook: Path):
    desk.change('schedule = "0 0 9 * * 1"', 'schedule = "every Monday"')

    assert desk.reporter("send", "weekly")[0] == 2
    assert logbook.read_text().startswith("settings-wrong: ")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ('type = "logbok"\npath = "LOGBOOK"', "'logbok' is not possible here Use webhook, bot or logbook."),
        ('type = "logbook"', "this is missing Add it. The name of the setting that holds the path."),
    ],
)
@pytest.mark.usefixtures("with_logbook")
def test_what_is_wrong_with_a_new_destination_is_told(wrong: str, problem: str):
    with pytest.raises(ConfigError) as raised:
        load(ENVIRON, METRICS + REPORT + f"[destinations.log]\n{wrong}\n")

    (fault,) = raised.value.faults
    assert f"{fault.problem} {fault.fix}" == problem


@pytest.mark.usefixtures("with_logbook")
def test_editors_know_a_new_destination():
    assert "LogbookTable" in json.loads(schema_text())["$defs"]


# ---- a measure: the longest pause between two events


@dataclass(frozen=True, slots=True)
class LongestPause(Sessions):
    """The longest time, in hours, in which an event did not happen; what it is besides is as of sessions.

    The union of measures is closed, so that the type checker names every `match` that a new one must join.
    """

    event: str = ""


class LongestPauseTable(SimpleTable):
    """The longest time without an event."""

    measure: Literal["longest_pause"] = Field(description="The longest time without the event, in hours.")
    silent_event: EventName = Field(description="The event's name in Mixpanel, letter for letter.")

    def to_measure(self, metrics: MetricTables) -> LongestPause:
        return LongestPause(self.silent_event)


PAUSE = """
[metrics.pause]
label = "Longest Pause"
measure = "longest_pause"
silent_event = "Sign Up"
target = 12
target_is = "at_most"
"""
DESTINATION = '[destinations.slack]\ntype = "webhook"\nurl = "SLACK_WEBHOOK_URL"\n'


@pytest.fixture
def with_pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tables = cast("dict[str, type[SimpleTable]]", metric_tables.TABLES)
    monkeypatch.setitem(tables, "LongestPauseTable", LongestPauseTable)
    reports_file.ReportsFile.model_rebuild(force=True)
    yield
    monkeypatch.undo()
    reports_file.ReportsFile.model_rebuild(force=True)


@pytest.mark.usefixtures("with_pause")
def test_a_new_measure_is_read_with_all_that_metrics_have():
    settings = load(ENVIRON, METRICS + PAUSE + REPORT + DESTINATION)

    metric = settings.subscriptions["weekly"].spec.metrics[-1]
    assert (metric.label, metric.measure) == ("Longest Pause", LongestPause("Sign Up"))
    assert metric.goal
    assert metric.goal.target == 12


@pytest.mark.usefixtures("with_pause")
def test_a_new_measure_may_be_a_part_of_a_ratio_and_its_keys_are_its_own():
    ratio = '[metrics.share]\nlabel = "S"\nmeasure = "ratio"\nnumerator = "pause"\ndenominator = "signups"\n'
    assert load(ENVIRON, METRICS + PAUSE + ratio + REPORT + DESTINATION)

    with pytest.raises(ConfigError, match="silent_event belongs to longest_pause"):
        load(ENVIRON, METRICS + 'silent_event = "X"\n' + REPORT + DESTINATION)
    assert "longest_pause" in words_of(SimpleTable)


@pytest.mark.usefixtures("with_pause")
def test_a_new_measure_is_reported():
    pause = load(ENVIRON, METRICS + PAUSE + REPORT + DESTINATION).subscriptions["weekly"].spec.metrics[-1]
    made = edition(spec(metrics=(pause,)))
    source = FakeSource({pause.measure: 9}, {pause.measure: 7})

    report = composed(made, source.measure(made.question))

    (payload, *_) = slack.payloads(report)
    assert "Longest Pause" in payload.body.decode()
