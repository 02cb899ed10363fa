"""Parts of a metric that are judged beside the whole: what they find, and what they must not add."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from reporter.anomalies.parts import MOST_PARTS, judged_by
from reporter.publishing.make import explain, make
from reporter.render import explanation
from reporter.reports.causes import MetricPart
from reporter.reports.errors import Unavailable
from reporter.reports.figures import SegmentAnswer, Segmentation
from reporter.reports.findings import PartsNotJudged, Unusual
from reporter.reports.measures import EventCount, Measure
from reporter.reports.report import Report
from reporter.reports.subscriptions import Insights, MetricSpec, ReportSpec
from tests.world import MONDAY, PAGE_VIEWS, SIGN_UPS, FakeSource, edition, spec

DAYS = 26 * 7
WEEKDAYS = (1.1, 1.1, 1.1, 1.0, 1.0, 0.8, 0.9)
PLACES: Mapping[str, float] = {"IN": 300, "US": 200, "BR": 120, "FR": 60, "DE": 30, "GB": 20, "CH": 5}
JUDGED = spec(
    metrics=(
        MetricSpec("New Signups", SIGN_UPS, judge_by="mp_country_code"),
        MetricSpec("Page Views", PAGE_VIEWS),
    ),
    drivers=("$os",),
)

ALONE = tuple(replace(metric, judge_by=None) for metric in JUDGED.metrics)


def drawn(rng: np.random.Generator, level: float, factor: float = 1.0) -> list[float]:
    """Half a year of days, the last week times the factor."""
    days = [level * WEEKDAYS[place % 7] * (factor if place >= DAYS - 7 else 1.0) for place in range(DAYS)]
    return rng.poisson(days).astype(float).tolist()


class ByCountry(FakeSource):
    """Daily numbers of each country; those of the whole are their sum."""

    def __init__(self, seed: int = 1, factors: Mapping[str, float] | None = None) -> None:
        rng = np.random.default_rng(seed)
        changed = factors or {}
        self.parts = {name: drawn(rng, level, changed.get(name, 1.0)) for name, level in PLACES.items()}
        self.parts["undefined"] = drawn(rng, 3)
        whole = np.sum([*self.parts.values()], axis=0).tolist()
        daily: dict[Measure, Sequence[float]] = {SIGN_UPS: whole, PAGE_VIEWS: drawn(rng, 2_000)}
        super().__init__(
            values={one: sum(days[-7:]) for one, days in daily.items()},
            before={one: sum(days[-14:-7]) for one, days in daily.items()},
            daily=daily,
        )

    def segments(self, segmentation: Segmentation) -> SegmentAnswer:
        self.segmentations.append(segmentation)
        if segmentation.properties != ("mp_country_code",):
            return SegmentAnswer({}, queries=1)
        first = edition(JUDGED).question.history.start
        totals = {
            name: tuple(sum(days[(day - first).days] for day in period) for period in segmentation.periods)
            for name, days in self.parts.items()
            if name != "undefined"
        }
        return SegmentAnswer({SIGN_UPS: {"mp_country_code": totals}}, queries=1)


def report_of(source: FakeSource, report: ReportSpec = JUDGED) -> Report:
    return make(edition(report), source, lambda: MONDAY, waits=False)


def unusual_in(report: Report) -> list[tuple[str, MetricPart | None]]:
    return [(one.label, one.part) for one in report.findings if isinstance(one, Unusual)]


@pytest.mark.parametrize("seed", range(5))
def test_a_fall_in_one_country_that_the_whole_hides_is_found(seed: int):
    source = ByCountry(seed, {"DE": 0.3})

    report = report_of(source)
    without = report_of(source, replace(JUDGED, metrics=ALONE))

    assert unusual_in(report) == [("New Signups", MetricPart("mp_country_code", "DE"))]
    assert unusual_in(without) == []
    (found,) = (one for one in report.findings if isinstance(one, Unusual))
    assert found.value == sum(source.parts["DE"][-7:])
    assert found.low is not None
    assert found.high is not None
    assert found.value < found.low < 30 * 7 < found.high


def test_twenty_more_series_make_no_more_false_alarms():
    """Of quiet weeks one in twenty may say something: the budget is the report's."""
    alarms = [bool(unusual_in(report_of(ByCountry(seed)))) for seed in range(1_000, 1_100)]

    assert sum(alarms) <= 5


