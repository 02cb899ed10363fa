"""The one set of sample reports and notices that every renderer draws."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from reporter.reports.causes import Cause
from reporter.reports.deliveries import Notice
from reporter.reports.errors import FailureCause
from reporter.reports.figures import (
    Failed,
    Incomparable,
    Measured,
    NotNumeric,
    RawEvents,
    RawReason,
    TooLittleHistory,
    Undefined,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
    Unlike,
)
from reporter.reports.findings import (
    BusiestEvent,
    CausesNotLookedFor,
    CommonShift,
    DataDoubt,
    FaultKind,
    HolidayIn,
    Late,
    MeasuredFromRaw,
    MetricChange,
    Next,
    NoEarlierData,
    NotAllNumbers,
    NothingHappened,
    NotMeasured,
    RankedPartly,
    Restated,
    Sampled,
    Unusual,
    UnusualDay,
    ZoneAssumed,
)
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import (
    Change,
    Chart,
    Detail,
    DetailKind,
    DetailRow,
    Report,
    ReportedMetric,
    TopEvent,
    TopEvents,
    Usual,
)
from reporter.reports.subscriptions import PERCENT
from tests import samples_of_insights, samples_of_messages, samples_of_options
from tests.sample_parts import DAILY, MONDAY, WEEK, WEEKLY, days, metric, top_event, wave

HOSTILE_NAMES: Final = (
    "<!channel> <@U012AB3CD> <https://evil.example|free>",
    "*bold* _italic_ ~struck~ `code` ```fence``` > quote",
    "https://evil.example/?a=1&b=2 and www.evil.example",
    "تسجيل الدخول 123",
    "\u202egnp.exe\u202c Sign Up",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪 :tada: @here #general",
    "",
    "\u200b\u2800\u3164",
    "line\r\nbreak\ttab\x00null\x1b[31mred",
    "half \ud83d of a pair",
    "Z̸̢͉̫a̴͙͎l̶͔̈g̷̲̔o̷" * 40,
    "L" * 5_000,
)

QUOTA_SPENT = "Mixpanel's hourly quota of 60 queries is used up; it frees up in 25 minutes"


FORTNIGHT: Final = Period(date(2026, 11, 9), date(2026, 11, 23))
BIWEEKLY: Final = replace(
    WEEKLY,
    name="biweekly",
    title="Bi-Weekly Report",
    cadence=Cadence.BIWEEKLY,
    period=FORTNIGHT,
    previous=FORTNIGHT.previous,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 89, 79),
        BusiestEvent("Page View", 12_500, 0.684),
    ),
    charts=(Chart("Weekly Active Users", days(FORTNIGHT), wave(14, 300, 2), wave(14, 330, 0)),),
    notes=(Next(datetime(2026, 12, 7, 8, tzinfo=UTC)),),
)

OCTOBER: Final = Period(date(2026, 10, 1), date(2026, 11, 1))
MONTHLY: Final = replace(
    WEEKLY,
    name="monthly",
    title="Monthly Report",
    cadence=Cadence.MONTHLY,
    period=OCTOBER,
    previous=Period(date(2026, 9, 1), date(2026, 10, 1)),
    findings=(MetricChange("New Signups", "{value} new users joined", 12, 0),),
    metrics=(
        metric("Monthly Active Users", 4_815_162, 2_342),
        metric("Revenue per User", 48.2571, 47.9),
        metric("New Signups", 12, 0),
    ),
    charts=(
        Chart(
            "Monthly Active Users",
            tuple(
                Period(date(2026, 10, first), date(2026, 10, first) + timedelta(length))
                for first, length in ((1, 7), (8, 7), (15, 7), (22, 10))
            ),
            (301.42857, 322.1, 340.0, 352.25),
            (288.0, 291.5, 280.25, 299.0),
        ),
    ),
    notes=(Sampled(), NotAllNumbers("Revenue per User", 12), RankedPartly(2_000), ZoneAssumed()),
    computed_at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
    made_at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
)

NEW_YEAR: Final = Period(date(2026, 12, 28), date(2027, 1, 4))
CUSTOM: Final = replace(
    WEEKLY,
    name="custom",
    title="Custom Report",
    cadence=None,
    period=NEW_YEAR,
    previous=NEW_YEAR.previous,
    computed_at=datetime(2027, 1, 11, 8, 0, tzinfo=UTC),
    made_at=datetime(2027, 1, 11, 8, 0, tzinfo=UTC),
    charts=(Chart("New Signups", days(NEW_YEAR), wave(7, 14, 0), wave(7, 12, 0)),),
)

QUIET: Final = replace(
    WEEKLY,
    findings=(NothingHappened(),),
    metrics=tuple(metric(each.label, 0, 0) for each in WEEKLY.metrics),
    top_events=TopEvents((), 0, 0),
    charts=(),
)

NO_ANSWER: Final = Failed(
    "Mixpanel did not answer within 30 seconds", is_temporary=True, causes=(FailureCause("no_answer"),)
)
BROKEN: Final = replace(
    WEEKLY,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 89, 79),
        NotMeasured(("Users Onboarded", "Purchases")),
    ),
    metrics=(
        metric("New Signups", 89, 79),
        ReportedMetric(
            "Users Onboarded",
            UnknownEvent("User Onboarded", ("Onboarded", "User On-boarded")),
            UnknownEvent("User Onboarded"),
        ),
        ReportedMetric(
            "Purchases",
            Failed(QUOTA_SPENT, is_temporary=True, causes=(FailureCause("hour_spent"),)),
            Failed(QUOTA_SPENT, is_temporary=True, causes=(FailureCause("hour_spent"),)),
        ),
        ReportedMetric("Page Views", Measured(12_500), replace(NO_ANSWER, is_temporary=False)),
        ReportedMetric("Checkout", Measured(0.571), Incomparable(Unlike.RIPENS), format=PERCENT),
        ReportedMetric("North Star", Measured(4_711), Incomparable(Unlike.OTHER_DAYS)),
        ReportedMetric(
            "Revenue",
            UnknownProperty("Purchase", "amuont", date(2026, 5, 25), ("amount",)),
            UnknownProperty("Purchase", "amuont", date(2026, 5, 25), ("amount",)),
        ),
        ReportedMetric(
            "Pro Purchases",
            UnknownValue("Purchase", "plan", "Pro", date(2026, 5, 25), ("pro", "prolonged")),
            UnknownValue("Purchase", "plan", "Pro", date(2026, 5, 25), ("pro", "prolonged")),
        ),
        ReportedMetric(
            "Level 3",
            UnknownValue("Purchase", "level", 3, date(2026, 5, 25), ("3",)),
            UnknownValue("Purchase", "level", 3, date(2026, 5, 25), ("3",)),
        ),
        ReportedMetric("Typical Price", NotNumeric("Purchase", "price"), NotNumeric("Purchase", "price")),
        metric("Refunds", 0, 4),
    ),
    top_events=NO_ANSWER,
    charts=WEEKLY.charts[1:],
)

FIRST_DAY: Final = date(2026, 11, 16)
FIRST_WEEK: Final = replace(
    WEEKLY,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 89, None),
        BusiestEvent("Page View", 12_500, 0.684),
    ),
    metrics=(
        *(
            ReportedMetric(each.label, each.figure, TooLittleHistory(FIRST_DAY))
            for each in WEEKLY.metrics[:3]
        ),
        ReportedMetric("Retention", TooLittleHistory(FIRST_DAY), TooLittleHistory(FIRST_DAY)),
    ),
    top_events=TopEvents((TopEvent("Page View", 12_500, None), TopEvent("Sign Up", 89, None)), 12_589, 2),
    charts=(Chart("Weekly Active Users", days(WEEK), wave(7, 305, 3), ()),),
    notes=(NoEarlierData(FIRST_DAY),),
)

HOSTILE: Final = replace(
    WEEKLY,
    title="<!everyone> *Weekly* & `Report` \u202e" + "T" * 200,
    company="<!here> _Acme_ & Sons\n\n\n",
    project="<https://evil.example|Shop> \ud800",
    findings=(
        MetricChange(HOSTILE_NAMES[0], "{value} <!channel> *joined* {0.__class__} {what}", 89, 79),
        BusiestEvent(HOSTILE_NAMES[3], 1e300, 0.99999),
        NotMeasured(HOSTILE_NAMES),
        Unusual(
            "*x*", 1e300, 0.5, 1, 2, tuple(Cause(name, HOSTILE_NAMES, 0.5) for name in HOSTILE_NAMES[:3])
        ),
    ),
    mention="channel> <!here",
    details=(
        Detail(
            HOSTILE_NAMES[0],
            DetailKind.BREAKDOWN,
            HOSTILE_NAMES[1],
            tuple(DetailRow(name, 1e300, 0.5, Change(2, 3)) for name in HOSTILE_NAMES),
        ),
    ),
    notes=(
        HolidayIn(date(2026, 11, 18), HOSTILE_NAMES[0]),
        Restated(HOSTILE_NAMES[1], 1, float("nan")),
        CausesNotLookedFor(HOSTILE_NAMES[2]),
    ),
    metrics=(
        *(metric(name, 12_345.678, 9_999) for name in HOSTILE_NAMES),
        metric("Not a number", float("nan"), 1),
        metric("Endless", float("inf"), float("-inf")),
        metric("Huge", 1.797e308, 1e-300),
        metric("Below zero", -5, -10),
        ReportedMetric("Unknown", UnknownEvent("<!channel> *x*", HOSTILE_NAMES), Failed("`x` <!here>" * 200)),
    ),
    top_events=TopEvents(tuple(top_event(name, 1e18, 7) for name in HOSTILE_NAMES), 1e300, 12),
    charts=(
        Chart(HOSTILE_NAMES[0], days(WEEK), wave(7, 305, 3), wave(7, 280, 1)),
        Chart("Endless", days(WEEK), (float("inf"),) * 7, ()),
    ),
)

MANY: Final = replace(
    WEEKLY,
    metrics=tuple(metric(f"Metric number {place}", place * 1_001, place * 997) for place in range(1, 201)),
    top_events=TopEvents(
        tuple(top_event(f"Event number {place}", 90_000 / place, 91_000 / place) for place in range(1, 121)),
        500_000,
        1_400,
    ),
)


def _longest_detail(text: str) -> Detail:
    rows = tuple(DetailRow(text, 1e14, 0.5, Change(1e14, 1.5e14)) for _ in range(40))
    return Detail(text, DetailKind.STEPS, text, rows)


def longest(text: str) -> Report:
    """Everything that a report can hold, as long as can be; `text` stands for every name."""
    spans = tuple(
        Period(date(2025, 9, 28) + timedelta(14 * place), date(2025, 10, 12) + timedelta(14 * place))
        for place in range(20)
    )
    unknown, failed = UnknownEvent(text, (text, text, text)), Failed(text)
    return Report(
        name=text,
        title=text,
        company=text,
        project=text,
        zone=ZoneInfo("America/Argentina/ComodRivadavia"),
        locale="de",
        cadence=None,
        period=Period(spans[0].start, spans[-1].end),
        previous=Period(date(2024, 9, 28), date(2025, 9, 28)),
        findings=(
            MetricChange(text, "{value} " + text, 1e14, 1),
            BusiestEvent(text, 1e14, 1),
            NotMeasured((text,) * 200),
            Unusual(text, 1e14, -1, 1, 2, (Cause(text, (text,) * 9, 0.5),) * 3, is_of_users=True),
            Unusual(text, 1e14, -1, 1, 2),
        ),
        metrics=tuple(
            ReportedMetric(text, state, Measured(7)) for state in (unknown, failed, Measured(1e14)) * 67
        ),
        top_events=TopEvents(
            tuple(top_event(text, 1e14, 1) for _ in range(120)), 1e14, 5_000, is_partial=True
        ),
        charts=tuple(Chart(text, spans, (1e14,) * 20, (1e14,) * 20) for _ in range(4)),
        notes=(
            Late(MONDAY),
            ZoneAssumed(),
            Sampled(),
            NotAllNumbers(text, 10**9),
            RankedPartly(5_000),
            NoEarlierData(date(2026, 9, 28)),
            MeasuredFromRaw(
                RawEvents(RawReason.PLAN, frozenset(), False, 10**9, 10**6, 10**6, 10**6), (text,) * 9
            ),
            Restated(text, 1e14, 2e14),
            HolidayIn(date(2026, 9, 28), text),
            CausesNotLookedFor(text),
        ),
        computed_at=MONDAY,
        made_at=MONDAY,
        queries=60,
        details=tuple(_longest_detail(text) for _ in range(20)),
        mention="S" + "0" * 20,
    )


GERMAN: Final = replace(
    WEEKLY,
    title="Wochenbericht",
    locale="de",
    findings=(
        MetricChange("New Signups", "{value} neue Registrierungen", 89, 79),
        MetricChange("Purchases", "{value} Käufe", 120, 131),
        BusiestEvent("Page View", 12_500, 0.684),
    ),
)

FRENCH: Final = replace(
    BROKEN,
    title="Rapport hebdomadaire",
    locale="fr",
    findings=(
        MetricChange("New Signups", "{value} nouvelles inscriptions", 89, 79),
        BusiestEvent("Page View", 12_500, 0.684),
        NotMeasured(("Users Onboarded", "Purchases")),
    ),
    top_events=WEEKLY.top_events,
)

NO_FUNNELS: Final = Failed(
    "Mixpanel's Query API does not tell funnels within the period. From raw events: "
    "/data lacks the raw events of 2026-11-16, 2026-11-17. Fetch them first",
    causes=(
        FailureCause("not_offered"),
        FailureCause("events_missing", days=(date(2026, 11, 16), date(2026, 11, 17))),
    ),
)
BROKEN_IN_GERMAN: Final = replace(
    BROKEN,
    title="Wochenbericht",
    locale="de",
    findings=(NotMeasured(("Käufe", "Ausgaben"), QUOTA_SPENT, (FailureCause("hour_spent"),)),),
    charts=(replace(WEEKLY.charts[1], label="Registrierungen"),),
    metrics=(
        ReportedMetric("Registrierungen", Measured(89), NO_ANSWER),
        BROKEN.metrics[2],
        ReportedMetric("Von der Suche zum Kauf", NO_FUNNELS, NO_FUNNELS),
        ReportedMetric("Gespeichert", Failed("A saved report has no series “Signups”."), Undefined()),
    ),
    notes=(CausesNotLookedFor("Refused (402)", (FailureCause("plan_without_query_api", 402, "Upgrade."),)),),
)

UNUSUAL: Final = replace(
    WEEKLY,
    findings=(
        Unusual("New Signups", 54, -0.31, 66, 92),
        UnusualDay("Purchases", date(2026, 11, 17), 143, 68.2),
    ),
    metrics=(
        WEEKLY.metrics[0],
        replace(metric("New Signups", 54, 79), usual=Usual(66.2, 91.7, 78.4)),
        *WEEKLY.metrics[2:],
    ),
)

DOUBTFUL: Final = replace(
    WEEKLY,
    findings=(
        DataDoubt(FaultKind.STOPPED, "Purchases", date(2026, 11, 17), 40.2, 0),
        DataDoubt(FaultKind.INCOMPLETE, None, date(2026, 11, 22), 1.0, 0.42),
        Unusual("Weekly Active Users", 1_204, 0.18, None, None),
    ),
)

DOUBTFUL_IN_GERMAN: Final = replace(
    GERMAN,
    findings=(
        DataDoubt(FaultKind.DUPLICATES, "Purchases", date(2026, 11, 17), 100, 210),
        DataDoubt(FaultKind.GAP, "Page Views", date(2026, 11, 18), 40.2, 0),
        CommonShift(-1, 5, 6),
    ),
)

REPORTS: Final = {
    "weekly": WEEKLY,
    "unusual": UNUSUAL,
    "doubtful": DOUBTFUL,
    "doubtful_german": DOUBTFUL_IN_GERMAN,
    "daily": DAILY,
    "biweekly": BIWEEKLY,
    "monthly": MONTHLY,
    "custom": CUSTOM,
    "quiet": QUIET,
    "broken": BROKEN,
    "first_week": FIRST_WEEK,
    "hostile": HOSTILE,
    "many": MANY,
    "german": GERMAN,
    "french": FRENCH,
    "broken_german": BROKEN_IN_GERMAN,
    **samples_of_insights.REPORTS,
    **samples_of_messages.REPORTS,
    **samples_of_options.REPORTS,
}

NOTICE: Final = Notice(
    code="not-delivered",
    report="Weekly Report",
    period=WEEK,
    problem="The report could not be made",
    reasons=(
        "Mixpanel does not accept the service account (401)",
        "Top events: Mixpanel did not answer within 30 seconds",
    ),
    next_step="Check MIXPANEL_USERNAME and MIXPANEL_SECRET, then run `reporter send weekly`.",
    company="Acme",
)

NOTICES: Final = {
    "notice": NOTICE,
    "notice_hostile": Notice(
        code="not-delivered",
        report="<!channel> *Weekly*" + "W" * 300,
        period=None,
        problem="<!here> `it` failed " * 100,
        reasons=tuple(f"<@U012AB3CD> *reason* {place} " * 60 for place in range(60)),
        next_step="",
        locale="de",
    ),
}
