"""What the report says, in each language."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from string import Formatter
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render import dates, metric_text, notes, phrasing, sentences
from reporter.render.en import WORDS as ENGLISH
from reporter.render.notice_phrases import Plural
from reporter.render.phrases import CadenceWords, Words, words
from reporter.reports.figures import Measured, RawEvents, RawReason, Undefined
from reporter.reports.findings import (
    BusiestEvent,
    CausesNotLookedFor,
    Finding,
    HolidayIn,
    MeasuredFromRaw,
    MetricChange,
    Milestone,
    NoEarlierData,
    Note,
    NothingHappened,
    NothingUnusual,
    NotJudged,
    NotMeasured,
    PartsNotJudged,
    RecordNumber,
    Restated,
    TooLittleToJudge,
)
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Report, ReportedMetric
from reporter.reports.subscriptions import LANGUAGES, NUMBER, PERCENT, Goal
from tests.sample_parts import WEEK
from tests.samples import BIWEEKLY, CUSTOM, DAILY, FIRST_WEEK, MONTHLY, WEEKLY, metric
from tests.samples_of_insights import aimed


def said(found: Finding, report: Report) -> str:
    """A finding as one sentence."""
    return sentences.finding(found, report).whole


RAW = RawEvents(RawReason.SETTING, frozenset(), True, 1_204)
SIGNUPS = "{value} new users joined"


@pytest.mark.parametrize(
    ("value", "previous", "reads"),
    [
        (89, 79, "89 new users joined last week, up 12.7% from 79 the week before."),
        (79, 89, "79 new users joined last week, down 11.2% from 89 the week before."),
        (79, 79, "79 new users joined last week, the same as the week before."),
        (7, 4, "7 new users joined last week, up from 4 the week before."),
        (4, 7, "4 new users joined last week, down from 7 the week before."),
        (48, 0, "48 new users joined last week, after none the week before."),
        (89, None, "89 new users joined last week."),
    ],
)
def test_a_finding_says_the_number_and_how_it_moved(value: float, previous: float | None, reads: str):
    assert said(MetricChange("New Signups", SIGNUPS, value, previous), WEEKLY) == reads


@pytest.mark.parametrize(
    ("report", "reads"),
    [
        (DAILY, "89 new users joined yesterday, up 12.7% from 79 a week earlier."),
        (BIWEEKLY, "89 new users joined in the last two weeks, up 12.7% from 79 in the two weeks before."),
        (MONTHLY, "89 new users joined in October, up 12.7% from 79 the month before."),
        (
            CUSTOM,
            "89 new users joined in the week of 28 Dec 2026 – 3 Jan 2027, up 12.7% from 79 the week before.",
        ),
    ],
)
def test_the_period_is_called_as_the_team_calls_it(report: Report, reads: str):
    assert said(MetricChange("New Signups", SIGNUPS, 89, 79), report) == reads


def called(locale: str, period: Period, today: date, previous: Period | None = None) -> tuple[str, str]:
    """How a report of this period, made on this day, calls it and what it is compared with."""
    made_at = datetime.combine(today, time(9), WEEKLY.zone)
    report = replace(
        WEEKLY, locale=locale, period=period, previous=previous or period.previous, made_at=made_at
    )
    return dates.now(report), dates.before(report)


def days_of(first: date, last: date) -> Period:
    return Period.of_days(first, last)


NOV_22: Final = days_of(date(2026, 11, 22), date(2026, 11, 22))
OCTOBER: Final = days_of(date(2026, 10, 1), date(2026, 10, 31))
FRIDAYS: Final = days_of(date(2026, 11, 20), date(2026, 11, 26))
FORTNIGHT: Final = days_of(date(2026, 11, 9), date(2026, 11, 22))
TEN: Final = days_of(date(2026, 11, 13), date(2026, 11, 22))
WEEKEND: Final = days_of(date(2026, 11, 20), date(2026, 11, 22))
MONDAY_23, WEDNESDAY_25, MONDAY_30 = date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("period", "today", "english", "german", "french"),
    [
        (NOV_22, MONDAY_23, "yesterday", "gestern", "hier"),
        (NOV_22, WEDNESDAY_25, "on Sun 22 Nov", "am So., 22. Nov.", "le dim. 22 nov."),
        (WEEK, MONDAY_23, "last week", "letzte Woche", "la semaine dernière"),
        (WEEK, WEDNESDAY_25, "last week", "letzte Woche", "la semaine dernière"),
        (
            WEEK,
            MONDAY_30,
            "in the week of 16–22 Nov",
            "in der Woche vom 16.–22. Nov.",
            "la semaine du 16 au 22 nov.",
        ),
        (
            FRIDAYS,
            date(2026, 11, 27),
            "in the last seven days",
            "in den letzten sieben Tagen",
            "ces sept derniers jours",
        ),
        (
            FRIDAYS,
            date(2026, 11, 28),
            "in the week of 20–26 Nov",
            "in der Woche vom 20.–26. Nov.",
            "la semaine du 20 au 26 nov.",
        ),
        (
            FORTNIGHT,
            MONDAY_23,
            "in the last two weeks",
            "in den letzten zwei Wochen",
            "ces deux dernières semaines",
        ),
        (
            FORTNIGHT,
            MONDAY_30,
            "in the two weeks of 9–22 Nov",
            "in den zwei Wochen vom 9.–22. Nov.",
            "les deux semaines du 9 au 22 nov.",
        ),
        (OCTOBER, date(2026, 11, 1), "in October", "im Oktober", "en octobre"),
        (OCTOBER, date(2027, 3, 1), "in October", "im Oktober", "en octobre"),
        (OCTOBER, date(2027, 11, 1), "in October 2026", "im Oktober 2026", "en octobre 2026"),
        (TEN, MONDAY_23, "(13–22 Nov)", "(13.–22. Nov.)", "(du 13 au 22 nov.)"),
        (TEN, date(2027, 1, 4), "(13–22 Nov 2026)", "(13.–22. Nov. 2026)", "(du 13 au 22 nov. 2026)"),
    ],
)
def test_a_period_is_called_as_one_says_it_on_the_day_of_the_report(
    period: Period, today: date, english: str, german: str, french: str
):
    assert [called(locale, period, today)[0] for locale in ("en", "de", "fr")] == [english, german, french]


@pytest.mark.parametrize(
    ("period", "previous", "english", "german", "french"),
    [
        (NOV_22, NOV_22.earlier(7), "a week earlier", "eine Woche zuvor", "une semaine plus tôt"),
        (WEEKEND, WEEKEND.earlier(7), "a week earlier", "eine Woche zuvor", "une semaine plus tôt"),
        (WEEK, WEEK.previous, "the week before", "in der Woche davor", "la semaine précédente"),
        (
            FORTNIGHT,
            FORTNIGHT.previous,
            "in the two weeks before",
            "in den zwei Wochen davor",
            "les deux semaines précédentes",
        ),
        (
            OCTOBER,
            days_of(date(2026, 9, 1), date(2026, 9, 30)),
            "the month before",
            "im Monat davor",
            "le mois précédent",
        ),
        (
            OCTOBER,
            OCTOBER.previous,
            "in the 31 days before",
            "in den 31 Tagen davor",
            "les 31 jours précédents",
        ),
        (TEN, TEN.previous, "in the 10 days before", "in den 10 Tagen davor", "les 10 jours précédents"),
        (
            TEN,
            days_of(date(2026, 9, 1), date(2026, 9, 10)),
            "(1–10 Sept)",
            "(1.–10. Sept.)",
            "(du 1 au 10 sept.)",
        ),
    ],
)
def test_what_a_period_is_compared_with_is_named_beside_it(
    period: Period, previous: Period, english: str, german: str, french: str
):
    found = [called(locale, period, MONDAY_23, previous)[1] for locale in ("en", "de", "fr")]

    assert found == [english, german, french]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 62), st.integers(0, 400))
def test_only_days_that_are_over_since_yesterday_or_last_week_are_called_the_last(
    start: date, length: int, later: int
):
    period = Period(start, start + timedelta(days=length))
    now, _ = called("en", period, period.end + timedelta(days=later))

    assert "this" not in now
    assert later == 0 or now != "yesterday"
    assert later < 7 or "last" not in now


def test_numbers_that_were_measured_long_ago_do_not_make_a_period_recent():
    """Raw events of a settled day are not fetched again, so how fresh they are says nothing of today."""
    later = replace(DAILY, made_at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))

    assert "joined on Sun 22 Nov, up 12.7% from 79 a week earlier." in said(
        MetricChange("New Signups", SIGNUPS, 89, 79), later
    )


def test_a_metric_without_a_sentence_is_said_by_its_label():
    assert said(MetricChange("Refunds", None, 4, None), WEEKLY) == "Refunds: 4 last week."


def test_a_sentence_from_the_settings_can_reach_nothing_but_its_number():
    found = MetricChange("x", "{value} {0.__class__} {previous}", 4, None)

    assert said(found, WEEKLY) == "4 {0.__class__} {previous} last week."


@pytest.mark.parametrize(
    ("sentence", "locale", "reads"),
    [
        (
            "{value} Bestellungen gingen {period} ein",
            "de",
            "89 Bestellungen gingen letzte Woche ein, 12,7\u00a0% mehr",
        ),
        ("{period}: {value} orders", "en", "Last week: 89 orders, up 12.7%"),
        ("{value} orders from {start} to {end}", "en", "89 orders from 16 Nov to 22 Nov, up 12.7%"),
        ("{value} {period} {period}", "en", "89 last week last week, up 12.7%"),
    ],
)
def test_the_settings_may_say_where_in_a_sentence_the_period_stands(sentence: str, locale: str, reads: str):
    found = sentences.finding(MetricChange("x", sentence, 89, 79), replace(WEEKLY, locale=locale))

    assert found.head == reads


def test_what_happened_is_the_head_of_a_finding_and_what_it_is_held_against_the_rest():
    found = sentences.finding(MetricChange("x", SIGNUPS, 89, 79), WEEKLY)

    assert (found.head, found.rest) == (
        "89 new users joined last week, up 12.7%",
        " from 79 the week before.",
    )


def test_the_other_findings():
    assert said(NothingHappened(), WEEKLY).startswith("No activity last week")
    assert said(NotMeasured(("A", "B", "C", "D", "E")), WEEKLY) == "Not measured: A, B, C and 2 others."
    assert said(BusiestEvent("Page View", 1, 0.5), WEEKLY) == (
        "“Page View” was the busiest event: 1 time, 50% of all events."
    )


@pytest.mark.parametrize(
    ("value", "previous", "reads"),
    [
        (0.127, 0.115, "Conversion: 12.7% last week, up 1.2\u00a0pp from 11.5% the week before."),
        (0.127, 0, "Conversion: 12.7% last week, up 12.7\u00a0pp from 0% the week before."),
        (0.127, 0.1271, "Conversion: 12.7% last week, down 0.01\u00a0pp from 12.7% the week before."),
    ],
)
def test_a_percentage_moves_by_points(value: float, previous: float, reads: str):
    assert said(MetricChange("Conversion", None, value, previous, PERCENT), WEEKLY) == reads


@pytest.mark.parametrize(
    ("found", "report", "reads"),
    [
        (RecordNumber("P", 131, 1, date(2026, 3, 2), 26), WEEKLY, "P 131, the highest week since March."),
        (
            RecordNumber("P", 131, 1, date(2025, 3, 2), 90),
            WEEKLY,
            "P 131, the highest week since March 2025.",
        ),
        (RecordNumber("P", 9, -1, date(2026, 10, 12), 26), DAILY, "P 9, the lowest day since 12 Oct 2026."),
        (RecordNumber("P", 9, -1, None, 26), DAILY, "P 9, the lowest day of the 26 known."),
        (RecordNumber("P", 9, 1, None, 6), CUSTOM, "P 9, the highest such period of the 6 known."),
        (Milestone("P", 1_024, 1_000), WEEKLY, "P passed 1,000 for the first time: 1,024 last week."),
        (NothingUnusual(6), WEEKLY, "All 6 metrics are as usual."),
        (NothingUnusual(1), WEEKLY, "The one metric is as usual."),
        (NothingUnusual(4, are_others=True), WEEKLY, "4 other metrics are as usual."),
        (NothingUnusual(1, are_others=True), WEEKLY, "1 other metric is as usual."),
    ],
)
def test_what_is_rare_is_said_with_its_measure(found: Finding, report: Report, reads: str):
    assert said(found, report) == reads


@pytest.mark.parametrize(
    ("noted", "reads"),
    [
        (MeasuredFromRaw(RAW), "All numbers: measured from 1,204 raw events."),
        (
            MeasuredFromRaw(replace(RAW, because=RawReason.PLAN, duplicates=1, late=45, unreadable=3)),
            "All numbers: measured from 1,204 raw events, as the project’s plan has no Query API; "
            "1 duplicate dropped, 45 came late, 3 lines unreadable.",
        ),
        (
            MeasuredFromRaw(replace(RAW, because=RawReason.NOT_OFFERED), ("Sessions", "Stickiness")),
            "Sessions and Stickiness: measured from 1,204 raw events, as the Query API has no such measure; "
            "events merged in Mixpanel are counted apart.",
        ),
        (
            MeasuredFromRaw(replace(RAW, because=RawReason.REFUSED)),
            "All numbers: measured from 1,204 raw events, as Mixpanel refused the query.",
        ),
        (
            MeasuredFromRaw(replace(RAW, because=RawReason.FILES, late=2)),
            "All numbers: measured from 1,204 events in files; 2 came late.",
        ),
        (
            MeasuredFromRaw(replace(RAW, unlinked_from=date(2026, 11, 9))),
            "All numbers: measured from 1,204 raw events. From 2026-11-09 on, days were stored by an earlier "
            "version that did not note who signed in later, so some people may count twice; “reporter fetch "
            "--from 2026-11-09” fetches them again.",
        ),
        (Restated("Signups", 1_204, 1_251), "Signups: 1,204 in the previous report, 1,251 by now."),
        (
            TooLittleToJudge(date(2027, 1, 12)),
            "Too little history to tell what is unusual; from 12 Jan 2027 on there is enough.",
        ),
        (
            NotJudged(("Retention", "Stickiness")),
            "Too little history to judge: Retention and Stickiness.",
        ),
        (
            HolidayIn(date(2026, 12, 25), "Weihnachten", translations=(("en", "Christmas Day"),)),
            "Fri 25 Dec 2026 was a holiday: Christmas Day.",
        ),
        (HolidayIn(date(2026, 11, 26), "Thanksgiving"), "Thu 26 Nov 2026 was a holiday: Thanksgiving."),
        (CausesNotLookedFor("Mixpanel is down."), "Causes were not looked for: Mixpanel is down."),
        (
            PartsNotJudged("mp_country_code", "Mixpanel is down."),
            "Not judged by country: Mixpanel is down.",
        ),
    ],
)
def test_what_else_must_be_known_is_said_shortly(noted: Note, reads: str):
    assert notes.note(noted, WEEKLY) == reads


@pytest.mark.parametrize(
    ("value", "goal", "reads"),
    [
        (213, Goal(300, date(2026, 12, 31)), "71% of the goal of 300, by 31 Dec 2026"),
        (300, Goal(300, date(2026, 12, 31)), "goal of 300 reached"),
        (8, Goal(10, is_limit=True), "within the limit of 10"),
        (14, Goal(10, is_limit=True), "above the limit of 10"),
    ],
)
def test_a_metric_tells_how_near_its_goal_is(value: float, goal: Goal, reads: str):
    assert metric_text.metric_text(aimed("x", value, 9, NUMBER, goal), WEEKLY).progress == reads


def test_no_share_is_told_of_a_percentage():
    assert metric_text.metric_text(aimed("x", 0.34, 0.33, PERCENT, Goal(0.4)), WEEKLY).line == (
        "34.0% · +1.0\u00a0pp · 33.0% before · goal 40%"
    )


def test_what_can_not_be_divided_says_so():
    nobody = ReportedMetric("x", Undefined(), Undefined())

    assert metric_text.metric_text(nobody, WEEKLY).line == "no cases in this period"
    assert metric_text.metric_text(replace(nobody, figure=Measured(4)), WEEKLY).line == (
        "4 · no cases in the period before"
    )


@pytest.mark.parametrize(
    ("value", "previous", "reads"),
    [
        (1_204, 1_068, "1,204 · +12.7% · 1,068 before"),
        (48, 0, "48 · +48 · 0 before"),
        (0, 0, "0 · no change"),
        (35, 35, "35 · no change"),
        (100_001, 100_000, "100,001 · +0.001% · 100,000 before"),
        (0, 4, "0 · −4 · 4 before"),
    ],
)
def test_a_metric_reads_as_value_change_and_previous_value(value: float, previous: float, reads: str):
    assert metric_text.metric_text(metric("x", value, previous), WEEKLY).line == reads


@pytest.mark.parametrize(
    ("locale", "reads"),
    [("en", "covers 10 of 14 days"), ("de", "umfasst 10 von 14 Tagen"), ("fr", "couvre 10 jours sur 14")],
)
def test_a_report_of_which_some_days_have_no_data_says_of_how_many_there_is(locale: str, reads: str):
    young = replace(BIWEEKLY, locale=locale, notes=(NoEarlierData(date(2026, 11, 13)),))

    assert dates.comparison(young) == reads
    for first in (FORTNIGHT.start, FORTNIGHT.start - timedelta(days=3)):
        assert dates.comparison(replace(young, notes=(NoEarlierData(first),))) == ""


def test_files_that_do_not_reach_back_say_so():
    note = MeasuredFromRaw(replace(RAW, because=RawReason.FILES, begins=date(2026, 11, 13)))

    assert notes.note(note, WEEKLY) == (
        "All numbers: measured from 1,204 events in files; nothing from before 13 Nov 2026 is in them."
    )


def test_nothing_is_said_to_be_compared_where_there_is_no_earlier_data():
    assert dates.comparison(FIRST_WEEK) == ""
    assert dates.comparison(WEEKLY) == "vs 9–15 Nov"
    assert notes.note(FIRST_WEEK.notes[0], FIRST_WEEK).endswith(": no earlier week to compare.")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_fills_in_the_same_words_as_english(locale: str):
    assert placeholders(words(locale)) == placeholders(ENGLISH)


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("cadence", [*Cadence, None])
def test_no_phrase_shouts_or_smiles(locale: str, cadence: Cadence | None):
    report = replace(WEEKLY, locale=locale, cadence=cadence)
    text = "".join(said(found, report) for found in report.findings)

    assert "!" not in text
    assert "{" not in text
    assert "|" not in text


POLISH = Plural(one="{n} plik", few="{n} pliki", many="{n} plików", other="{n} pliku")
ARABIC = Plural(
    zero="لا تقارير", one="تقرير واحد", two="تقريران", few="{n} تقارير", many="{n} تقريرًا", other="{n} تقرير"
)


@pytest.mark.parametrize(
    ("count", "reads"),
    [
        (1, "1 plik"),
        (3, "3 pliki"),
        (5, "5 plików"),
        (22, "22 pliki"),
        (112, "112 plików"),
        (1.5, "1,5 pliku"),
    ],
)
def test_a_language_with_four_forms_says_each_number_in_its_own(count: float, reads: str):
    assert phrasing.counted(POLISH, count, "pl") == reads


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (0, ARABIC.zero),
        (1, ARABIC.one),
        (2, ARABIC.two),
        (7, ARABIC.few),
        (11, ARABIC.many),
        (100, ARABIC.other),
    ],
)
def test_a_language_with_six_forms_says_each_number_in_its_own(count: int, form: str):
    assert phrasing.form(ARABIC, count, "ar") == form


def test_a_language_needs_only_the_forms_that_it_has():
    assert phrasing.counted(Plural(other="{n}件"), 1, "ja") == "1件"


def placeholders(say: Words) -> dict[str, set[str]]:
    phrases = (field for field in fields(say) if field.name not in ("notices", "failures"))
    return {field.name: names_in(getattr(say, field.name)) for field in phrases}


def names_in(phrase: str | Plural | CadenceWords) -> set[str]:
    match phrase:
        case str():
            texts = (phrase,)
        case Plural(one=one, other=other):
            texts = (one or other, other)
        case CadenceWords(none_earlier, called):
            texts = (none_earlier, called)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
