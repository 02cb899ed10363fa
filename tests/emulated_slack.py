"""A Slack on this machine that nobody here wrote (vercel-labs "emulate"): one for all tests of a run.

`make tools` installs it, with the node it needs. It checks the
scopes of a token; it checks no blocks, and lets a bot into every channel.
"""

import subprocess
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.azurite import free_ports

SEED = Path(__file__).parent / "slack_emulator/seed.yaml"
PACKAGES = Path(__file__).parents[1] / ".tools/slack-emulator/node_modules"
NODE, SCRIPT = PACKAGES / ".bin/node", PACKAGES / "emulate/dist/index.js"
STARTS_WITHIN = 60  # seconds

TOKEN, BLIND_TOKEN = "xoxb-may-look", "xoxb-may-only-write"  # of the seed


@dataclass(frozen=True, slots=True)
class EmulatedSlack:
    """A running one: its Web API, and its channels' ids by their names."""

    base_url: str
    channels: Mapping[str, str]

    def messages(self, channel: str) -> Sequence[Mapping[str, Any]]:
        """What stands in a channel, newest first, without threads."""
        asked = {"channel": self.channels[channel], "include_all_metadata": "true", "limit": "999"}
        return call(self.base_url, "conversations.history", asked)["messages"]

    def thread(self, channel: str, ts: str) -> Sequence[Mapping[str, Any]]:
        """A message and its answers, oldest first."""
        asked = {"channel": self.channels[channel], "ts": ts}
        return call(self.base_url, "conversations.replies", asked)["messages"]


def call(base_url: str, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    said: dict[str, Any] = httpx2.post(f"{base_url}/{method}", data=arguments, headers=headers).json()
    assert said["ok"], said
    return said


@pytest.fixture(scope="session")
def emulated_slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedSlack]:
    """The emulator, for tests that keep apart by the names of their reports."""
    if not NODE.exists() or not SCRIPT.is_file():
        pytest.skip("the Slack emulator is not installed: it needs npm, then `make tools`")
    with running(tmp_path_factory.mktemp("slack")) as base_url:
        found = call(base_url, "conversations.list", {})["channels"]
        yield EmulatedSlack(base_url, {channel["name"]: channel["id"] for channel in found})


@contextmanager
def running(folder: Path) -> Generator[str]:
    """The address of its Web API, from when it answers until the end of the block."""
    (port,) = free_ports(1)
    where = ("--host", "127.0.0.1", "--port", f"{port}", "--service", "slack", "--seed", str(SEED))
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the emulator that our own lock file names
            [NODE, str(SCRIPT), "start", *where],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        base_url = f"http://127.0.0.1:{port}/api"
        _wait(base_url, process, said)
        yield base_url
    finally:
        process.kill()  # it keeps nothing
        process.wait()


def _wait(base_url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        try:
            call(base_url, "auth.test", {})
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The Slack emulator did not start: {said.read_text()}")
