"""What stands around a soak: twenty reports, a product, and a Mixpanel and a Slack in a process of their own.

So what is measured of the soak's own process is `reporter serve`. Both processes read the same clock.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Literal, Protocol, cast

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, ProductEvent, make_product
from reporter.local.server import Fault
from reporter.local.slack import TOKEN, LocalSlack, Message
from reporter.local.slack.channel import CHANNEL_ID

Place = Literal["mixpanel", "slack", "errors"]
LATE_DAYS = 37  # of every so many days one has most of its events late
HISTORY = 190  # days of the product before the soak begins

JUDGED, ARE_JUDGED = 'insights = "full"\n', ("waits", "waiting", "alert", "monday", "first")

# name, cadence, cron, zone, destinations, what else
REPORTS: Sequence[tuple[str, str, str, str, str, str]] = (
    ("berlin", "daily", "30 2 * * *", "Europe/Berlin", '"team"', ""),  # in the hour that is skipped
    (
        "newyork",
        "daily",
        "30 1 * * *",
        "America/New_York",
        '"team", "bot"',
        "",
    ),  # in the one that comes twice
    ("sydney", "daily", "0 9 * * *", "Australia/Sydney", '"bot"', ""),
    ("kolkata", "daily", "15 8 * * *", "Asia/Kolkata", '"team"', ""),
    ("cairo", "daily", "0 9 * * *", "Africa/Cairo", '"bot"', ""),
    ("utc", "daily", "0 9 * * *", "UTC", '"team", "bot"', ""),
    ("london", "daily", "0 9 * * 1-5", "Europe/London", '"team"', ""),
    ("waits", "daily", "0 7 * * *", "Europe/Berlin", '"team"', 'wait_for_data_until = "11:00"'),
    ("waiting", "daily", "30 7 * * *", "Europe/Berlin", '"bot"', 'wait_for_data_until = "09:00"'),
    ("alert", "daily", "0 10 * * *", "UTC", '"team"', 'only = "when unusual"'),
    ("monday", "weekly", "0 9 * * 1", "Europe/Berlin", '"team", "bot"', ""),
    ("tokyo", "weekly", "0 17 * * 5", "Asia/Tokyo", '"bot"', ""),
    ("auckland", "weekly", "30 2 * * 0", "Pacific/Auckland", '"team"', ""),
    ("year", "weekly", "0 8 * * 2", "UTC", '"bot"', 'compare = "none"'),
    ("raw", "weekly", "0 11 * * 1", "UTC", '"team"', 'metrics = ["people", "returned"]'),
    ("fortnight", "biweekly", "0 9 * * 1", "America/New_York", '"team"', ""),
    ("lisbon", "biweekly", "0 16 * * 4", "Europe/Lisbon", '"bot"', "every_two_weeks_from = 2027-01-07"),
    ("first", "monthly", "0 9 1 * *", "Europe/Berlin", '"team"', ""),
    ("leap", "monthly", "0 9 29 * *", "America/New_York", '"bot"', ""),  # on 29 February, where there is one
    ("month", "monthly", "0 12 3 * *", "UTC", '"team", "bot"', ""),
)
FILE = """
[events]
keep_days = 35
[defaults]
metrics = ["views", "sessions", "clicks", "features", "searches", "people"]
drivers = []
charts = false
insights = "off"
top_events = 3
[metrics.views]
label = "Page Views"
event = "Page View"
[metrics.sessions]
label = "App Sessions"
event = "$ae_session"
[metrics.clicks]
label = "Clicks"
event = "Button Click"
[metrics.features]
label = "Features"
event = "Feature Used"
[metrics.searches]
label = "Searches"
event = "Search"
[metrics.people]
label = "Active Users"
measure = "active_users"
[metrics.returned]
label = "Returned"
measure = "resurrected_users"
[destinations.team]
type = "webhook"
url = "SLACK_WEBHOOK_URL"
[destinations.bot]
type = "bot"
token = "SLACK_BOT_TOKEN"
channel = "CHANNEL"
details = "none"
"""


def reports_file() -> str:
    """The reports, as a reports.toml has them; each has a title of its own."""
    tables = (
        f'[reports.{name}]\ntitle = "{name.title()}"\nperiod = "{cadence}"\nschedule = "{cron}"\n'
        f'timezone = "{zone}"\ndestinations = [{destinations}]\n{more}\n'
        f"{JUDGED if name in ARE_JUDGED else ''}"
        for name, cadence, cron, zone, destinations, more in REPORTS
    )
    return FILE.replace("CHANNEL", CHANNEL_ID) + "".join(tables)


def made_product(start: date, end: date, scale: float) -> Product:
    """The product until the end; the last day of some is mostly not there in the morning, or at noon."""
    made = make_product(end, zone="UTC", days=(end - start).days + HISTORY, scale=scale)
    return replace(made, events=tuple(sorted(_arriving(made, start), key=lambda event: event.time)))


def _arriving(made: Product, start: date) -> Iterator[ProductEvent]:
    """The events, three of five of each late day by 9:00, or not before the evening."""
    first = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()) // 86_400
    for number, event in enumerate(made.events):
        day = event.time // 86_400_000
        hours = (6.9 if (day - first) // LATE_DAYS % 2 else 20) if (day - first) % LATE_DAYS == 5 else None
        if hours is None or number % 5 >= 3:
            yield replace(event, ingested_at=min(event.ingested_at, event.time + 60_000))
        else:
            yield replace(event, ingested_at=int((day + 1) * 86_400_000 + hours * 3_600_000))


class SharedNumber(Protocol):
    """A number that both processes see."""

    value: float


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in Slack: when, who posted it, its text, and all texts of its blocks."""

    at: datetime
    by: Literal["team", "bot", "errors"]  # the destination, or the notices' own
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The Mixpanel and the Slack, as the soak's own process reaches them."""

    environ: dict[str, str]
    _clock: SharedNumber
    _line: Connection

    def set(self, now: datetime) -> None:
        self._clock.value = now.timestamp()

    def spoil(self, place: Place, *faults: Fault) -> None:
        """These faults from now on, and no others."""
        self._line.send((place, faults))
        self._line.recv()

    def posted(self) -> Sequence[Posted]:
        """All that was posted."""
        self._line.send(None)
        return cast("Sequence[Posted]", self._line.recv())


