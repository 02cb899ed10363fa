"""What the report says, in each language."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from string import Formatter

import pytest

from reporter.model.insights import Busiest, Moved, NothingHappened, NotMeasured
from reporter.model.period import Cadence
from reporter.model.report import Report
from reporter.render import sentences, when
from reporter.render.english import ENGLISH
from reporter.render.phrases import PeriodWords, Plural, Words
from reporter.render.words import LOCALES, words
from tests.samples import BIWEEKLY, CUSTOM, DAILY, FIRST_WEEK, MONTHLY, WEEKLY, metric

SIGNUPS = "{value} new users joined"


@pytest.mark.parametrize(
    ("value", "previous", "reads"),
    [
        (89, 79, "89 new users joined this week, up 12.7% from 79 the week before."),
        (79, 89, "79 new users joined this week, down 11.2% from 89 the week before."),
        (79, 79, "79 new users joined this week, no change from 79 the week before."),
        (48, 0, "48 new users joined this week, after none the week before."),
        (89, None, "89 new users joined this week."),
    ],
)
def test_a_finding_says_the_number_and_how_it_moved(value: float, previous: float | None, reads: str):
    assert sentences.finding(Moved("New Signups", SIGNUPS, value, previous), WEEKLY) == reads


@pytest.mark.parametrize(
    ("report", "reads"),
    [
        (DAILY, "89 new users joined yesterday, up 12.7% from 79 a week earlier."),
        (BIWEEKLY, "89 new users joined in these two weeks, up 12.7% from 79 in the two weeks before."),
        (MONTHLY, "89 new users joined this month, up 12.7% from 79 the month before."),
        (CUSTOM, "89 new users joined (28 Dec 2026 – 3 Jan 2027), up 12.7% from 79 (21–27 Dec 2026)."),
    ],
)
def test_the_period_is_called_as_the_team_calls_it(report: Report, reads: str):
    assert sentences.finding(Moved("New Signups", SIGNUPS, 89, 79), report) == reads


def test_a_report_made_up_later_says_the_dates_instead_of_yesterday():
    later = replace(DAILY, computed_at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))

    assert "joined (Sun 22 Nov 2026), up 12.7% from 79 (Sun 15 Nov)." in sentences.finding(
        Moved("New Signups", SIGNUPS, 89, 79), later
    )


def test_a_metric_without_a_sentence_is_said_by_its_label():
    assert sentences.finding(Moved("Refunds", None, 4, None), WEEKLY) == "Refunds: 4 this week."


def test_a_sentence_from_the_settings_can_reach_nothing_but_its_number():
    found = Moved("x", "{value} {0.__class__} {previous}", 4, None)

    assert sentences.finding(found, WEEKLY) == "4 {0.__class__} {previous} this week."


def test_the_other_findings():
    assert sentences.finding(NothingHappened(), WEEKLY).startswith("No activity this week")
    assert (
        sentences.finding(NotMeasured(("A", "B", "C", "D", "E")), WEEKLY)
        == "Not measured: A, B, C and 2 others."
    )
    assert sentences.finding(Busiest("Page View", 1, 0.5), WEEKLY) == (
        "“Page View” was the busiest event: 1 time, 50% of all events."
    )


@pytest.mark.parametrize(
    ("value", "previous", "reads"),
    [
        (1_204, 1_068, "1,204 · +12.7% vs 1,068"),
        (48, 0, "48 · new"),
        (0, 0, "0 · no change"),
        (35, 35, "35 · no change"),
        (100_001, 100_000, "100,001 · no change vs 100,000"),
        (0, 4, "0 · −100.0% vs 4"),
    ],
)
def test_a_metric_reads_as_value_change_and_previous_value(value: float, previous: float, reads: str):
    assert sentences.metric_line(metric("x", value, previous), WEEKLY) == reads


def test_nothing_is_said_to_be_compared_where_there_is_no_earlier_data():
    assert not any("compared" in part for part in when.period_line(FIRST_WEEK))
    assert sentences.note(FIRST_WEEK.notes[0], FIRST_WEEK).endswith(": no earlier week to compare.")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_fills_in_the_same_words_as_english(locale: str):
    assert placeholders(words(locale)) == placeholders(ENGLISH)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("cadence", [*Cadence, None])
def test_no_phrase_shouts_or_smiles(locale: str, cadence: Cadence | None):
    report = replace(WEEKLY, locale=locale, cadence=cadence)
    said = "".join(sentences.findings(report))

    assert "!" not in said
    assert "{" not in said


def placeholders(say: Words) -> dict[str, set[str]]:
    return {field.name: names_in(getattr(say, field.name)) for field in fields(say)}


def names_in(phrase: str | Plural | PeriodWords) -> set[str]:
    match phrase:
        case str():
            texts = (phrase,)
        case Plural(one, other):
            texts = (one, other)
        case PeriodWords(now, before, _):
            texts = (now, before)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
