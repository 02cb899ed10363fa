"""The inbox: the received messages on a page, drawn as Slack would draw them."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from reporter.local.slack.channel import Message
from reporter.local.slack.inbox.charts import lay_out, slices
from reporter.local.slack.inbox.letters import days_of
from reporter.local.slack.inbox.mrkdwn import draw_link, draw_mrkdwn, draw_text, leads_to_the_web

_pages: Final = Environment(
    loader=PackageLoader(__name__, "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TOOLS: Final[dict[str, Callable[..., object]]] = {
    "draw_link": draw_link,
    "draw_mrkdwn": draw_mrkdwn,
    "draw_text": draw_text,
    "lay_out": lay_out,
    "leads_to_the_web": leads_to_the_web,
    "slices": slices,
}


def draw_inbox(
    messages: Sequence[Message], channel: str, *, theme: str = "", zone: tzinfo | None = None
) -> str:
    """The page in HTML. Times are in `zone`, or in that of this computer."""
    return _pages.get_template("page.html.jinja", globals=_TOOLS).render(
        channel=channel,
        count=len(messages),
        days=days_of(messages, zone),
        theme=theme if theme in ("light", "dark") else "auto",
    )
