"""The message that says a report could not be made or sent, or that one that failed came after all."""

from dataclasses import dataclass

from reporter.model.period import Period


@dataclass(frozen=True, slots=True)
class Notice:
    """What failed, for which report and period, why, and what to do. Holds no secret."""

    code: str  # stable, for logs and searches: "not-measured"
    report: str  # its title
    period: Period | None
    problem: str
    reasons: tuple[str, ...]
    next_step: str
    company: str = ""
    locale: str = "en"
