"""Messages as a reporter sends them, for the local Slack and its inbox."""

from collections.abc import Sequence
from typing import Final

JsonObject = dict[str, object]

_WEEK: Final = ("Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21", "Sun 22")


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JsonObject:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> JsonObject:
    return {"type": "header", "text": plain(text)}


def section(text: str) -> JsonObject:
    return {"type": "section", "text": mrkdwn(text)}


def fields(*texts: str) -> JsonObject:
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def context(*texts: str) -> JsonObject:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def raw(text: str) -> JsonObject:
    return {"type": "raw_text", "text": text}


def number(value: float) -> JsonObject:
    return {"type": "raw_number", "value": value, "text": f"{value:,}"}


def table(*rows: list[JsonObject], align: str = "right") -> JsonObject:
    settings = [{"is_wrapped": True}, *({"align": align} for _ in rows[0][1:])]
    return {"type": "table", "column_settings": settings, "rows": list(rows)}


def chart(kind: str, title: str, categories: tuple[str, ...], **series: Sequence[float]) -> JsonObject:
    drawn = [
        {
            "name": name.replace("_", " "),
            "data": [
                {"label": label, "value": value} for label, value in zip(categories, values, strict=True)
            ],
        }
        for name, values in series.items()
    ]
    plot = {"type": kind, "series": drawn, "axis_config": {"categories": list(categories)}}
    return {"type": "data_visualization", "title": title, "chart": plot}


def pie(title: str, **shares: float) -> JsonObject:
    segments = [{"label": label, "value": value} for label, value in shares.items()]
    return {"type": "data_visualization", "title": title, "chart": {"type": "pie", "segments": segments}}


def rich(*parts: JsonObject) -> JsonObject:
    return {"type": "rich_text", "elements": list(parts)}


def words(text: str, **style: bool) -> JsonObject:
    return {"type": "text", "text": text, "style": dict(style)} if style else {"type": "text", "text": text}


WEEKLY: Final[JsonObject] = {
    "text": "Weekly Report, 16–22 Nov 2026: signups up 12.7 %, purchases down 8.1 %.",
    "blocks": [
        header("Weekly Report"),
        context("16–22 Nov 2026 · compared with 9–15 Nov · days in Europe/Berlin · complete through 22 Nov"),
        section(
            "*Summary*\n"
            "Signups rose to 89, the best week since September. Purchases fell by 8.1 % to 1,204, "
            "most of it on Thursday, when _Checkout Started_ was down for six hours."
        ),
        fields(
            "*New Signups*\n89\n▲ 12.7 % vs 79",
            "*Purchases*\n1,204\n▼ 8.1 % vs 1,310",
            "*Active Users*\n4,318\nno change vs 4,316",
            "*Checkout Conversion*\n31.4 %\n▼ 2.2 pp vs 33.6 %",
        ),
        chart(
            "line",
            "New Signups by day",
            _WEEK,
            This_week=[14, 11, 16, 9, 15, 11, 13],
            Week_before=[12, 13, 10, 12, 14, 9, 9],
        ),
        section("*Top Events*"),
        table(
            [raw("Event"), raw("Count"), raw("Before"), raw("Change")],
            [raw("Page Viewed"), number(128_430), number(121_002), raw("▲ 6.1 %")],
            [raw("Product Added to Cart"), number(9_871), number(9_866), raw("no change")],
            [raw("Checkout Started"), number(3_834), number(4_120), raw("▼ 6.9 %")],
            [raw("Purchase"), number(1_204), number(1_310), raw("▼ 8.1 %")],
            [raw("Signup & Verify <beta>"), number(89), number(79), raw("▲ 12.7 %")],
        ),
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": plain("Open in Mixpanel"), "url": "https://mixpanel.com/report/1"},
                {"type": "button", "text": plain("Change the report"), "action_id": "change"},
            ],
        },
        context(
            "<https://mixpanel.com/report/1|Mixpanel project 2195193> · generated "
            "<!date^1795420800^{date_short_pretty} at {time}|23 Nov 2026, 09:00>"
        ),
    ],
}

DAILY: Final[JsonObject] = {
    "text": "Daily Report, 22 Nov 2026: a quiet day.",
    "blocks": [
        header("Daily Report"),
        context("Sunday, 22 Nov 2026 · Europe/Berlin"),
        chart(
            "bar",
            "Where users signed up",
            ("Germany", "United Kingdom", "United States", "France", "Netherlands", "Rest of the world"),
            This_week=[41, 17, 12, 9, 6, 4],
            Week_before=[36, 19, 9, 8, 4, 3],
        ),
        pie("Users by device", Phone=2381.0, Desktop=1544.0, Tablet=302.0, Television=91.0),
        {"type": "divider"},
        section(
            "*Purchases stopped at 14:00.* Look at `Payment Succeeded` in\n```checkout service\nv2.14.0```"
        ),
        context("No sale since then."),
    ],
}

NOTICE: Final[JsonObject] = {
    "text": "The Weekly Report could not be made.",
    "blocks": [
        rich(
            {
                "type": "rich_text_section",
                "elements": [
                    words("The Weekly Report could not be made. ", bold=True),
                    words("Mixpanel said "),
                    words("402 Payment Required", code=True),
                    words(", so its Query API will refuse until the plan is changed."),
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    {"type": "rich_text_section", "elements": [words("Open the plan in Mixpanel")]},
                    {"type": "rich_text_section", "elements": [words("Then run the report again:")]},
                ],
            },
            {
                "type": "rich_text_preformatted",
                "elements": [words("reporter run weekly --period 2026-11-16")],
            },
        ),
    ],
}

HOSTILE: Final[JsonObject] = {
    "text": "<script>alert(1)</script>",
    "blocks": [
        header("<script>alert('header')</script>"),
        section("&lt;!channel&gt; <!channel> <javascript:alert(1)|click> <img src=x onerror=alert(1)>"),
        fields("*<b>bold</b>*", "&amp;lt; is an entity"),
        table([raw("<i>Event</i>"), raw("</td>")], [raw("<script>"), number(1)]),
        chart("line", "</svg><script>", ("</text>", "&amp;"), **{"<b>": [1, 2]}),
    ],
}
