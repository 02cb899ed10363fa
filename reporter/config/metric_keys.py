"""What all metrics of reports.toml have in common: their words, how they read, and their goals."""

import re
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from reporter.config import report_checks
from reporter.config.faults import Wrong
from reporter.config.table import Table, Words


def _sentence(sentence: str) -> str:
    if sentence.count("{value}") != 1:
        raise Wrong("the sentence must hold {value} once", 'Write it as in "{value} new users joined".')
    if re.search(r"[{}]", sentence.replace("{value}", "")):
        raise Wrong("only {value} may stand in braces", "Remove the other braces.")
    return sentence


Sentence: TypeAlias = Annotated[Words, AfterValidator(_sentence)]


class MetricTable(Table):
    """What every metric has."""

    label: Words = Field(description="What it is called in a report.")
    sentence: Sentence | None = Field(
        default=None,
        description='Makes it a headline of the summary: "{value} new users joined". What changed is added.',
    )
    sentence_for_one: Sentence | None = Field(
        default=None, description='The sentence where the value is 1: "{value} new user joined".'
    )
    format: Literal["number", "percent"] | None = Field(
        default=None,
        description="percent: 0.127 reads 12.7%. Shares (stickiness, funnel, retention) are percents when "
        "left out, everything else is a number.",
    )
    currency: Annotated[str, AfterValidator(report_checks.currency)] | None = Field(
        default=None, description="The number is money: EUR, USD, or another code of ISO 4217."
    )

    @field_validator("currency")
    @classmethod
    def _is_no_percent(cls, currency: str | None, info: ValidationInfo) -> str | None:
        if currency is not None and info.data.get("format") == "percent":
            raise Wrong("a percentage is not money", "Remove currency, or format.")
        return currency


class GoalTable(MetricTable):
    """A metric that may have a goal."""

    target: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="The goal of a period: 300; of a percentage 0.4, which is 40%."
    )
    by: date | None = Field(default=None, description="The day by which the goal is to be reached.")
    target_is: Literal["at_least", "at_most"] | None = Field(
        default=None, description="at_most: the target is a limit. at_least when left out."
    )

    @field_validator("by", "target_is")
    @classmethod
    def _has_a_target(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and "target" in info.data and info.data["target"] is None:
            raise Wrong("there is no target for this", "Add one, as in target = 300.")
        return value


class ShareTable(GoalTable):
    """A metric that is a part of a whole."""

    @field_validator("target")
    @classmethod
    def _is_a_share(cls, target: float | None) -> float | None:
        if target is not None and target > 1:
            raise Wrong("this measure is never above 1, which is 100%", "Write 40% as 0.4.")
        return target
