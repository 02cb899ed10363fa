"""The model of a report's metrics, fitted once, and how far its forecasts are off, by its own past errors."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from reporter.anomalies.daily_series import Booleans, Floats, Integers, median, sums_ahead
from reporter.anomalies.past import DAMPING, Forecasts, Past, clean, expected_ahead, forecasts, has_enough

WARM_UP = 21  # days before the first forecast that is judged
JUDGED = 0.6  # of a window's days must be accepted
PRIOR_WINDOWS = 8.0  # how many judged windows the prior counts for
PRIOR_DAY_SD = 0.05  # of the log of a day, before seeing any
WIDENED = 1.12  # the forecast was chosen by the errors it is judged by
LEAST_SD = 0.012  # no forecast is surer than 1 %, whatever eight calm weeks say
MOST_DEGREES = 40.0  # of freedom; windows a day apart overlap in what they rest on
SHARPNESS = 4.0  # weights go with the inverse error to this power
BOUND = 2.5  # robust standard deviations at which an error stops counting more
MAD = 1.4826  # median absolute deviation to standard deviation, of a normal distribution
FAR_DAY = 3.0  # standard deviations; a normal year has one such day
EPISODE = 7  # days
CALM_DEGREES = 14.0  # of freedom of a metric that never was far off; halved with one time it was
LEAST_DEGREES = 5.0
NEWS = 9  # days for which an episode is news itself: the level of its days is not usual yet
LEVEL_LAG = 8.0  # days that the level's centre lies behind


@dataclass(frozen=True, slots=True)
class Fit:
    """The model of a report's metrics with enough history; faults, expectations and explanations read it."""

    values: Floats  # (all metrics, days) up to the end of the period; none below 0, nan where a day has none
    first: int  # the first day of the period
    metrics: tuple[int, ...]  # those with enough history; the rows of what follows
    past: Past
    forecasts: Forecasts
    unsettled: (
        Integers  # (metrics,), first day of an episode that goes on; the number of days where none does
    )
    days_since: Floats  # (metrics,), of the past's last days that nothing is learned from
    before: "Fit | None" = None  # of metrics with an episode that has not settled, by the days before it

    def expected(self, end: int) -> "Outlook":
        """What is expected of the period's days before `end`."""
        counted = np.isfinite(self.values[list(self.metrics), self.first : end])
        return outlook(self.past, self.forecasts, counted, self.days_since)

    def is_news(self, metric: int) -> bool:
        """Whether an episode of the metric goes on that has begun in the last days."""
        before = self.before
        if before is None or metric not in before.metrics:
            return False
        return float(before.days_since[before.metrics.index(metric)]) <= NEWS


def fit(values: Floats, window: tuple[int, int]) -> Fit | None:
    """The model of daily numbers, (metrics, days): counts, or sums in their grains; nan for missing.

    `window` is the half-open range of the period; days after it are not looked at, and numbers below 0 are
    taken for 0. None where no metric has enough history.
    """
    first, end = window
    known = np.where(np.isfinite(values[:, :end]), np.maximum(values[:, :end], 0.0), np.nan)
    return (
        with_before(lambda until: fitted(known, first, until), known.shape[0], first) if end > first else None
    )


def with_before(model_until: Callable[[Integers], Fit | None], metrics: int, first: int) -> Fit | None:
    """The model of the days before the first, and that of the days before an episode that goes on."""
    until = np.full(metrics, first, dtype=np.int64)
    model = model_until(until)
    if model is None:
        return None
    until = np.zeros_like(until)
    until[list(model.metrics)] = np.where(model.unsettled < first, model.unsettled, 0)
    return replace(model, before=model_until(until))


