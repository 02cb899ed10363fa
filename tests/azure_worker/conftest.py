"""An app folder, and a host with Microsoft's own worker library that runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from reporter.local import REPORTS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product
from reporter.local.slack import LocalSlack
from tests.desk import product as product  # a fixture

ROOT = Path(__file__).parents[2]
WORKER = ROOT / ".tools" / "azure-worker"


@dataclass
class Host:
    """One process of the app. Commands go in as JSON lines, and answers come back so."""

    folder: Path
    settings: Mapping[str, str]
    functions: dict[str, Any] = field(default_factory=dict[str, Any])

    def __enter__(self) -> "Host":
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{self.folder}{os.pathsep}{WORKER}",
            **self.settings,
        }
        self._log = (self.folder / "host.log").open("a")
        self._process = subprocess.Popen(  # noqa: S603  (our own words)
            [sys.executable, str(Path(__file__).with_name("host.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environ,
            text=True,
        )
        self.functions = self.ask(index=str(self.folder)).get("functions", {})
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(timeout=30)
        self._log.close()

    @property
    def log(self) -> str:
        return (self.folder / "host.log").read_text()

    def ask(self, **command: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def fire(self, function: str, *, past_due: bool = False, **status: str) -> dict[str, Any]:
        """Run a timer; `status` is what the host says of its runs: Last and Next."""
        timer = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}
        value = {"type": "json", "value": json.dumps(timer)}
        return self.ask(id=self.functions[function]["id"], inputs={"timer_request": value})

    def dequeue(self, message: str, *, count: int = 1, function: str = "DeliverReport") -> dict[str, Any]:
        value = {"type": "string", "value": message}
        return self.ask(
            id=self.functions[function]["id"],
            inputs={"message": value},
            metadata={"DequeueCount": str(count), "Id": '"1"'},
        )

    def request(
        self, function: str, method: str = "GET", query: Mapping[str, str] | None = None, body: str = ""
    ) -> tuple[int, Mapping[str, str], str]:
        """The status, the headers and the body of an HTTP answer."""
        return self.request_and_queue(function, method, query, body)[:3]

    def request_and_queue(
        self, function: str, method: str = "GET", query: Mapping[str, str] | None = None, body: str = ""
    ) -> tuple[int, Mapping[str, str], str, list[str]]:
        """The same, and the messages that it put on the queue."""
        url = f"https://app.example/api/{function}"
        value = {
            "method": method,
            "url": url,
            "query": query or {},
            "headers": {"User-Agent": "curl/8.11.0"},
            "params": {},
            "body": body,
        }
        answer = self.ask(
            id=self.functions[function]["id"], inputs={"request": {"type": "http", "value": value}}
        )
        assert answer["ok"], answer["error"]
        returned = answer["returned"]
        queued = json.loads(answer["outputs"].get("messages", "[]"))
        return int(returned["status_code"]), returned["headers"], returned["body"], queued


@pytest.fixture(scope="session", autouse=True)
def _needs_the_worker() -> None:  # pyright: ignore[reportUnusedFunction]
    if not WORKER.exists():
        pytest.skip("Microsoft's worker library is not set up: make tools")


@pytest.fixture
def mixpanel(product: Product) -> Iterator[LocalMixpanel]:
    with LocalMixpanel(product) as running:
        yield running


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The app as it is deployed, without the packages."""
    for path in (ROOT / "function_app.py", ROOT / "host.json", REPORTS):
        copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def settings(mixpanel: LocalMixpanel, slack: LocalSlack) -> dict[str, str]:
    return {
        "MIXPANEL_USERNAME": USERNAME,
        "MIXPANEL_SECRET": SECRET,
        "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
        "MIXPANEL_REGION": "eu",
        "MIXPANEL_BASE_URL": mixpanel.url,
        "SLACK_WEBHOOK_URL": slack.webhook_url,
        "COMPANY_NAME": "Acme",
    }
