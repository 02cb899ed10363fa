"""What copying does to a value, and what might be a secret in the wrong place."""

import re

_REFERENCE = re.compile(r"@Microsoft\.(KeyVault|AppConfiguration)\(", re.IGNORECASE)

QUOTES = "\"'`“”‘’„‚«»"


def unresolved(text: str) -> tuple[str, str] | None:
    """What is wrong with a reference that Azure did not resolve: it is handed on as the value itself."""
    if not _REFERENCE.match(text.strip()):
        return None
    return (
        "is a reference to Key Vault that was not resolved",
        "In the portal, Environment variables says why: mostly the role Key Vault Secrets User is missing.",
    )


def mangled(text: str) -> tuple[str, str] | None:
    """What is wrong with a value that was copied badly, and how to fix it; None where nothing shows.

    >>> mangled('"https://example.com"')
    ('stands in quotation marks', 'Remove the quotation marks.')
    """
    if text != text.strip():
        return "has blanks around it", "Remove the blanks."
    if text[:1] in QUOTES or text[-1:] in QUOTES:
        return "stands in quotation marks", "Remove the quotation marks."
    if text.startswith("<") or text.endswith(">"):
        return "stands in angle brackets", "Remove < and >."
    if not text.isprintable():
        return "holds a character that cannot be seen", "Copy it once more, or type it."
    return None


# Addresses, Slack's tokens, long runs of letters and digits: what a secret in the wrong place looks like.
_SECRET = re.compile(r"://|hooks\.slack|xox[a-z]-|password\s*=", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9]{20,}")
_DIGIT = re.compile(r"[0-9]")


def looks_secret(text: str) -> bool:
    """Whether a text might be a secret somebody pasted into the wrong place."""
    return _SECRET.search(text) is not None or any(map(_DIGIT.search, _RUN.findall(text)))
