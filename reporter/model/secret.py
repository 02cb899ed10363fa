"""What must not be repeated in a message."""

import re

# Addresses, Slack's tokens, long runs of letters and digits: what a secret in the wrong place looks like.
_SECRET = re.compile(r"://|hooks\.slack|xox[a-z]-")
_RUN = re.compile(r"[A-Za-z0-9]{20,}")
_DIGIT = re.compile(r"[0-9]")


def looks_secret(text: str) -> bool:
    """Whether a text might be a secret somebody pasted into the wrong place."""
    return _SECRET.search(text) is not None or any(map(_DIGIT.search, _RUN.findall(text)))
