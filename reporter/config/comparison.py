"""What a report's numbers are compared with, as reports.toml says it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from reporter.config.metric_keys import declared_names
from reporter.reports.periods import Comparison
from reporter.validation import Invalid

A_YEAR_BACK = 400  # days: a year, a month and three days, so that a monthly report may be a little late


def kept_long_enough(word: str, info: ValidationInfo) -> str:
    """A year back there must still be raw events, where numbers come from them."""
    known = declared_names(info)
    kept, source = known.keep_days, known.source
    if word != Comparison.YEAR or source == "query" or not isinstance(kept, int) or kept >= A_YEAR_BACK:
        return word
    raise Invalid(
        f"raw events are deleted after {kept} days, before a year is over",
        f"Set keep_days in [events] to {A_YEAR_BACK} or more, or remove it.",
    )


Compare: TypeAlias = Annotated[
    Literal["previous", "year", "none"],
    AfterValidator(kept_long_enough),
    Field(
        description="What numbers are compared with: the period before, the same weekdays a year ago "
        "(a month with the same month), or nothing."
    ),
]
