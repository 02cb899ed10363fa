"""The made-up worlds are as they say: the truth is the mean of what is drawn, and seeds decide."""

from typing import Literal

import numpy as np
import pytest

from bench.eventful_data import AGO, COURSES, LEAD, SEEN, SHARES, Happening, eventful, eventful_with
from bench.insights_data import (
    METRICS,
    Drawing,
    Shared,
    World,
    consecutive_days,
    drawn,
    report,
    rough,
    steady,
)
from bench.noise import NO_NOISE, true_sd

WORLDS = (steady, rough, eventful)
DRAWS = 400


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_seed_decides_everything(world: World):
    one, again, other = report(7, world), report(7, world), report(8, world)

    assert one.days.tolist() == again.days.tolist()
    for first, second in zip(one.metrics, again.metrics, strict=True):
        np.testing.assert_array_equal(first.values, second.values)
        assert (first.expected, first.planted, first.past) == (
            second.expected,
            second.planted,
            second.past,
        )
    assert one.days.tolist() != other.days.tolist()


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_two_reports_in_five_are_quiet_and_the_others_hold_up_to_three_changes(world: World):
    reports = [report(seed, world, 7) for seed in range(150)]

    planted = [sum(metric.planted is not None for metric in made.metrics) for made in reports]
    assert {len(made.metrics) for made in reports} == {METRICS}
    assert max(planted) == 3
    assert 0.28 < np.mean([number == 0 for number in planted]) < 0.52
    assert all(report(seed, world, 7, is_quiet=True).is_quiet for seed in range(30))


@pytest.mark.parametrize("world", [steady, eventful], ids=lambda world: world.name)
def test_the_truth_is_the_mean_of_many_draws_and_its_deviation_is_theirs(world: World):
    off: list[float] = []
    wide: list[float] = []
    for seed, window in enumerate((1, 7, 7, 14, 14, 28, 28, 28)):
        rng = np.random.default_rng(seed)
        days = consecutive_days(rng, 70 + window)
        drawing = world.drawing(rng, days, window)
        noise = world.common(rng) if world.common else NO_NOISE
        totals: list[float] = []
        for _ in range(DRAWS):
            shared = Shared(days, window, noise, noise.factors(rng, days.size))
            metric = drawn(rng, drawing, shared)
            totals.append(float(metric.values[-window:].sum()))
            assert metric.expected == pytest.approx(drawing.mean[-window:].sum())
        sd = true_sd(drawing.mean[-window:], (drawing.noise, noise), drawing.dispersion)
        off.append((float(np.mean(totals)) - float(drawing.mean[-window:].sum())) / (sd / DRAWS**0.5))
        wide.append(float(np.std(totals)) / sd)

    assert max(map(abs, off)) < 3.5
    assert 0.8 < min(wide) <= max(wide) < 1.2


def test_all_metrics_of_an_eventful_report_share_the_noise_of_a_day():
    rng = np.random.default_rng(3)
    days = consecutive_days(rng, 400)
    noise = eventful.common and eventful.common(rng)
    assert noise is not None
    shared = Shared(days, 7, noise, noise.factors(rng, days.size))
    flat = Drawing(np.full(days.size, 1e7), NO_NOISE)

    one, other = (drawn(rng, flat, shared).values for _ in range(2))

    known = np.isfinite(one) & np.isfinite(other)
    assert np.corrcoef(one[known], other[known])[0, 1] > 0.9


@pytest.mark.parametrize("kind", SHARES)
def test_a_course_touches_nothing_before_its_lead_and_is_soon_over(
    kind: Happening,
):
    rng = np.random.default_rng(1)
    for _ in range(200):
        course = COURSES[kind](rng)
        factors = course.on(100, 60)

        assert factors.shape == (100,)
        assert factors.min() >= 0
        np.testing.assert_array_equal(factors[: 60 - LEAD], 1.0)
        assert course.loud < 56 - LEAD


@pytest.mark.parametrize("name", ["eventful", *SHARES])
def test_what_is_loud_has_ended_when_the_window_begins(name: Literal["eventful"] | Happening):
    world = eventful if name == "eventful" else eventful_with(name)
    for seed in range(40):
        for metric in report(seed, world, 14).metrics:
            for incident in metric.past:
                assert incident.days_ago >= incident.loud + SEEN


@pytest.mark.parametrize("kind", SHARES)
def test_a_world_with_something_recent_has_it_within_the_days_that_are_named(kind: Happening):
    reports = [report(seed, eventful_with(kind), 7, is_quiet=True) for seed in range(20)]

    ago = [
        incident.days_ago
        for made in reports
        for metric in made.metrics
        for incident in metric.past
        if incident.kind == kind and AGO[kind][0] <= incident.days_ago <= AGO[kind][1]
    ]
    assert len(ago) > 0.2 * 20 * METRICS


@pytest.mark.parametrize("shape", ["tail", "ramp", "echo", "stays", "linear", "plateau"])
def test_launches_of_every_shape_are_drawn_and_go_back_to_where_they_say(shape: str):
    rng = np.random.default_rng(2)
    courses = [course for _ in range(400) if (course := COURSES["launch"](rng)).shape == shape]

    assert len(courses) > 20
    for course in courses:
        assert course.factors.max() > 1.3
        assert (course.factors[-1] > 1.01) == (shape == "stays")
