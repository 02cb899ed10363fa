"""What copying does to a value: quotation marks, brackets, characters that cannot be seen, a reference."""

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