@contextmanager
def standing(start: datetime, end: datetime, scale: float) -> Generator[Outside]:
    """What stands around, until the soak has ended."""
    processes = get_context("spawn")
    clock = processes.Value("d", start.timestamp())
    here, there = cast("tuple[Connection, Connection]", processes.Pipe())
    process = processes.Process(
        target=_stand, args=(clock, there, start.date(), end.date(), scale), daemon=True
    )
    process.start()
    try:
        environ = cast("dict[str, str]", here.recv())
        yield Outside(environ, clock, here)
    finally:
        process.kill()
        process.join()


def _stand(clock: SharedNumber, line: Connection, start: date, end: date, scale: float) -> None:
    product = made_product(start, end + timedelta(days=1), scale)

    def now() -> datetime:
        return datetime.fromtimestamp(clock.value, UTC)

    with ExitStack() as stack:
        mixpanel = stack.enter_context(LocalMixpanel(product, now=now, quota=10**9))
        slack, errors = (stack.enter_context(LocalSlack(clock=now)) for _ in range(2))
        places = {"mixpanel": mixpanel, "slack": slack, "errors": errors}
        line.send(_environ(mixpanel, slack, errors))
        while True:
            asked = cast("tuple[Place, tuple[Fault, ...]] | None", line.recv())
            if asked is None:
                line.send([*map(_posted, slack.messages), *map(_notice, errors.messages)])
                continue
            for server in (mixpanel, slack, errors):
                server.requests.clear()
            mixpanel.queries.clear()
            places[asked[0]].faults[:] = asked[1]
            line.send(True)


def _environ(mixpanel: LocalMixpanel, slack: LocalSlack, errors: LocalSlack) -> dict[str, str]:
    return {
        "MIXPANEL_USERNAME": USERNAME,
        "MIXPANEL_SECRET": SECRET,
        "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
        "MIXPANEL_BASE_URL": mixpanel.url,
        "SLACK_WEBHOOK_URL": slack.webhook_url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_API_URL": f"{slack.url}/api",
        "ERROR_WEBHOOK_URL": errors.webhook_url,
        "COMPANY_NAME": "Acme",
    }


def _posted(one: Message) -> Posted:
    return Posted(one.received_at, "bot" if one.metadata else "team", one.text, str(one.blocks))


def _notice(one: Message) -> Posted:
    return Posted(one.received_at, "errors", one.text, str(one.blocks))
