"""Within a report each label is one metric's own."""

from tests.config.examples import DESTINATION, METRICS, REPORT, faults, only_fault

TWIN = """
[metrics.by_country]
label = "signups"
measure = "breakdown"
of = "signups"
by = "mp_country_code"
"""


def test_a_label_that_two_metrics_of_a_report_have_is_refused_with_both():
    found = only_fault(METRICS + TWIN + REPORT + DESTINATION)

    assert "metrics.by_country.label" in found.place
    assert "line 10" in found.place
    assert "weekly" in found.problem
    assert "signups" in found.problem


def test_it_is_told_once_for_all_reports():
    assert only_fault(
        METRICS + TWIN + REPORT + REPORT.replace("reports.weekly", "reports.other") + DESTINATION
    )


def test_metrics_of_different_reports_may_share_it():
    one = REPORT + 'metrics = ["signups"]\n'
    other = REPORT.replace("reports.weekly", "reports.other") + 'metrics = ["by_country"]\n'

    assert not faults(METRICS + TWIN + one + other + DESTINATION)
