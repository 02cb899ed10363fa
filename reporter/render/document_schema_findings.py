"""The JSON Schema of findings and notes: a kind, its facts, and the sentence that says them."""

from typing import Final

from reporter.render.document_values import Object
from reporter.render.schema_parts import (
    COUNT,
    DATE,
    FLAG,
    MOMENT,
    NUMBER,
    READS,
    TEXT,
    TEXTS,
    described,
    list_of,
    one_of,
    or_nothing,
)
from reporter.reports.figures import RawReason

_DIRECTION: Final[Object] = {"enum": [-1, 1]}


def _kind(name: str, /, **properties: Object) -> Object:
    return described(kind={"const": name}, **properties, text=TEXT)


_CAUSE: Final[Object] = described(
    "A part that moved on its own; explains is the share of the change that goes away with it put back.",
    property=TEXT,
    values=TEXTS,
    explains=NUMBER,
)

FINDING: Final[Object] = one_of(
    _kind("moved", label=TEXT, value=NUMBER, previous=NUMBER, **READS),
    _kind("busiest", event=TEXT, count=NUMBER, share=NUMBER),
    _kind("nothing_happened"),
    _kind("not_measured", labels=TEXTS, reason=or_nothing(TEXT)),
    _kind(
        "unusual",
        label=TEXT,
        value=NUMBER,
        ratio=NUMBER,
        low=NUMBER,
        high=NUMBER,
        causes=list_of(_CAUSE),
        across=TEXTS,
        is_of_users=FLAG,
        **READS,
    ),
    _kind("unusual_day", label=TEXT, date=DATE, actual=NUMBER, expected=NUMBER, **READS),
    _kind("together", direction=_DIRECTION, count=COUNT, among=COUNT),
    _kind(
        "record",
        label=TEXT,
        value=NUMBER,
        direction=_DIRECTION,
        since=or_nothing(DATE),
        known=COUNT,
        **READS,
    ),
    _kind("milestone", label=TEXT, value=NUMBER, passed=NUMBER, **READS),
    _kind("nothing_unusual", metrics=COUNT),
    _kind("doubt", code=TEXT, label=or_nothing(TEXT), date=DATE, actual=NUMBER, expected=NUMBER),
)

NOTE: Final[Object] = one_of(
    _kind("late", due=MOMENT),
    _kind("next", due=MOMENT),
    _kind("zone_assumed"),
    _kind("sampled"),
    _kind("not_all_numbers", label=TEXT, count=COUNT),
    _kind("ranked_partly", among=COUNT),
    _kind("no_earlier_data", first_date=DATE),
    _kind(
        "measured_from_raw",
        because={"enum": [because.value for because in RawReason]},
        labels={**TEXTS, "description": "of the metrics; none where it is all of them"},
        events=COUNT,
        duplicates=COUNT,
        late=COUNT,
        unreadable=COUNT,
        unlinked_from={**or_nothing(DATE), "description": "from this day on some users may count twice"},
    ),
    _kind("restated", label=TEXT, said=NUMBER, now=NUMBER, **READS),
    _kind("too_little_to_judge", enough_on=DATE),
    _kind("holiday", date=DATE, name=TEXT),
    _kind("causes_not_looked_for", reason=TEXT),
)
