"""What the people of the made-up product do, day after day, drawn with a seeded generator."""

import math
import random
from datetime import date, timedelta
from itertools import accumulate

from reporter.local.product.people import BOUGHT, FREE, PRICES, Person, draw_crowd, draw_person
from reporter.local.product.recorder import Recorder, Session
from reporter.local.product.sdk_events import SECOND, Incident

_WEEKDAYS = (1.08, 1.12, 1.12, 1.08, 0.98, 0.64, 0.62)  # Monday first

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
_SIGN_UP_PAGES = ("/", "/pricing", "/signup")
_FEATURES = ("Board", "Timeline", "Automation", "Dashboard", "Templates")
_QUERIES = ("invoice", "roadmap", "budget 2027", "Übersicht", "onboarding", "café\u2028menu")
_FADING = 5.0  # days in which keenness falls to a third
_OLDEST = 400  # days before the story begins that its first people may have joined


class Story:
    """Lives the product's days one after the other, into a recorder."""

    def __init__(
        self,
        dice: random.Random,
        recorder: Recorder,
        incident: Incident,
        first: date,
        days: int,
        scale: float,
        newcomers: int,
    ) -> None:
        self._dice = dice
        self._recorder = recorder
        self._incident = incident
        self._first = first
        self._days = days
        self._scale, self._expected_newcomers = scale, newcomers
        self._fresh = [math.exp(-age / _FADING) for age in range(days + _OLDEST + 1)]
        self._people = [self._early_person() for _ in range(round(2_200 * scale))]

    def _early_person(self) -> Person:
        person = draw_person(self._dice, -self._dice.randrange(1, _OLDEST))
        person.onboarded = self._dice.random() < 0.96
        person.plan = self._paid_plan() if self._dice.random() < 0.1 else FREE
        return person

    def live(self, day: date) -> None:
        number, draw, fresh = (day - self._first).days, self._dice.random, self._fresh
        crowd = _WEEKDAYS[day.weekday()] * self._dice.uniform(0.93, 1.07)
        for person in self._people:
            if draw() < (person.lasting + person.passing * fresh[number - person.joined]) * crowd:
                self._visit(person, day)
        size = self._size(number) * crowd * self._scale
        self._newcomers(day, number, self._expected_newcomers * size)
        self._passers_by(day, number, 16 * size)

    def _size(self, number: int) -> float:
        """How many people hear of the product on a day, against today: it grew until ten weeks ago."""
        weeks_of_growth_left = min(18.0, max(0.0, (self._days - number) / 7 - 10))
        return 1 - 0.02 * weeks_of_growth_left

    def _newcomers(self, day: date, number: int, expected: float) -> None:
        for person in draw_crowd(self._dice, number, self._about(expected)):
            session = self._recorder.session(self._recorder.device(), person, day, latest_hour=23)
            if person.source:
                session.common["utm_source"] = person.source
            is_hit = self._incident.hits(day, session.platform, person.country.code)
            if is_hit and self._dice.random() < self._incident.share_lost:
                self._fail_to_sign_up(session)
                self._fail_to_sign_up(self._recorder.session(session.distinct_id, person, day))
            else:
                self._people.append(person)
                self._sign_up(person, session, day)

    def _fail_to_sign_up(self, session: Session) -> None:
        self._look(session, len(_SIGN_UP_PAGES))
        self._leave(session)

    def _passers_by(self, day: date, number: int, expected: float) -> None:
        for _ in range(self._about(expected)):
            person = draw_person(self._dice, number)
            session = self._recorder.session(self._recorder.device(), person, day)
            for _ in range(self._dice.randrange(1, 4)):
                self._say(session, "Page View", page=self._dice.choice(("/", "/pricing", "/help")))
            self._leave(session)

    def _visit(self, person: Person, day: date) -> None:
        dice = self._dice
        session = self._recorder.session(person.distinct_id, person, day)
        if session.on_the_web:
            self._say(session, "$mp_web_page_view", current_url_path="/home")
        elif dice.random() < 0.3:
            self._say(session, "Notification Opened", campaign=dice.choice(("digest", "mention")))
        self._act(session, 1 + int(dice.expovariate(0.3)))
        if not person.onboarded and dice.random() < 0.4:
            self._onboard(person, session)
        self._maybe_buy(person, session, day)
        self._leave(session)

    def _sign_up(self, person: Person, session: Session, day: date) -> None:
        dice = self._dice
        device, session.distinct_id = session.distinct_id, person.distinct_id
        # Mixpanel joins what came before the sign-up to the user, so an export names the user there too.
        self._look(session, dice.randrange(1, 4))
        self._say(session, "Sign Up", method=dice.choice(("email", "google", "apple")), plan=person.plan)
        identities = {"$anon_distinct_id": device, "$identified_id": person.distinct_id}
        self._say(session, "$identify", **identities)
        if dice.random() < 0.05:
            merged = {"$distinct_ids": [person.distinct_id, device]}
            self._say(session, dice.choice(("$merge", "$create_alias")), **merged)
        if dice.random() < 0.5:
            variant = {"Experiment name": "Welcome tour", "Variant name": dice.choice(("control", "short"))}
            self._say(session, "$experiment_started", **variant)
        if dice.random() < 0.6:
            self._onboard(person, session)
        self._act(session, dice.randrange(1, 6))
        self._maybe_buy(person, session, day)
        self._leave(session)

    def _look(self, session: Session, pages: int) -> None:
        """Look at the first pages on the way to signing up."""
        for page in _SIGN_UP_PAGES[:pages]:
            self._say(session, "Page View", page=page)

    def _act(self, session: Session, times: int) -> None:
        for name in self._dice.choices(_ACTION_NAMES, cum_weights=_ACTION_WEIGHTS, k=times):
            self._say(session, name, **self._details(name))

    def _leave(self, session: Session) -> None:
        """Phones tell how long a session was. What is exported of the web has no sessions."""
        if not session.on_the_web:
            length = {"$ae_session_length": round((session.clock - session.begin) / SECOND, 1)}
            self._say(session, "$ae_session", **length)

    def _onboard(self, person: Person, session: Session) -> None:
        person.onboarded = self._say(session, "User Onboarded", steps=self._dice.randrange(3, 6))

    def _maybe_buy(self, person: Person, session: Session, day: date) -> None:
        if not person.onboarded:
            return
        if self._dice.random() < (0.09 if person.subscribed else 0.06):
            self._buy(person, session, day)
        if not person.subscribed and self._dice.random() < 0.008:
            plan = self._paid_plan()
            person.plan = plan if self._say(session, "Subscription Started", plan=plan) else FREE
        elif person.subscribed and self._dice.random() < 0.003:
            cancelled = self._say(session, "Subscription Cancelled", plan=person.plan, reason="price")
            person.plan = FREE if cancelled else person.plan

    def _buy(self, person: Person, session: Session, day: date) -> None:
        price = self._dice.choices(PRICES, (40, 30, 16, 10, 4))[0]
        sale = {"amount": price, "currency": person.country.currency, "items": 1, "plan": person.plan}
        self._say(session, "Purchase", **sale, products=[*BOUGHT[price]])
        # The campaign ended long ago.
        if (self._first + timedelta(days=self._days - 46)) > day and self._dice.random() < 0.3:
            self._say(session, "Coupon Redeemed", coupon="SPRING")

    def _paid_plan(self) -> str:
        return self._dice.choice(("team", "team", "pro"))

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

    def _say(self, session: Session, name: str, **details: object) -> bool:
        return self._recorder.say(session, name, details)

    def _about(self, expected: float) -> int:
        """A whole number that is `expected` on average, and scatters a little."""
        return max(0, int(self._dice.gauss(expected, math.sqrt(expected) * 0.5) + self._dice.random()))
