"""What every language must be able to say: all the sentences and labels of a report."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module

from reporter.render.notice_phrases import FailurePhrases, NoticePhrases, Plural
from reporter.reports.subscriptions import LANGUAGES


@dataclass(frozen=True, slots=True)
class CadenceWords:
    """That nothing came before, such a period beside "the highest", and the same a year ago."""

    none_earlier: str
    span: str
    last_year: str


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
    change_per_day: str
    alone: str
    labelled: str
    busiest: str
    times: Plural
    nothing_happened: str
    not_measured: str
    not_measured_because: str
    others: Plural
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
    unknown_event: str
    unknown_property: str
    unknown_value: str
    unknown_part: str
    not_numeric: str
    did_you_mean: str
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
    late_for_data: str
    next: str
    zone_assumed: str
    sampled: str
    not_all_numbers: Plural
    ranked_partly: str
    no_earlier_data: str
    no_data_of: str
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
    in_warehouse: str
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
    up_few: str
    down_few: str
    moved_up: str
    moved_down: str
    moved_few_up: str
    moved_few_down: str
    stands_at: str
    joint: str  # between two things that are said beside each other
    above_usual: str
    below_usual: str
    better: str
    worse: str
    others_as_usual: Plural
    cause_all: str
    cause_most: str
    cause_share: str
    cause_lead: str
    same_places: str
    part_new: str
    part_gone: str
    part_larger: str
    part_smaller: str
    alike: str
    of_part: str
    in_place: str
    on_device: str
    from_source: str
    with_property: str
    before_value: str
    missing: str
    data_begins: str
    open_in_mixpanel: str
    usual_from: str
    usual_to: str
    usual_range: str
    metric: str
    value: str
    users: str
    before: str
    usual_title: str
    goal_title: str

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
    only: str
    contains: str
    is_set: str
    is_not_set: str
    any_event: str
    complete_through: str

    more_metrics: Plural
    more_details: Plural
    ranked_of: str
    ranked_all: Plural
    no_events: str
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
