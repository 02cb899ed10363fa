"""The JSON Schema of a report's document, for those who read it with a program.

All keys named are always there. New ones may be added, so objects are left open.
"""

from collections.abc import Mapping
from typing import Final

from reporter.render.document import VERSION
from reporter.render.document_schema_findings import FINDING, NOTE
from reporter.render.document_values import Object
from reporter.render.schema_parts import (
    COUNT,
    DATE,
    FLAG,
    MOMENT,
    NOTHING,
    NUMBER,
    READS,
    SCALAR,
    TEXT,
    TEXTS,
    defined,
    described,
    list_of,
    one_of,
    or_nothing,
)
from reporter.reports.figures import Unlike
from reporter.reports.periods import Cadence
from reporter.reports.report import DetailKind

_IS_FAILED: Final[Object] = {"const": "failed"}
_FAILURE: Final[dict[str, Object]] = {
    "reason": TEXT,
    "may_work_later": FLAG,
    "retry_after_seconds": NUMBER,
}
_FIGURES: Final[Mapping[str, dict[str, Object]]] = {
    "A number; a real zero is one. Skipped are values of the property that are no numbers.": {
        "state": {"const": "measured"},
        "value": NUMBER,
        "sampled": FLAG,
        "skipped": COUNT,
    },
    "There is nothing to measure it of, such as a share of nobody.": {
        "state": {"const": "undefined"},
        "value": NOTHING,
    },
    "The project has no event of this name; the nearest names, best first.": {
        "state": {"const": "unknown_event"},
        "value": NOTHING,
        "event": TEXT,
        "nearest": TEXTS,
    },
    "No occurrence of the event has had the property since that day; the nearest names, best first.": {
        "state": {"const": "unknown_property"},
        "value": NOTHING,
        "event": TEXT,
        "property": TEXT,
        "since": DATE,
        "nearest": TEXTS,
    },
    "The property has never had the wanted value since that day; the nearest values, best first.": {
        "state": {"const": "unknown_value"},
        "value": NOTHING,
        "event": TEXT,
        "property": TEXT,
        "wanted": SCALAR,
        "is_part": FLAG,
        "since": DATE,
        "nearest": list_of(SCALAR),
    },
    "The property is never a number, so there is nothing to add up, average or compare.": {
        "state": {"const": "not_numeric"},
        "value": NOTHING,
        "event": TEXT,
        "property": TEXT,
    },
    "It could not be measured.": {"state": _IS_FAILED, "value": NOTHING, **_FAILURE},
    "The period reaches back before the project's first event.": {
        "state": {"const": "too_little_history"},
        "value": NOTHING,
        "first_date": DATE,
    },
    "The previous period has no number that would be a fair comparison.": {
        "state": {"const": "incomparable"},
        "value": NOTHING,
        "why": {"enum": [why.value for why in Unlike]},
    },
}
_DAYS: Final[dict[str, Object]] = {
    "from_date": DATE,
    "to_date": DATE,
    "days": {"type": "integer", "minimum": 1},
}

_DEFINITIONS: Final[Object] = {
    "period": described("Whole days in the project's time zone; both dates are covered.", **_DAYS),
    "change": described(
        "The difference to the previous period; relative is 0.127 for +12.7 %, null from zero.",
        absolute=NUMBER,
        relative=NUMBER,
    ),
    "usual": described(
        "The normal range, of a metric that left it: 98 of 100 usual periods lie between low and high.",
        low=NUMBER,
        high=NUMBER,
        expected=NUMBER,
    ),
    "figure": one_of(*(described(said, **figure) for said, figure in _FIGURES.items())),
    "metric": one_of(
        *(
            described(
                said,
                label=TEXT,
                **figure,
                previous=defined("figure"),
                change=or_nothing(defined("change")),
                usual=or_nothing(defined("usual")),
                progress=or_nothing(defined("progress")),
                **READS,
            )
            for said, figure in _FIGURES.items()
        )
    ),
    "progress": described(
        "Where a metric is on the way to its goal; share is value / target.",
        target=NUMBER,
        by=or_nothing({**DATE, "description": "the day by which it is to be reached"}),
        is_limit={**FLAG, "description": "the target is a limit: at most so much"},
        share=NUMBER,
        is_reached=FLAG,
    ),
    "finding": FINDING,
    "note": NOTE,
    "top_event": described(name=TEXT, count=NUMBER, change=or_nothing(defined("change"))),
    "top_events": one_of(
        described(
            "The busiest events, out of `known` that happened `total` times.",
            state={"const": "measured"},
            rows=list_of(defined("top_event")),
            total=NUMBER,
            known=COUNT,
            is_partial=FLAG,
        ),
        described(state=_IS_FAILED, **_FAILURE),
        {**NOTHING, "description": "Not asked for."},
    ),
    "chart": described(
        "The average day of each span, and of the span at the same place in the period before.",
        label=TEXT,
        points=list_of(described(**_DAYS, value=NUMBER, previous=NUMBER)),
        **READS,
    ),
    "detail": described(
        "What a metric is made of: the values of a property, or the steps of a funnel.",
        label=TEXT,
        kind={"enum": [kind.value for kind in DetailKind]},
        by=or_nothing({**TEXT, "description": "the property"}),
        rows=list_of(
            described(
                name=or_nothing({**TEXT, "description": "null: not set, or all others"}),
                value=NUMBER,
                share=NUMBER,
                change=or_nothing(defined("change")),
                is_rest=FLAG,
            )
        ),
        **READS,
    ),
}

SCHEMA: Final[Object] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Report",
    **described(
        "What happened in a Mixpanel project over a period.",
        version={"const": VERSION},
        report=TEXT,
        title=TEXT,
        company=TEXT,
        project=TEXT,
        time_zone={**TEXT, "description": "The IANA zone in which Mixpanel cuts the project's days."},
        locale=TEXT,
        cadence={"enum": [*(cadence.value for cadence in Cadence), None]},
        period=defined("period"),
        previous_period=defined("period"),
        findings=list_of(defined("finding")),
        metrics=list_of(defined("metric")),
        top_events=defined("top_events"),
        charts=list_of(defined("chart")),
        notes=list_of(defined("note")),
        computed_at=MOMENT,
        queries={**COUNT, "description": "What the report cost of Mixpanel's hourly quota."},
        details=list_of(defined("detail")),
        mention=or_nothing({**TEXT, "description": "Whom Slack calls: here, channel, or an id."}),
    ),
    "$defs": _DEFINITIONS,
}
