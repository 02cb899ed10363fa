"""Which version this is, and what it says of what a later one wrote: that stays as it is.

What outlives an upgrade has a format with a number, which grows when an earlier version could not read it, or
would read it wrongly. An older format is read or taken over; docs/run-anywhere.md lists them all.
"""

from functools import cache

from reporter.reports.errors import LaterVersion


@cache
def program_version() -> str:
    """Of what is installed; a copied folder has none."""
    from importlib.metadata import PackageNotFoundError, version  # some 10 ms

    try:
        return version("reporter")
    except PackageNotFoundError:
        return ""


def is_later(number: object, known: int) -> bool:
    """Whether this is the number of a format that is not known yet."""
    return type(number) is int and number > known


def later_version(what: str, number: object, known: int, fix: str, by: object = "") -> LaterVersion:
    """The error to raise of what has that number; `by` is the version that wrote it, where that is known."""
    writer = f"reporter {by}" if by and isinstance(by, str) else "a later version of the reporter"
    this = f"this one ({program_version()})" if program_version() else "this one"
    known_here = f"{this} reads formats up to {known}"
    return LaterVersion(f"{what} has format {number}, of {writer}; {known_here}. It stays as it is. {fix}")
