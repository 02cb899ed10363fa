"""The inbox draws what was received, and only that."""

import html
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.local.slack import LocalSlack
from reporter.local.slack.blocks import judge
from reporter.local.slack.channel import Message
from reporter.local.slack.inbox import draw_inbox
from reporter.local.slack.inbox.mrkdwn import draw_mrkdwn
from tests.local.slack_samples import (
    DAILY,
    HOSTILE,
    NOTICE,
    WEEKLY,
    JsonObject,
    chart,
    mrkdwn,
    plain,
    raw,
    rich,
    section,
    table,
    words,
)

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def classes(self, tag: str) -> list[str]:
        return [attributes.get("class") or "" for name, attributes in self.elements if name == tag]


def received(*payloads: JsonObject, thread: str | None = None) -> list[Message]:
    return [
        Message(payload, ts=f"{number}.000000", received_at=MORNING, thread_ts=thread)
        for number, payload in enumerate(payloads)
    ]


def draw(*blocks: JsonObject) -> str:
    payload: JsonObject = {"text": "x", "blocks": list(blocks)}
    assert judge(payload) is None
    return draw_inbox(received(payload), "reports").partition("<main")[2].partition("<details")[0]


@pytest.mark.parametrize("payload", [WEEKLY, DAILY, NOTICE, HOSTILE])
def test_no_message_can_bring_markup_of_its_own(payload: JsonObject):
    page = Page(draw_inbox(received(payload), "reports"))

    assert not {tag for tag, _ in page.elements} & {
        "script",
        "img",
        "iframe",
        "object",
        "link",
        "base",
        "form",
    }
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes), tag


def test_hostile_text_is_shown_as_text():
    page = Page(draw_inbox(received(HOSTILE), "reports"))

    for text in (
        "<script>alert('header')</script>",
        "<img src=x onerror=alert(1)>",
        "<b>bold</b>",
        "</svg><script>",
    ):
        assert text in page.words


def test_the_page_needs_nothing_from_elsewhere():
    with LocalSlack() as slack:
        httpx2.post(slack.webhook_url, json=WEEKLY)
        answer = httpx2.get(slack.inbox_url)

    policy = answer.headers["content-security-policy"]
    addresses = [attributes["href"] for _, attributes in Page(answer.text).elements if "href" in attributes]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "url(" not in answer.text
    assert set(addresses) == {"https://mixpanel.com/report/1"}


@pytest.mark.parametrize(
    ("theme", "drawn"), [("light", "light"), ("dark", "dark"), ("", "auto"), ("<x>", "auto")]
)
def test_a_theme_is_drawn_as_asked(theme: str, drawn: str):
    with LocalSlack() as slack:
        page = Page(httpx2.get(slack.inbox_url, params={"theme": theme}).text)

    chosen = [
        attributes["id"] for tag, attributes in page.elements if tag == "input" and "checked" in attributes
    ]
    assert chosen == [drawn]


@pytest.mark.parametrize(("count", "said"), [(0, "0 messages"), (1, "1 message"), (2, "2 messages")])
def test_the_channel_says_how_many_messages_it_holds(count: int, said: str):
    page = Page(draw_inbox(received(*[WEEKLY] * count), "reports"))

    assert said in page.words
    assert ("No messages yet" in page.words) == (count == 0)
    assert "nothing here was sent to slack.com" in page.words


def test_messages_stand_in_order_under_their_days_in_the_readers_zone():
    late = [
        Message({"text": text}, ts=text, received_at=MORNING.replace(hour=hour))
        for text, hour in (("before midnight", 20), ("after midnight", 23))
    ]

    page = Page(draw_inbox(late, "reports", zone=timezone(timedelta(hours=1, minutes=30))))

    places = [
        page.words.index(said)
        for said in ("Monday, 23 November", "21:30", "before midnight", "Tuesday, 24 November", "00:30")
    ]
    assert places == sorted(places)


def test_an_answer_stands_in_the_thread_of_its_message():
    parent, other = received({"text": "the report"}, {"text": "another report"})
    [answer] = received({"text": "the detail"}, thread=parent.ts)
    [lost] = received({"text": "an answer to nobody here"}, thread="99.000000")

    page = Page(draw_inbox([parent, other, answer, lost], "reports"))

    shown = [page.words.index(said) for said in ("the report", "1 reply", "the detail", "another report")]
    assert shown == sorted(shown)
    assert page.words.count("an answer to nobody here") == 2  # as words, and in its JSON