def fitted(known: Floats, first: int, until: Integers) -> Fit | None:
    """The model of each metric's days before `until`, (metrics,)."""
    places = np.arange(first, dtype=np.int64)
    history = np.where(places < until[:, None], known[:, :first], np.nan)
    metrics = np.flatnonzero(has_enough(history))
    if not metrics.size:
        return None
    past, unsettled = clean(history[metrics])
    since = first - until[metrics].astype(np.float64)
    return Fit(known, first, tuple(metrics.tolist()), past, forecasts(past), unsettled, since)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a window. Rows are metrics; variances are of the log, beyond chance."""

    expected: Floats  # of all counted days together
    variance: Floats
    degrees: Floats  # of freedom of that variance
    daily: Floats  # (metrics, window)
    day_variance: Floats
    day_degrees: Floats
    errors: Floats  # (metrics, days): log of what came over what was forecast that day, nan where unknown
    day_errors: Floats
    latest: Floats  # of all counted days together, at the level of the last week

    @property
    def days(self) -> int:
        """The length of the window."""
        return self.daily.shape[1]

    def spread(self, row: int, days: int) -> tuple[float, float]:
        """Variance and degrees of so many days side by side: the noise of fewer days is averaged less."""
        if days == 1:
            return float(self.day_variance[row]), float(self.day_degrees[row])
        farther = max(0.0, averaged(days) - averaged(self.days)) * float(self.day_variance[row])
        return float(self.variance[row]) + farther, float(self.degrees[row])


@dataclass(frozen=True, slots=True)
class BackTest:
    """Forecasts of one window length from every day; the last is that of the window itself."""

    candidates: Floats  # (half-lives, metrics, days)
    actual: Floats  # (metrics, days), outliers replaced by usual days
    raw: Floats  # (metrics, days), as it came
    judged: Booleans
    known: Booleans  # judged or not: also where too many days were outliers
    length: int

    @property
    def windows(self) -> Floats:
        """How many windows side by side were judged: (metrics,)."""
        return self.judged.sum(axis=1) / self.length


def outlook(past: Past, found: Forecasts, counted: Booleans, days_since: Floats) -> Outlook:
    """What is expected of the counted days, (metrics, window), of the window that follows the past.

    The farther back the days that were learned from, `days_since`, the less sure is what trend made of them.
    """
    days, window = past.values.shape[1], counted.shape[1]
    rhythm = past.rhythm(days + window)
    mask = np.concatenate([np.isfinite(past.raw), counted], axis=1)

    day = back_test(past, expected_ahead(found, rhythm[:, : days + 1], mask[:, : days + 1]), 1)
    day_weights = inverse_error_weights(day)
    day_forecast = combined(day_weights, day.candidates)
    whole = back_test(past, expected_ahead(found, rhythm, mask), window)
    weights = shrunk_weights(whole, day_weights)
    forecast = combined(weights, whole.candidates)

    level_chance = combined(weights, 1 / np.sqrt(found.events)) ** 2
    day_variance = shrunk_variance(day, day_forecast, level_chance, np.array([PRIOR_DAY_SD**2]))
    lag = window / 2 + LEVEL_LAG
    drift = found.trend_variance[:, -1] * lag**2
    farther = found.trend_variance[:, -1] * ((lag + days_since) ** 2 - lag**2)
    variance = shrunk_variance(whole, forecast, level_chance, day_variance * averaged(window) + drift)
    last_chance = level_chance[:, -1]
    day_errors = log_errors(day.raw, day_forecast, day.known)
    day_sd = np.sqrt(day_variance[:, None] * WIDENED**2 + level_chance + 1 / (day_forecast + 0.5))
    newest = at_latest_level(past, rhythm, counted)
    return Outlook(
        expected=forecast[:, -1],
        variance=np.maximum(variance, LEAST_SD**2) * WIDENED**2 + last_chance + farther,
        degrees=np.minimum(PRIOR_WINDOWS + whole.windows, MOST_DEGREES),
        daily=daily_share(found.trend[:, -1:], rhythm[:, days:], counted) * forecast[:, -1:],
        day_variance=day_variance * WIDENED**2 + last_chance,
        errors=log_errors(whole.raw, forecast, whole.known),
        day_degrees=tail_degrees(day_errors / day_sd),
        day_errors=day_errors,
        latest=np.where(np.isfinite(newest), newest, forecast[:, -1]),
    )


def at_latest_level(past: Past, rhythm: Floats, counted: Booleans) -> Floats:
    """The total of the counted days at the level of the last week, (metrics,); nan where it has no day."""
    known = np.isfinite(past.raw[:, -EPISODE:])
    came = np.nansum(past.raw[:, -EPISODE:], axis=1)
    days = past.raw.shape[1]
    usual = np.where(known, rhythm[:, days - EPISODE : days], 0.0).sum(axis=1)
    ahead = np.where(counted, rhythm[:, days:], 0.0).sum(axis=1)
    return np.where(usual > 0, came / np.maximum(usual, 1e-9) * ahead, np.nan)


def combined(weights: Floats, candidates: Floats) -> Floats:
    """The weighted mean over the half-lives: (metrics, days)."""
    return np.asarray((weights[:, :, None] * candidates).sum(axis=0))


def tail_degrees(standard: Floats) -> Floats:
    """Degrees of freedom for the tails of single days, by how often past days were far off: (metrics,).

    Days within a week of another are one episode.
    """
    far = (np.abs(np.nan_to_num(standard)) > FAR_DAY).astype(np.float64)
    lately = sums_ahead(far[:, ::-1], EPISODE)[:, ::-1]
    episodes = (far * (np.nan_to_num(lately) == 0)).sum(axis=1)
    return np.maximum(CALM_DEGREES / (1 + episodes), LEAST_DEGREES)


def daily_share(trend: Floats, rhythm: Floats, counted: Booleans) -> Floats:
    """The share of each day of the window in the counted total."""
    growth = np.cumsum(DAMPING ** np.arange(1, rhythm.shape[1] + 1, dtype=np.float64))
    daily = rhythm * np.exp(trend * growth)
    total = np.where(counted, daily, 0.0).sum(axis=1, keepdims=True)
    return daily / np.maximum(total, 1e-9)


def averaged(window: int) -> float:
    """Variance of the log of a window's mean for a day's of 1: AR(1) noise of 0.4, and the level's error."""
    return 1.0 if window == 1 else min(1.0, 2.3 / window * (1 - 0.56 / window) + 0.1)


