"""Sums that do not depend on the order of adding: every number becomes whole numbers, which add up exactly.

A number is `whole / 2**shift` with a whole of at most 56 bits, so wholes of the same shift add up without
loss, and Python's integers hold them all in units of 2**-1130. The one rounding is at the end.
"""

FINEST = 1130  # more than the shift of the smallest number there is

# log2 may be off by one near powers of two; two spare bits make the whole a whole number all the same.
SHIFT = "CASE WHEN number = 0 THEN 0 ELSE CAST(54 - floor(log2(abs(number))) AS INTEGER) END"
# In two steps, since 2**1128 is too large for a number.
WHOLE = "CAST(number * pow(2.0, shift // 2) * pow(2.0, shift - shift // 2) AS BIGINT)"


def from_whole(whole: int, shift: int) -> int:
    """A sum of wholes of one shift, in units of 2**-1130."""
    return whole << (FINEST - shift)


def quotient(total: int, count: int = 1) -> float:
    """The exact total over the count, rounded once."""
    return total / (count << FINEST)
