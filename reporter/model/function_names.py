"""What the functions of a report are called on Azure."""

import re

OTHERS = ("CustomReport", "DeliverReport", "FailedReport", "Health")  # functions that are no report's
_SPELT = {"biweekly": "BiWeekly"}


def function_name(report: str) -> str:
    """The function that is the timer of a report. Azure tells names apart without regard to case.

    >>> function_name("weekly"), function_name("eu-sales")
    ('WeeklyReport', 'EuSalesReport')
    """
    words: list[str] = re.findall(r"[A-Za-z0-9]+", report)
    stem = "".join(_SPELT.get(word, word[:1].upper() + word[1:]) for word in words)[:100]
    return f"{stem if stem[:1].isalpha() else f'R{stem}'}Report"
