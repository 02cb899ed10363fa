"""Who is behind a change, and when nobody is."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.anomalies.ratio_drivers import RatioPart, explain_ratio
from reporter.anomalies.segments import SegmentHistory, explain

PERIODS = 6
COUNTRIES = {"India": 500.0, "Brazil": 300.0, "Japan": 200.0}
DEVICES = {"Android": 600.0, "iPhone": 400.0}


def parts(usual: Mapping[str, float], factors: Mapping[str, float]) -> dict[str, SegmentHistory]:
    """A past that wavers by 2 %, and the period with its factors."""
    return {
        value: (
            [mean * (1 + 0.02 * (-1) ** period) for period in range(PERIODS)],
            mean * factors.get(value, 1.0),
        )
        for value, mean in usual.items()
    }


def total(usual: Mapping[str, float], actual: float) -> SegmentHistory:
    mean = sum(usual.values())
    return [mean * (1 + 0.02 * (-1) ** period) for period in range(PERIODS)], actual


@given(
    value=st.sampled_from(sorted(COUNTRIES)),
    factor=st.one_of(st.floats(0.0, 0.6), st.floats(1.6, 4.0)),
    scale=st.floats(5, 1000),
)
@settings(max_examples=60, deadline=None)
def test_the_one_that_moved_is_named(value: str, factor: float, scale: float):
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    devices = {name: mean * scale for name, mean in DEVICES.items()}
    country = parts(usual, {value: factor})
    actual = sum(now for _, now in country.values())
    alike = actual / sum(usual.values())
    device = parts(devices, dict.fromkeys(devices, alike))
    found = explain({"device": device, "country": country}, total(usual, actual))

    assert found.ranked[0] == ("country", value)
    assert found.claim
    assert found.drivers[0].explains == pytest.approx(1.0, abs=0.05)
    assert found.drivers[0].excess == pytest.approx((factor - 1) * usual[value], rel=0.05)


@given(factor=st.floats(0.2, 4.0), scale=st.floats(0.1, 1000))
@settings(max_examples=60, deadline=None)
def test_nobody_is_blamed_when_all_move_alike(factor: float, scale: float):
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    country = parts(usual, dict.fromkeys(usual, factor))
    found = explain({"country": country}, total(usual, factor * sum(usual.values())))

    assert not found.claim
    assert {value for _, value in found.ranked} == set(COUNTRIES)


def test_two_that_moved_together_are_named_together():
    usual = {"India": 5000.0, "Brazil": 3000.0, "Japan": 2000.0, "Chile": 2000.0, "Kenya": 1000.0}
    country = parts(usual, {"Brazil": 0.4, "Japan": 0.4})
    found = explain({"country": country}, total(usual, sum(now for _, now in country.values())))

    assert set(found.drivers[0].values) == {"Brazil", "Japan"}
    assert found.claim


@given(factor=st.floats(0.1, 0.6), others=st.floats(0.97, 1.03), scale=st.floats(0.5, 100))
@settings(max_examples=60, deadline=None)
def test_the_second_that_moved_is_named_though_the_first_hides_it(factor: float, others: float, scale: float):
    """Alone, Brazil is held against a rest that is mostly India, which fell as it did."""
    usual = {
        "India": 6000.0 * scale,
        "Brazil": 1500.0 * scale,
        "Japan": 1500.0 * scale,
        "Chile": 1000.0 * scale,
    }
    moved = {**dict.fromkeys(usual, others), "India": factor, "Brazil": factor}
    country = parts(usual, moved)
    found = explain({"country": country}, total(usual, sum(now for _, now in country.values())))

    assert found.claim
    assert set(found.drivers[0].values) == {"India", "Brazil"}


@given(factor=st.floats(0.1, 0.6), other=st.floats(0.97, 1.03), scale=st.floats(5, 1000))
@settings(max_examples=60, deadline=None)
def test_who_moved_like_the_rest_is_not_named_with_the_one_that_did_not(
    factor: float, other: float, scale: float
):
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    moved = {**dict.fromkeys(usual, other), "India": factor}
    country = parts(usual, moved)
    found = explain({"country": country}, total(usual, sum(now for _, now in country.values())))

    assert found.drivers[0].values == ("India",)


def test_a_value_is_not_joined_where_both_explain_less_than_one():
    """India falls to nothing; Brazil grows less than the rest, and with it the two overshoot the change."""
    usual = {"IN": 14.0, "BR": 12.0, "DE": 9.0, "US": 8.0}
    country = parts(usual, {"IN": 0.0, "BR": 0.4})
    found = explain({"country": country}, total(usual, sum(now for _, now in country.values())))
    alone = explain({"country": {"IN": country["IN"]}}, total(usual, sum(now for _, now in country.values())))

    assert found.drivers[0].explains >= alone.drivers[0].explains


@given(factors=st.lists(st.just(0.0) | st.floats(0.01, 3.0), min_size=2, max_size=6), scale=st.floats(1, 100))
@settings(max_examples=200, deadline=None)
def test_values_together_never_explain_less_than_the_best_of_them(factors: list[float], scale: float):
    usual = {f"value {place}": scale * (place + 1) for place in range(len(factors))}
    country = parts(usual, dict(zip(usual, factors, strict=True)))
    whole = total(usual, sum(now for _, now in country.values()))
    best = explain({"country": country}, whole).drivers[0]
    alone = [explain({"country": {name: country[name]}}, whole).drivers[0] for name in best.values]

    assert abs(best.explains) >= abs(alone[0].explains) - 1e-9  # a group against the change goes no less far


def test_users_may_be_in_several_values():
    # 1,000 users, of whom 200 used both devices.
    past = [1000.0] * PERIODS
    segments = {"device": {"Android": ([700.0] * PERIODS, 300.0), "iPhone": ([500.0] * PERIODS, 500.0)}}
    found = explain(segments, (past, 650.0))

    assert found.ranked[0] == ("device", "Android")
    assert found.claim


def test_a_value_without_a_past_can_be_the_driver():
    segments = {"source": {"ads": ([0.0] * PERIODS, 400.0), "search": ([1000.0] * PERIODS, 1000.0)}}
    found = explain(segments, ([1000.0] * PERIODS, 1400.0))

    assert found.ranked[0] == ("source", "ads")
    assert found.claim


def test_a_share_that_always_wavers_explains_nothing():
    past = [300.0, 700.0, 400.0, 600.0, 350.0, 650.0]
    segments = {"source": {"ads": (past, 300.0), "rest": ([1000 - value for value in past], 500.0)}}

    assert not explain(segments, ([1000.0] * PERIODS, 800.0)).claim


@pytest.mark.parametrize("segments", [{}, {"country": {}}])
def test_without_segments_nobody_is_named(segments: dict[str, dict[str, SegmentHistory]]):
    found = explain(segments, ([100.0], 50.0))

    assert found.ranked == []
    assert not found.claim


def test_without_a_past_nobody_is_named():
    assert not explain({"country": {"India": ([], 5.0)}}, ([], 5.0)).claim


def test_a_rate_that_fell_is_told_from_a_share_that_grew():
    usual = {"Windows": rate(4000, 0.4, 4000, 0.4), "iPhone": rate(4000, 0.3, 4000, 0.3)}
    fell = {"device": {**usual, "Android": rate(6000, 0.3, 6000, 0.1)}}
    grew = {"device": {**usual, "Android": rate(6000, 0.1, 16000, 0.1)}}

    assert explain_ratio(fell, whole(fell)).ranked[0] == ("device", "Android", "rate")
    assert explain_ratio(grew, whole(grew)).ranked[0] == ("device", "Android", "mix")
    assert explain_ratio(fell, whole(fell)).claim


def test_no_rate_is_blamed_when_all_fall_alike():
    alike = {"device": {"Android": rate(6000, 0.3, 6000, 0.2), "iPhone": rate(4000, 0.15, 4000, 0.1)}}

    assert not explain_ratio(alike, whole(alike)).claim


def test_a_ratio_without_a_past_has_no_drivers():
    assert explain_ratio({}, ([], [], 1.0, 2.0)).ranked == []


def rate(past_under: float, past_rate: float, under: float, now_rate: float) -> RatioPart:
    return [past_under * past_rate] * PERIODS, [past_under] * PERIODS, under * now_rate, under


def whole(segments: dict[str, dict[str, RatioPart]]) -> RatioPart:
    values = list(segments["device"].values())
    return (
        [sum(value[0][period] for value in values) for period in range(PERIODS)],
        [sum(value[1][period] for value in values) for period in range(PERIODS)],
        sum(value[2] for value in values),
        sum(value[3] for value in values),
    )


@given(factor=st.floats(0.0, 0.6), scale=st.floats(5, 1000))
@settings(max_examples=60, deadline=None)
def test_items_that_come_in_the_same_lists_are_not_added_up(factor: float, scale: float):
    """Each of 600 carts of a thousand holds a lamp and a bulb, which nobody wants any more."""
    usual = {"lamp": 600.0 * scale, "bulb": 600.0 * scale, "chair": 400.0 * scale}
    gone: dict[str, float] = {"lamp": factor, "bulb": factor}

    found = explain(
        {"products": parts(usual, gone)},
        total({"carts": 1_000.0 * scale}, (400.0 + 600.0 * factor) * scale),
    )

    assert found.claim
    assert [driver.values for driver in found.drivers] in ([("lamp",)], [("bulb",)])
    assert found.drivers[0].explains == pytest.approx(1.0, abs=0.05)


def test_a_claim_of_the_best_value_is_not_lost_to_the_surest():
    """Brazil vanishes and surely moved, but it is small; India explains what happened."""
    usual = {"IN": 5_000.0, "US": 4_000.0, "BR": 800.0, "DE": 1_000.0}
    country = parts(usual, {"IN": 0.5, "BR": 0.02})
    found = explain({"country": country}, total(usual, sum(now for _, now in country.values())))

    assert found.claim
    assert "IN" in found.drivers[0].values


@given(
    moved=st.floats(0.1, 0.7),
    others=st.floats(1.0, 1.3),
    scale=st.floats(20, 1000),
)
@settings(max_examples=60, deadline=None)
def test_what_moved_farther_than_the_whole_is_all_of_the_change(moved: float, others: float, scale: float):
    """India fell by more than everything did, since all others rose."""
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    country = parts(usual, {"India": moved, "Brazil": others, "Japan": others})
    actual = sum(now for _, now in country.values())
    found = explain({"country": country}, total(usual, actual))
    driver = found.drivers[0]

    assert driver.values == ("India",)
    assert driver.explains <= 1.0
    if actual < 0.8 * sum(usual.values()):
        assert found.claim
        assert driver.explains == pytest.approx(1.0, abs=0.05)


def test_a_value_that_is_new_or_gone_is_known_as_that():
    past = [1_000.0] * PERIODS
    came = explain({"source": {"ads": ([0.0] * PERIODS, 61.0), "search": (past, 1_019.0)}}, (past, 1_080.0))
    went = explain(
        {"source": {"ads": ([80.0] * PERIODS, 0.0), "search": (past, 1_000.0)}}, ([1_080.0] * 6, 1e3)
    )

    assert (came.drivers[0].group.is_new, came.drivers[0].excess) == (True, 61.0)
    assert (went.drivers[0].group.is_gone, went.drivers[0].group.is_new) == (True, False)
    assert came.claim
    assert went.claim


def test_a_value_under_a_new_name_is_no_cause():
    """All rose by 20 %, and what was “tiktok” calls itself “TikTok”."""
    source = {
        "tiktok": ([300.0] * PERIODS, 0.0),
        "TikTok": ([0.0] * PERIODS, 360.0),
        "search": ([700.0] * PERIODS, 840.0),
    }

    assert not explain({"source": source}, ([1_000.0] * PERIODS, 1_200.0)).claim


@given(factor=st.one_of(st.floats(0.3, 0.75), st.floats(1.3, 3.0)), scale=st.floats(5, 1000))
@settings(max_examples=60, deadline=None)
def test_all_are_said_to_move_alike_where_each_large_value_does(factor: float, scale: float):
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    found = explain(
        {"country": parts(usual, dict.fromkeys(usual, factor))}, total(usual, factor * sum(usual.values()))
    )

    assert found.alike == ("country",)


@given(
    factors=st.lists(st.floats(0.2, 1.0), min_size=3, max_size=3),
    scale=st.floats(0.01, 1000),
)
@settings(max_examples=200, deadline=None)
def test_all_are_never_said_to_move_alike_where_one_did_not_or_could_not_be_seen(
    factors: list[float], scale: float
):
    usual = {name: mean * scale for name, mean in COUNTRIES.items()}
    country = parts(usual, dict(zip(usual, factors, strict=True)))
    whole = total(usual, sum(now for _, now in country.values()))
    found = explain({"country": country}, whole)
    change = whole[1] / sum(usual.values()) - 1

    if found.alike:
        assert not found.claim
        assert all(abs(factor - 1 - change) <= 0.5 * abs(change) for factor in factors)
        assert sum(usual.values()) > 50
