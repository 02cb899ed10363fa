"""What a metric is made of: the values of a breakdown, the steps of a funnel."""

from reporter.model.figures import Figure, Figures, Measured, Part
from reporter.model.format import NUMBER
from reporter.model.measure import Breakdown, Funnel, SavedFunnel, is_additive
from reporter.model.report import Change, Detail, DetailKind, DetailRow
from reporter.model.subscription import MetricSpec


def details(specs: tuple[MetricSpec, ...], figures: Figures) -> tuple[Detail, ...]:
    """One for each metric whose figure has parts."""
    found = (_detail(metric, figures.now[metric.measure], figures.before[metric.measure]) for metric in specs)
    return tuple(detail for detail in found if detail is not None)


def _detail(metric: MetricSpec, figure: Figure, previous: Figure) -> Detail | None:
    if not isinstance(figure, Measured) or not figure.parts:
        return None
    before = previous.parts if isinstance(previous, Measured) else ()
    match metric.measure:
        case Breakdown(property=by) as breakdown:
            whole = figure.value if is_additive(breakdown) else 0.0
            rows = tuple(_value(part, whole, before) for part in figure.parts)
            return Detail(metric.label, DetailKind.BREAKDOWN, by, rows, metric.format)
        case Funnel() | SavedFunnel():
            return Detail(metric.label, DetailKind.STEPS, None, _steps(figure.parts, before), NUMBER)
        case _:
            return None


def _value(part: Part, whole: float, before: tuple[Part, ...]) -> DetailRow:
    """A value against itself. What is in the rest differs from period to period, so that has no change."""
    same = next((one for one in before if one.name == part.name and not one.is_rest), None)
    is_comparable = same is not None and not part.is_rest
    return DetailRow(
        name=part.name,
        value=part.value,
        share=part.value / whole if whole > 0 else None,
        change=Change(same.value, part.value) if same and is_comparable else None,
        is_rest=part.is_rest,
    )


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
