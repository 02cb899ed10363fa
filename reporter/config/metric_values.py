"""What a metric's sentence, currency and link may be."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from reporter.validation import FilledText, Invalid, listed, nearest, split_address


def _sentence(sentence: str) -> str:
    if sentence.count("{value}") != 1:
        raise Invalid("the sentence must hold {value} once", 'Write it as in "{value} new users joined".')
    if sentence.count("{period}") > 1:
        raise Invalid("the sentence may hold {period} once only", "Remove one of the two.")
    if re.search(r"[{}]", sentence.replace("{value}", "").replace("{period}", "")):
        raise Invalid("only {value} and {period} may stand in braces", "Remove the other braces.")
    return sentence


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
