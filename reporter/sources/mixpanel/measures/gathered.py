"""What came back for one question, each answer or the error in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, TypeVar

from reporter.reports.errors import PlanRefused, Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed, NotNumeric, RawReason, Unknown
from reporter.reports.measures import PropertyStatistic
from reporter.reports.periods import Period
from reporter.reports.references import Reference
from reporter.sources.mixpanel.errors import AccountRefused
from reporter.sources.mixpanel.measures.breakdowns import Grouped
from reporter.sources.mixpanel.measures.history import EventHistory
from reporter.sources.mixpanel.measures.retention import Cohorts
from reporter.sources.mixpanel.measures.saved import FunnelSteps, SavedReport
from reporter.sources.mixpanel.queries import AnswerQuery
from reporter.sources.mixpanel.series import Inline

QueryResult: TypeAlias = Inline | Grouped | Cohorts | FunnelSteps | SavedReport
Kind = TypeVar("Kind", Inline, Grouped, Cohorts, FunnelSteps, SavedReport)


@dataclass(frozen=True, slots=True)
class QueryResults:
    """Names and counts are None where nothing was asked."""

    names: tuple[str, ...] | ReporterError | None = None
    history: EventHistory | ReporterError | None = None
    others: Mapping[AnswerQuery, QueryResult | ReporterError] = field(
        default_factory=dict[AnswerQuery, QueryResult | ReporterError]
    )
    unknown: Mapping[Reference, Unknown | Failed] = field(default_factory=dict[Reference, Unknown | Failed])
    not_numeric: Mapping[tuple[PropertyStatistic, Period], NotNumeric | Failed] = field(
        default_factory=dict[tuple[PropertyStatistic, Period], NotNumeric | Failed]
    )

    def of(self, query: AnswerQuery, kind: type[Kind]) -> Kind | Failed:
        """The answer to this query."""
        match self.others.get(query):
            case ReporterError() as error:
                return failed(error)
            case answer if isinstance(answer, kind):
                return answer
            case _:
                return Failed("Mixpanel was not asked for it")

    @property
    def plan_refused(self) -> PlanRefused | None:
        """The plan's refusal, where there is nothing else."""
        answers = (self.names, self.history, *self.others.values())
        asked = [answer for answer in answers if answer is not None]
        refusals = [answer for answer in asked if isinstance(answer, PlanRefused)]
        return refusals[0] if refusals and len(refusals) == len(asked) else None

    @property
    def computed_at(self) -> datetime | None:
        """When the oldest answer was computed."""
        moments = [
            answer.computed_at for answer in self.others.values() if not isinstance(answer, ReporterError)
        ]
        if isinstance(self.history, EventHistory) and self.history.counts.computed_at is not None:
            moments.append(self.history.counts.computed_at)
        return min(moments, default=None)


def failed(error: ReporterError) -> Failed:
    """A figure in whose place there is an error; what Mixpanel refuses may be had from raw events."""
    if isinstance(error, Unavailable):
        return Failed(str(error), is_temporary=True, after=error.after)
    is_elsewhere = isinstance(error, Refused) and not isinstance(error, AccountRefused)
    return Failed(str(error), raw_reason=RawReason.REFUSED if is_elsewhere else None)
