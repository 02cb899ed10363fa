"""Which events go into one query for their counts: its list has to fit into a URL."""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from reporter.mixpanel.queries import CountsQuery
from reporter.model.period import Period

LONGEST_LIST = 6_000  # bytes of a URL, so that nobody on the way finds it too long


def counts_query(wanted: Iterable[str], names: Sequence[str], period: Period) -> CountsQuery:
    """All of the names, and what is wanted beside them: the same list for all questions wherever that fits.

    Where it does not, what is wanted comes first, then the most common names.
    """
    wanted = tuple(sorted(set(wanted)))
    events = _that_fit((*names, *wanted))
    return CountsQuery(events if set(wanted) <= set(events) else _that_fit((*wanted, *names)), period)


def _that_fit(events: Iterable[str]) -> tuple[str, ...]:
    taken: list[str] = []
    left = LONGEST_LIST - encoded_length(())
    for event in dict.fromkeys(events):
        needed = encoded_length((event,)) - encoded_length(()) + len(quote(","))
        if needed <= left:
            taken.append(event)
            left -= needed
    return tuple(taken)


def encode(events: Sequence[str]) -> str:
    """A list of events as Mixpanel takes it."""
    return json.dumps(list(events), ensure_ascii=False, separators=(",", ":"))


def encoded_length(events: Sequence[str]) -> int:
    """How many bytes of a URL a list of events takes."""
    return len(quote(encode(events), safe=""))
