"""How a fault names what it found: fit for people, and without a secret."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from reporter.reports.pasted import looks_secret

_LONGEST = 60
_MOST_NAMES = 12


class Wrong(ValueError):
    """A value that can not be, and the fix. Where it stands is known to whoever catches it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def shown(text: str) -> str:
    """A value of the file as a fault may repeat it.

    >>> shown("weekly"), shown("https://hooks.slack.com/services/T0/B0/x")
    ("'weekly'", '(hidden, it looks like a secret)')
    """
    if looks_secret(text):
        return "(hidden, it looks like a secret)"
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def listed(words: Iterable[str], joined: str = "or") -> str:
    """
    >>> listed(["us", "eu", "in"])
    'us, eu or in'
    """
    *first, end = words
    return f"{', '.join(first)} {joined} {end}" if first else end


def nearest(word: str, names: Iterable[str]) -> list[str]:
    """The names likely meant by a word, best first."""
    plain = {name.casefold(): name for name in names}
    return [plain[near] for near in get_close_matches(word[:_LONGEST].casefold(), plain)]


def did_you_mean(word: str, names: Collection[str]) -> str:
    """The fix for a name that is not one of `names`."""
    if near := nearest(word, names):
        return f"Did you mean {listed(map(shown, near))}?"
    some = ", ".join([shown(name) for name in names][:_MOST_NAMES])
    return f"Choose from {some}." if len(names) <= _MOST_NAMES else f"Choose from {some}, …"
