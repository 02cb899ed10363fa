"""What texts of one's own, currencies and links may be."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from reporter.reports.subscriptions import PLACEHOLDERS
from reporter.validation import FilledText, Invalid, did_you_mean, listed, nearest, shown, split_address


def _sentence(sentence: str) -> str:
    if sentence.count("{value}") != 1:
        raise Invalid("the sentence must hold {value} once", 'Write it as in "{value} new users joined".')
    return _filled_in(sentence, ("{value}", *PLACEHOLDERS))


def _filled_in(text: str, known: tuple[str, ...] = PLACEHOLDERS) -> str:
    """A text that has these placeholders at most, each of them once."""
    for found in re.findall(r"\{[^{}]*\}|[{}]", text):
        if len(found) == 1:
            raise Invalid("a brace stands alone", f"Write {listed(known)}, or remove it.")
        if found not in known:
            fix = did_you_mean(found.strip("{ }"), [name.strip("{}") for name in known])
            raise Invalid(f"there is no placeholder {shown(found)}", fix)
        if text.count(found) > 1:
            raise Invalid(f"{found} may stand there once only", "Remove one of the two.")
    return text


def check_currency(code: str) -> str:
    """A code of ISO 4217."""
    from babel.core import get_global  # heavy, and few files name a currency

    known = get_global("all_currencies")
    if code in known:
        return code
    near = [code.upper()] if code.upper() in known else nearest(code, known)
    fix = f"Did you mean {listed(near)}?" if near else "Use a code of ISO 4217, such as EUR or USD."
    raise Invalid("there is no such currency", fix)


def check_link(url: str) -> str:
    """An address that a reader may follow."""
    if re.search(r"hooks\.slack|xox[a-z]-", url):
        raise Invalid("a secret stands here (everybody in the channel would read it)", "Remove it.")
    parts = split_address(url)
    if parts.scheme != "https" or re.search(r"[<>|\"]", url):
        raise Invalid(
            "this is no address of a page", 'Write it as in link = "https://mixpanel.com/s/1a2B3c".'
        )
    return url


Sentence: TypeAlias = Annotated[FilledText, AfterValidator(_sentence)]
DatedText: TypeAlias = Annotated[FilledText, AfterValidator(_filled_in)]
