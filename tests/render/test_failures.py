"""Why something failed, in the reader's language."""

from datetime import date
from string import Formatter
from typing import get_args

import pytest

from reporter.publishing.notices import Subject, failure_notice
from reporter.render import failures, sanitize
from reporter.render.notice_phrases import FailurePhrases
from reporter.render.phrases import words
from reporter.render.slack.notice import notice_text
from reporter.reports.deliveries import ONCE, Attempt
from reporter.reports.errors import FailureCause, FailureCode, Refused, Unavailable, causes_text, read_causes
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import LANGUAGES, ReportSpec
from reporter.sources.mixpanel.access import OF_THE_ENVIRONMENT
from reporter.sources.mixpanel.errors import refusal
from reporter.sources.mixpanel.queries import failed

CODES: tuple[FailureCode, ...] = get_args(FailureCode)
TRANSLATED = [language for language in LANGUAGES if language != "en"]
GERMAN = Subject(ReportSpec("weekly", "Wochenbericht", Cadence.WEEKLY, (), locale="de"))
REFUSED = FailureCause("plan_without_query_api", 402, "Upgrade your plan.")


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_cause_has_words_in_every_language(language: str):
    phrases = words(language).failures

    assert phrases is not None
    assert [*phrases] == [*FailurePhrases.__annotations__] == [*CODES]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("code", CODES)
def test_the_words_of_a_cause_are_whole_and_leave_the_full_stop_to_the_sentence(
    language: str, code: FailureCode
):
    phrases = words(language).failures
    assert phrases is not None
    text = phrases[code]

    assert {name for _, name, _, _ in Formatter().parse(text) if name} <= {
        "said",
        "status",
        "days",
        "settings",
    }
    assert not text.endswith(".")
    assert len(text) < sanitize.MOST_REASON


def test_a_cause_is_said_in_the_reader_s_language_with_what_others_said_in_quotes():
    said = failures.reason("This plan has no Query API", (REFUSED,), "de_CH")

    assert said.startswith("der Mixpanel-Tarif dieses Projekts enthält die Query API nicht (402: „Upgrade")
    assert "Upgrade your plan“)." in said


def test_the_days_of_missing_events_are_written_as_the_reader_writes_them():
    missing = FailureCause("events_missing", days=tuple(date(2026, 11, day) for day in range(16, 21)))

    assert failures.reason("", (missing,), "fr") == (
        "des événements bruts manquent (16 nov. 2026, 17 nov. 2026, 18 nov. 2026 et 2 autres). "
        "Il faut d’abord les récupérer"
    )


def test_a_reason_without_words_stands_in_quotes_within_a_sentence_of_another_language():
    assert failures.reason("It has no series.", (), "de") == "„It has no series“"
    assert failures.reason("It has no series.", (), "en") == "It has no series."


def test_of_several_causes_each_is_said_even_where_one_has_no_words():
    both = (*Refused("It has no series").known_causes, FailureCause("no_answer"))

    assert failures.reason("", both, "de") == "„It has no series“. Mixpanel hat nicht rechtzeitig geantwortet"


def test_a_reason_that_stands_alone_begins_with_a_capital():
    assert failures.reason("", (FailureCause("overloaded"),), "fr") == "Mixpanel est surchargé pour le moment"
    assert failures.reason("", (FailureCause("cut_off"),), "fr").startswith("la réponse de Mixpanel")
    assert failures.reason_alone((FailureCause("cut_off"),), "fr").startswith("La réponse de Mixpanel")


def test_english_is_said_as_it_was_written():
    assert failures.reason("This plan has no Query API", (REFUSED,), "en_GB") == "This plan has no Query API"


@pytest.mark.parametrize("attempt", [Attempt(2, 9, 10), ONCE])
def test_a_notice_says_its_reason_in_the_reader_s_language(attempt: Attempt):
    spent = Unavailable("The hourly queries are used up", 60, FailureCause("hour_spent"))
    notice = failure_notice(spent, GERMAN, attempt)
    (reason,) = notice_text(notice).reasons

    assert notice.reasons == ("The hourly queries are used up",)
    assert reason.startswith("Das stündliche Kontingent des Projekts bei Mixpanel ist aufgebraucht")


def test_a_notice_whose_reason_has_no_words_says_it_as_it_was_written():
    (reason,) = notice_text(failure_notice(Refused("Slack refused it."), GERMAN, ONCE)).reasons

    assert reason == "Slack refused it."


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 422, 429])
@pytest.mark.parametrize("reason", ["", "timeout", "too many requests", "exceeds 90 days into the past"])
def test_what_mixpanel_refuses_is_said_in_german_without_the_english_text(status: int, reason: str):
    figure = failed(refusal(status, reason, "/segmentation", OF_THE_ENVIRONMENT))
    said = failures.reason(figure.reason, figure.causes, "de")

    assert said.partition(":")[0] not in figure.reason
    assert "Mixpanel" in said or "Servicekonto" in said


def test_causes_are_read_as_they_were_written():
    causes = (
        REFUSED,
        FailureCause("not_found", 404, settings=("ACME_REGION",)),
        FailureCause("events_missing", days=(date(2026, 11, 16),)),
    )

    assert read_causes(causes_text(causes)) == causes


def test_causes_of_a_later_version_are_left_to_the_english_text():
    assert read_causes(causes_text((REFUSED,)).replace("plan_without_query_api", "asleep")) == ()
