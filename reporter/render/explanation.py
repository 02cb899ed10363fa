"""One metric explained, as text and as a picture: what was expected of it, the test, what is behind it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from reporter.anomalies.distributions import student_quantile
from reporter.anomalies.expectation import OUTSIDE, Expectation
from reporter.anomalies.explanation import Judgement, MetricExplanation, weeks_of
from reporter.anomalies.segments import EXPLAINS, SURE, Driver
from reporter.render import dates, numbers
from reporter.render.html import Gridline, Scale, Tick, template
from reporter.render.metric_text import unknown_name
from reporter.reports.figures import Daily, Unknown
from reporter.reports.measures import ActiveUsers, EventUsers
from reporter.reports.periods import Period

BAR = 40  # letters of the longest bar
RAREST = 1e-6  # a smaller chance is told as smaller than that
MOST_LISTED_DAYS = 31  # that are listed one by one
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw(one: MetricExplanation) -> str:
    """All of it, in English: it is for who looks after a report, not for who reads one."""
    edition = one.edition
    parts = [f"{one.metric.label}, {edition.spec.title} of {edition.period}"]
    if one.daily is not None:
        parts.append(_section("History, by weeks up to the period's end", _history(one, one.daily)))
    judgement = one.judgement
    if judgement is None:
        return "\n\n".join((*parts, f"Not judged: {_why_not(one)}")) + "\n"
    parts += [
        _section("What was learned from it", _model(judgement)),
        _section("The period", _period(one, judgement)),
        _section("The test", _test(one, judgement)),
        _section("What is behind it", _behind(one)),
    ]
    return "\n\n".join(parts) + "\n"


def _why_not(one: MetricExplanation) -> str | None:
    """A name that does not exist is the reason, whatever else would be."""
    return f"{unknown_name(one.figure, 'en')}." if isinstance(one.figure, Unknown) else one.why_not


def _section(heading: str, lines: Iterator[str]) -> str:
    return "\n".join((heading, *(f"  {line}".rstrip() for line in lines)))


def _history(one: MetricExplanation, daily: Daily) -> Iterator[str]:
    period = one.edition.period
    weeks = weeks_of(daily, one.edition.question.history)
    most = max((total for _, total in weeks if total is not None), default=0.0)
    for week, total in weeks:
        if total is None:
            yield f"{week.start}  {'–':>10}"
            continue
        bar = "█" * round(BAR * total / most) if most > 0 else ""
        mark = "  ← the period" if week.end > period.start else ""
        yield f"{week.start}  {_number(total):>10}  {bar}{mark}"


def _model(one: Judgement) -> Iterator[str]:
    model = one.model
    pairs = zip(WEEKDAYS, model.weekdays, strict=True)
    yield f"an average day    {_number(model.level)} when the period begins"
    yield f"weekdays          {'  '.join(f'{name} {factor:.2f}' for name, factor in pairs)}"
    yield f"growth            {_percent(model.growth)} a week, which fades over the period"
    yield f"usual error       {model.day_error:.1%} a day, {model.total_error:.1%} in total, beyond chance"
    yield f"not learned from  {', '.join(map(str, model.outliers)) or 'no day stood out'}"
    if model.unsettled is not None:
        yield f"not settled       since {model.unsettled}: usual is all from the level before to the newest"
    for day, size in model.shifts:
        yield f"level shift       on {day}, to {size:.2f} of what was before; older days are moved to it"


def _period(one: MetricExplanation, judgement: Judgement) -> Iterator[str]:
    found = judgement.found
    if judgement.days != one.edition.period:
        yield f"judged            {judgement.days} only: what comes after is not complete"
    is_of_users = isinstance(one.metric.measure, EventUsers | ActiveUsers)
    added = " (the users of each day, added up: so they are judged)" if is_of_users else ""
    yield f"actual            {_number(found.actual)}{added}"
    yield f"expected          {_number(found.expected)}, so it is {_percent(found.change)}"
    share = f"{1 - OUTSIDE:.0%} of such periods"
    yield f"usual range       {_number(found.low)} to {_number(found.high)}, in {share}"
    for holiday in one.verdict.holidays:
        yield f"holiday           {holiday.day}, {holiday.name}: a low number of that day does not count"
    if one.daily is not None and 1 < judgement.days.length <= MOST_LISTED_DAYS:
        yield from _listed(judgement, one.daily)


def _listed(judgement: Judgement, daily: Daily) -> Iterator[str]:
    yield ""
    yield f"{'day':<16}{'actual':>12}{'expected':>12}"
    numbers = daily.over(judgement.days)
    for day, actual, expected in zip(judgement.days, numbers, judgement.model.daily, strict=True):
        shown = "–" if actual is None else _number(actual)
        yield f"{WEEKDAYS[day.weekday()]} {day}  {shown:>12}{_number(expected):>12}"


def _test(one: MetricExplanation, judgement: Judgement) -> Iterator[str]:
    found, label = judgement.found, one.metric.label
    if found.total_chance < 1:
        yield f"of the total      {_chance(found.total_chance)}"
    else:
        yield "of the total      not tested: it is a small change, or one whose like has been there before"
    if found.day is not None:
        day = judgement.past.start + timedelta(days=found.day.day)
        yield f"of a single day   {_chance(found.day.chance)} for {day}, all days considered"
    yield f"unusual up to     {_chance(judgement.bound)}, looking at {judgement.among} metrics:"
    yield f"{'':18}{judgement.rate:.0%} of what is called unusual is false at most (Benjamini-Hochberg)"
    for doubt in one.verdict.doubts:
        if doubt.label in (None, label):
            yield f"doubt             {doubt.code.value} since {doubt.day}: the tracking is looked at first"
    yield f"verdict           {_verdict(found, is_doubted=label in one.verdict.doubted)}"


def _verdict(found: Expectation, *, is_doubted: bool) -> str:
    if is_doubted:
        return "in doubt, so it is not judged"
    if found.total_unusual:
        return "the total is unusual"
    return "one day is unusual, the total is not" if found.unusual else "as usual"


def _behind(one: MetricExplanation) -> Iterator[str]:
    if one.causes is None:
        yield one.not_looked_for or "Not looked for: the total is as usual."
        return
    causes, periods = one.causes, one.causes.periods
    yield f"Held against {len(periods) - 1} periods since {periods[0].start}, moved to the expected level."
    if not causes.explanation.drivers:
        yield "No property has more than one value to compare."
        return
    yield ""
    yield f"{'strongest of each property':<32}{'actual':>10}{'as others':>12}{'explains':>10}{'sureness':>10}"
    for driver in causes.explanation.drivers:
        yield _driver(driver, is_named=driver in causes.named)
    yield ""
    yield f"Named is what explains {EXPLAINS:.0%} of the change or more, at a sureness from {SURE:.0f} on."


def _driver(driver: Driver, *, is_named: bool) -> str:
    name = f"{driver.dimension}: {', '.join(driver.values)}"
    numbers = f"{_number(driver.actual):>10}{_number(driver.counterfactual):>12}"
    evidence = f"{round(driver.explains, 4) + 0.0:>10.0%}{driver.sureness:>10.1f}"
    return f"{name:<32}{numbers}{evidence}{'  named' if is_named else ''}"


def _number(value: float) -> str:
    return numbers.number(value, "en")


def _percent(change: float) -> str:
    if not math.isfinite(change):
        return "more than none"
    return numbers.signed(change, numbers.percent(change, "en"))


def _chance(chance: float) -> str:
    """As a frequency where it is small: 1 in 20,000."""
    if chance < RAREST:
        return f"less than 1 in {1 / RAREST:,.0f}"
    return f"{chance:.0%}" if chance > 0.1 else f"{chance:.2g}, or 1 in {1 / chance:,.0f}"


WIDTH, HEIGHT = 960, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 64, 40
MOST_DRAWN_DAYS = 17 * 7  # in which a week can still be seen; of longer periods
SPANS = 4  # times their days
MOST_TICKS = 8
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
    days = _shown_days(one.daily, one.edition.question.history, one.edition.period)
    band = _band(judgement) if judgement else ()
    values = [value for value in one.daily.over(days) if value is not None]
    frame = Frame(days, Scale.over((1.0, *values, *(high for _, _, high in band))))
    judged = judgement.days if judgement else ()
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
        gridlines=[Gridline(frame.y(value), numbers.number(value, locale)) for value in frame.scale.grid],
        ticks=_ticks(frame, locale),
        range=" ".join((upper, *reversed(lower.split()))) if band else "",
        expected=frame.points(judged, (expected for _, expected, _ in band)),
        lines=_lines(frame, one.daily),
        outliers=_outliers(frame, one.daily, judgement.model.outliers if judgement else ()),
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
    for day in one.model.daily:
        chance = math.sqrt(one.grain / max(day, one.grain))
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
        return f"Not judged: {one.why_not}"
    found = one.judgement.found
    actual, expected, low, high = (
        f"{value:,.0f}" for value in (found.actual, found.expected, found.low, found.high)
    )
    circled = ", circled: not learned from" if one.judgement.model.outliers else ""
    return f"{actual}; expected {expected}, usual {low} to {high}. Dashed: expected of each day{circled}"
