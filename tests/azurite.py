"""Azure Storage on this machine: Microsoft's emulator Azurite, one for all tests of a run.

`make tools` installs it. Its account and key are public (Microsoft, "Use the Azurite emulator").
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from reporter.ledger.azure_table import TableLedger

SCRIPT = Path(__file__).parents[1] / ".tools/azurite/node_modules/azurite/dist/src/azurite.js"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
FLAGS = ("--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry")
SERVICES = ("blob", "queue", "table")
STARTS_WITHIN = 60  # seconds


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running one, by the addresses of its services."""

    blob: str
    queue: str
    table: str

    @property
    def connection_string(self) -> str:
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={self.blob};QueueEndpoint={self.queue};TableEndpoint={self.table};"
        )

    @property
    def environ(self) -> dict[str, str]:
        """The settings of an Azure Functions app that stores here."""
        return {"AzureWebJobsStorage": self.connection_string}

    def ledger(self, table: str | None = None) -> TableLedger:
        """A ledger in this table, or in one that nobody else uses; to be closed."""
        ledger = TableLedger.of(self.environ, table or f"t{uuid4().hex}")
        assert ledger
        return ledger


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Azurite, empty at the start of the run; tests keep apart by the names of their tables and queues."""
    node = shutil.which("node")
    if node is None or not SCRIPT.is_file():
        pytest.skip("Azurite is not installed: it needs node and npm, then `make tools`")
    with running(node, tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite


@contextmanager
def running(node: str, folder: Path) -> Generator[Azurite]:
    """Azurite from when it listens until the end of the block; `folder` takes what it says."""
    ports = free_ports(len(SERVICES))
    places = zip(SERVICES, ports, strict=True)
    where = [
        word for name, port in places for word in (f"--{name}Host", "127.0.0.1", f"--{name}Port", f"{port}")
    ]
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the emulator that our own lock file names
            [node, str(SCRIPT), *FLAGS, *where],
            cwd=folder,
            env={**os.environ, "NODE_OPTIONS": ""},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, ports, said)
        yield Azurite(*(f"http://127.0.0.1:{port}/{ACCOUNT}" for port in ports))
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _wait(process: "subprocess.Popen[bytes]", ports: Sequence[int], said: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while not all(_listens(port) for port in ports):
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"Azurite does not start: {said.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0
