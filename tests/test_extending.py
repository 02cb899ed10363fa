"""A destination and a measure are added by what CONTRIBUTING.md lists for them, and by nothing else."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Literal, cast

import pytest
from pydantic import Field

from reporter import destinations
from reporter.config import metric_tables, reports_file
from reporter.config.goal_tables import SimpleTable
from reporter.config.metric_keys import MetricTables
from reporter.config.metric_tables import words_of
from reporter.config.reports_file import schema_text
from reporter.config.settings import load
from reporter.destinations.table import DestinationTable
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME
from reporter.reports import measures
from reporter.reports.deliveries import Delivery, Notice, Payload, Receipt, always
from reporter.reports.errors import ConfigError, Refused
from reporter.reports.figures import Failed, Figure, Measured, Question, RawReason
from reporter.reports.measures import Sessions, Traits
from reporter.reports.periods import Period
from reporter.reports.report import Report
from reporter.setting_files import SettingFiles
from reporter.sources.events import measures as events_measures
from reporter.sources.events.measures import EventsPlan, MeasureRequest
from reporter.sources.events.measures.aggregates import Aggregates, DailyCounts, DailyDefinition, Reader
from reporter.sources.events.measures.bucket import Bucket, Occurrences
from reporter.sources.events.measures.sql import HAS_USER, Parameters, within
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource
from reporter.validation import Environment, EventName
from tests.config.examples import ENVIRON, METRICS, REPORT
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.sources.events.buckets import measured
from tests.sources.events.reference import Event
from tests.world import WEEK

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


# ---- a measure that raw events tell: how often users did an event again on the same day


@dataclass(frozen=True, slots=True)
class Repeats(Sessions):
    """How often users did an event again on the same day.

    The union of measures is closed, so that the type checker names each `match` that a new one must join:
    here it is a kind of sessions, and `with_repeats` adds the cases.
    """

    event: str = ""


class RepeatsTable(SimpleTable):
    """An event that users do again."""

    measure: Literal["repeats"] = Field(description="How often users did the event again on the same day.")
    repeated_event: EventName = Field(description="The event's name in Mixpanel, letter for letter.")

    def to_measure(self, metrics: MetricTables) -> Repeats:
        return Repeats(event=self.repeated_event)


@dataclass(frozen=True, slots=True)
class RepeatsDefinition(DailyDefinition):
    """Occurrences beyond each user's first of a day."""

    measure: Repeats

    def figure(self, period: Period, aggregates: Aggregates) -> Reader[Figure]:
        days = self.daily(period, aggregates)
        return lambda: Measured(sum(days()))

    def daily(self, period: Period, aggregates: Aggregates) -> Reader[list[int]]:
        return aggregates.of(DailyCounts).request(self, period)

    def daily_sql(self, period: Period, bucket: Bucket, parameters: Parameters) -> str:
        return f"""
            SELECT day, count(*) - count(DISTINCT "user") FROM occurred
            WHERE {HAS_USER} AND {within(period)}
              AND {bucket.filtered(Occurrences(self.measure.event), parameters)}
            GROUP BY day
        """  # noqa: S608


REPEATS = """
[metrics.repeats]
label = "Repeated Views"
measure = "repeats"
repeated_event = "Page View"
target = { weekly = 12 }
target_is = "at_most"
"""
VIEWED_AGAIN = Repeats(event="Page View")
DESTINATION = '[destinations.slack]\ntype = "webhook"\nurl = "SLACK_WEBHOOK_URL"\n'


def add_case(
    monkeypatch: pytest.MonkeyPatch, function: Callable[..., object], answer: Callable[[Repeats], object]
) -> None:
    """A case more in a `match` over measures, wherever the function is imported."""

    def extended(measure: object) -> object:
        return answer(measure) if isinstance(measure, Repeats) else function(measure)

    for name, module in [*sys.modules.items()]:
        if name.startswith("reporter.") and vars(module).get(function.__name__) is function:
            monkeypatch.setattr(module, function.__name__, extended)


