"""Sample reports for what the settings can change: what is compared, whose project it is."""

from dataclasses import replace
from datetime import date
from typing import Final

from reporter.reports.figures import Incomparable, Unlike
from reporter.reports.findings import BusiestEvent, MetricChange, NothingUnusual
from reporter.reports.periods import Cadence, Comparison, Period, year_before
from reporter.reports.report import Chart, Report
from tests.sample_parts import WEEK, metric
from tests.samples_of_messages import ACTIVE, CALM, FALL_OF_SIGNUPS, FALLEN, FELL, ONE_FALL, RANKED

UNLIKE: Final = Incomparable(Unlike.NOT_COMPARED)


UNCOMPARED: Final = replace(RANKED, rows=tuple(replace(row, change=None) for row in RANKED.rows))


def _alone(chart: Chart) -> Chart:
    """Without the earlier line, which only a comparison with the period before has."""
    return replace(chart, previous=())


LAST_YEAR: Final = replace(
    ONE_FALL,
    previous=year_before(WEEK),
    compare=Comparison.YEAR,
    charts=(_alone(FALLEN), _alone(ACTIVE)),
    footer="",
)
LAST_YEAR_CALM: Final = replace(
    CALM,
    locale="de",
    title="Monatsbericht",
    cadence=Cadence.MONTHLY,
    period=Period(date(2026, 10, 1), date(2026, 11, 1)),
    previous=Period(date(2025, 10, 1), date(2025, 11, 1)),
    compare=Comparison.YEAR,
    findings=(
        MetricChange("Anmeldungen", "{value} Anmeldungen gingen {period} ein", 1_204, 869),
        NothingUnusual(2),
    ),
    metrics=(metric("Anmeldungen", 1_204, 869), metric("Aktive Nutzer", 3_120, 2_874)),
    top_events=None,
    charts=(),
    footer="",
)
NO_COMPARISON: Final = replace(
    CALM,
    compare=Comparison.NONE,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 271, None),
        BusiestEvent("Page View", 12_512, 0.687),
        NothingUnusual(6),
    ),
    metrics=tuple(replace(each, previous=UNLIKE) for each in CALM.metrics),
    top_events=UNCOMPARED,
    charts=(_alone(ACTIVE),),
)
NO_COMPARISON_FALL: Final = replace(
    NO_COMPARISON,
    findings=(FALL_OF_SIGNUPS, NothingUnusual(5, are_others=True)),
    metrics=(replace(ONE_FALL.metrics[0], previous=UNLIKE), *NO_COMPARISON.metrics[1:]),
    top_events=replace(
        UNCOMPARED, rows=(*UNCOMPARED.rows[:3], replace(FELL, change=None), UNCOMPARED.rows[4])
    ),
    charts=(_alone(FALLEN),),
)
OF_WEB: Final = replace(CALM, title="Web, {period}", project="Acme Web", names_project=True)
OF_APP: Final = replace(
    ONE_FALL,
    name="app_weekly",
    title="App, {period}",
    project="Acme App",
    names_project=True,
    link="https://eu.mixpanel.com/project/2718281",
)

REPORTS: Final[dict[str, Report]] = {
    "last_year": LAST_YEAR,
    "last_year_german": LAST_YEAR_CALM,
    "no_comparison": NO_COMPARISON,
    "no_comparison_fall": NO_COMPARISON_FALL,
    "of_web": OF_WEB,
    "of_app": OF_APP,
}
