"""Which event somebody may have meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.reports.references import nearest

NAMES = ["Page View", "Sign Up", "Sign Up Failed", "User Onboarded", "$ae_session", "購入"]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("sign up", "Sign Up"),
        ("sign_up", "Sign Up"),
        ("SignUp", "Sign Up"),
        ("Sing Up", "Sign Up"),
        ("PAGE-VIEWS", "Page View"),
        ("onboarded", "User Onboarded"),
        ("ae session", "$ae_session"),
        ("購入する", "購入"),
    ],
)
def test_case_spaces_and_slips_do_not_matter(typo: str, meant: str):
    assert nearest(typo, NAMES)[0] == meant


@pytest.mark.parametrize("nonsense", ["zqxj", "", "—", "x" * 100_000])
def test_nothing_is_better_than_nonsense(nonsense: str):
    assert nearest(nonsense, NAMES) == ()


@given(st.text(), st.lists(st.text(), unique=True))
def test_at_most_three_are_named_and_only_real_ones(event: str, names: list[str]):
    found = nearest(event, names)

    assert len(found) <= 3
    assert set(found) <= set(names)
