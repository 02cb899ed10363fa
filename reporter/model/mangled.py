"""What copying does to a value: quotation marks, brackets, characters that cannot be seen."""

QUOTES = "\"'`“”‘’„‚«»"


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
