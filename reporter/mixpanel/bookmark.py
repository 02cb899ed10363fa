"""An inline Insights query as JSON: the same bookmark that Mixpanel's own client builds."""

from reporter.mixpanel.queries import UsersQuery


def bookmark(query: UsersQuery) -> object:
    """Distinct users of each event, as one number ("bar") or by the day ("line")."""
    period = query.period
    return {
        "sections": {
            "show": [_distinct_users(event) for event in query.events],
            "time": [
                {
                    "dateRangeType": "between",
                    "unit": "day",
                    "value": [period.start.isoformat(), period.last.isoformat()],
                }
            ],
            "filter": [],
            "group": [],
        },
        "displayOptions": {"chartType": "line" if query.by_day else "bar", "analysis": "linear"},
    }


def _distinct_users(event: str) -> object:
    return {
        "type": "metric",
        "behavior": {
            "type": "event",
            "name": event,
            "resourceType": "events",
            "filtersDeterminer": "all",
            "filters": [],
        },
        "measurement": {"math": "unique"},
    }
