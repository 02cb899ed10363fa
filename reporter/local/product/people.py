"""Who uses the made-up product: countries, devices, where people heard of it, and people."""

import random
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    weight: int
    currency: str
    cities: tuple[str, ...]
    platforms: Mapping[str, int]  # operating system -> weight


# So many that none of them passes for the country.
_INDIAN_CITIES = (
    *("Mumbai", "Bengaluru", "Delhi", "Hyderabad", "Pune", "Chennai"),
    *("Kolkata", "Ahmedabad", "Jaipur", "Surat", "Lucknow", "Kochi"),
)
_COUNTRIES = (
    Country(
        "IN",
        50,
        "USD",
        _INDIAN_CITIES,
        {"Android": 92, "iOS": 3, "Windows": 5},
    ),
    Country(
        "US", 20, "USD", ("New York", "Austin"), {"iOS": 46, "Android": 20, "Windows": 18, "Mac OS X": 16}
    ),
    Country(
        "DE", 10, "EUR", ("Berlin", "München"), {"Android": 40, "iOS": 25, "Windows": 25, "Mac OS X": 10}
    ),
    Country("GB", 7, "GBP", ("London", "Leeds"), {"iOS": 48, "Android": 24, "Windows": 28}),
    Country("BR", 7, "USD", ("São Paulo", "Recife"), {"Android": 76, "iOS": 10, "Windows": 14}),
    Country("FR", 6, "EUR", ("Paris", "Lyon"), {"iOS": 34, "Android": 36, "Windows": 30}),
)
MOBILE = frozenset({"Android", "iOS"})
_HOMES = [
    (country, platform, country.weight * weight / sum(country.platforms.values()))
    for country in _COUNTRIES
    for platform, weight in country.platforms.items()
]
_SOURCES = {"": 40, "google": 30, "newsletter": 12, "instagram": 11, "partner": 7}
FREE = "free"
PRICES = (9.0, 19.0, 29.0, 49.0, 99.0)
BOUGHT = {  # what it is for that price
    9.0: ("Seat",),
    19.0: ("Seat", "Storage"),
    29.0: ("Seat", "Seat", "Storage"),
    49.0: ("Seat", "Support"),
    99.0: ("Seat", "Storage", "Support"),
}


@dataclass(slots=True)
class Person:
    distinct_id: str
    country: Country
    city: str
    platform: str
    source: str  # what sent them; empty: nobody knows
    passing: float  # how much likelier they are to come on an ordinary day right after joining
    lasting: float  # how likely they are to come ever after
    joined: int  # day number; negative: before the story begins
    onboarded: bool = False
    plan: str = FREE

    @property
    def subscribed(self) -> bool:
        return self.plan != FREE


def draw_crowd(dice: random.Random, joined: int, number: int) -> Iterator[Person]:
    """So many people of one day, whose countries and platforms are as mixed as ever: they scatter little."""
    shares = list(accumulate(weight for _, _, weight in _HOMES))
    offset = dice.random()
    homes = [_HOMES[bisect(shares, shares[-1] * (place + offset) / number)][:2] for place in range(number)]
    dice.shuffle(homes)
    return (_person(dice, joined, country, platform) for country, platform in homes)


def draw_person(dice: random.Random, joined: int) -> Person:
    country, platform, _ = dice.choices(_HOMES, [weight for _, _, weight in _HOMES])[0]
    return _person(dice, joined, country, platform)


def _person(dice: random.Random, joined: int, country: Country, platform: str) -> Person:
    keenness = min(0.95, 0.02 + dice.betavariate(0.3, 1.0))
    loyalty = 0.85 if dice.random() < 0.06 else 0.03
    return Person(
        distinct_id=f"user-{dice.getrandbits(40):010x}",
        country=country,
        city=dice.choice(country.cities),
        platform=platform,
        source=dice.choices(tuple(_SOURCES), tuple(_SOURCES.values()))[0],
        passing=keenness * (1 - loyalty),
        lasting=keenness * loyalty,
        joined=joined,
    )
