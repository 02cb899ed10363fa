"""The servers and worker processes of the fault table, and the world that each row begins with."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import make_product
from reporter.local.slack import LocalSlack
from tests.azurite import Azurite
from tests.desk import yesterday
from tests.faults.processes import Processes
from tests.faults.storage import Door
from tests.faults.world import World


@dataclass
class Place:
    """What the rows of a table share; each finds it empty."""

    mixpanel: LocalMixpanel
    processes: Processes
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    slack: LocalSlack = field(init=False)
    errors: LocalSlack = field(init=False)

    def __post_init__(self) -> None:
        self.slack, self.errors = LocalSlack(clock=lambda: self.now), LocalSlack(clock=lambda: self.now)

    @contextmanager
    def world(self, kept: dict[str, str]) -> Generator[World]:
        """A world of its own, whose ledger is kept there."""
        for server in (self.mixpanel, self.slack, self.errors):
            server.requests.clear()
            server.faults.clear()
        for slack in (self.slack, self.errors):
            slack.messages.clear()
        world = World(self.mixpanel, self.slack, self.errors, self.processes, kept, self)
        yield world
        world.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    product = make_product(yesterday(), zone="UTC", days=40, scale=0.02)
    with ExitStack() as stack:
        mixpanel = stack.enter_context(LocalMixpanel(product, quota=100_000))
        processes = Processes(tmp_path_factory.mktemp("processes") / "log.txt")
        stack.callback(processes.close)
        place = Place(mixpanel, processes)
        stack.enter_context(place.slack)
        stack.enter_context(place.errors)
        yield place


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    """With a ledger in a file."""
    with place.world({"sqlite": str(tmp_path / "ledger.sqlite")}) as world:
        yield world


@pytest.fixture
def azure_world(place: Place, azurite: Azurite) -> Iterator[World]:
    """With a ledger in a table of Azurite's, to which there is a door."""
    door = Door(azurite)
    door.open()
    with place.world({**door.azurite.environ, "table": f"t{uuid4().hex}"}) as world:
        world.door = door
        yield world
    door.shut()
