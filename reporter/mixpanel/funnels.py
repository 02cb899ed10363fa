"""A saved funnel: the shape of the answer of `/funnels`, and the conversion that follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, TypeAdapter

from reporter.mixpanel.decoding import Count, Day, Meta, Moment, decode, is_sampled
from reporter.mixpanel.queries import FunnelQuery
from reporter.model.figures import Failed, Figure, Measured, Part, Undefined


class _Step(BaseModel):
    count: Count
    step_label: str | None = None
    event: str | None = None
    goal: str | None = None

    @property
    def name(self) -> str:
        return self.step_label or self.event or self.goal or ""


class _Bucket(BaseModel):
    steps: list[_Step]


class _Funnel(BaseModel):
    data: dict[Day, _Bucket]
    computed_at: Moment = None
    meta: Meta | None = None


@dataclass(frozen=True, slots=True)
class FunnelSteps:
    """The users of each step, in each stretch of days that Mixpanel told."""

    query: FunnelQuery
    buckets: Mapping[date, Sequence[Part]]
    computed_at: datetime
    sampled: bool = False

    def figure(self) -> Figure:
        """The share of those who did the first step that did the last one."""
        if [*self.buckets] != [self.query.period.start]:  # users of several stretches can not be added up
            return Failed(f"Mixpanel's answer does not tell the funnel {self.query.id} over the whole period")
        steps = self.buckets[self.query.period.start]
        if not steps:
            return Failed(f"Mixpanel's answer has no steps of the funnel {self.query.id}")
        first, last = steps[0].value, steps[-1].value
        return Measured(last / first, self.sampled, tuple(steps)) if first else Undefined()


_FUNNEL = TypeAdapter(_Funnel)


def read_funnel(query: FunnelQuery, body: bytes, now: datetime) -> FunnelSteps:
    """The answer of `/funnels`. Raises Unavailable or Refused."""
    answer = decode(_FUNNEL, body, "/funnels")
    buckets = {
        day: [Part(step.name, step.count) for step in bucket.steps] for day, bucket in answer.data.items()
    }
    return FunnelSteps(query, buckets, answer.computed_at or now, is_sampled(answer.meta))
