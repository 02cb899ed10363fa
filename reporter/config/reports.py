"""The checked shape of reports.toml -> subscriptions."""

from typing import TypeVar, assert_never
from zoneinfo import ZoneInfo

from reporter.config.shape import MetricTable, ReportsFile, ReportTable
from reporter.model.measure import ActiveUsers, EventCount, EventUsers, Measure
from reporter.model.period import Cadence
from reporter.model.schedule import FIRST_MONDAY, Schedule
from reporter.model.subscription import Insights, MetricSpec, ReportSpec, Subscription

Value = TypeVar("Value")


def subscription(
    name: str, file: ReportsFile, company: str, zone: ZoneInfo, cron: str | None = None
) -> Subscription:
    """One report of the file. `zone` is meant where it names none; `cron` counts instead of its own."""
    report, defaults = file.reports[name], file.defaults
    destinations = _own_or(report.destinations, _own_or(defaults.destinations, list(file.destinations)))
    spec = ReportSpec(
        name=name,
        title=report.title,
        cadence=Cadence(report.period),
        metrics=tuple(_metric(file.metrics[metric]) for metric in _metric_names(report, file)),
        top_events=_own_or(report.top_events, defaults.top_events),
        hidden_events=frozenset(_own_or(report.hidden_events, defaults.hidden_events)),
        charts=_own_or(report.charts, defaults.charts),
        insights=Insights(_own_or(report.insights, defaults.insights)),
        company=company,
        locale=_own_or(report.locale, defaults.locale),
    )
    schedule = _schedule(report, cron or report.schedule, zone)
    return Subscription(spec, schedule, tuple(destinations), report.paused, report.paused_until)


def _metric_names(report: ReportTable, file: ReportsFile) -> list[str]:
    return _own_or(report.metrics, _own_or(file.defaults.metrics, list(file.metrics)))


def _own_or(own: Value | None, otherwise: Value) -> Value:
    return otherwise if own is None else own


def _schedule(report: ReportTable, cron: str, zone: ZoneInfo) -> Schedule:
    anchor = _own_or(report.every_two_weeks_from, FIRST_MONDAY) if report.period == "biweekly" else None
    return Schedule(cron, ZoneInfo(report.timezone) if report.timezone else zone, anchor)


def _metric(metric: MetricTable) -> MetricSpec:
    return MetricSpec(metric.label, _measure(metric), metric.sentence, metric.sentence_for_one)


def _measure(metric: MetricTable) -> Measure:
    event = metric.event or ""  # never empty where a measure needs one: the shape saw to it
    match metric.measure:
        case "count":
            return EventCount(event)
        case "users":
            return EventUsers(event)
        case "active_users":
            return ActiveUsers()
        case _:
            assert_never(metric.measure)
