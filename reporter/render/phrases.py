"""What every language must be able to say: all the sentences and labels of a report."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TypedDict

from reporter.reports.subscriptions import LANGUAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Plural:
    """A phrase in the forms that its language has for numbers, by CLDR's names for them; {n} is how many."""

    zero: str | None = None
    one: str | None = None
    two: str | None = None
    few: str | None = None
    many: str | None = None
    other: str

    def form(self, category: str) -> str:
        """The form of a category; `other` where the language needs no form of its own for it."""
        forms = {"zero": self.zero, "one": self.one, "two": self.two, "few": self.few, "many": self.many}
        return forms.get(category) or self.other


@dataclass(frozen=True, slots=True)
class CadenceWords:
    """What belongs to a cadence: that nothing came before, and such a period beside "the highest"."""

    none_earlier: str
    span: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What a notice says in a language: the problem, and what to do."""

    problem: str | Plural
    next_step: str


@dataclass(frozen=True, slots=True)
class NoticePhrases:
    """Every notice, by its code, and the reasons that are our own words."""

    delayed: NoticeWords
    uncertain: NoticeWords
    not_repeated: NoticeWords
    not_delivered: NoticeWords
    given_up: NoticeWords
    recovered: NoticeWords
    recovered_quietly: NoticeWords
    not_judged: NoticeWords
    missed: NoticeWords
    due_on: str
    told_late: str

    def wording(self, code: str) -> NoticeWords | None:
        """The words of a notice; None of one that is always English."""
        known = {
            "delayed": self.delayed,
            "uncertain": self.uncertain,
            "not-repeated": self.not_repeated,
            "not-delivered": self.not_delivered,
            "given-up": self.given_up,
            "recovered": self.recovered,
            "recovered-quietly": self.recovered_quietly,
            "not-judged": self.not_judged,
            "missed": self.missed,
        }
        return known.get(code)


class FailurePhrases(TypedDict):
    """Why something failed, by the code of the cause; without a full stop."""

    hour_spent: str
    too_many_at_once: str
    overloaded: str
    rate_limited: str
    fault: str
    too_slow: str
    unreachable: str
    no_answer: str
    cut_off: str
    plan_without_query_api: str
    plan_without_export: str
    account_refused: str
    access_refused: str
    not_found: str
    out_of_reach: str
    refused: str
    not_offered: str
    unclear_answer: str
    needs_query_api: str
    events_missing: str
    files_begin_late: str
    files_end_early: str
    no_events: str
    other: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that a report or a notice says, in one language."""

    daily: CadenceWords
    weekly: CadenceWords
    biweekly: CadenceWords
    monthly: CadenceWords
    custom: CadenceWords

    yesterday: str
    on_day: str
    last_week: str
    last_seven_days: str
    week_of: str
    last_two_weeks: str
    two_weeks_of: str
    in_month: str
    in_days: str
    through: str  # between the first and the last day within a sentence

    a_week_earlier: str
    the_week_before: str
    the_two_weeks_before: str
    the_month_before: str
    the_days_before: Plural

    up: str
    down: str
    unchanged: str
    appeared: str
    alone: str
    labelled: str
    busiest: str
    times: Plural
    nothing_happened: str
    not_measured: str
    not_measured_because: str
    others: Plural
    unusual_up: str
    unusual_down: str
    unusual_users_up: str
    unusual_users_down: str
    unusual_day_up: str
    unusual_day_down: str
    together_up: str
    together_down: str
    usual: str
    record_up: str
    record_down: str
    since_day: str
    since_month: str
    of_known: str
    milestone: str
    nothing_unusual: Plural
    stopped: str
    gap: str
    incomplete: str
    duplicates: str
    all_zero: str

    explains_up: Plural
    explains_down: Plural
    also_explains: str
    nearly_all_up: str
    nearly_all_down: str
    nearly_all_part: str
    users_overlap: str
    country: Plural
    region: Plural
    city: Plural
    operating_system: Plural
    browser: Plural
    device: Plural
    source: Plural

    new: str
    no_change: str
    points: str
    versus: str
    unknown_event: str
    unknown_property: str
    unknown_value: str
    unknown_part: str
    not_numeric: str
    did_you_mean: str
    failed: str
    failed_alike: str
    too_little_history: str
    before_failed: str
    undefined: str
    before_undefined: str
    before_ripened: str
    before_other_days: str
    goal_open: str
    goal_aim: str
    goal_reached: str
    limit_kept: str
    limit_passed: str
    goal_by: str

    late: str
    next: str
    zone_assumed: str
    sampled: str
    not_all_numbers: Plural
    ranked_partly: str
    no_earlier_data: str
    covers: Plural
    raw: str
    all_numbers: str
    raw_events: Plural
    raw_files: Plural
    raw_apart: str
    files_begin: str
    because_plan: str
    because_refused: str
    because_not_offered: str
    raw_duplicates: Plural
    raw_late: Plural
    raw_unreadable: Plural
    raw_unlinked: str
    restated: str
    too_little_to_judge: str
    not_judged: str
    holiday: str
    causes_not_looked_for: str
    parts_not_judged: str
    part_in_place: str
    part_on_device: str
    part_with: str

    summary: str
    key_metrics: str
    top_events: str
    event: str
    count: str
    change: str
    share: str
    by_property: str
    step_by_step: str
    not_set: str
    all_others: str
    quoted: str
    nameless: str
    this_period: str
    period_before: str
    per_day: str
    compared_with: str
    zone: str
    only: str
    contains: str
    is_set: str
    is_not_set: str
    any_event: str
    data_as_of: str
    complete_through: str

    more_metrics: Plural
    more_details: Plural
    ranked_of: str
    ranked_all: Plural
    no_events: str
    ranking_failed: str
    chart_not_drawn: str
    left_out: str
    charts: str
    table_layout: str
    text_layout: str

    reasons: str
    more_reasons: Plural
    next_step: str
    notices: NoticePhrases | None  # None in English, in which they are written
    failures: FailurePhrases | None  # the same


def words(locale: str) -> Words:
    """The words of a locale's language: `de` for `de_CH`, English where reports are not worded in it."""
    language = locale[:2].lower()
    return _words(language if language in LANGUAGES else "en")


@cache
def _words(language: str) -> Words:
    """The file of a language, which is read only where it is used."""
    return import_module(f"reporter.render.{language}").WORDS
