"""What every language must be able to say of failures; and a phrase in the forms that numbers ask for."""

from dataclasses import dataclass
from typing import TypedDict


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
