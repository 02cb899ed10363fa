"""Public holidays, on which numbers are low for a reason."""

from collections.abc import Mapping
from datetime import date

from reporter.model.period import Period


def holidays_in(place: str, period: Period, locale: str) -> Mapping[date, str]:
    """The public holidays of a country or a part of it, by day, named in the language if it is known.

    `place` is an ISO 3166 code such as "DE" or "US-CA". The library is large and loaded here only.

    >>> holidays_in("DE", Period(date(2026, 12, 24), date(2026, 12, 26)), "en")
    {datetime.date(2026, 12, 25): 'Christmas Day'}
    """
    from holidays import country_holidays

    country, _, part = place.partition("-")
    years = range(period.start.year, period.last.year + 1)
    known = country_holidays(country, subdiv=part or None, years=years)
    language = locale.replace("-", "_").partition("_")[0]
    named = (one for one in known.supported_languages if one.partition("_")[0] == language)
    # Without a language the library takes that of the machine.
    told_in = next(named, known.default_language)
    known = country_holidays(country, subdiv=part or None, years=years, language=told_in)
    return {day: known[day] for day in period if day in known}
