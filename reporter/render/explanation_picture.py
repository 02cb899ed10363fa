"""One metric explained, as a picture: its days, and what was expected of those of the period."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from reporter.anomalies.distributions import student_quantile
from reporter.anomalies.expectation import OUTSIDE
from reporter.anomalies.explanation import Judgement, MetricExplanation
from reporter.render import dates
from reporter.render.explanation import shown_number, why_not
from reporter.render.html import Gridline, Scale, Tick, template
from reporter.reports.figures import Daily
from reporter.reports.periods import Period

WIDTH, HEIGHT = 960, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 64, 40
MOST_DRAWN_DAYS = 17 * 7  # in which a week can still be seen; of longer periods
SPANS = 4  # times their days
MOST_TICKS = 8
LEAST_RATE = 0.01  # that the scale of rates reaches
NORMAL = 1e6  # degrees of freedom at which Student's distribution is the normal one

Band: TypeAlias = tuple[tuple[float, float, float], ...]  # a day's low, expected and high number


@dataclass(frozen=True, slots=True)
class Frame:
    """Where days and numbers stand."""

    days: Period
    scale: Scale

    @property
    def step(self) -> float:
        """The width of a day."""
        return (WIDTH - LEFT - RIGHT) / self.days.length

    def x(self, day: date) -> float:
        """The middle of a day."""
        return round(LEFT + ((day - self.days.start).days + 0.5) * self.step, 1)

    def y(self, value: float) -> float:
        return round(TOP + self.scale.depth(value) * (HEIGHT - TOP - BOTTOM), 1)

    def band(self, period: Period) -> tuple[float, float]:
        """Where a period begins, and how wide it is."""
        left = LEFT + (period.start - self.days.start).days * self.step
        return round(left, 1), round(self.step * period.length, 1)

    def points(self, days: Iterable[date], values: Iterable[float]) -> str:
        """A line through the middles of the days; a single day is drawn over its whole width."""
        spots = [(self.x(day), self.y(value)) for day, value in zip(days, values, strict=True)]
        if len(spots) == 1:
            (x, y), reach = spots[0], max(self.step / 2, 4)
            spots = [(round(x - reach, 1), y), (round(x + reach, 1), y)]
        return " ".join(f"{x},{y}" for x, y in spots)


def draw_picture(one: MetricExplanation) -> str | None:
    """The picture; None of a metric without daily numbers."""
    if one.daily is None:
        return None
    locale, judgement = one.edition.spec.locale, one.judgement
    model = judgement and judgement.model
    days = _shown_days(one.daily, one.edition.question.history, one.edition.period)
    band = _band(judgement) if judgement else ()
    values = [value for value in one.daily.over(days) if value is not None]
    least = 1.0 if one.base is None else LEAST_RATE
    frame = Frame(days, Scale.over((least, *values, *(high for _, _, high in band))))
    judged = judgement.days if band and judgement else ()
    upper = frame.points(judged, (high for _, _, high in band))
    lower = frame.points(judged, (low for low, _, _ in band))
    return template("explanation.svg.jinja").render(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        depth=HEIGHT - TOP - BOTTOM,
        title=f"{one.metric.label}, {one.edition.period}",
        caption=_caption(one),
        period=frame.band(one.edition.period),
        gridlines=[Gridline(frame.y(value), shown_number(value, one, locale)) for value in frame.scale.grid],
        ticks=_ticks(frame, locale),
        range=" ".join((upper, *reversed(lower.split()))) if band else "",
        expected=frame.points(judged, (expected for _, expected, _ in band)),
        lines=_lines(frame, one.daily),
        outliers=_outliers(frame, one.daily, model.outliers if model else ()),
    )


def _shown_days(daily: Daily, history: Period, period: Period) -> Period:
    """The last weeks of the history, from the first day that has a number."""
    most = max(MOST_DRAWN_DAYS, SPANS * period.length)
    late = Period(max(history.start, history.end - timedelta(days=most)), history.end)
    known = (day for day, value in zip(late, daily.over(late), strict=True) if value is not None)
    return Period(next(known, late.start), late.end)


def _band(one: Judgement) -> Band:
    """For each judged day what is expected, and where it lies in 98 of 100 cases."""
    reach = student_quantile(OUTSIDE, NORMAL)
    bands: list[tuple[float, float, float]] = []
    if one.model is None:
        return ()
    for day, grain in zip(one.model.daily, one.model.grains, strict=True):
        chance = math.sqrt(grain / max(day, grain))
        factor = math.exp(reach * math.hypot(one.model.day_error, chance))
        bands.append((day / factor, day, day * factor))
    return tuple(bands)


def _ticks(frame: Frame, locale: str) -> list[Tick]:
    """Weeks from Monday on, as many as there is room for, the last one among them."""
    week = timedelta(days=7)
    weeks = [
        Period(day, day + week) for day in frame.days if day.weekday() == 0 and day + week <= frame.days.end
    ]
    every = max(1, math.ceil(len(weeks) / MOST_TICKS))
    chosen = weeks[::-every]
    return [Tick(frame.x(one.start + week / 2), "middle", dates.tick(one, locale)) for one in chosen]


def _lines(frame: Frame, daily: Daily) -> list[str]:
    """The daily numbers; a day without one breaks the line."""
    runs: list[list[tuple[date, float]]] = [[]]
    for day, value in zip(frame.days, daily.over(frame.days), strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((day, value))
    return [frame.points(*zip(*run, strict=True)) for run in runs if run]


def _outliers(frame: Frame, daily: Daily, days: Sequence[date]) -> list[tuple[float, float]]:
    shown = [(day, daily.over(Period.of_days(day, day))[0]) for day in days if frame.days.covers(day)]
    return [(frame.x(day), frame.y(value)) for day, value in shown if value is not None]


def _caption(one: MetricExplanation) -> str:
    if one.judgement is None:
        return f"Not judged: {why_not(one)}"
    found = one.judgement.found
    actual, expected, low, high = (
        shown_number(value, one) if one.judgement.fraction else f"{value:,.0f}"
        for value in (found.actual, found.expected, found.low, found.high)
    )
    model = one.judgement.model
    circled = ", circled: not learned from" if model and model.outliers else ""
    return f"{actual}; expected {expected}, usual {low} to {high}. Dashed: expected of each day{circled}"
