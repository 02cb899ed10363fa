"""Mends lines that are good JSON but for broken letters: half an emoji, or bytes that are no UTF-8.

An app that cuts a text in the middle of an emoji leaves half of a pair, which JSON's grammar allows and
strict readers refuse. Such a letter becomes U+FFFD, as browsers show it.
"""

import re
from pathlib import Path

_ESCAPES = re.compile(
    rb"(?P<fine>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def mend(path: Path, target: Path) -> bool:
    """Writes the mended lines, and says whether any needed it."""
    mended = False
    with path.open("rb") as source, target.open("wb") as out:
        for line in source:
            better = mended_line(line)
            mended = mended or better != line
            out.write(better)
    return mended


def mended_line(line: bytes) -> bytes:
    if b"\\u" in line:
        line = _ESCAPES.sub(lambda found: found["fine"] or rb"\ufffd", line)
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode(errors="replace").encode()
    return line
