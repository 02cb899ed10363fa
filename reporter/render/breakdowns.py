"""What a metric is made of, in words: the values of a breakdown, or the steps of a funnel."""

from dataclasses import dataclass
from typing import assert_never

from reporter.render import amounts, figures, properties, speech
from reporter.render.words import words
from reporter.reports.report import Detail, DetailKind, DetailRow

MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """A value or a step: what it is called, its number, and what part of the whole that is."""

    name: str
    value: str
    share: str  # empty where it says nothing
    change: str

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.value, self.share, self.change)))


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A detail in words. Columns are empty for all rows, or for none."""

    label: str
    aside: str  # how it is broken down: "by country"
    rows: tuple[Row, ...]
    parts: tuple[float, ...]  # of each row, for a bar beside it: 0..1

    @property
    def has_shares(self) -> bool:
        return any(row.share for row in self.rows)

    @property
    def has_changes(self) -> bool:
        return any(row.change for row in self.rows)

    @property
    def lines(self) -> tuple[str, ...]:
        """Each row on a line: Germany: 482 · 40% · +5.0%."""
        return tuple(f"{row.name}: {' · '.join(row.numbers)}" for row in self.rows)


def breakdown(detail: Detail, locale: str) -> Breakdown:
    """A detail in words; a column in which nothing is known is left out."""
    shown = detail.rows[:MOST_ROWS]
    has_shares = any(row.share is not None for row in shown)
    has_changes = any(row.change is not None for row in shown)
    rows = tuple(_row(row, detail, locale, has_share=has_shares, has_change=has_changes) for row in shown)
    return Breakdown(speech.name(detail.label, locale), _aside(detail, locale), rows, _parts(shown))


def heading(said: Breakdown) -> str:
    """What stands above it where all text looks the same."""
    return f"{said.label} · {said.aside}"


def _aside(detail: Detail, locale: str) -> str:
    say = words(locale)
    match detail.kind:
        case DetailKind.BREAKDOWN:
            return say.by_property.format(property=properties.kind(detail.by or "", locale))
        case DetailKind.STEPS:
            return say.step_by_step
        case _:
            assert_never(detail.kind)


def _row(row: DetailRow, detail: Detail, locale: str, *, has_share: bool, has_change: bool) -> Row:
    share = figures.MISSING if row.share is None else figures.share(row.share, locale)
    return Row(
        _name(row, detail, locale),
        amounts.amount(row.value, detail.format, locale),
        share if has_share else "",
        amounts.change(row.change, detail.format, locale) if has_change else "",
    )


def _name(row: DetailRow, detail: Detail, locale: str) -> str:
    say = words(locale)
    if row.name is None:
        return say.all_others if row.is_rest else say.not_set
    return properties.value(detail.by or "", row.name, locale)


def _parts(rows: tuple[DetailRow, ...]) -> tuple[float, ...]:
    """All others are many values together, and so have no bar that could be compared."""
    most = max((row.value for row in rows if not row.is_rest), default=0.0)
    return tuple(0.0 if row.is_rest else figures.part(row.value, most) for row in rows)
