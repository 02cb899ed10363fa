"""One metric explained, as text and as a picture: what was expected of it, the test, what is behind it."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from reporter.anomalies.expectation import OUTSIDE, Expectation
from reporter.anomalies.explanation import Judgement, MetricExplanation, weeks_of
from reporter.anomalies.ratio_drivers import RATE_SURE, RatioDriver
from reporter.anomalies.segments import EXPLAINS, SURE, Driver, Explanation
from reporter.render import numbers, phrasing
from reporter.render.metric_text import unknown_name
from reporter.render.notes import measured_from_raw
from reporter.render.phrases import words
from reporter.reports.figures import (
    Daily,
    NotNumeric,
    TooLittleHistory,
    Undefined,
    UnknownEvent,
    UnknownProperty,
    UnknownValue,
)
from reporter.reports.findings import MeasuredFromRaw
from reporter.reports.measures import ActiveUsers, EventUsers, PropertyStatistic

WIDE = 76  # that its tables take; a narrower terminal gets them closer together
BAR = 40  # letters of the longest bar
BESIDE = 26  # what stands before a bar
RAREST = 1e-6  # a smaller chance is told as smaller than that
MOST_LISTED_DAYS = 31  # that are listed one by one
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw(one: MetricExplanation, width: int = WIDE) -> str:
    """All of it, in English: it is for who looks after a report, not for who reads one."""
    edition = one.edition
    parts = [f"{one.metric.label}, {edition.spec.heading} of {edition.period}"]
    if one.raw is not None:  # how they were tidied is no news in a report
        labels = () if one.raw.is_all else (one.metric.label,)
        parts.append(measured_from_raw(MeasuredFromRaw(one.raw, labels), "en"))
    if one.daily is not None:
        parts.append(_section("History, by weeks up to the period's end", _history(one, one.daily, width)))
    judgement = one.judgement
    if judgement is None:
        return "\n\n".join((*parts, f"Not judged: {why_not(one)}")) + "\n"
    parts += [
        _section("What was learned from it", _model(one, judgement)),
        _section("The period", _period(one, judgement, width)),
        _section("The test", _test(one, judgement)),
        *_parts(one, width),
        _section("What is behind it", _behind(one, width)),
    ]
    return "\n\n".join(parts) + "\n"


def why_not(one: MetricExplanation) -> str | None:
    """What keeps the figure from being a number is the reason, whatever else would be."""
    match one.figure:
        case UnknownProperty() | UnknownValue() | NotNumeric():
            return f"{unknown_name(one.figure, 'en')}."
        case UnknownEvent(event):
            return f"The project has no event named {phrasing.quoted(event, words('en'))}."
        case Undefined():
            return "There was nothing in the period to divide by."
        case TooLittleHistory(first_day):
            return f"The period begins before the project's first event, of {first_day}."
        case _:
            return one.why_not


def _section(heading: str, lines: Iterator[str]) -> str:
    return "\n".join((heading, *(f"  {line}".rstrip() for line in lines)))


def _history(one: MetricExplanation, daily: Daily, width: int) -> Iterator[str]:
    period = one.edition.period
    weeks = weeks_of(daily, one.edition.question.history, one.base)
    most = max((total for _, total in weeks if total is not None), default=0.0)
    longest = max(min(BAR, width - BESIDE), 1)
    for week, total in weeks:
        if total is None:
            yield f"{week.start}  {'–':>10}"
            continue
        bar = "█" * round(longest * total / most) if most > 0 else ""
        mark = "  ← the period" if week.end > period.start else ""
        yield f"{week.start}  {shown_number(total, one):>10}  {bar}{mark}"


def _model(one: MetricExplanation, judgement: Judgement) -> Iterator[str]:
    model = judgement.model
    if model is None:
        yield "Days do not add up to it, so the period is held against earlier periods like it."
        return
    pairs = zip(WEEKDAYS, model.weekdays, strict=True)
    yield f"an average day    {shown_number(model.level, one)} when the period begins"
    yield f"weekdays          {'  '.join(f'{name} {factor:.2f}' for name, factor in pairs)}"
    yield f"growth            {_percent(model.growth)} a week, which fades over the period"
    yield f"usual error       {model.day_error:.1%} a day, {model.total_error:.1%} in total, beyond chance"
    yield f"not learned from  {', '.join(map(str, model.outliers)) or 'no day stood out'}"
    if model.unsettled is not None:
        yield f"not settled       since {model.unsettled}: usual is all from the level before to the newest"
    for day, size in model.shifts:
        yield f"level shift       on {day}, to {size:.2f} of what was before; older days are moved to it"


def _period(one: MetricExplanation, judgement: Judgement, width: int) -> Iterator[str]:
    found = judgement.found
    if judgement.days != one.edition.period:
        yield f"judged            {judgement.days} only: what comes after is not complete"
    is_of_users = isinstance(one.metric.measure, EventUsers | ActiveUsers)
    added = " (the users of each day, added up: so they are judged)" if is_of_users else ""
    is_of_amounts = isinstance(one.metric.measure, PropertyStatistic)
    if judgement.fraction and not is_of_amounts:
        over, under = (numbers.number(each, "en") for each in judgement.fraction)
        yield f"judged            {over} of {under}, so that more of both is no change"
    if is_of_amounts:
        yield "amounts           single large ones count up to a bound, in the past as in the period"
    yield f"actual            {shown_number(found.actual, one)}{added}"
    yield f"expected          {shown_number(found.expected, one)}, so it is {_percent(found.change)}"
    share = f"{1 - OUTSIDE:.0%} of such periods"
    yield f"usual range       {shown_number(found.low, one)} to {shown_number(found.high, one)}, in {share}"
    for holiday in one.verdict.holidays:
        name = holiday.name_in("en")
        yield f"holiday           {holiday.day}, {name}: a low number of that day does not count"
    if one.daily is not None and 1 < judgement.days.length <= MOST_LISTED_DAYS:
        yield from _listed(one, judgement, one.daily, width)


def _listed(one: MetricExplanation, judgement: Judgement, daily: Daily, width: int) -> Iterator[str]:
    yield ""
    places = (12, 12, 16, 12) if width >= WIDE else (7, 9, 8, 7)
    low = "unusual below" if width >= WIDE else "below"
    yield f"{'day':<{16 if width >= WIDE else 6}}{_right(places, 'actual', 'expected', low, 'above')}"
    numbers = daily.over(judgement.days)
    daily_expected = judgement.model.daily if judgement.model else ()
    days = zip(judgement.days, numbers, daily_expected, judgement.day_thresholds, strict=False)
    for day, actual, expected, limits in days:
        shown, below, above = (
            "–" if each is None else shown_number(each, one) for each in (actual, limits.below, limits.above)
        )
        number = _right(places, shown, shown_number(expected, one), below, above)
        yield f"{WEEKDAYS[day.weekday()]} {f'{day}  ' if width >= WIDE else f'{day:%d}'}{number}"


def _right(places: Sequence[int], *cells: str) -> str:
    """Each at the right of its place, a blank before it at least."""
    return "".join(f" {cell:>{place - 1}}" for place, cell in zip(places, cells, strict=True))


def _test(one: MetricExplanation, judgement: Judgement) -> Iterator[str]:
    found, label = judgement.found, one.metric.label
    if found.total_chance < 1:
        yield f"of the total      {_chance(found.total_chance)}"
    else:
        yield "of the total      not tested: it is a small change, or one whose like has been there before"
    if found.day is not None:
        day = judgement.begins + timedelta(days=found.day.day)
        yield f"of a single day   {_chance(found.day.chance)} for {day}, all days considered"
    metrics = "1 metric" if judgement.among == 1 else f"{judgement.among} metrics"
    yield f"unusual up to     {_chance(judgement.bound)}, looking at {metrics}:"
    yield f"{'':18}{judgement.rate:.0%} of what is called unusual is false at most (Benjamini-Hochberg)"
    if label not in one.verdict.doubted:
        yield f"would be unusual  {_would_be_unusual(one, judgement)}"
    for doubt in one.verdict.doubts:
        if doubt.label in (None, label):
            yield f"doubt             {doubt.code.value} since {doubt.day}: the tracking is looked at first"
    yield f"verdict           {_verdict(found, is_doubted=label in one.verdict.doubted)}"


def _parts(one: MetricExplanation, width: int) -> Iterator[str]:
    """The section about the values that are judged beside the whole, where the metric has some."""
    heading = f"Its parts, by {one.metric.judge_by}"
    if one.parts_not_judged:
        yield _section(heading, iter((f"Not judged: {one.parts_not_judged}",)))
    elif one.parts:
        yield _section(heading, _judged_parts(one, width))


def _judged_parts(one: MetricExplanation, width: int) -> Iterator[str]:
    is_wide = width >= WIDE
    if is_wide:
        yield f"{'':<20}{'actual':>10}{'expected':>10}{'usual range':>20}  chance"
    for each in one.parts:
        name = f"{each.part.value:<20}" if is_wide else f"{each.part.value}: "
        if each.found is None:
            yield f"{name}{'too few days with a number to tell what is usual':>{40 if is_wide else 0}}"
        else:
            yield f"{name}{_judged_part(one, each.found, is_wide=is_wide)}"
    bound = min(each.bound for each in one.parts)
    yield ""
    yield f"unusual up to     {_chance(bound)}: the parts of a report share a budget of their own"


def _judged_part(one: MetricExplanation, found: Expectation, *, is_wide: bool) -> str:
    low, high, actual, expected = (
        shown_number(each, one) for each in (found.low, found.high, found.actual, found.expected)
    )
    chance = _chance(found.chance) if found.chance < 1 else "not tested: small, or no news"
    mark = f"  {_verdict(found, is_doubted=False)}" if found.unusual else ""
    if not is_wide:
        return f"{actual}, expected {expected}, usual {low} to {high}, chance {chance}{mark}"
    return f"{actual:>10}{expected:>10}{f'{low} to {high}':>20}  {chance}{mark}"


def _would_be_unusual(one: MetricExplanation, judgement: Judgement) -> str:
    """From which number on the same test would have called the total unusual."""
    limits, fraction = judgement.thresholds, judgement.fraction
    told = _beyond("below", limits.below, "above", limits.above, lambda value: shown_number(value, one))
    if not told:
        return "no number: what is so small is not told, whatever comes"
    if fraction is None or isinstance(one.metric.measure, PropertyStatistic):
        return f"a total {told}"
    over = limits.times(fraction[1])
    counted = _beyond(
        "fewer than", over.below, "more than", over.above, lambda value: shown_number(round(value))
    )
    return f"{told}: {counted} of {shown_number(fraction[1])}"


def _beyond(
    low: str, below: float | None, high: str, above: float | None, shown: Callable[[float], str]
) -> str:
    """Nothing is below what reads as 0: there only none at all would have been unusual."""
    sides = [f"{word} {shown(value)}" for word, value in ((low, below), (high, above)) if value is not None]
    if below is not None and shown(below) == shown(0.0):
        sides[0] = "none at all"
    return " or ".join(sides)


def _verdict(found: Expectation, *, is_doubted: bool) -> str:
    if is_doubted:
        return "in doubt, so it is not judged"
    if found.total_unusual:
        return "the total is unusual"
    return "one day is unusual, the total is not" if found.unusual else "as usual"


def _behind(one: MetricExplanation, width: int) -> Iterator[str]:
    if one.causes is None:
        yield one.not_looked_for or "Not looked for: the total is as usual."
        return
    causes, periods = one.causes, one.causes.periods
    yield f"Held against {len(periods) - 1} periods since {periods[0].start}, moved to the expected level."
    if not causes.strongest:
        yield "No property has more than one value to compare."
        return
    yield ""
    places = (10, 12, 10, 10) if width >= WIDE else (9, 10, 9, 9)
    titles = _right(places, "actual", "as others", "explains", "sureness")
    yield from _beside("strongest of each property", titles, width)
    for driver in causes.strongest:
        yield from _driver(driver, places, width, is_named=driver in causes.named)
    yield ""
    sure = SURE if isinstance(causes.explanation, Explanation) else RATE_SURE
    yield f"Named is what explains {EXPLAINS:.0%} of the change or more, at a sureness from {sure:.0f} on."


def _driver(
    driver: Driver | RatioDriver, places: Sequence[int], width: int, *, is_named: bool
) -> Iterator[str]:
    name = f"{driver.dimension}: {', '.join(driver.values)}"
    numbers = shown_number(driver.actual), shown_number(driver.counterfactual)
    if isinstance(driver, RatioDriver):
        name = f"{name} ({'its rate' if driver.effect == 'rate' else 'its share'})"
        numbers = f"{driver.actual:.1%}", f"{driver.counterfactual:.1%}"
    evidence = f"{round(driver.explains, 4) + 0.0:.0%}", f"{driver.sureness:.1f}"
    yield from _beside(name, _right(places, *numbers, *evidence), width, "  named" if is_named else "")


def _beside(name: str, numbers: str, width: int, remark: str = "") -> Iterator[str]:
    """The numbers beside the name, or below it."""
    if width >= WIDE:
        yield f"{name:<32}{numbers}{remark}"
    else:
        yield f"{name}{remark}"
        yield numbers


def shown_number(value: float, one: MetricExplanation | None = None, locale: str = "en") -> str:
    """A number as the metric's are told; without one, plainly."""
    is_percent = one is not None and one.metric.format.is_percent
    return numbers.percent(value, locale) if is_percent else numbers.number(value, locale)


def _percent(change: float) -> str:
    if not math.isfinite(change):
        return "more than none"
    return numbers.signed(change, numbers.percent(change, "en"))


def _chance(chance: float) -> str:
    """As a frequency where it is small: 1 in 20,000."""
    if chance < RAREST:
        return f"less than 1 in {1 / RAREST:,.0f}"
    return f"{chance:.0%}" if chance > 0.1 else f"{chance:.2g}, or 1 in {1 / chance:,.0f}"
