"""Which series of an Insights answer belongs to which metric.

Mixpanel does not document how it names the series of an inline query. Its own client says that a metric's
`name` becomes the label of its series, so metrics that nothing else tells apart are given one. A series is
taken for a metric only where no other reading is possible. An event's name may begin like another one:
"Sign Up" and "Sign Up - Web".
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from reporter.mixpanel.queries import ALL_EVENTS, Metric

_ALSO = {ALL_EVENTS: "All Events"}
_ENDS_OF_A_NAME = (" [", " - ", " (")
_MARK = "#"


def series_names(metrics: Sequence[Metric]) -> Mapping[Metric, str]:
    """A name for each metric where two of them are about the same event. No event begins like one."""
    if len({metric.event for metric in metrics}) == len(metrics):
        return {}
    mark = _MARK
    while any(metric.event.startswith(mark) for metric in metrics):
        mark += _MARK
    return {metric: f"{mark}{number}" for number, metric in enumerate(metrics, 1)}


def match_metrics(metrics: Sequence[Metric], labels: Collection[str]) -> Mapping[Metric, str]:
    """The label of each metric; metrics whose label can not be told are left out."""
    names = series_names(metrics)
    if by_name := match_labels([*names.values()], labels, may_be_last=False):
        return {metric: by_name[name] for metric, name in names.items() if name in by_name}
    often = Counter(metric.event for metric in metrics)
    by_event = match_labels([*often], labels, may_be_last=not names)
    return {
        metric: by_event[metric.event]
        for metric in metrics
        if often[metric.event] == 1 and metric.event in by_event
    }


def match_labels(
    events: Sequence[str], labels: Collection[str], *, may_be_last: bool = True
) -> Mapping[str, str]:
    """The label of each event; events whose label can not be told are left out.

    With `may_be_last`, the last event that is left has the last label that is left, whatever that is.
    """
    found = {event: event for event in events if event in labels}
    for event, other in _ALSO.items():
        if event in events and event not in found and other in labels and other not in found.values():
            found[event] = other
    found |= _by_beginning(events, [label for label in labels if label not in found.values()], found)
    left = [event for event in events if event not in found]
    unused = [label for label in labels if label not in found.values()]
    if may_be_last and len(left) == len(unused) == 1:
        found[left[0]] = unused[0]
    return found


def _by_beginning(
    events: Sequence[str], labels: Sequence[str], found: Mapping[str, str]
) -> Mapping[str, str]:
    owners: dict[str, list[str]] = {}
    for label in labels:
        if owner := _owner(label, events):
            owners.setdefault(owner, []).append(label)
    return {event: own[0] for event, own in owners.items() if len(own) == 1 and event not in found}


def _owner(label: str, events: Sequence[str]) -> str | None:
    """The event with the longest name that the label begins with."""
    beginnings = {
        name: event
        for event in events
        for name in (event, _ALSO.get(event, event))
        if label.startswith(tuple(name + end for end in _ENDS_OF_A_NAME))
    }
    return beginnings[max(beginnings, key=len)] if beginnings else None
