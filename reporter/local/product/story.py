"""What the people of the made-up product do, day after day, drawn with a seeded generator."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from reporter.local.product.events import DAY, HOUR, SECOND, Event, Incident, start_of
from reporter.local.product.people import MOBILE, Person, draw_person

_WEEKDAYS = (1.08, 1.12, 1.12, 1.08, 0.98, 0.64, 0.62)  # Monday first
_HOURS = tuple(
    accumulate((2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 13, 14, 14, 13, 12, 12, 13, 14, 14, 12, 8, 4))
)

# What people do in a session, and how often; the first is by far the commonest.
_ACTIONS = {
    "Page View": 46,
    "Button Click": 24,
    "Feature Used": 13,
    "Search": 7,
    "File Uploaded": 4,
    "Comment Added": 3,
    "Settings Changed": 2,
    "Invite Sent": 1,
}
_ACTION_NAMES = tuple(_ACTIONS)
_ACTION_WEIGHTS = tuple(accumulate(_ACTIONS.values()))
_PAGES = ("/home", "/projects", "/projects/board", "/inbox", "/reports", "/settings", "/pricing", "/help")
_FEATURES = ("Board", "Timeline", "Automation", "Dashboard", "Templates")
_QUERIES = ("invoice", "roadmap", "budget 2027", "Übersicht", "onboarding", "café\u2028menu")
_PRICES = (9.0, 19.0, 29.0, 49.0, 99.0)


@dataclass(slots=True)
class _Session:
    """A stretch of one person's time on one device."""

    distinct_id: str
    common: dict[str, object]
    clock: int
    begin: int
    end: int  # nothing of this session happens from here on: the day is over
    received: int | None  # when the device came online again; None: it was online all along

    @property
    def on_the_web(self) -> bool:
        return self.common["mp_lib"] == "web"