@pytest.fixture
def with_repeats(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the four files say: the measure, its table, its definition, and the case that finds that."""
    import_module("reporter.anomalies.explanation")  # else it is imported later, and keeps the case
    add_case(
        monkeypatch,
        measures.traits,
        lambda _: Traits(has_days=True, is_additive=True, raw_only="repeated events"),
    )
    add_case(monkeypatch, measures.events_with_conditions, lambda measure: iter([(measure.event, ())]))
    tables = cast("dict[str, type[SimpleTable]]", metric_tables.TABLES)
    monkeypatch.setitem(tables, "RepeatsTable", RepeatsTable)
    add_case(monkeypatch, events_measures.definition, RepeatsDefinition)
    reports_file.ReportsFile.model_rebuild(force=True)
    yield
    monkeypatch.undo()
    reports_file.ReportsFile.model_rebuild(force=True)


@pytest.mark.usefixtures("with_repeats")
def test_a_new_measure_is_read_with_all_that_metrics_have():
    settings = load(ENVIRON, METRICS + REPEATS + REPORT + DESTINATION)

    metric = settings.subscriptions["weekly"].spec.metrics[-1]
    assert (metric.label, metric.measure) == ("Repeated Views", VIEWED_AGAIN)
    (goal,) = metric.goals
    assert goal.target == 12


@pytest.mark.usefixtures("with_repeats")
def test_a_new_measure_may_be_a_part_of_a_ratio_and_its_keys_are_its_own():
    ratio = (
        '[metrics.share]\nlabel = "S"\nmeasure = "ratio"\nnumerator = "repeats"\ndenominator = "signups"\n'
    )
    assert load(ENVIRON, METRICS + REPEATS + ratio + REPORT + DESTINATION)

    with pytest.raises(ConfigError, match="repeated_event belongs to repeats"):
        load(ENVIRON, METRICS + 'repeated_event = "X"\n' + REPORT + DESTINATION)
    assert "repeats" in words_of(SimpleTable)


@pytest.mark.usefixtures("with_repeats")
def test_a_new_measure_is_worked_out_from_raw_events():
    viewed = [(1, 0), (1, 5), (1, 23), (2, 1), (2, 25), (3, 2), (None, 3), (None, 4)]  # user, hour
    stored = [
        Event("Page View", user, hour * 3_600_000, WEEK.start + timedelta(days=hour // 24))
        for user, hour in viewed
    ]
    requested = MeasureRequest(VIEWED_AGAIN, WEEK)
    plan = EventsPlan(frozenset({requested}), daily=frozenset({VIEWED_AGAIN}), history=WEEK)

    result = measured(stored, plan, (), count=2)

    assert result.figures[requested] == Measured(2)
    assert result.daily[VIEWED_AGAIN].values == (2, 0, 0, 0, 0, 0, 0)


@pytest.mark.usefixtures("with_repeats")
def test_the_query_api_says_that_it_does_not_offer_a_new_measure(desk: Desk):
    client = MixpanelClient(MixpanelAccess(USERNAME, SECRET, str(PROJECT_ID), base_url=desk.mixpanel.url))
    with closing(client):
        figures = QuerySource(client).measure(Question((VIEWED_AGAIN,), WEEK, WEEK.previous))

    figure = figures.now[VIEWED_AGAIN]
    assert isinstance(figure, Failed)
    assert figure.raw_reason is RawReason.NOT_OFFERED
    assert "does not tell repeated events" in figure.reason


@pytest.mark.usefixtures("with_repeats")
def test_a_new_measure_is_reported_from_raw_events_beside_those_of_the_query_api(desk: Desk):
    desk.change("metrics = [", 'metrics = [\n    "repeats",')
    desk.change("[metrics.new_signups]", f"{REPEATS}\n[metrics.new_signups]")

    code, out, _ = desk.reporter("preview", "weekly", "--format", "json")

    assert code == 0
    report = json.loads(out)
    repeats, *others = report["metrics"]
    (raw,) = (note for note in report["notes"] if note["kind"] == "measured_from_raw")
    assert (repeats["label"], repeats["state"]) == ("Repeated Views", "measured")
    assert repeats["value"] > 0
    assert not repeats["progress"]["is_reached"]
    assert (raw["labels"], raw["because"]) == (["Repeated Views"], "not_offered")
    assert {metric["state"] for metric in others} == {"measured"}
