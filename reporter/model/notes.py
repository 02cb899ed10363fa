"""What a reader should know about how a report's numbers came to be."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from reporter.model.edition import Edition
from reporter.model.figures import Failed, Figures, Measured, RawEvents, TooLittleHistory
from reporter.model.measure import parts_of
from reporter.model.report import (
    Late,
    MeasuredFromRaw,
    Next,
    NoEarlierData,
    NotAllNumbers,
    Note,
    RankedPartly,
    Sampled,
    TopEvents,
    ZoneAssumed,
)
from reporter.model.subscription import MetricSpec
from reporter.model.verdict import Verdict

LATE_AFTER = timedelta(hours=1)


def notes(
    edition: Edition, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None, now: datetime
) -> tuple[Note, ...]:
    """All notes, those about the report itself first."""
    return (
        *_about_the_run(edition, now),
        *_about_the_past(figures, verdict),
        *verdict.holidays,
        *((verdict.not_looked_for,) if verdict.not_looked_for else ()),
        *_about_the_numbers(edition.spec.metrics, figures, top_events),
    )


def _about_the_run(edition: Edition, now: datetime) -> tuple[Next | Late, ...]:
    found: list[Next | Late] = [Next(edition.next_due)] if edition.next_due is not None else []
    if edition.due is not None and now - edition.due > LATE_AFTER:
        found.append(Late(edition.due))
    return tuple(found)


def _about_the_past(figures: Figures, verdict: Verdict) -> tuple[Note, ...]:
    """Too little history is said once, in the plainest way."""
    if short := first_day(figures):
        return (NoEarlierData(short.first_day),)
    return (verdict.too_little,) if verdict.too_little else ()


def first_day(figures: Figures) -> TooLittleHistory | None:
    """The project's first day, where the previous period reaches back before it."""
    return next((figure for figure in figures.before.values() if isinstance(figure, TooLittleHistory)), None)


def _about_the_numbers(
    specs: tuple[MetricSpec, ...], figures: Figures, top_events: TopEvents | Failed | None
) -> tuple[Note, ...]:
    found: list[Note] = []
    if any(isinstance(figure, Measured) and figure.sampled for figure in figures.now.values()):
        found.append(Sampled())
    found += _not_all_numbers(specs, figures)
    if isinstance(top_events, TopEvents) and top_events.is_partial:
        found.append(RankedPartly(top_events.known))
    if figures.project.zone_is_assumed:
        found.append(ZoneAssumed())
    if figures.raw is not None:
        found += _from_raw(specs, figures.raw)
    return tuple(found)


def _not_all_numbers(specs: tuple[MetricSpec, ...], figures: Figures) -> Iterator[NotAllNumbers]:
    for metric in specs:
        figure = figures.now[metric.measure]
        if isinstance(figure, Measured) and figure.skipped:
            yield NotAllNumbers(metric.label, figure.skipped)


def _from_raw(specs: tuple[MetricSpec, ...], raw: RawEvents) -> tuple[MeasuredFromRaw, ...]:
    """Which metrics were measured from raw events; a ratio was, when one of its parts was."""
    if raw.is_all:
        return (MeasuredFromRaw(raw),)
    labels = tuple(
        metric.label
        for metric in specs
        if metric.measure in raw.measures or raw.measures.intersection(parts_of(metric.measure))
    )
    return (MeasuredFromRaw(raw, labels),) if labels else ()
