"""Changes with a known cause are as they say: who moved, by how much, and that nobody did."""

import numpy as np
import pytest

from bench.driver_cases import CASES, DIMENSIONS, SPAN, Case, counts, real_counts, real_ratio
from bench.driver_data import Breakdown, breakdown, ratio_breakdown


def moved_on_their_own(made: Breakdown) -> dict[tuple[str, str], float]:
    """How each value of at least 5 % of the whole moved against the whole."""
    past, actual = np.asarray(made.total[0]), made.total[1]
    whole = actual / past.mean()
    return {
        (dimension, value): (now / np.mean([*before])) / whole
        for dimension, parts in made.segments.items()
        for value, (before, now) in parts.items()
        if np.mean([*before]) > 0.05 * past.mean()
    }


@pytest.mark.parametrize("case", CASES)
def test_those_to_blame_are_of_one_dimension_and_as_many_as_the_case_says(case: Case):
    for seed in range(40):
        for made in (counts(seed, case), counts(seed, case, users=True), real_counts(seed, case)):
            assert len(made.causes) == (2 if case == "two" else 1)
            assert len({dimension for dimension, _ in made.causes}) == 1
            assert all(value in made.segments[dimension] for dimension, value in made.causes)


def test_a_value_to_blame_moves_the_whole_by_the_stated_part():
    moves: list[float] = []
    for seed in range(60):
        made = counts(seed, "one")
        ((dimension, value),) = made.causes
        past, now = made.segments[dimension][value]
        total = float(np.mean([*made.total[0]]))
        moves.append(abs(now - float(np.mean([*past]))) / total)

    assert SPAN[0] < np.median(moves) < SPAN[1]


def test_with_nobody_to_blame_large_values_move_alike():
    apart = [
        abs(np.log(moved))
        for seed in range(40)
        for moved in moved_on_their_own(counts(seed, "none")).values()
    ]

    assert np.median(apart) < 0.05
    assert all(not counts(seed, "none").causes for seed in range(10))


def test_counts_of_a_dimension_add_up_and_users_do_not():
    for seed in range(20):
        made, users = counts(seed, "one"), counts(seed, "one", users=True)
        for dimension in DIMENSIONS:
            assert sum(now for _, now in made.segments[dimension].values()) == made.total[1]
            assert sum(now for _, now in users.segments[dimension].values()) > users.total[1]
            assert all(now <= users.total[1] for _, now in users.segments[dimension].values())


def test_a_real_week_that_is_explained_is_lower_than_all_before_it():
    for seed in range(30):
        made = real_counts(seed, "one")
        assert made.total[1] < min(made.total[0])
        over, under, now, base = real_ratio(seed, blame=True).total
        assert now / base < min(np.asarray(over) / np.asarray(under))


def test_a_seed_decides_everything():
    assert repr(counts(3, "two")) == repr(counts(3, "two"))
    assert repr(real_counts(3, "one")) == repr(real_counts(3, "one"))
    assert repr(real_ratio(3, blame=False)) == repr(real_ratio(3, blame=False))
    assert repr(breakdown(3, users=True)) == repr(breakdown(3, users=True))
    assert repr(ratio_breakdown(3)) == repr(ratio_breakdown(3))
    assert repr(counts(3, "two")) != repr(counts(4, "two"))
