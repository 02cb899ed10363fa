"""What a report's numbers are compared with, as reports.toml says it."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from reporter.config.metric_keys import declared_names
from reporter.reports.periods import Comparison
from reporter.validation import Invalid

# How many days back the same period of last year begins, on the day on which the report is due.
DAYS_BACK: Mapping[str, int] = {"daily": 365, "weekly": 371, "biweekly": 378, "monthly": 397}


def kept_long_enough(word: str, info: ValidationInfo) -> str:
    """A year back there must still be raw events, where numbers come from them."""
    known = declared_names(info)
    kept, source = known.keep_days, known.source
    if word != Comparison.YEAR or source == "query" or not isinstance(kept, int):
        return word
    periods = (info.data["period"],) if "period" in info.data else known.periods
    period = max((one for one in periods if one in DAYS_BACK), key=DAYS_BACK.__getitem__, default=None)
    if period is None or kept >= DAYS_BACK[period]:
        return word
    raise Invalid(
        f"raw events are deleted after {kept} days, and a {period} report needs those of {DAYS_BACK[period]}",
        f"Set keep_days in [events] to {DAYS_BACK[period]} or more (400 when left out), or remove this.",
    )


Compare: TypeAlias = Annotated[
    Literal["previous", "year", "none"],
    AfterValidator(kept_long_enough),
    Field(
        description="What numbers are compared with: the period before, the same weekdays a year ago "
        "(a month with the same month), or nothing."
    ),
]
