"""The benchmark counts what it says it counts."""

import math

import numpy as np
import pytest

from bench.eventful_data import eventful
from bench.insights_data import SyntheticReport, report
from bench.insights_drivers import Blame
from bench.insights_kinds import Found, past_figures, z_score
from bench.naive_methods import NAIVE, Answer
from bench.ratio_data import kind_report
from bench.tally import CLEAR, Tally

REPORTS = [report(seed, eventful, 7) for seed in range(60)]


def tally(unusual: list[list[bool]], reports: list[SyntheticReport]) -> Tally:
    found = Tally()
    for made, answers in zip(reports, unusual, strict=True):
        found.add(made, [Answer(one, 1.0) for one in answers], 0.0)
    return found


def test_a_method_that_knows_the_truth_makes_no_mistake():
    planted = [[metric.planted is not None for metric in made.metrics] for made in REPORTS]

    false, quiet, precision, clear, moderate, dead, *_ = tally(planted, REPORTS).figures

    assert (false, quiet) == (0, 0)
    assert (precision, clear, moderate, dead) == (1, 1, 1, 1)


def test_a_method_that_calls_everything_unusual_is_wrong_in_every_quiet_report():
    false, quiet, precision, clear, *_ = tally([[True] * 20] * len(REPORTS), REPORTS).figures

    planted = sum(metric.planted is not None for made in REPORTS for metric in made.metrics)
    assert quiet == 1
    assert false == 20 - planted / len(REPORTS)
    assert precision == pytest.approx(planted / (20 * len(REPORTS)))
    assert clear == 1


def test_tallies_of_parts_are_those_of_the_whole():
    answers = [[seed % 7 == place % 5 for place in range(20)] for seed in range(len(REPORTS))]
    parts = [tally(answers[:20], REPORTS[:20]), tally(answers[20:], REPORTS[20:])]

    whole, together = tally(answers, REPORTS), Tally.of_all(parts)

    assert together.clear == whole.clear
    np.testing.assert_allclose(together.figures[:-1], whole.figures[:-1])


@pytest.mark.parametrize("name", NAIVE)
def test_every_plain_method_hears_a_loud_event_that_died(name: str):
    dead = [
        answer.unusual
        for made in REPORTS
        for metric, answer in zip(made.metrics, NAIVE[name](made), strict=True)
        if metric.planted and metric.planted.kind == "dead" and metric.planted.size > 3 * CLEAR
    ]
    assert len(dead) > 3
    assert np.mean(dead) > 0.5


def test_blame_tells_who_was_named_rightly_wrongly_and_beside_others():
    blame = Blame()
    cause, other = ("country", "IN"), ("country", "BR")
    blame.add(frozenset({cause}), cause, frozenset({cause}))
    blame.add(frozenset({cause}), cause, frozenset({cause, other}))
    blame.add(frozenset({cause}), other, frozenset({other}))
    blame.add(frozenset({cause}), cause, frozenset())
    blame.add(frozenset(), other, frozenset({other}))
    blame.add(frozenset(), other, frozenset())

    right, claimed, rightly, exactly, blamed, alike, _ = blame.figures

    assert (right, claimed) == (3 / 4, 3 / 4)
    assert (rightly, exactly) == (2 / 3, 1 / 3)
    assert blamed == 1 / 2
    assert math.isnan(alike)


def test_kinds_are_held_against_what_was_expected_of_them():
    found = Found()
    for seed in range(20):
        made = kind_report(seed, 7)
        known = [Answer(metric.moved is not None, metric.expected) for metric in made.metrics]
        found.add(made, list(zip(made.metrics, known, strict=True)))

    false, quiet, precision, clear, _, judged, off, _ = found.figures
    assert (false, quiet, precision, clear, judged, off) == (0, 0, 1, 1, 1, 0)


def test_earlier_figures_end_where_the_window_begins():
    made = kind_report(1, 14)
    metric = made.metrics[0]
    first, _ = made.window

    past = past_figures(metric, made.window)

    assert past[0] == metric.figure(first - 14, first)
    assert len(past) == first // 14
    assert math.isfinite(z_score(metric, made.window).expected)