def test_the_json_and_the_notification_of_a_message_can_be_read():
    page = Page(draw_inbox(received(WEEKLY), "reports"))

    assert '"type": "data_visualization"' in page.words
    assert f"Notification {WEEKLY['text']}" in page.words


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("*bold* and _italic_", "<b>bold</b> and <i>italic</i>"),
        ("*_both_*", "<b><i>both</i></b>"),
        ("snake_case_name 2*3*4 * _ *", "snake_case_name 2*3*4 * _ *"),
        ("*not\nover lines*", "*not\nover lines*"),
        ("`a*b*c`", "<code>a*b*c</code>"),
        ("```\none\ntwo\n```", "<pre>one\ntwo</pre>"),
        ("<https://a.b/?x=1&amp;y=2|there>", '<a href="https://a.b/?x=1&amp;y=2" rel="noreferrer">there</a>'),
        ("*<https://a.b|x>*", '<b><a href="https://a.b" rel="noreferrer">x</a></b>'),
        ("<https://a.b>", '<a href="https://a.b" rel="noreferrer">https://a.b</a>'),
        ("<http://[|x>", "&lt;http://[|x&gt;"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<!date^1795420800^{date_short} at {time}|23 Nov>", "23 Nov"),
        ("&lt;b&gt; &amp;amp; &quot;", "&lt;b&gt; &amp;amp; &amp;quot;"),
        ("# no heading, ~no strike~, [no](link)", "# no heading, ~no strike~, [no](link)"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("<!channel>", '<span class="mention">@channel</span>'),
        ("<@U1> <#C1|general>", '<span class="mention">@U1</span> <span class="mention">#general</span>'),
        ('<"> <b onclick="x">', "&lt;&#34;&gt; &lt;b onclick=&#34;x&#34;&gt;"),
    ],
)
def test_mrkdwn_is_drawn_as_slack_draws_it(text: str, drawn: str):
    assert draw_mrkdwn(text) == drawn


@given(st.text(st.sampled_from("*_`<>&;|!@#^ab \n'\"")))
def test_mrkdwn_brings_no_markup_but_its_own(text: str):
    drawn = Page(draw_mrkdwn(text))

    assert {tag for tag, _ in drawn.elements} <= {"b", "i", "code", "pre", "a", "span"}
    assert {name for _, attributes in drawn.elements for name in attributes} <= {"href", "rel", "class"}


@given(st.text(st.sampled_from("<>&;!@#|^abc \n'\"")))
def test_escaped_text_is_read_as_it_was(text: str):
    assert Page(draw_mrkdwn(html.escape(text, quote=False))).words == text


def test_plain_text_is_literal():
    drawn = draw({"type": "section", "text": plain("*a* &amp; <!channel>")})

    assert "*a* &amp;amp; &lt;!channel&gt;" in drawn


def test_a_table_is_aligned_as_its_columns_are_set():
    drawn = Page(draw(table([raw("Event"), raw("Count")], [raw("Signup"), raw("89")], align="right")))

    assert drawn.classes("th") == ["left wrapped", "right"]
    assert drawn.classes("td") == ["left wrapped", "right"]


def test_a_row_like_the_header_is_still_no_header():
    drawn = Page(draw(table([raw("same")], [raw("same")])))

    assert (len(drawn.classes("th")), len(drawn.classes("td"))) == (1, 1)


def test_rich_text_is_drawn_with_its_styles_and_lists():
    item: JsonObject = {
        "type": "rich_text_section",
        "elements": [words("one", bold=True, italic=True), words(" <two>")],
    }
    pre: JsonObject = {"type": "rich_text_preformatted", "elements": [words("*literal*")]}

    drawn = draw(rich({"type": "rich_text_list", "style": "ordered", "elements": [item], "offset": 2}, pre))

    assert '<ol class="indent-0" start="3">' in drawn
    assert '<li class="words"><b><i>one</i></b> &lt;two&gt;</li>' in drawn
    assert "<pre>*literal*</pre>" in drawn


@pytest.mark.parametrize(
    ("url", "drawn"),
    [
        ("https://a.b", '<a href="https://a.b" rel="noreferrer">&lt;x&gt;</a>'),
        ("javascript:alert(1)", "&lt;x&gt;"),
    ],
)
def test_a_link_in_rich_text_leads_to_the_web_or_nowhere(url: str, drawn: str):
    link = {"type": "link", "url": url, "text": "<x>"}

    block = rich({"type": "rich_text_section", "elements": [link]})

    assert f'<div class="words">{drawn}</div>' in draw(block)


def test_a_mention_in_rich_text_is_marked():
    drawn = draw(
        rich({"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]}),
        {"type": "context", "elements": [mrkdwn("quiet")]},
    )

    assert '<span class="mention">@here</span>' in drawn


def test_an_image_is_its_alternative_text():
    drawn = Page(
        draw({"type": "image", "alt_text": "Signups rise", "image_url": "https://example.com/a.png"})
    )

    assert "Signups rise" in drawn.words
    assert not any("example.com" in str(attributes) for _, attributes in drawn.elements)


def test_a_button_leads_to_the_web_or_nowhere():
    def button(url: str) -> JsonObject:
        return {"type": "actions", "elements": [{"type": "button", "text": plain("Open"), "url": url}]}

    assert 'href="https://mixpanel.com"' in draw(button("https://mixpanel.com"))
    assert "href" not in draw(button("javascript:alert(1)"))


def test_what_is_not_drawn_is_named():
    assert "A video block, which this Slack does not draw." in draw({"type": "video", "title": "x"})


def test_a_chart_is_drawn_for_wide_and_for_narrow_screens():
    block = chart("line", "Signups", ("Mon 16", "Tue 17"), This_week=[1, 2], Week_before=[2, 1])

    drawn = Page(draw(section("x"), block))

    assert [name for name in drawn.classes("svg") if name.startswith("plot")] == ["plot wide", "plot narrow"]
    for said in ("Signups", "Mon 16", "Tue 17", "This week", "Week before"):
        assert said in drawn.words
