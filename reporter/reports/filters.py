"""A filter that a report puts on all that it measures."""

from dataclasses import replace
from typing import TypeVar

from reporter.reports.conditions import Where
from reporter.reports.measures import Breakdown, Funnel, Measure, Ratio, SavedFunnel, SavedInsights

AnyMeasure = TypeVar("AnyMeasure", bound=Measure)


def filtered(measure: AnyMeasure, where: Where) -> AnyMeasure:
    """The measure of those of its events alone that fulfil these conditions, too.

    What is saved in Mixpanel has its own filters, and stays as it is.
    """
    match measure:
        case SavedInsights() | SavedFunnel():
            return measure
        case Breakdown(of=of):
            return replace(measure, of=filtered(of, where))
        case Ratio(numerator, denominator):
            return replace(
                measure, numerator=filtered(numerator, where), denominator=filtered(denominator, where)
            )
        case Funnel(steps=steps):
            return replace(measure, steps=tuple(replace(step, where=(*step.where, *where)) for step in steps))
        case _:
            return replace(measure, where=(*measure.where, *where))
