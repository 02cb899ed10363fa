"""Which series of an Insights answer belongs to which event.

Mixpanel does not document how it names the series of an inline query, so a series is taken for an event only
where no other reading is possible. A name may begin like another one: "Sign Up" and "Sign Up - Web".
"""

from collections.abc import Collection, Mapping, Sequence

ALL_EVENTS = "$all_events"

_ALSO = {ALL_EVENTS: "All Events"}
_ENDS_OF_A_NAME = (" [", " - ", " (")


def match_labels(events: Sequence[str], labels: Collection[str]) -> Mapping[str, str]:
    """The label of each event; events whose label can not be told are left out."""
    found = {event: event for event in events if event in labels}
    for event, other in _ALSO.items():
        if event in events and event not in found and other in labels and other not in found.values():
            found[event] = other
    found |= _by_beginning(events, [label for label in labels if label not in found.values()], found)
    left = [event for event in events if event not in found]
    unused = [label for label in labels if label not in found.values()]
    if len(left) == len(unused) == 1:
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
