"""Public holidays of a period, which are no falls of the product.

They are those of the country that the file names. Where it names none, the time zone tells a country, whose
holiday counts only when the whole report was low on it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from reporter.reports.figures import Figures
from reporter.reports.findings import HolidayIn
from reporter.reports.measures import traits
from reporter.reports.periods import Period
from reporter.reports.subscriptions import LANGUAGES, NO_HOLIDAYS, ReportSpec

MOST_DAYS = 31  # of a period whose holidays count; a longer one always has some
LEAST_METRICS = 2  # that say whether a day was low, and
LEAST_SHARE = 0.5  # of them that must have been
LEAST_EVENTS = 20.0  # on such a weekday; fewer are low by chance too often


def holidays_of(spec: ReportSpec, figures: Figures) -> tuple[HolidayIn, ...]:
    """The holidays of the report's period that count."""
    period = figures.question.period
    if spec.holidays == NO_HOLIDAYS or period.length > MOST_DAYS:
        return ()
    if spec.holidays is not None:
        return holidays_in(spec.holidays, period)
    low = [day for day in period if was_low(spec, figures, day)]
    country = country_of(figures.project.zone) if low else None
    known = holidays_in(country, period) if country else ()
    return tuple(replace(one, country=country) for one in known if one.day in low)


def was_low(spec: ReportSpec, figures: Figures, day: date) -> bool:
    """Whether most counts of the report were well below what that weekday has in the weeks around."""
    from reporter.anomalies.metric_history import LOW, asked_days, daily_array, usual_of_weekday

    days = asked_days(figures)
    counts = (
        one.measure for one in spec.metrics if traits(one.measure).is_judged and one.measure in figures.daily
    )
    found: list[bool] = []
    for values in (daily_array(figures.daily[measure], days) for measure in counts):
        usual = usual_of_weekday(values, days, (day,), day)
        if usual is not None and usual >= LEAST_EVENTS:
            found.append(bool(values[(day - days.start).days] < LOW * usual))
    return len(found) >= LEAST_METRICS and sum(found) > LEAST_SHARE * len(found)


def country_of(zone: ZoneInfo) -> str | None:
    """The country whose zone it is, by CLDR, where its holidays are known: "DE" for Europe/Berlin."""
    from babel.core import get_global
    from holidays import list_supported_countries

    territories: Mapping[str, str] = get_global("zone_territories")
    country = territories.get(zone.key)
    return country if country in list_supported_countries() else None


def holidays_in(place: str, period: Period) -> tuple[HolidayIn, ...]:
    """The public holidays of a country or a part of it, in every language of reports that names them.

    `place` is an ISO 3166 code such as "DE" or "US-CA". The library is large and loaded here only.

    >>> [one.name_in("en") for one in holidays_in("DE", Period(date(2026, 12, 24), date(2026, 12, 26)))]
    ['Christmas Day']
    """
    from holidays import country_holidays

    country, _, part = place.partition("-")
    known_in = partial(
        country_holidays, country, subdiv=part or None, years=range(period.start.year, period.last.year + 1)
    )
    own = known_in()
    # Without a language the library takes that of the machine.
    known, days = known_in(language=own.default_language), [day for day in period if day in own]
    languages = {each.partition("_")[0]: each for each in reversed(own.supported_languages)} if days else {}
    named = {each: known_in(language=languages[each]) for each in LANGUAGES if each in languages}
    return tuple(
        HolidayIn(day, known[day], translations=tuple((each, names[day]) for each, names in named.items()))
        for day in days
    )
