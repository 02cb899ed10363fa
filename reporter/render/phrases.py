"""What every language must be able to say: all the sentences and labels of a report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A phrase about {n} things."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class PeriodWords:
    """How a period and the one before it are called within a sentence."""

    now: str
    before: str
    none_earlier: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that a report or a notice says, in one language."""

    daily: PeriodWords
    weekly: PeriodWords
    biweekly: PeriodWords
    monthly: PeriodWords
    dates: PeriodWords

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
    stopped: str
    gap: str
    incomplete: str
    duplicates: str
    all_zero: str

    new: str
    no_change: str
    points: str
    versus: str
    unknown_event: str
    did_you_mean: str
    failed: str
    too_little_history: str
    before_failed: str

    late: str
    next: str
    zone_assumed: str
    sampled: str
    ranked_partly: str
    no_earlier_data: str

    summary: str
    key_metrics: str
    top_events: str
    event: str
    count: str
    change: str
    quoted: str
    nameless: str
    this_period: str
    period_before: str
    per_day: str
    compared_with: str
    zone: str
    data_as_of: str
    complete_through: str

    more_metrics: Plural
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
