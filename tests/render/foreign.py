"""Text that others may write, in every place of a report where it can stand."""

from dataclasses import replace

from hypothesis import strategies as st

from reporter.reports.causes import Cause
from reporter.reports.figures import Failed, Measured, NotNumeric, UnknownEvent, UnknownProperty, UnknownValue
from reporter.reports.findings import (
    BusiestEvent,
    CausesNotLookedFor,
    HolidayIn,
    MetricChange,
    Milestone,
    NotAllNumbers,
    NotMeasured,
    PartsNotJudged,
    RecordNumber,
    Restated,
    Unusual,
)
from reporter.reports.report import Detail, DetailKind, DetailRow, Report, ReportedMetric, TopEvents
from tests.render.strategies import ANY_CHARACTER
from tests.samples import HOSTILE_NAMES, WEEKLY, metric, top_event

FRAGMENTS = (
    *("\"'><script>alert(1)</script>", "</title></style>", "{{ 7 * 7 }}{% raw %}", "&lt;b&gt;&amp;", "<!--"),
    *("[red]x[/red]", "[link=file:///etc]x[/link]", ":warning:", "\\[bold]"),
    *(
        "\x1b[2J\x1b]8;;file:///\x07",
        "\x9b31m",
        "\x00\x7f\x85\u2028",
        "\ud800",
        "\udc00\ud83d",
        '"\\',
        "\\u0000",
    ),
    *HOSTILE_NAMES,
)
NAMES = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.text(ANY_CHARACTER, max_size=80),
    st.lists(st.sampled_from(FRAGMENTS[:-2]), max_size=4).map("".join),
)


def report_naming(name: str) -> Report:
    """A report in which everything that others name has this name."""
    return replace(
        WEEKLY,
        title="T" + name,
        company="C" + name,
        project="P" + name,
        findings=(
            MetricChange(name, "{value} " + name, 89, 79),
            MetricChange(name, None, 89, None),
            BusiestEvent(name, 12_500, 0.684),
            NotMeasured((name, name)),
            Unusual(name, 4, 0.5, 1, 2, (Cause(name, (name, name), 0.5),)),
            Unusual(name, 4, 0.5, 1, 2),
            RecordNumber(name, 4, 1, None, 26),
            Milestone(name, 4, 3),
        ),
        metrics=(
            metric(name, 89, 79),
            ReportedMetric(name, UnknownEvent(name, (name,)), Failed(name)),
            ReportedMetric(name, UnknownProperty(name, name, WEEKLY.period.start, (name,)), Failed(name)),
            ReportedMetric(name, UnknownValue(name, name, name, WEEKLY.period.start, (name,)), Failed(name)),
            ReportedMetric(name, NotNumeric(name, name), Failed(name)),
            ReportedMetric(name, Failed("No: " + name), Measured(4)),
        ),
        top_events=TopEvents((top_event(name, 12_500, 11_240), top_event(name, 3, 0)), 18_274, 42),
        charts=tuple(replace(chart, label=name) for chart in WEEKLY.charts),
        details=(Detail(name, DetailKind.BREAKDOWN, name, (DetailRow(name, 3, 0.5, None),)),),
        notes=(
            NotAllNumbers(name, 2),
            Restated(name, 1, 2),
            HolidayIn(WEEKLY.period.start, name),
            CausesNotLookedFor("W" + name),
            PartsNotJudged(name, "W" + name),
        ),
    )
