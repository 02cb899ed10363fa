"""Who uses the made-up product: countries, devices and people."""

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    weight: int
    currency: str
    cities: tuple[str, ...]
    platforms: Mapping[str, int]  # operating system -> weight


_COUNTRIES = (
    Country("IN", 33, "USD", ("Mumbai", "Bengaluru", "Delhi"), {"Android": 84, "iOS": 4, "Windows": 12}),
    Country(
        "US", 27, "USD", ("New York", "Austin"), {"iOS": 46, "Android": 20, "Windows": 18, "Mac OS X": 16}
    ),
    Country(
        "DE", 15, "EUR", ("Berlin", "München"), {"Android": 40, "iOS": 25, "Windows": 25, "Mac OS X": 10}
    ),
    Country("GB", 10, "GBP", ("London", "Leeds"), {"iOS": 48, "Android": 24, "Windows": 28}),
    Country("BR", 8, "USD", ("São Paulo", "Recife"), {"Android": 76, "iOS": 10, "Windows": 14}),
    Country("FR", 7, "EUR", ("Paris", "Lyon"), {"iOS": 34, "Android": 36, "Windows": 30}),
)
MOBILE = frozenset({"Android", "iOS"})


@dataclass(slots=True)
class Person:
    distinct_id: str
    country: Country
    city: str
    platform: str
    keenness: float  # how likely they are to come on an ordinary day soon after joining
    loyalty: float  # the share of that keenness which never fades
    joined: int  # day number; negative: before the story begins
    onboarded: bool = False
    subscribed: bool = False


def draw_person(dice: random.Random, joined: int) -> Person:
    country = dice.choices(_COUNTRIES, [country.weight for country in _COUNTRIES])[0]
    platform = dice.choices(tuple(country.platforms), tuple(country.platforms.values()))[0]
    return Person(
        distinct_id=f"user-{dice.getrandbits(40):010x}",
        country=country,
        city=dice.choice(country.cities),
        platform=platform,
        keenness=min(0.95, 0.02 + dice.betavariate(0.5, 1.1)),
        loyalty=0.85 if dice.random() < 0.14 else 0.03,
        joined=joined,
    )
