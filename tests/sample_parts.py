"""What the sample reports are made of, and the two that the others vary."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from reporter.reports.figures import Measured
from reporter.reports.findings import BusiestEvent, Late, MetricChange
from reporter.reports.periods import ONE_DAY, Cadence, Period
from reporter.reports.report import Change, Chart, Report, ReportedMetric, TopEvent, TopEvents

BERLIN: Final = ZoneInfo("Europe/Berlin")
MONDAY: Final = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)  # 09:04 in Berlin
WEEK: Final = Period(date(2026, 11, 16), date(2026, 11, 23))


def metric(label: str, value: float, previous: float) -> ReportedMetric:
    """A metric that was measured twice."""
    return ReportedMetric(label, Measured(value), Measured(previous))


def top_event(name: str, count: float, previous: float) -> TopEvent:
    """A row of the ranking."""
    return TopEvent(name, count, Change(previous, count))


def days(period: Period) -> tuple[Period, ...]:
    """Each day of a period as a span of a chart."""
    return tuple(Period(day, day + ONE_DAY) for day in period)


def wave(length: int, base: float, step: float) -> tuple[float, ...]:
    """A number a day, with the rhythm of a week."""
    rhythm = (1.0, 1.12, 1.15, 1.08, 0.97, 0.58, 0.49)
    return tuple(round(base * rhythm[place % 7] + step * place) for place in range(length))


WEEKLY: Final = Report(
    name="weekly",
    title="Weekly Report",
    company="Acme",
    project="Acme Shop",
    zone=BERLIN,
    locale="en",
    cadence=Cadence.WEEKLY,
    period=WEEK,
    previous=WEEK.previous,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 89, 79),
        MetricChange("Purchases", "{value} purchases were made", 120, 131),
        BusiestEvent("Page View", 12_500, 0.684),
    ),
    metrics=(
        metric("Weekly Active Users", 1_204, 1_068),
        metric("New Signups", 89, 79),
        metric("Users Onboarded", 35, 35),
        metric("Active Sessions", 3_381, 3_407),
        metric("Page Views", 12_500, 11_240),
        metric("Purchases", 120, 131),
    ),
    top_events=TopEvents(
        (
            top_event("Page View", 12_500, 11_240),
            top_event("Button Click", 3_200, 3_305),
            top_event("Feature Used", 890, 0),
            top_event("Purchase", 120, 131),
            top_event("Sign Up", 89, 79),
        ),
        total=18_274,
        known=42,
    ),
    charts=(
        Chart("Weekly Active Users", days(WEEK), wave(7, 305, 3), wave(7, 280, 1)),
        Chart("New Signups", days(WEEK), (14, 16, 17, 15, 12, 8, 7), (12, 14, 14, 13, 11, 8, 7)),
    ),
    notes=(),
    computed_at=MONDAY,
    made_at=MONDAY,
    queries=5,
)

SUNDAY: Final = Period(date(2026, 11, 22), date(2026, 11, 23))
DAILY: Final = replace(
    WEEKLY,
    name="daily",
    title="Daily Report",
    cadence=Cadence.DAILY,
    period=SUNDAY,
    previous=SUNDAY.earlier(7),
    findings=(
        MetricChange("New Signups", "{value} new users joined", 7, 7),
        BusiestEvent("Page View", 871, 0.7012),
    ),
    metrics=(metric("Daily Active Users", 168, 141), metric("New Signups", 7, 7), metric("Purchases", 9, 0)),
    charts=(replace(WEEKLY.charts[0], label="Daily Active Users"), WEEKLY.charts[1]),
    top_events=TopEvents((top_event("Page View", 871, 802), top_event("Button Click", 371, 380)), 1_242, 2),
    notes=(Late(datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),),
)
