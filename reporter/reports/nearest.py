"""Which of a project's events somebody may have meant."""

from collections.abc import Sequence
from difflib import SequenceMatcher

MOST = 3
CLOSE = 0.6
COMPARED = 80  # characters; more say no more, and take long


def nearest(event: str, names: Sequence[str]) -> tuple[str, ...]:
    """The most similar names, best first, whatever their case, spaces and underscores.

    >>> nearest("signup", ["Page View", "Sign Up", "sign_up_failed"])
    ('Sign Up', 'sign_up_failed')
    """
    likeness = {name: _likeness(_bare(event), _bare(name)) for name in names}
    close = [name for name in names if likeness[name] >= CLOSE]
    return tuple(sorted(close, key=lambda name: -likeness[name])[:MOST])


def _bare(name: str) -> str:
    folded = name.casefold()[:COMPARED]
    return "".join(letter for letter in folded if letter.isalnum()) or folded


def _likeness(one: str, other: str) -> float:
    shorter, longer = sorted((one, other), key=len)
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(ratio, CLOSE) if len(shorter) >= 4 and shorter in longer else ratio
