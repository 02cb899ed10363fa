"""Who looks at the website and does nothing that is tracked by name: only Autocapture tells of them."""

import random
from datetime import date

from reporter.local.product.people import MOBILE, Person, draw_person
from reporter.local.product.recorder import Recorder, Session

_A_DAY = 4.0  # new visitors, on average
_COMES_AGAIN = 0.15  # a day
_STAYS = 14  # days for which somebody may come again
_PATHS = ("/", "/pricing", "/customers", "/blog", "/help")


class Visitors:
    """They have dice and a recorder of their own, so that they change nothing of what the others do."""

    def __init__(self, dice: random.Random, recorder: Recorder, scale: float) -> None:
        self._dice = dice
        self._recorder = recorder
        self._scale = scale
        self._known: list[tuple[Person, str]] = []  # with their device

    def live(self, day: date, number: int) -> None:
        self._known = [one for one in self._known if number - one[0].joined <= _STAYS]
        for person, device in self._known:
            if self._dice.random() < _COMES_AGAIN:
                self._look_around(self._recorder.session(device, person, day))
        for _ in range(int(self._dice.expovariate(1 / (_A_DAY * self._scale)) + 0.5)):
            person = self._person(number)
            self._known.append((person, self._recorder.device()))
            self._look_around(self._recorder.session(self._known[-1][1], person, day))

    def _person(self, number: int) -> Person:
        """Somebody at a desk: the website is for them."""
        while (person := draw_person(self._dice, number)).platform in MOBILE:
            pass
        return person

    def _look_around(self, session: Session) -> None:
        for _ in range(self._dice.randrange(1, 4)):
            self._recorder.say(session, "$mp_web_page_view", {"current_url_path": self._dice.choice(_PATHS)})
            if self._dice.random() < 0.5:
                self._recorder.say(session, "$mp_click", {"$el_text": self._dice.choice(("Menu", "Play"))})
