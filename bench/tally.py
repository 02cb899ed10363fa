"""What a method got right and wrong over many made-up reports, and how a row of figures is printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np

from bench.insights_data import SyntheticReport
from bench.naive_methods import Answer

CLEAR, MODERATE = 6.0, 3.0  # true standard deviations
LOUD = 10.0  # events a day from which a dead event must be heard
COUNTED = 10.0  # expected events of a period from which its expectation is judged


@dataclass(slots=True)
class Tally:
    """What a method got right and wrong over many reports."""

    reports: int = 0
    false_alarms: int = 0
    quiet: list[bool] = field(default_factory=list[bool])  # an alarm in a report with nothing planted
    true_alarms: int = 0
    clear: list[bool] = field(default_factory=list[bool])
    moderate: list[bool] = field(default_factory=list[bool])
    dead: list[bool] = field(default_factory=list[bool])
    off: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    series: int = 0

    def add(self, made: SyntheticReport, answers: list[Answer], seconds: float) -> None:
        self.reports += 1
        self.seconds += seconds
        self.series += len(answers)
        false = sum(a.unusual for m, a in zip(made.metrics, answers, strict=True) if m.planted is None)
        self.false_alarms += false
        if made.is_quiet:
            self.quiet.append(false > 0)
        for metric, answer in zip(made.metrics, answers, strict=True):
            if metric.expected >= COUNTED:
                self.off.append(abs(answer.expected / metric.expected - 1))
            if metric.planted is None:
                continue
            self.true_alarms += answer.unusual
            if metric.planted.size >= CLEAR:
                self.clear.append(answer.unusual)
            elif metric.planted.size >= MODERATE:
                self.moderate.append(answer.unusual)
            if metric.planted.kind == "dead" and metric.volume >= LOUD:
                self.dead.append(answer.unusual)

    @classmethod
    def of_all(cls, parts: Iterable["Tally"]) -> Self:
        whole = cls()
        for part in parts:
            for one in fields(cls):
                setattr(whole, one.name, getattr(whole, one.name) + getattr(part, one.name))
        return whole

    @property
    def figures(self) -> tuple[float, ...]:
        alarms = max(1, self.true_alarms + self.false_alarms)
        return (
            self.false_alarms / self.reports,
            share(self.quiet),
            self.true_alarms / alarms,
            share(self.clear),
            share(self.moderate),
            share(self.dead),
            float(np.median(self.off)),
            float(np.quantile(self.off, 0.9)),
            self.seconds / self.series * 1000,
        )


def share(answers: list[bool]) -> float:
    return sum(answers) / max(1, len(answers))


def print_table(title: str, headings: Sequence[str]) -> None:
    print(f"\n{title}")
    print(f"{'':30}" + "".join(f"{heading:>12}" for heading in headings))


def print_row(name: str, figures: Sequence[float]) -> None:
    print(f"{name:30}" + "".join(f"{figure:>12.3f}" for figure in figures))
