"""Faults of the tracking itself: they come before the numbers, and are never told as business."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from reporter.anomalies.daily_series import Booleans, Floats, median
from reporter.anomalies.distributions import no_events
from reporter.anomalies.fit import MAD, Fit, Outlook
from reporter.reports.findings import FaultKind

IMPOSSIBLE = 1e-4  # chance of no event at all, from which silence is a fault
SEEN_BEFORE = 2  # silences as long in the past make one more usual
COMMON_EVENTS = 15.0  # a day; only these metrics tell whether a day is complete
COMMON_METRICS = 4  # of these at least
LACKS = -0.22  # of the log: a fifth of the day is missing
LOW_METRICS = 0.8  # share of the metrics that must be low
INCOMPLETE_ERRORS = 5.0  # standard errors
SCATTER_ERRORS = 2.0  # standard errors by the metrics' own scatter, which few metrics tell badly
MEDIAN_ERROR = 1.25  # standard error of a median, in those of a mean
PAIRED = math.sqrt(2)  # metrics are often an event and its users, which err together
LATE_DAYS = 2  # at the end of a period that may still be filling
DOUBLED = 0.40  # of the log: 49 % more events for each user
DOUBLED_ERRORS = 6.0  # robust standard deviations
USERS_AS_USUAL = 0.25  # of the log
RATIO_DAYS = 56  # of history; how often users do something changes over a quarter
LEAST_USERS = 8.0  # a day; with fewer, events for each user are chance


@dataclass(frozen=True, slots=True)
class TrackingFault:
    """A fault of one metric, or of all of them.

    `metric` is the index of its series, None for all; `day` the index of its first day in that series, which
    for a silence may lie before the period. `actual` is what came that day, `expected` what was usual (of a
    silence: a day of it; of DUPLICATES: for that day's users). For INCOMPLETE they are shares of a day.
    """

    code: FaultKind
    metric: int | None
    day: int
    expected: float
    actual: float


@dataclass(frozen=True, slots=True)
class View:
    """The period day by day, for metrics with enough history: (metrics, days of the period)."""

    values: Floats  # of all days
    history: int  # how many of them come before the period
    metrics: tuple[int, ...]  # the index of each row
    daily: Floats  # what was expected of the period's days
    day_variance: Floats  # (metrics,), of the log, beyond chance

    @property
    def period(self) -> Floats:
        return self.values[:, self.history :]


def faults_in(
    model: Fit | None, outlook: Outlook | None, users: Mapping[int, int]
) -> tuple[TrackingFault, ...]:
    """All faults of the period, the widest first; `users` maps the index of an event to that of its users."""
    if model is None or outlook is None:
        return ()
    view = view_of(model, outlook)
    if nothing := all_zero(view):
        return (nothing,)
    incomplete = incomplete_days(view)
    late = {fault.day for fault in incomplete}
    silent = [
        fault for row in range(len(view.values)) for fault in silences(view, row) if fault.day not in late
    ]
    return (*incomplete, *silent, *duplicates(view, users))


def view_of(model: Fit, outlook: Outlook) -> View:
    values = model.values[list(model.metrics)]
    return View(values, model.first, model.metrics, outlook.daily, outlook.day_variance)


def silences_of(model: Fit | None, outlook: Outlook | None, metrics: Collection[int]) -> list[TrackingFault]:
    """The silences of these metrics alone."""
    if model is None or outlook is None:
        return []
    view = view_of(model, outlook)
    rows = (row for row, metric in enumerate(model.metrics) if metric in metrics)
    return [fault for row in rows for fault in silences(view, row)]


def all_zero(view: View) -> TrackingFault | None:
    """Not one event of any metric in the whole period."""
    expected = float(np.where(np.isfinite(view.period), view.daily, 0.0).sum())
    if np.nansum(view.period) > 0 or no_events(expected, float(view.day_variance.min())) >= IMPOSSIBLE:
        return None
    return TrackingFault(FaultKind.ALL_ZERO, None, view.history, expected, 0.0)


def silences(view: View, row: int) -> list[TrackingFault]:
    """Runs of zeros that touch the period and cannot be chance."""
    values, history = view.values[row], view.history
    end = values.size
    runs = zero_runs(values)
    found: list[TrackingFault] = []
    for first, last in runs:
        if last <= history:
            continue
        days = slice(max(first - history, 0), last - history)
        expected = float(view.daily[row, days].sum())
        before = sum(
            last - first <= other_last - other_first for other_first, other_last in runs if other_last < first
        )
        # A silence may begin on any day of the period.
        likely = no_events(expected, float(view.day_variance[row])) * (end - history)
        if likely < IMPOSSIBLE and before < SEEN_BEFORE:
            code = FaultKind.STOPPED if last == end else FaultKind.GAP
            usual = float(view.daily[row, days].mean())
            found.append(TrackingFault(code, view.metrics[row], first, usual, 0.0))
    return found


def zero_runs(values: Floats) -> list[tuple[int, int]]:
    """Half-open ranges of consecutive zeros. A missing day inside a run does not end it."""
    silent = np.concatenate([[False], (values == 0) | ~np.isfinite(values), [False]])
    edges = np.flatnonzero(np.diff(silent.astype(np.int8)))
    runs = [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return [kept for first, last in runs if (kept := without_missing(values, first, last)) is not None]


def without_missing(values: Floats, first: int, last: int) -> tuple[int, int] | None:
    zeros = np.flatnonzero(values[first:last] == 0)
    return (first + int(zeros[0]), first + int(zeros[-1]) + 1) if zeros.size else None


def incomplete_days(view: View) -> list[TrackingFault]:
    """Days among the last two on which nearly every metric lacks about the same share."""
    found: list[TrackingFault] = []
    for column in range(max(view.period.shape[1] - LATE_DAYS, 0), view.period.shape[1]):
        share = common_share(view, column)
        if share is not None:
            found.append(TrackingFault(FaultKind.INCOMPLETE, None, view.history + column, 1.0, share))
    return found


def common_share(view: View, column: int) -> float | None:
    """The share of a day that came, where nearly all metrics lack some; else None."""
    expected, actual = view.daily[:, column], view.period[:, column]
    common = (expected >= COMMON_EVENTS) & np.isfinite(actual)
    if common.sum() < COMMON_METRICS:
        return None
    error = np.log((actual[common] + 0.5) / (expected[common] + 0.5))
    weight = 1 / (view.day_variance[common] + 1 / expected[common])
    middle = weighted_median(error, weight)
    scatter = MAD * float(np.median(np.abs(error - middle))) / math.sqrt(error.size)
    chance = INCOMPLETE_ERRORS / math.sqrt(float(weight.sum()))
    limit = min(LACKS, -MEDIAN_ERROR * PAIRED * max(chance, SCATTER_ERRORS * scatter))
    is_incomplete = middle < limit and bool((error < LACKS / 2).mean() >= LOW_METRICS)
    return float(np.exp(middle)) if is_incomplete else None


def weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2)])


def duplicates(view: View, users: Mapping[int, int]) -> list[TrackingFault]:
    """Events whose users came as usual, and sent many more of them."""
    rows = {metric: row for row, metric in enumerate(view.metrics)}
    pairs = [
        (rows[event], rows[people]) for event, people in users.items() if event in rows and people in rows
    ]
    return [fault for event, people in pairs if (fault := doubled(view, event, people)) is not None]


def doubled(view: View, event: int, people: int) -> TrackingFault | None:
    """The first day of the period with far more events for each user than usual."""
    events, persons = view.values[event], view.values[people]
    excess, deviation = events_for_each_user(events, persons, view.history)
    usual = view.daily[people]
    came = persons[view.history :]
    with_users = (came >= LEAST_USERS) & users_as_usual(came, usual, float(view.day_variance[people]))
    far = (excess > DOUBLED) & (excess > DOUBLED_ERRORS * deviation) & with_users
    if not far.any():
        return None
    column = int(np.argmax(far))
    actual = float(view.period[event, column])
    usual_events = actual / float(np.exp(excess[column]))
    return TrackingFault(
        FaultKind.DUPLICATES, view.metrics[event], view.history + column, usual_events, actual
    )


def events_for_each_user(events: Floats, persons: Floats, history: int) -> tuple[Floats, Floats]:
    """For each day of the period the log of events a user over the usual, and its standard deviation."""
    known = (persons > 0) & np.isfinite(events)
    ratio = np.log((np.where(known, events, 0.0) + 0.5) / np.where(known, persons, 1.0))
    past = np.where(known, ratio, np.nan)[None, max(0, history - RATIO_DAYS) : history]
    usual = median(past)
    deviation = MAD * median(np.abs(past - usual[:, None]))
    # Each user's events scatter at least as chance does.
    chance = 1 / (np.nan_to_num(events[history:]) + 0.5)
    excess = np.where(known[history:], ratio[history:] - usual, -np.inf)
    return excess, np.sqrt(np.maximum(np.nan_to_num(deviation, nan=np.inf) ** 2, chance))


def users_as_usual(came: Floats, usual: Floats, variance: float) -> Booleans:
    error = np.abs(np.log((np.nan_to_num(came) + 0.5) / (usual + 0.5)))
    return error < np.maximum(USERS_AS_USUAL, 3 * np.sqrt(variance + 1 / (usual + 0.5)))
