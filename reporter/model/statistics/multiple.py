"""Many tests at once."""

from collections.abc import Sequence


def benjamini_hochberg(chances: Sequence[float], rate: float) -> float:
    """The largest p-value that may be called unusual so that at most `rate` of those called are false.

    Benjamini and Hochberg (1995), for tests that are independent or positively dependent; 0 when none may be.
    """
    ordered = sorted(chances)
    passing = [p for rank, p in enumerate(ordered, 1) if p <= rate * rank / len(ordered)]
    return passing[-1] if passing else 0.0
