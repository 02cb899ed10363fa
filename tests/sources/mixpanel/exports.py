"""What the tests of the raw export share: fixtures, a clock that is wound by sleeping, and the truth."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.reports.errors import ReporterError
from reporter.reports.periods import Period
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.export import ExportedDays, Exporter

from .fake import PROJECT_ID, SECRET, USERNAME

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
DAY = Period(date(2026, 11, 21), date(2026, 11, 22))
EXPORT = "/api/2.0/export"
LINE = b'{"event":"Sign Up","properties":{"time":1,"distinct_id":"a"}}\n'


@dataclass
class Time:
    """Whoever sleeps finds it later, at once."""

    now: float = 1_000.0
    slept: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds
            self.slept += seconds


def exporter(url: str, time: Time | None = None, *, at_once: int = 6, random: float = 0.0) -> Exporter:
    time = time or Time()
    return Exporter(
        MixpanelAccess(USERNAME, SECRET, PROJECT_ID, base_url=url),
        at_once=at_once,
        sleep=time.sleep,
        clock=time,
        random=lambda: random,
        now=lambda: NOW,
    )


def days(count: int, until: date = TODAY) -> list[Period]:
    """So many days before one, the latest first."""
    ends = [until - timedelta(days=number) for number in range(count)]
    return [Period(end - timedelta(days=1), end) for end in ends]


def truth(mixpanel: LocalMixpanel, period: Period) -> bytes:
    """The lines as a plain HTTP client gets them, uncompressed."""
    named = {"project_id": PROJECT_ID, "from_date": str(period.start), "to_date": str(period.last)}
    answer = httpx2.get(
        mixpanel.url + EXPORT,
        params={**named, "time_in_ms": "true"},
        auth=(USERNAME, SECRET),
        headers={"Accept-Encoding": "identity"},
    )
    assert answer.status_code == 200
    mixpanel.requests.pop()
    return answer.content


def take_all(results: Iterable[ExportedDays]) -> list[tuple[Period, bytes]]:
    """Takes each as one should: reads it, deletes it, and asks for the next."""
    taken: list[tuple[Period, bytes]] = []
    for raw in results:
        content = raw.path.read_bytes()
        raw.path.unlink()
        assert raw.size == len(content)
        taken.append((raw.period, content))
    return taken


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="session")
def product() -> Product:
    return make_product(TODAY - timedelta(days=1), days=12, scale=0.3)


@pytest.fixture
def mixpanel(product: Product) -> Iterator[LocalMixpanel]:
    with LocalMixpanel(product, username=USERNAME, secret=SECRET, now=lambda: NOW) as mixpanel:
        yield mixpanel


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(mixpanel: LocalMixpanel, time: Time) -> Iterator[Exporter]:
    client = exporter(mixpanel.url, time)
    yield client
    client.close()


def failure_of(client: Exporter, periods: Sequence[Period], folder: Path) -> ReporterError:
    with pytest.raises(ReporterError) as raised:
        take_all(client.fetch(periods, folder))
    assert contents(folder) == []
    return raised.value


def had_before_it_failed(
    client: Exporter, periods: Sequence[Period], folder: Path
) -> tuple[list[Period], ReporterError]:
    had: list[Period] = []
    try:
        for raw in client.fetch(periods, folder):
            had += [raw.period]
            raw.path.unlink()
    except ReporterError as error:
        return had, error
    raise AssertionError("nothing failed")