def back_test(past: Past, candidates: Floats, length: int) -> BackTest:
    """Every forecast of the past next to what came."""
    raw = sums_ahead(np.nan_to_num(past.raw), length)
    actual = sums_ahead(np.where(past.accepted, np.nan_to_num(past.values), past.usual), length)
    number = sums_ahead(past.accepted.astype(np.float64), length)
    is_warm = np.arange(raw.shape[1], dtype=np.int64) >= WARM_UP
    judged = (np.nan_to_num(number) >= JUDGED * length) & is_warm
    return BackTest(candidates, actual, raw, judged, np.isfinite(raw) & is_warm, length)


def log_errors(actual: Floats, expected: Floats, judged: Booleans) -> Floats:
    """Log of actual over expected, half an event added to both; nan where not judged."""
    return np.where(judged, np.log((np.nan_to_num(actual) + 0.5) / (expected + 0.5)), np.nan)


def inverse_error_weights(test: BackTest) -> Floats:
    """How much each half-life counts, by its bounded mean square error: (half-lives, metrics)."""
    errors = 2 * np.sqrt(np.nan_to_num(test.actual) + 0.375) - 2 * np.sqrt(test.candidates + 0.375)
    errors = np.where(test.judged, errors, np.nan)
    bound = 3 * MAD * np.nan_to_num(median(np.abs(errors)), nan=1.0)[..., None]
    squares = np.nansum(np.minimum(errors**2, np.maximum(bound, 0.01) ** 2), axis=2)
    mean = (squares + 1.0) / (test.judged.sum(axis=1) + 1.0)
    inverse = mean**-SHARPNESS
    return inverse / inverse.sum(axis=0)


def shrunk_weights(test: BackTest, day_weights: Floats) -> Floats:
    """The weights by windows of this length; as far as there are few of those, by single days."""
    if test.length == 1:
        return day_weights
    own = test.windows / (test.windows + PRIOR_WINDOWS / 2)
    return own * inverse_error_weights(test) + (1 - own) * day_weights


def shrunk_variance(test: BackTest, forecast: Floats, level_chance: Floats, prior: Floats) -> Floats:
    """Variance of the log errors beyond chance, bounded against single large ones, shrunk to a prior."""
    errors = log_errors(test.actual, forecast, test.judged)
    bound = BOUND * MAD * np.nan_to_num(median(np.abs(errors)))[:, None]
    square = np.nansum(np.clip(errors, -bound, bound) ** 2, axis=1)
    chance = np.where(test.judged, 1 / (forecast + 0.5) + level_chance, 0.0).sum(axis=1)
    own = np.maximum(square - chance, 0.0) / test.length  # summed over independent windows
    return (PRIOR_WINDOWS * prior + own) / (PRIOR_WINDOWS + test.windows)
