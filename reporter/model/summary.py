"""The one to three sentences under a report's title, the most important first."""

from reporter.model.figures import Failed, Figures, Measured, Undefined
from reporter.model.insights import (
    Busiest,
    Finding,
    Moved,
    NothingHappened,
    NothingUnusual,
    NotMeasured,
    Unusual,
    UnusualDay,
)
from reporter.model.records import remark
from reporter.model.report import TopEvents
from reporter.model.subscription import Insights, MetricSpec, ReportSpec
from reporter.model.verdict import Verdict

MOST_FINDINGS = 3
MANY = 3  # metrics within their range are worth a word; fewer a reader sees at a glance


def summary(
    spec: ReportSpec, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None
) -> tuple[Finding, ...]:
    """Doubts about the data first, then what is unusual, the headline, what is rare, and the plain facts."""
    missing = _not_measured(spec.metrics, figures)
    found = _happened(spec, figures, verdict, top_events)
    kept = found[: MOST_FINDINGS - bool(missing)]
    return (*kept, missing) if missing else tuple(kept)


def _not_measured(specs: tuple[MetricSpec, ...], figures: Figures) -> NotMeasured | None:
    now = [(metric.label, figures.now[metric.measure]) for metric in specs]
    missing = [(label, figure) for label, figure in now if not isinstance(figure, Measured | Undefined)]
    if not missing:
        return None
    reasons = {figure.reason if isinstance(figure, Failed) else None for _, figure in missing}
    shared = reasons.pop() if len(missing) > 1 and len(reasons) == 1 else None
    return NotMeasured(tuple(label for label, _ in missing), shared)


def _happened(
    spec: ReportSpec, figures: Figures, verdict: Verdict, top_events: TopEvents | Failed | None
) -> list[Finding]:
    has_events = isinstance(top_events, TopEvents) and bool(top_events.rows)
    values = [figure.value for figure in figures.now.values() if isinstance(figure, Measured)]
    if values and not any(values) and not has_events:
        return [*verdict.doubts] or [NothingHappened()]
    rare = remark(spec, figures, verdict)
    facts = _facts(spec.metrics, figures, verdict)
    return [
        *verdict.doubts,
        *verdict.unusual,
        *facts[:1],
        *((rare,) if rare else ()),
        *facts[1:],
        *((_busiest(top_events),) if isinstance(top_events, TopEvents) and top_events.rows else ()),
        *((NothingUnusual(verdict.judged),) if _is_worth_a_word(spec, verdict) else ()),
    ]


def _facts(specs: tuple[MetricSpec, ...], figures: Figures, verdict: Verdict) -> list[Moved]:
    """The sentences that the settings ask for; none of a metric in doubt, or told as unusual."""
    told = {finding.label for finding in verdict.unusual if isinstance(finding, Unusual | UnusualDay)}
    found: list[Moved] = []
    for spec in specs:
        figure, before = figures.now[spec.measure], figures.before[spec.measure]
        if spec.sentence and isinstance(figure, Measured) and spec.label not in verdict.doubted | told:
            previous = before.value if isinstance(before, Measured) else None
            found.append(Moved(spec.label, spec.said(figure.value), figure.value, previous, spec.format))
    return found


def _busiest(top_events: TopEvents) -> Busiest:
    first = top_events.rows[0]
    return Busiest(first.name, first.count, first.count / top_events.total)


def _is_worth_a_word(spec: ReportSpec, verdict: Verdict) -> bool:
    """Whether it is said that nothing is unusual, where there is room."""
    return spec.insights is Insights.FULL and verdict.is_calm and verdict.judged >= MANY
