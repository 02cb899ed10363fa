"""What a metric is made of: the values of a breakdown, the steps of a funnel."""

from math import fsum

from reporter.model.figures import Figure, Figures, Measured, Part
from reporter.model.format import NUMBER
from reporter.model.measure import Breakdown, EventUsers, Funnel, SavedFunnel, is_additive
from reporter.model.report import Change, Detail, DetailKind, DetailRow
from reporter.model.subscription import MetricSpec

ALL_BELOW = 3_000  # values: Mixpanel tells no more, so that of fewer none is missing
ROUNDING = 1e-9  # of a sum


def details(specs: tuple[MetricSpec, ...], figures: Figures) -> tuple[Detail, ...]:
    """One for each metric whose figure has parts."""
    found = (_detail(metric, figures.now[metric.measure], figures.before[metric.measure]) for metric in specs)
    return tuple(detail for detail in found if detail is not None)


def _detail(metric: MetricSpec, figure: Figure, previous: Figure) -> Detail | None:
    if not isinstance(figure, Measured) or not figure.parts:
        return None
    before = previous if isinstance(previous, Measured) else None
    match metric.measure:
        case Breakdown(property=by) as breakdown:
            whole = figure.value if is_additive(breakdown) else 0.0
            rows = tuple(
                _value(
                    part, whole, None if before is None else _before(part, figure.parts, before, breakdown)
                )
                for part in figure.parts
            )
            return Detail(metric.label, DetailKind.BREAKDOWN, by, rows, metric.format)
        case Funnel() | SavedFunnel():
            steps = _steps(figure.parts, before.parts if before else ())
            return Detail(metric.label, DetailKind.STEPS, None, steps, NUMBER)
        case _:
            return None


def _value(part: Part, whole: float, before: float | None) -> DetailRow:
    return DetailRow(
        name=part.name,
        value=part.value,
        share=part.value / whole if whole > 0 else None,
        change=None if before is None else Change(before, part.value),
        is_rest=part.is_rest,
    )


def _before(part: Part, parts: tuple[Part, ...], before: Measured, measure: Breakdown) -> float | None:
    """The same value's number before, or that of the same rest: all values but those named now.

    A value that was not there came to nothing, unless others may be missing, or it is an average.
    """
    known = {one.name: one.value for one in before.parts if not one.is_rest}
    is_whole = len(known) == len(before.parts) < ALL_BELOW
    counts = is_additive(measure) or isinstance(measure.of, EventUsers)
    absent = 0.0 if is_whole and counts else None
    if not part.is_rest:
        return known.get(part.name, absent)
    named = [known.get(one.name, absent) for one in parts if not one.is_rest]
    numbers = [number for number in named if number is not None]
    overlap = fsum(known.values()) > before.value + ROUNDING * abs(before.value)  # as items of lists do
    if len(numbers) < len(named) or overlap:
        return None
    rest = fsum((before.value, *(-number for number in numbers)))
    return 0.0 if abs(rest) <= ROUNDING * abs(before.value) else rest


def _steps(parts: tuple[Part, ...], before: tuple[Part, ...]) -> tuple[DetailRow, ...]:
    """Steps by their place: a funnel may have the same event twice."""
    is_same = [part.name for part in parts] == [part.name for part in before]
    first = parts[0].value
    return tuple(
        DetailRow(
            name=part.name,
            value=part.value,
            share=part.value / first if first else None,
            change=Change(before[place].value, part.value) if is_same else None,
        )
        for place, part in enumerate(parts)
    )
