"""Any report and any notice at all: every text, every number, every state."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from reporter.reports.causes import Cause
from reporter.reports.conditions import Condition, Operator
from reporter.reports.deliveries import Notice
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
    Milestone,
    Next,
    NoEarlierData,
    NotAllNumbers,
    NothingHappened,
    NothingUnusual,
    NotJudged,
    NotMeasured,
    PartsNotJudged,
    RankedPartly,
    RecordNumber,
    Restated,
    Sampled,
    TooLittleToJudge,
    Unusual,
    UnusualDay,
    ZoneAssumed,
)
from reporter.reports.measures import Measure
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import (
    Change,
    Chart,
    Detail,
    DetailKind,
    DetailRow,
    Progress,
    Report,
    ReportedMetric,
    TopEvent,
    TopEvents,
    Usual,
)
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal
from tests.samples import HOSTILE_NAMES

NO_MEASURES: frozenset[Measure] = frozenset()
LOCALES = ("en", "de", "fr", "en_US", "en-GB", "de_CH", "fr_CA")
ANY_CHARACTER = st.characters(exclude_categories=())  # half surrogates too

texts = st.one_of(
    st.sampled_from((*HOSTILE_NAMES, "Sign Up", "user_signed_up", "&" * 400, "<" * 3_100, "😀" * 300)),
    st.text(ANY_CHARACTER, max_size=40),
    st.text("*_~`<>&:|@#! \n\u202e\u0627", max_size=40),
)
numbers = st.one_of(st.integers(-10, 10_000).map(float), st.floats())
dates = st.dates(date(2016, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2016, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def period(start: date, days: int) -> Period:
    return Period(start, start + timedelta(days))


periods = st.builds(period, dates, st.sampled_from((1, 7, 14, 30, 31, 365)) | st.integers(1, 900))
failures = st.builds(Failed, texts)
scalars = texts | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False, allow_infinity=False)
figures = st.one_of(
    st.builds(Measured, numbers),
    st.builds(Measured, numbers, skipped=st.integers(0, 10**9)),
    st.builds(UnknownEvent, texts, st.lists(texts, max_size=4).map(tuple)),
    st.builds(UnknownProperty, texts, texts, dates, st.lists(texts, max_size=4).map(tuple)),
    st.builds(
        UnknownValue, texts, texts, scalars, dates, st.lists(scalars, max_size=4).map(tuple), st.booleans()
    ),
    st.builds(NotNumeric, texts, texts),
    failures,
    st.builds(TooLittleHistory, dates),
    st.builds(Incomparable, st.sampled_from(Unlike)),
    st.just(Undefined()),
)
formats = st.sampled_from(
    (NUMBER, PERCENT, *(Format(currency=code) for code in ("EUR", "JPY", "CHF", "XXX")))
)
properties = st.sampled_from(("mp_country_code", "$os", "$city", "utm_source")) | texts
changes = st.one_of(st.none(), st.builds(Change, numbers, numbers))
causes = st.builds(
    Cause,
    properties,
    st.lists(texts | st.sampled_from(("DE", "IN", "Android")), min_size=1, max_size=4).map(tuple),
    st.floats(0, 2),
)
goals = st.builds(Goal, st.floats(0.001, 1e9), st.none() | dates, st.booleans())
metrics = st.builds(
    ReportedMetric,
    texts,
    figures,
    figures,
    st.none() | st.builds(Usual, numbers, numbers, numbers),
    formats,
    st.none() | st.builds(Progress, goals, numbers, st.booleans()),
)
details = st.builds(
    Detail,
    texts,
    st.sampled_from(DetailKind),
    st.none() | properties,
    st.lists(
        st.builds(DetailRow, st.none() | texts, numbers, st.none() | numbers, changes, st.booleans()),
        max_size=40,
    ).map(tuple),
    formats,
)
findings = st.one_of(
    st.builds(
        MetricChange,
        texts,
        st.one_of(st.none(), texts.map("{{value}} {}".format)),
        numbers,
        st.none() | numbers,
        formats,
    ),
    st.builds(BusiestEvent, texts, numbers, st.floats(0, 1)),
    st.just(NothingHappened()),
    st.builds(NotMeasured, st.lists(texts, min_size=1, max_size=6).map(tuple)),
    st.builds(
        Unusual,
        texts,
        numbers,
        numbers,
        st.none() | numbers,
        st.none() | numbers,
        st.lists(causes, max_size=3).map(tuple),
        st.booleans(),
        formats,
    ),
    st.builds(UnusualDay, texts, dates, numbers, numbers, formats),
    st.builds(
        RecordNumber,
        texts,
        numbers,
        st.sampled_from((-1, 1)),
        st.none() | dates,
        st.integers(1, 200),
        formats,
    ),
    st.builds(Milestone, texts, numbers, numbers, formats),
    st.builds(NothingUnusual, st.integers(1, 200)),
    st.builds(CommonShift, st.sampled_from((-1, 1)), st.integers(1, 200), st.integers(1, 200)),
    st.builds(DataDoubt, st.sampled_from(FaultKind), st.none() | texts, dates, numbers, numbers),
)
counts = st.integers(0, 10**9)
raw_events = st.builds(
    RawEvents, st.sampled_from(RawReason), st.just(NO_MEASURES), st.booleans(), counts, counts, counts, counts
)
notes = st.one_of(
    st.builds(Late, moments),
    st.builds(Next, moments),
    st.just(ZoneAssumed()),
    st.just(Sampled()),
    st.builds(NotAllNumbers, texts, st.integers(1, 10**9)),
    st.builds(RankedPartly, st.integers(1, 10_000)),
    st.builds(NoEarlierData, dates),
    st.builds(MeasuredFromRaw, raw_events, st.lists(texts, max_size=5).map(tuple)),
    st.builds(Restated, texts, numbers, numbers, formats),
    st.builds(TooLittleToJudge, dates),
    st.builds(NotJudged, st.lists(texts, min_size=1, max_size=5).map(tuple)),
    st.builds(HolidayIn, dates, texts),
    st.builds(CausesNotLookedFor, texts),
    st.builds(PartsNotJudged, texts, texts),
)
rankings = st.one_of(
    st.none(),
    failures,
    st.builds(
        TopEvents,
        st.lists(st.builds(TopEvent, texts, numbers, changes), max_size=30).map(tuple),
        numbers,
        st.integers(0, 5_000),
    ),
)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Mostly what `compose` makes; sometimes what it never would."""
    count, step = draw(st.integers(1, 24)), draw(st.sampled_from((1, 7, 21)))
    start = draw(dates)
    if draw(st.integers(0, 9)) == 0:
        spans = tuple(draw(st.lists(periods, max_size=24)))
    else:
        starts = (start + timedelta(step * place) for place in range(count))
        spans = tuple(Period(first, first + timedelta(step)) for first in starts)
    values = tuple(draw(st.lists(numbers, min_size=len(spans), max_size=len(spans))))
    previous = draw(st.sampled_from((values, (), values[1:])))
    return Chart(draw(texts), spans, values, previous, draw(formats))


