"""A report as one page of HTML that needs nothing else: no script, no font, no network.

What others wrote reaches the page only through Jinja's escaping.
"""

from reporter.render import line_chart, sanitize
from reporter.render.line_chart import template
from reporter.render.page import page_of
from reporter.render.phrases import words
from reporter.reports.report import Report

MOST_TITLE = 150


def draw(report: Report) -> str:
    """The page of a report."""
    page = page_of(report)
    return template("report.html.jinja").render(
        page=page,
        title=sanitize.shown(page.title, "", MOST_TITLE),
        charts=[line_chart.line_chart(chart, page.locale) for chart in page.charts],
        say=words(page.locale),
        lang=page.locale.replace("_", "-"),
        plot=line_chart,
    )
