"""A fuzzer that reads the OpenAPI document calls the program, and finds no answer the document does not have.

The fuzzer lives in an environment of its own:

    python3 -m venv .tools/openapi-fuzz
    .tools/openapi-fuzz/bin/pip install -r tests/openapi_fuzz/requirements.txt
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from reporter.app import App, assemble
from reporter.assembly import EventStorage
from reporter.config.settings import read
from reporter.http.endpoints import custom_report, due, health
from reporter.http.openapi import CUSTOM_REPORT, FILE
from reporter.http.request import HttpRequest, HttpResponse
from reporter.local import REPORTS, server
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import make_product
from reporter.local.slack import LocalSlack
from tests.desk import yesterday
from tests.ledgers import MemoryLedger

ROOT = Path(__file__).parents[2]
SCHEMATHESIS = Path(
    os.environ.get("OPENAPI_FUZZ_SCHEMATHESIS") or ROOT / ".tools/openapi-fuzz/bin/schemathesis"
)
KEY = "function-key"
MOST_SECONDS = 25
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)
METHODS = """
[phases.coverage]
unexpected-methods = ["PUT", "DELETE"]
"""  # those that the server on this machine hands to the program

pytestmark = pytest.mark.skipif(
    not SCHEMATHESIS.exists(),
    reason=f"no schemathesis at {SCHEMATHESIS}: see the first lines of {Path(__file__).name}",
)


class Served:
    """The program behind a server on this machine, which asks for the key as Azure does."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.statuses: Counter[int] = Counter()
        self.later: list[str] = []

    def answer(self, asked: server.LoopbackRequest) -> server.LoopbackAnswer:
        response = self._response(asked)
        self.statuses[response.status] += 1
        return server.LoopbackAnswer(
            response.status, response.body, response.content_type, {**response.headers, "Connection": "close"}
        )

    def _response(self, asked: server.LoopbackRequest) -> HttpResponse:
        if KEY not in (asked.headers.get("x-functions-key"), asked.query.get("code")):
            return HttpResponse(401)
        request = HttpRequest(asked.method, asked.query, asked.headers, asked.body, asked.path)
        if asked.path == CUSTOM_REPORT:
            return custom_report(request, lambda: self.app, self.later.append)
        if asked.path == "/api/Due":
            return due(request, lambda: self.app, self.later.append)
        return health(request, lambda: self.app) if asked.path == "/api/Health" else HttpResponse(404)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Served, str]]:
    product = make_product(yesterday(), zone="UTC", days=40, scale=0.1)
    copy(REPORTS, tmp_path)
    with LocalMixpanel(product, quota=1_000_000) as mixpanel, LocalSlack() as slack:
        settings = {
            "MIXPANEL_USERNAME": USERNAME,
            "MIXPANEL_SECRET": SECRET,
            "MIXPANEL_PROJECT_ID": str(PROJECT_ID),
            "MIXPANEL_BASE_URL": mixpanel.url,
            "SLACK_WEBHOOK_URL": slack.webhook_url,
        }
        app = assemble(read(tmp_path, settings), MemoryLedger(), EventStorage(tmp_path))
        made = Served(app)
        with server.LoopbackServer(made.answer) as loopback:
            yield made, loopback.url
        app.close()


def test_a_fuzzer_finds_no_answer_that_is_not_documented(served: tuple[Served, str], tmp_path: Path):
    handlers, url = served
    (tmp_path / "schemathesis.toml").write_text(METHODS)
    run = subprocess.run(  # noqa: S603 our own words
        [
            *(str(SCHEMATHESIS), "run", str(ROOT / FILE), "--url", url, "--no-color"),
            *("--header", f"x-functions-key:{KEY}", "--checks", ",".join(CHECKS)),
            *("--max-time", str(MOST_SECONDS), "--max-examples", "60", "--seed", "1"),
            *("--phases", "examples,coverage,fuzzing", "--continue-on-failure"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert handlers.statuses[200] > 20, run.stdout
    assert handlers.statuses[400] > 20, run.stdout
    assert max(handlers.statuses) < 500, run.stdout
