"""Notices in the reader's language."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from string import Formatter

import pytest

from reporter.publishing.notices import Subject, late, not_judged, recovered, recovered_quietly
from reporter.render.notice_phrases import NoticePhrases, NoticeWords, Plural
from reporter.render.phrases import words
from reporter.render.slack.notice import notice_text
from reporter.reports.deliveries import Notice
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import LANGUAGES, ReportSpec

FACTS = {"name", "command", "number", "of", "minutes", "n", "since", "moment"}
TRANSLATED = [language for language in LANGUAGES if language != "en"]
GERMAN = Subject(ReportSpec("weekly", "Wochenbericht", Cadence.WEEKLY, (), locale="de"))
MISSED = Notice(
    code="missed",
    report="Wochenbericht",
    period=None,
    problem="2 reports were not sent: nothing was running when they were due.",
    reasons=("Due on Mon 16 Nov 2026, 09:00 CET", "Due on Mon 23 Nov 2026, 09:00 CET"),
    next_step="For each that is wanted: `reporter resend weekly --on 2026-11-16`.",
    locale="de",
    facts=(
        ("command", "`reporter resend weekly --on 2026-11-16`"),
        ("dues", "2026-11-16T09:00:00+01:00,2026-11-23T09:00:00+01:00"),
    ),
)


def phrases(language: str) -> NoticePhrases:
    notices = words(language).notices
    assert notices
    return notices


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_language_fills_in_only_what_notices_know(language: str):
    for field in fields(phrases(language)):
        wording = getattr(phrases(language), field.name)
        for text in texts(wording):
            assert {name for _, name, _, _ in Formatter().parse(text) if name} <= FACTS


def texts(wording: str | NoticeWords) -> list[str]:
    if isinstance(wording, str):
        return [wording]
    problem = wording.problem
    forms = [problem.one or "", problem.other] if isinstance(problem, Plural) else [problem]
    return [*forms, wording.next_step]


def test_a_notice_is_said_in_the_reader_s_language_with_its_command():
    text = notice_text(not_judged(GERMAN, ("Signups",)))

    assert text.problem.startswith("Sonst war nichts ungewöhnlich")
    assert text.next_step == "`reporter preview weekly` ausführen: Dort steht, warum."
    assert text.reasons == ("Signups",)


def test_a_recovery_says_what_became_of_the_report():
    assert notice_text(recovered(GERMAN)).problem == "Er wurde doch noch zugestellt."
    assert notice_text(recovered_quietly(GERMAN)).problem.endswith("Nichts war ungewöhnlich.")


def test_missed_reports_are_counted_and_dated_in_the_reader_s_language():
    text = notice_text(MISSED)

    assert text.problem == "2 Berichte wurden nicht gesendet: Als sie fällig waren, lief das Programm nicht."
    assert text.reasons[0] == "Fällig am Mo., 16. Nov. 2026, 09:00"


def test_a_late_notice_says_so_once_and_in_the_reader_s_language():
    told = late(recovered(GERMAN), datetime(2026, 11, 23, 9, tzinfo=UTC))

    assert notice_text(told).reasons == (
        "Das war am Mo., 23. Nov. 2026, 09:00 UTC; die Meldung konnte nicht früher gesendet werden.",
    )


def test_a_notice_of_an_earlier_version_is_said_as_it_was_written():
    assert notice_text(replace(MISSED, facts=())).problem == MISSED.problem


def test_english_is_said_as_it_is_written():
    assert notice_text(replace(MISSED, locale="en_GB")).reasons == MISSED.reasons
