"""An inline Insights query as JSON: the same bookmark that Mixpanel's own client builds."""

from reporter.mixpanel.filters import filters
from reporter.mixpanel.labels import series_names
from reporter.mixpanel.queries import InsightsQuery, Metric


def bookmark(query: InsightsQuery) -> object:
    """The metrics as one number each ("bar") or by the day ("line"). Raises NotExpressibleError."""
    period = query.period
    names = series_names(query.metrics)
    return {
        "sections": {
            "show": [_clause(metric, names.get(metric)) for metric in query.metrics],
            "time": [
                {
                    "dateRangeType": "between",
                    "unit": "day",
                    "value": [period.start.isoformat(), period.last.isoformat()],
                }
            ],
            "filter": [],
            "group": [] if query.group is None else [_group(query.group)],
        },
        "displayOptions": {"chartType": "line" if query.by_day else "bar", "analysis": "linear"},
    }


def _clause(metric: Metric, name: str | None) -> object:
    where = filters(metric.where)
    clause: dict[str, object] = {
        "type": "metric",
        "behavior": {
            "type": "event",
            "name": metric.event,
            "resourceType": "events",
            "filtersDeterminer": where.determiner,
            "filters": where.entries,
        },
        "measurement": _measurement(metric),
    }
    return clause if name is None else {**clause, "name": name}


def _measurement(metric: Metric) -> object:
    if metric.number is None:
        return {"math": metric.math.value}
    return {"math": metric.math.value, "property": {"name": metric.number, "resourceType": "events"}}


def _group(name: str) -> object:
    return {
        "value": name,
        "propertyName": name,
        "resourceType": "events",
        "propertyType": "string",
        "propertyDefaultType": "string",
    }