scalars = texts | st.floats(-1e9, 1e9) | st.booleans()
conditions = st.builds(
    Condition, properties, st.sampled_from(Operator), st.lists(scalars, min_size=1, max_size=3).map(tuple)
)
reports = st.builds(
    Report,
    name=texts,
    title=texts,
    company=texts,
    project=texts,
    zone=st.sampled_from((ZoneInfo("UTC"), ZoneInfo("America/Argentina/ComodRivadavia"))),
    locale=st.sampled_from(LOCALES),
    cadence=st.none() | st.sampled_from(Cadence),
    period=periods,
    previous=periods,
    findings=st.lists(findings, max_size=8).map(tuple),
    metrics=st.lists(metrics, max_size=40).map(tuple),
    top_events=rankings,
    charts=st.lists(charts(), max_size=4).map(tuple),
    notes=st.lists(notes, max_size=8).map(tuple),
    computed_at=moments,
    made_at=moments,
    queries=st.integers(0, 60),
    details=st.lists(details, max_size=2).map(tuple),
    mention=st.none() | st.sampled_from(("here", "channel", "U012AB3CD", "W012AB3CD", "S012AB3CD")) | texts,
    where=st.lists(conditions, max_size=3).map(tuple),
)
notices = st.builds(
    Notice,
    code=texts,
    report=texts,
    period=st.none() | periods,
    problem=texts,
    reasons=st.lists(texts, max_size=20).map(tuple),
    next_step=texts,
    company=texts,
    locale=st.sampled_from(LOCALES),
)
