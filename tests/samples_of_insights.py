"""Sample reports of what is unusual, of goals, formats and breakdowns, in all languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from reporter.reports.causes import Cause
from reporter.reports.errors import FailureCause
from reporter.reports.figures import Measured, RawEvents, RawReason, Undefined
from reporter.reports.findings import (
    CausesNotLookedFor,
    HolidayIn,
    MeasuredFromRaw,
    MetricChange,
    Milestone,
    NothingUnusual,
    NotJudged,
    PartsNotJudged,
    RecordNumber,
    Restated,
    TooLittleToJudge,
    Unusual,
)
from reporter.reports.report import (
    Change,
    Chart,
    Detail,
    DetailKind,
    DetailRow,
    Progress,
    Report,
    ReportedMetric,
    Usual,
)
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal
from tests.sample_parts import DAILY, WEEK, WEEKLY, days, metric, wave

EUR: Final = Format(currency="EUR")
YEAR_END: Final = date(2026, 12, 31)


def progress(value: float, goal: Goal) -> Progress:
    """Where a value is on the way to its goal."""
    reached = value <= goal.target if goal.is_limit else value >= goal.target
    return Progress(goal, value / goal.target, reached)


def aimed(label: str, value: float, previous: float, reads: Format, goal: Goal) -> ReportedMetric:
    """A metric with a goal."""
    return replace(metric(label, value, previous), format=reads, progress=progress(value, goal))


def row(name: str | None, value: float, previous: float, whole: float) -> DetailRow:
    """A part of a whole."""
    return DetailRow(name, value, value / whole, Change(previous, value))


BY_COUNTRY: Final = Detail(
    "New Signups",
    DetailKind.BREAKDOWN,
    "mp_country_code",
    (
        row("DE", 214, 190, 482),
        row("IN", 96, 141, 482),
        row("FR", 71, 71, 482),
        row(None, 12, 0, 482),
        replace(row(None, 89, 84, 482), is_rest=True),
    ),
)
BY_PLAN: Final = Detail(
    "Average Order",
    DetailKind.BREAKDOWN,
    "plan",
    (DetailRow("team", 1_204.4, None, None), DetailRow("pro", 48.26, None, None)),
    EUR,
)
STEPS: Final = Detail(
    "Checkout Conversion",
    DetailKind.STEPS,
    None,
    (
        row("Product Viewed", 1_204, 1_180, 1_204),
        row("Checkout Started", 410, 395, 1_204),
        row("Purchase", 153, 147, 1_204),
    ),
)
RAW: Final = RawEvents(RawReason.PLAN, frozenset(), True, 1_204_331, duplicates=1_204, late=45, unreadable=3)

DETAILED: Final = replace(
    WEEKLY,
    findings=(
        MetricChange("Checkout Conversion", None, 0.127, 0.1151, PERCENT),
        MetricChange("Revenue", "{value} came in", 12_480.5, 11_240, EUR),
        NothingUnusual(6),
    ),
    metrics=(
        aimed("New Signups", 482, 486, NUMBER, Goal(680, YEAR_END)),
        replace(metric("Checkout Conversion", 0.127, 0.1151), format=PERCENT),
        aimed("Revenue", 12_480.5, 11_240, EUR, Goal(12_000)),
        replace(metric("Average Order", 48.26, 47.9), format=EUR),
        aimed("Stickiness", 0.341, 0.328, PERCENT, Goal(0.4, YEAR_END)),
        aimed("Refunds", 14, 9, NUMBER, Goal(10, is_limit=True)),
        aimed("Errors", 3, 0, NUMBER, Goal(10, is_limit=True)),
        ReportedMetric("Retention after 4 weeks", Undefined(), Undefined(), format=PERCENT),
        ReportedMetric("Trial Conversion", Measured(0), Undefined(), format=PERCENT),
    ),
    details=(BY_COUNTRY, STEPS, BY_PLAN),
    charts=(
        Chart(
            "Checkout Conversion",
            days(WEEK),
            (0.121, 0.13, 0.128, 0.131, 0.119, 0.127, 0.132),
            (0.11, 0.118, 0.112, 0.12, 0.115, 0.109, 0.121),
            PERCENT,
        ),
        Chart(
            "Revenue",
            days(WEEK),
            (1_890.5, 2_012, 1_950, 2_101, 1_870, 1_320, 1_337),
            (1_700, 1_790, 1_655, 1_810, 1_620, 1_302.5, 1_362.5),
            EUR,
        ),
    ),
    notes=(MeasuredFromRaw(RAW), Restated("New Signups", 480, 486)),
)

FALL: Final = Unusual("New Signups", 214, -0.31, 290, 340, (Cause("$os", ("Android",), 0.8),))
ALERT: Final = replace(
    WEEKLY,
    title="Signup Alert",
    mention="here",
    is_alert=True,
    findings=(
        replace(FALL, causes=(Cause("$os", ("Android",), 0.95), Cause("mp_country_code", ("IN",), 0.9))),
        Unusual(
            "Weekly Active Users",
            1_204,
            0.18,
            None,
            None,
            (Cause("utm_source", ("google", "bing"), 0.71), Cause("plan", ("pro",), 0.6)),
            is_of_users=True,
        ),
        RecordNumber("Purchases", 131, 1, date(2026, 3, 2), 26),
        Milestone("Page Views", 1_024, 1_000),
    ),
    metrics=(
        replace(metric("New Signups", 214, 322), usual=Usual(290.2, 340.4, 314)),
        metric("Weekly Active Users", 1_204, 1_068),
        metric("Purchases", 131, 118),
        metric("Page Views", 1_024, 987),
    ),
    charts=(
        Chart("New Signups", days(WEEK), wave(7, 34, 0), wave(7, 52, 0)),
        Chart("Weekly Active Users", days(WEEK), wave(7, 305, 3), wave(7, 280, 1)),
    ),
    notes=(
        HolidayIn(date(2026, 11, 18), "Buß- und Bettag"),
        MeasuredFromRaw(
            replace(RAW, because=RawReason.NOT_OFFERED, is_all=False), ("Sessions", "Stickiness")
        ),
        CausesNotLookedFor("Mixpanel's hourly quota is used up.", (FailureCause("hour_spent"),)),
        PartsNotJudged(
            "mp_country_code", "Mixpanel's hourly quota is used up.", (FailureCause("hour_spent"),)
        ),
    ),
)
ALERT_IN_FRENCH: Final = replace(
    ALERT,
    title="Alerte",
    locale="fr",
    mention="S012AB3CD",
)
DETAILED_IN_GERMAN: Final = replace(
    DETAILED,
    title="Wochenbericht",
    locale="de",
    findings=(
        MetricChange("Checkout Conversion", None, 0.127, 0.1151, PERCENT),
        RecordNumber("Refunds", 14, 1, None, 26),
    ),
    notes=(
        MeasuredFromRaw(replace(RAW, because=RawReason.FILES, duplicates=0, late=0, unreadable=0)),
        TooLittleToJudge(date(2027, 1, 12)),
    ),
)
SPIKE: Final = replace(
    DAILY,
    mention="U012AB3CD",
    findings=(
        Unusual(
            "Conversion", 0.127, 0.4, 0.07, 0.1012, (Cause("$os", ("Android", "iOS"), 0.82),), format=PERCENT
        ),
        Unusual("New Signups", 7, 0.4, 2, 5),
        RecordNumber("Purchases", 9, 1, date(2026, 10, 12), 26),
    ),
    metrics=(
        DAILY.metrics[0],
        replace(metric("New Signups", 7, 4), usual=Usual(2, 5, 4)),
        replace(metric("Conversion", 0.127, 0.0912), format=PERCENT, usual=Usual(0.07, 0.1012, 0.0907)),
        DAILY.metrics[2],
    ),
    computed_at=datetime(2026, 11, 23, 8, 4, tzinfo=UTC) + timedelta(minutes=1),
    notes=(
        MeasuredFromRaw(replace(RAW, because=RawReason.REFUSED, duplicates=1, late=1, unreadable=1)),
        NotJudged(("Retention",)),
    ),
)

REPORTS: Final[dict[str, Report]] = {
    "detailed": DETAILED,
    "detailed_german": DETAILED_IN_GERMAN,
    "alert": ALERT,
    "alert_french": ALERT_IN_FRENCH,
    "spike": SPIKE,
}