class Story:
    """Lives the product's days one after the other; `events` grows."""

    def __init__(
        self, dice: random.Random, zone: ZoneInfo, incident: Incident, first: date, days: int, scale: float
    ) -> None:
        self.events: list[Event] = []
        self._dice = dice
        self._zone = zone
        self._incident = incident
        self._first = first
        self._days = days
        self._scale = scale
        self._people = [draw_person(self._dice, -dice.randrange(1, 400)) for _ in range(round(1_200 * scale))]
        for person in self._people:
            person.onboarded = dice.random() < 0.96
            person.subscribed = dice.random() < 0.1
        self._fresh = [math.exp(-age / 21) for age in range(days + 401)]

    def live(self, day: date) -> None:
        number = (day - self._first).days
        crowd = _WEEKDAYS[day.weekday()] * self._dice.uniform(0.93, 1.07)
        for person in self._people:
            drawn = person.loyalty + (1 - person.loyalty) * self._fresh[number - person.joined]
            if self._dice.random() < person.keenness * drawn * crowd:
                self._visit(person, day)
        self._newcomers(day, number, crowd)
        self._passers_by(day, number, crowd)

    def _newcomers(self, day: date, number: int, crowd: float) -> None:
        expected = (6.2 + 6.2 * number / self._days) * crowd * self._scale
        for _ in range(self._about(expected)):
            person = draw_person(self._dice, number)
            lost = self._incident.hits(day, person.platform, person.country.code)
            if not (lost and self._dice.random() < self._incident.share_lost):
                self._people.append(person)
                self._sign_up(person, day)

    def _passers_by(self, day: date, number: int, crowd: float) -> None:
        for _ in range(self._about((14 + 14 * number / self._days) * crowd * self._scale)):
            person = draw_person(self._dice, number)
            session = self._session(f"$device:{self._dice.getrandbits(64):016x}", person, day)
            for _ in range(self._dice.randrange(1, 4)):
                self._say(session, "Page View", {"page": self._dice.choice(("/", "/pricing", "/help"))})

    def _session(self, distinct_id: str, person: Person, day: date, latest_hour: int = 24) -> _Session:
        dice = self._dice
        on_the_web = person.platform in MOBILE and dice.random() < 0.12
        platform = "Windows" if on_the_web else person.platform
        common: dict[str, object] = {
            "$os": platform,
            "mp_country_code": person.country.code,
            "$city": person.city,
            "mp_lib": {"Android": "android", "iOS": "swift"}.get(platform, "web"),
        }
        if platform in MOBILE:
            age = (day - self._first).days - dice.choice((0, 0, 0, 4, 21))
            common["$app_version_string"] = f"4.{max(0, age) // 21}.{max(0, age) // 7 % 3}"
        else:
            common["$browser"] = dice.choice(("Chrome", "Chrome", "Safari", "Firefox"))
        hour = min(dice.choices(range(24), cum_weights=_HOURS)[0], latest_hour - 1)
        begin = start_of(day, self._zone)
        clock = begin + hour * HOUR + dice.randrange(HOUR)
        offline = platform in MOBILE and dice.random() < 0.03
        received = clock + int(dice.uniform(2 * HOUR, 5 * DAY - 3 * HOUR)) if offline else None
        end = start_of(day + timedelta(days=1), self._zone)
        return _Session(distinct_id, common, clock, clock, end, received)

    def _visit(self, person: Person, day: date) -> None:
        dice = self._dice
        session = self._session(person.distinct_id, person, day)
        if session.on_the_web:
            self._say(session, "$mp_web_page_view", {"current_url_path": "/home"})
        elif dice.random() < 0.3:
            self._say(session, "Notification Opened", {"campaign": dice.choice(("digest", "mention"))})
        for name in dice.choices(
            _ACTION_NAMES, cum_weights=_ACTION_WEIGHTS, k=1 + int(dice.expovariate(0.22))
        ):
            self._say(session, name, self._details(name))
        if not person.onboarded and dice.random() < 0.4:
            self._onboard(person, session)
        self._maybe_buy(person, session, day)
        self._leave(session)

    def _sign_up(self, person: Person, day: date) -> None:
        dice = self._dice
        device = f"$device:{dice.getrandbits(64):016x}"
        session = self._session(person.distinct_id, person, day, latest_hour=23)
        # Mixpanel joins what came before the sign-up to the user, so an export names the user there too.
        for page in ("/", "/pricing", "/signup")[: dice.randrange(1, 4)]:
            self._say(session, "Page View", {"page": page})
        self._say(session, "Sign Up", {"method": dice.choice(("email", "google", "apple")), "plan": "free"})
        self._say(session, "$identify", {"$anon_distinct_id": device, "$identified_id": person.distinct_id})
        if dice.random() < 0.05:
            self._say(
                session,
                dice.choice(("$merge", "$create_alias")),
                {"$distinct_ids": [person.distinct_id, device]},
            )
        if dice.random() < 0.5:
            variant = {"Experiment name": "Welcome tour", "Variant name": dice.choice(("control", "short"))}
            self._say(session, "$experiment_started", variant)
        if dice.random() < 0.6:
            self._onboard(person, session)
        for name in dice.choices(_ACTION_NAMES, cum_weights=_ACTION_WEIGHTS, k=dice.randrange(2, 9)):
            self._say(session, name, self._details(name))
        self._maybe_buy(person, session, day)
        self._leave(session)

    def _leave(self, session: _Session) -> None:
        """Phones tell how long a session was. What is exported of the web has no sessions."""
        if not session.on_the_web:
            length = round((session.clock - session.begin) / SECOND, 1)
            self._say(session, "$ae_session", {"$ae_session_length": length})

    def _onboard(self, person: Person, session: _Session) -> None:
        person.onboarded = self._say(session, "User Onboarded", {"steps": self._dice.randrange(3, 6)})

    def _maybe_buy(self, person: Person, session: _Session, day: date) -> None:
        dice = self._dice
        if not person.onboarded:
            return
        if dice.random() < (0.05 if person.subscribed else 0.03):
            price = dice.choices(_PRICES, (40, 30, 16, 10, 4))[0]
            self._say(session, "Purchase", {"amount": price, "currency": person.country.currency, "items": 1})
            if (self._first + timedelta(days=self._days - 46)) > day and dice.random() < 0.3:
                self._say(session, "Coupon Redeemed", {"coupon": "SPRING"})  # the campaign ended long ago
        if not person.subscribed and dice.random() < 0.008:
            person.subscribed = self._say(
                session, "Subscription Started", {"plan": dice.choice(("team", "pro"))}
            )
        elif person.subscribed and dice.random() < 0.003:
            person.subscribed = not self._say(session, "Subscription Cancelled", {"reason": "price"})

    def _details(self, name: str) -> dict[str, object]:
        match name:
            case "Page View":
                return {"page": self._dice.choice(_PAGES)}
            case "Feature Used":
                return {"feature": self._dice.choice(_FEATURES)}
            case "Search":
                return {"query": self._dice.choice(_QUERIES), "results": self._dice.randrange(40)}
            case _:
                return {}

    def _say(self, session: _Session, name: str, details: Mapping[str, object]) -> bool:
        """Adds an event a little later in the session; False where the day ended before."""
        dice = self._dice
        session.clock += 500 + int(dice.expovariate(1 / (38 * SECOND)))
        if session.clock >= session.end:
            return False
        received = session.received or session.clock
        event = Event(
            name,
            session.clock,
            "" if name == "Search" and dice.random() < 0.04 else session.distinct_id,  # consent was refused
            f"{dice.getrandbits(64):016x}",
            session.common | dict(details) if details else session.common,
            received + dice.randrange(1 * SECOND, 20 * SECOND),
        )
        self.events.append(event)
        if dice.random() < 0.01:
            self.events.append(self._again(event))
        return True

    def _again(self, event: Event) -> Event:
        """The same event, sent again because the first answer was lost; a sale may have been corrected."""
        properties = dict(event.properties)
        if event.name == "Purchase":
            properties["amount"] = self._dice.choice(_PRICES)
        received = event.ingested_at + self._dice.randrange(5 * SECOND, HOUR)
        return Event(event.name, event.time, event.distinct_id, event.insert_id, properties, received)

    def _about(self, expected: float) -> int:
        """A whole number that is `expected` on average, and scatters a little."""
        return max(0, int(self._dice.gauss(expected, math.sqrt(expected) * 0.8) + self._dice.random()))
