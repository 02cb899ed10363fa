"""The checked shape of reports.toml -> subscriptions."""

from typing import TypeVar
from zoneinfo import ZoneInfo

from reporter.config.elsewhere import ALERT
from reporter.config.metrics import metric_spec
from reporter.config.report_checks import NO_HOLIDAYS, NOBODY
from reporter.config.report_tables import ReportTable
from reporter.config.shape import ReportsFile
from reporter.reports.periods import Cadence
from reporter.reports.schedules import FIRST_MONDAY, Schedule
from reporter.reports.subscriptions import Insights, ReportSpec, Sensitivity, Subscription

Value = TypeVar("Value")


def subscription(
    name: str, file: ReportsFile, company: str, zone: ZoneInfo, cron: str | None = None
) -> Subscription:
    """One report of the file. `zone` is meant where it names none; `cron` counts instead of its own."""
    report, defaults = file.reports[name], file.defaults
    destinations = _own_or(report.destinations, _own_or(defaults.destinations, list(file.destinations)))
    only, mention = _own_or(report.only, defaults.only), _own_or(report.mention, defaults.mention)
    holidays = _own_or(report.holidays, defaults.holidays)
    spec = ReportSpec(
        name=name,
        title=report.title,
        cadence=Cadence(report.period),
        metrics=tuple(metric_spec(metric, file.metrics) for metric in metric_names(report, file)),
        top_events=_own_or(report.top_events, defaults.top_events),
        hidden_events=frozenset(_own_or(report.hidden_events, defaults.hidden_events)),
        charts=_own_or(report.charts, defaults.charts),
        insights=Insights(_own_or(report.insights, defaults.insights)),
        company=company,
        locale=_own_or(report.locale, defaults.locale),
        sensitivity=Sensitivity(_own_or(report.sensitivity, defaults.sensitivity)),
        drivers=tuple(_own_or(report.drivers, defaults.drivers)),
        holidays=None if holidays == NO_HOLIDAYS else holidays,
        only_when_unusual=only == ALERT,
        mention=mention if only == ALERT and mention != NOBODY else None,
    )
    schedule = _schedule(report, cron or report.schedule, zone)
    return Subscription(spec, schedule, tuple(destinations), report.paused, report.paused_until)


def metric_names(report: ReportTable, file: ReportsFile) -> list[str]:
    """The metrics that the report shows."""
    return _own_or(report.metrics, _own_or(file.defaults.metrics, list(file.metrics)))


def _own_or(own: Value | None, otherwise: Value) -> Value:
    return otherwise if own is None else own


def _schedule(report: ReportTable, cron: str, zone: ZoneInfo) -> Schedule:
    anchor = _own_or(report.every_two_weeks_from, FIRST_MONDAY) if report.period == "biweekly" else None
    return Schedule(cron, ZoneInfo(report.timezone) if report.timezone else zone, anchor)
