"""How events of the made-up product are sent: in sessions, from phones at times late, now and then twice."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from reporter.local.product.people import MOBILE, PRICES, Person
from reporter.local.product.sdk_events import DAY, HOUR, SECOND, ProductEvent, start_of

_HOURS = tuple(
    accumulate((2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 13, 14, 14, 13, 12, 12, 13, 14, 14, 12, 8, 4))
)


@dataclass(slots=True)
class Session:
    """A stretch of one person's time on one device."""

    distinct_id: str
    common: dict[str, object]
    clock: int
    begin: int
    end: int  # nothing of this session happens from here on: the day is over
    received: int | None  # when the device came online again; None: it was online all along

    @property
    def platform(self) -> str:
        """The operating system as the SDK tells it."""
        return str(self.common["$os"])

    @property
    def on_the_web(self) -> bool:
        return self.common["mp_lib"] == "web"


class Recorder:
    """Writes down what people say they do; `events` grows."""

    def __init__(self, dice: random.Random, zone: ZoneInfo, first: date) -> None:
        self.events: list[ProductEvent] = []
        self._dice = dice
        self._zone = zone
        self._first = first

    def device(self) -> str:
        """The id of somebody who has not said who they are."""
        return f"$device:{self._dice.getrandbits(64):016x}"

    def session(self, distinct_id: str, person: Person, day: date, latest_hour: int = 24) -> Session:
        dice = self._dice
        on_the_web = person.platform in MOBILE and dice.random() < 0.04
        platform = "Windows" if on_the_web else person.platform
        hour = min(dice.choices(range(24), cum_weights=_HOURS)[0], latest_hour - 1)
        clock = start_of(day, self._zone) + hour * HOUR + dice.randrange(HOUR)
        offline = platform in MOBILE and dice.random() < 0.03
        received = clock + int(dice.uniform(2 * HOUR, 5 * DAY - 3 * HOUR)) if offline else None
        end = start_of(day + timedelta(days=1), self._zone)
        return Session(distinct_id, self._common(person, platform, day), clock, clock, end, received)

    def _common(self, person: Person, platform: str, day: date) -> dict[str, object]:
        """The properties that every event of a session has."""
        common: dict[str, object] = {
            "$os": platform,
            "mp_country_code": person.country.code,
            "$city": person.city,
            "mp_lib": {"Android": "android", "iOS": "swift"}.get(platform, "web"),
        }
        if platform in MOBILE:
            age = max(0, (day - self._first).days - self._dice.choice((0, 0, 0, 4, 21)))
            common["$app_version_string"] = f"4.{age // 21}.{age // 7 % 3}"
        else:
            common["$browser"] = self._dice.choice(("Chrome", "Chrome", "Safari", "Firefox"))
        return common

    def say(self, session: Session, name: str, details: dict[str, object]) -> bool:
        """Adds an event a little later in the session; False where the day ended before."""
        dice = self._dice
        session.clock += 500 + int(dice.expovariate(1 / (38 * SECOND)))
        if session.clock >= session.end:
            return False
        received = session.received or session.clock
        event = ProductEvent(
            name,
            session.clock,
            "" if name == "Search" and dice.random() < 0.04 else session.distinct_id,  # consent was refused
            f"{dice.getrandbits(64):016x}",
            session.common | details if details else session.common,
            received + SECOND + int(dice.random() * 19 * SECOND),
        )
        self.events.append(event)
        if dice.random() < 0.01:
            self.events.append(self._again(event))
        return True

    def _again(self, event: ProductEvent) -> ProductEvent:
        """The same event, sent again because the first answer was lost; a sale may have been corrected."""
        properties = dict(event.properties)
        if event.name == "Purchase":
            properties["amount"] = self._dice.choice(PRICES)
        received = event.ingested_at + self._dice.randrange(5 * SECOND, HOUR)
        return ProductEvent(event.name, event.time, event.distinct_id, event.insert_id, properties, received)