def test_where_the_whole_moved_only_the_whole_is_told():
    report = report_of(ByCountry(factors=dict.fromkeys(PLACES, 0.5)))

    assert unusual_in(report) == [("New Signups", None)]


def test_the_five_largest_values_are_judged_and_asked_for_once():
    source = ByCountry(factors={"CH": 0.0})

    report = report_of(source)

    (asked,) = source.segmentations
    assert (asked.measures, asked.properties) == ((SIGN_UPS,), ("mp_country_code",))
    assert len(asked.periods) == DAYS
    assert (asked.most or 0) > MOST_PARTS
    assert report.queries == 4 + 1
    assert unusual_in(report) == []  # Switzerland is the seventh


def test_what_causes_a_part_is_asked_of_that_part_alone():
    source = ByCountry(factors={"DE": 0.3})

    report_of(source)

    (measure,) = source.segmentations[-1].measures
    assert isinstance(measure, EventCount)
    assert [(one.property, one.values) for one in measure.where] == [("mp_country_code", ("DE",))]


def test_parts_that_cannot_be_had_are_told_and_the_whole_is_judged():
    source = ByCountry(factors=dict.fromkeys(PLACES, 0.5))
    source.answers = Unavailable("Mixpanel is down")
    failing = FakeSource(source.values, source.before, daily=source.daily, answers=Unavailable("It is down"))

    report = report_of(failing)

    assert PartsNotJudged("mp_country_code", "It is down") in report.notes
    assert unusual_in(report) == [("New Signups", None)]


def parts_told(source: FakeSource, report: ReportSpec = JUDGED) -> list[str]:
    """The lines of an explanation about the parts of the first metric."""
    drawn = explanation.draw(explain(edition(report), source, report.metrics[0]))
    _, _, told = drawn.partition("Its parts, by mp_country_code\n")
    return [" ".join(line.split()) for line in told.partition("What is behind it")[0].splitlines() if line]


@pytest.mark.parametrize("seed", range(5))
def test_an_explanation_lists_the_parts_that_were_judged_with_what_is_said_of_each(seed: int):
    source = ByCountry(seed, {"DE": 0.3})
    _, *lines, share = parts_told(source)
    (found,) = (one for one in report_of(source).findings if isinstance(one, Unusual))

    assert [line.split()[0] for line in lines] == ["IN", "US", "BR", "FR", "DE"]
    assert [line.split()[0] for line in lines if line.endswith("unusual")] == ["DE"]
    assert lines[-1].startswith(f"DE {found.value:.0f} ")
    assert share.startswith("unusual up to")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (ByCountry(factors=dict.fromkeys(PLACES, 0.5)), "The whole is unusual"),
        (FakeSource(ByCountry().values, daily=ByCountry().daily, answers=Unavailable("It is down")), "down"),
        (FakeSource(ByCountry().values, daily=ByCountry().daily), "mp_country_code has no two values"),
    ],
)
def test_an_explanation_says_why_no_part_was_judged(source: FakeSource, reason: str):
    (told,) = parts_told(source)

    assert told.startswith("Not judged: ")
    assert reason in told


def test_an_explanation_of_a_metric_without_parts_has_none():
    assert parts_told(ByCountry(), replace(JUDGED, metrics=ALONE)) == []


def test_without_insights_nothing_is_asked():
    assert judged_by(replace(JUDGED, insights=Insights.OFF)) == ()
