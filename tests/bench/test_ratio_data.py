"""Made-up ratios, averages and sums are as they say: their truth, their deviations, their causes."""

from collections import Counter

import numpy as np
import pytest

from bench.ratio_data import HISTORY, KINDS, Kind, KindMetric, kind_report

REPORTS = [kind_report(seed) for seed in range(120)]


def deviations(kind: Kind) -> list[float]:
    """How far the figures of windows with nothing planted are from the truth, in true standard deviations."""
    return [
        (metric.figure(*made.window) - metric.expected) / metric.sd
        for made in REPORTS
        for metric in made.metrics
        if metric.kind == kind and metric.moved is None
    ]


@pytest.mark.parametrize(("kind", "least"), [("ratio", 0.9), ("average", 0.85), ("sum", 0.75)])
def test_figures_lie_around_the_truth_as_far_as_their_deviation_says(kind: Kind, least: float):
    off = np.array([one for one in deviations(kind) if np.isfinite(one)])

    assert off.size > 150
    assert abs(off.mean()) < 3.5 / off.size**0.5
    assert least < off.std() < 1.2


def test_a_report_holds_four_ratios_two_averages_and_two_sums_and_up_to_two_moves():
    for made in REPORTS:
        assert Counter(metric.kind for metric in made.metrics) == Counter(KINDS)
        assert sum(metric.moved is not None for metric in made.metrics) <= 2
    assert 0.3 < np.mean([made.is_quiet for made in REPORTS]) < 0.5
    assert all(kind_report(seed, 7, is_quiet=True).is_quiet for seed in range(20))


def test_a_seed_decides_everything():
    one, again = kind_report(4), kind_report(4)

    for first, second in zip(one.metrics, again.metrics, strict=True):
        np.testing.assert_array_equal(first.numerator, second.numerator)
        assert (first.expected, first.moved, first.causes) == (
            second.expected,
            second.moved,
            second.causes,
        )


def ratios() -> list[KindMetric]:
    return [metric for made in REPORTS for metric in made.metrics if metric.kind == "ratio"]


def test_the_values_of_each_dimension_add_up_to_the_whole():
    for metric in ratios():
        assert metric.total is not None
        for parts in metric.segments.values():
            for place in range(4):
                whole = np.asarray(metric.total[place])
                np.testing.assert_array_equal(sum(np.asarray(one[place]) for one in parts.values()), whole)
        assert (metric.numerator <= metric.denominator).all()


def test_a_moved_rate_or_mix_has_one_cause_and_its_effect_is_the_stated_one():
    moved = [metric for metric in ratios() if metric.moved]

    assert {metric.moved.move for metric in moved if metric.moved} == {"rate", "all rates", "mix"}
    for metric in moved:
        assert metric.moved
        assert [effect for _, _, effect in metric.causes] == (
            [] if metric.moved.move == "all rates" else [metric.moved.move]
        )


def test_a_grown_mix_lowers_the_whole_though_no_rate_moved():
    for metric in ratios():
        if not metric.moved or metric.moved.move != "mix" or metric.moved.size < 6:
            continue
        ((dimension, value, _),) = metric.causes
        _, past, _, now = metric.segments[dimension][value]
        assert metric.total
        assert now / metric.total[3] > 1.3 * past.sum() / metric.total[1].sum()
        assert metric.figure(HISTORY, metric.numerator.size) < metric.expected
