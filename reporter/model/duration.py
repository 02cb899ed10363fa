"""How long something is, as people say it."""

from datetime import timedelta


def apart(difference: timedelta) -> str:
    """
    >>> apart(timedelta(minutes=-20)), apart(timedelta(hours=15)), apart(timedelta(days=365))
    ('20 minutes', '15 hours', '365 days')
    """
    minutes = round(abs(difference).total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 72 * 60 else f"{round(minutes / 1440)} days"
