"""Names that others gave can hide nothing, reorder nothing and flood nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.render import sanitize
from tests.render.strategies import ANY_CHARACTER

FAMILY = "👩‍👩‍👧‍👦"
TEXTS = st.text(ANY_CHARACTER, max_size=60)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("Sign Up", "Sign Up"),
        ("  Sign\r\n\tUp\x00 ", "Sign Up"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("half \ud83d", "half \ufffd"),
        ("zero\u200bwidth", "zerowidth"),
        (FAMILY, FAMILY),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("", ""),
        ("\u200b\u2800\u3164\u200d\ufe0f", ""),
    ],
)
def test_only_what_can_be_seen_stays(text: str, reads: str):
    assert sanitize.clean(text) == reads


def test_a_name_that_shows_nothing_is_called_nameless():
    assert sanitize.shown("\u200b", "(no name)") == "(no name)"


def test_right_to_left_names_are_kept_apart_and_others_are_not():
    assert sanitize.shown("تسجيل", "") == "\u2068تسجيل\u2069"
    assert sanitize.shown("Zürich 東京", "") == "Zürich 東京"


@pytest.mark.parametrize(
    ("text", "most", "reads"),
    [
        ("Checkout Completed", 18, "Checkout Completed"),
        ("Checkout Completed", 9, "Checkout…"),
        ("Checkout Completed", 10, "Checkout…"),
        ("ab" + FAMILY, 8, "ab…"),
        ("ab" + FAMILY + "cd", 10, "ab" + FAMILY + "…"),
        ("🇩🇪🇫🇷🇬🇧", 4, "🇩🇪…"),
        ("👍🏽👍🏽", 3, "👍🏽…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
    ],
)
def test_a_cut_never_splits_what_a_reader_takes_for_one_character(text: str, most: int, reads: str):
    assert sanitize.cut(text, most)[:-1] == reads[:-1]
    assert sanitize.cut(text, most) == reads


@given(TEXTS)
def test_clean_text_is_one_visible_line(text: str):
    shown = sanitize.clean(text)

    assert shown == " ".join(shown.split())
    assert shown.isprintable() or not any(
        unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in shown
    )
    assert not any(
        unicodedata.bidirectional(each) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI") for each in shown
    )
    assert sanitize.clean(shown) == shown


@given(TEXTS, st.integers(1, 30))
def test_a_cut_text_is_no_longer_than_it_may_be_and_says_that_it_was_cut(text: str, most: int):
    shown = sanitize.cut(text, most)

    assert len(shown) <= most
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


def test_a_name_of_a_megabyte_takes_no_time():
    assert sanitize.shown("L" * 1_000_000, "") == "L" * 59 + "…"


@given(st.lists(st.sampled_from([*map(chr, range(0x300, 0x370)), "a", "\ufe0f", "\u20dd"]), max_size=200))
def test_accents_do_not_pile_up(letters: list[str]):
    marks = [
        unicodedata.category(letter).startswith("M") for letter in sanitize.clean("Z" + "".join(letters))
    ]

    assert not any(all(marks[at : at + 9]) for at in range(len(marks) - 8))


@pytest.mark.parametrize("text", ["Việt Nam", "e\u0323\u0302", "क्षत्रिय", "שָׁלוֹם", "ที่", FAMILY])
def test_the_accents_of_a_writing_stay(text: str):
    assert sanitize.clean(text) == text
