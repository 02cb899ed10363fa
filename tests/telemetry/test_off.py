"""Off, nothing of OpenTelemetry is loaded; on, and not to be had, a line says so. Reports come anyway."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import opentelemetry.sdk.environment_variables as of_sdk
import pytest

from reporter import telemetry
from reporter.telemetry import VARIABLES, exporters, problems
from tests.config.examples import settings
from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture

ROOT = Path(__file__).parents[2]
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
URL = "http://127.0.0.1:1"
SEND = "import sys; from reporter.cli.main import main; code = main(['-C', sys.argv[1], 'send', 'weekly']); "
LOADED = "print([name for name in sys.modules if name.startswith('opentelemetry')]); sys.exit(code)"
NO_ENTRY_POINTS = "import importlib.metadata; importlib.metadata.entry_points = lambda **_: (); "
NO_SDK = "import sys; sys.modules['opentelemetry.sdk'] = None; "

OFF: Mapping[str, dict[str, str]] = {
    "nothing is set": {},
    "the SDK is disabled": {ENDPOINT: URL, "OTEL_SDK_DISABLED": "True"},
    "no exporter": {ENDPOINT: URL, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    "empty": {ENDPOINT: " ", "OTEL_TRACES_EXPORTER": ""},
    "of logs alone": {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": URL, "OTEL_LOGS_EXPORTER": "otlp"},
    "how, but not that": {"OTEL_SERVICE_NAME": "x", "OTEL_EXPORTER_OTLP_HEADERS": "a=b"},
}


def run(program: str, *words: str, **given: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", program, *words],
        cwd=ROOT, env={**environ, **given}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("given", OFF.values(), ids=OFF)
def test_off_nothing_of_it_is_loaded(desk: Desk, given: dict[str, str]):
    sent = run(SEND + LOADED, str(desk.folder), **given)

    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout.splitlines()[-1] == "[]"
    assert len(desk.slack.messages) == 1


@pytest.mark.parametrize("command", ["health", "history", "due"])
def test_on_a_command_that_has_nothing_to_tell_loads_nothing_of_it(desk: Desk, command: str):
    asked = run(
        SEND.replace("'send', 'weekly'", f"'{command}'") + LOADED, str(desk.folder), **{ENDPOINT: URL}
    )

    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.splitlines()[-1] == "[]"


def test_on_a_process_that_only_indexes_the_functions_loads_nothing_of_it():
    indexed = run(
        "import sys, function_app; function_app.app.get_functions(); code = 0; " + LOADED, **{ENDPOINT: URL}
    )

    assert (indexed.returncode, indexed.stdout.strip()) == (0, "[]")


@pytest.mark.parametrize(
    ("hide", "given", "line"),
    [
        (
            NO_ENTRY_POINTS,
            {ENDPOINT: URL},
            "telemetry-off: OTEL_EXPORTER_OTLP_ENDPOINT: asks for OpenTelemetry, which is not installed. "
            "It is of the extra telemetry: in the project's folder, pip install '.[telemetry]'.",
        ),
        (NO_SDK, {ENDPOINT: URL}, "telemetry-off: OpenTelemetry cannot use its settings (ModuleNot"),
        (
            "",
            {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: asks for gRPC, which is not installed. Set it to http/protobuf",
        ),
        ("", {"OTEL_TRACES_EXPORTER": "oltp"}, "telemetry-off: OTEL_TRACES_EXPORTER"),
        ("", {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_COMPRESSION": "s3cret"}, "compression type: …"),
        ("", {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_TIMEOUT": "s3cret"}, "Invalid timeout value '…'"),
        ("", {ENDPOINT: URL, "OTEL_METRIC_EXPORT_INTERVAL": "-5"}, "settings (ValueError)"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line_and_the_report_comes(
    desk: Desk, hide: str, given: dict[str, str], line: str
):
    sent = run(hide + SEND + "sys.exit(code)", str(desk.folder), **given)

    assert sent.returncode == 0
    assert len(desk.slack.messages) == 1
    assert len(sent.stderr.splitlines()) == 1
    assert line in sent.stderr
    assert "s3cret" not in sent.stderr


def test_check_names_what_is_not_installed_and_what_is_misspelt(desk: Desk):
    desk.set(OTEL_TRACES_EXPORTER="oltp", OTEL_EXPORTER_OTLP_ENDPONT=URL)

    code, out, _ = desk.reporter("check")

    words = re.sub(r"\s+", " ", out)
    assert code == 0
    assert "OTEL_TRACES_EXPORTER: names what is not installed. Name otlp" in words
    assert f"OTEL_EXPORTER_OTLP_ENDPONT: is no setting, so it does nothing. Did you mean {ENDPOINT}?" in words


def test_no_variable_of_opentelemetrys_own_is_called_misspelt():
    names = {name for name in vars(of_sdk) if name.startswith("OTEL_")}

    noted = settings(**{**dict.fromkeys(names, "1"), "OTEL_SDK_DISABLED": "true"}).notes

    assert len(names) > 60
    assert [note for note in noted if "is no setting" in note.problem] == []
    assert VARIABLES - names <= {
        "OTEL_TRACES_EXPORTER",
        "OTEL_METRICS_EXPORTER",
        "OTEL_LOGS_EXPORTER",
    }  # of the API


@pytest.mark.parametrize(
    ("given", "traces", "metrics"),
    [
        ({ENDPOINT: URL}, ("otlp_proto_http",), ("otlp_proto_http",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": URL}, ("otlp_proto_http",), ()),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": URL}, (), ("otlp_proto_http",)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp_proto_http",), ()),
        ({"OTEL_TRACES_EXPORTER": " console, otlp,console "}, ("console", "otlp_proto_http"), ()),
        ({ENDPOINT: URL, "OTEL_METRICS_EXPORTER": "none"}, ("otlp_proto_http",), ()),
        (
            {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"},
            ("otlp_proto_http",),
            ("otlp_proto_grpc",),
        ),
        ({ENDPOINT: URL, "OTEL_SDK_DISABLED": "false"}, ("otlp_proto_http",), ("otlp_proto_http",)),
    ],
)
def test_the_exporters_are_those_that_the_variables_name(
    given: dict[str, str], traces: tuple[str, ...], metrics: tuple[str, ...]
):
    assert exporters(given) == {"traces": traces, "metrics": metrics}


def test_what_is_installed_is_no_problem():
    every = {ENDPOINT: URL, "OTEL_TRACES_EXPORTER": "otlp,console", "OTEL_METRICS_EXPORTER": "otlp,console"}

    assert [*problems(every)] == []


def test_the_console_shows_spans_beside_the_commands_own_output(desk: Desk):
    shown = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "console"}

    sent = run(SEND + "sys.exit(code)", str(desk.folder), **shown)

    assert (sent.returncode, len(sent.stdout.splitlines())) == (0, 1)
    assert '"name": "publish report"' in sent.stderr
    assert "reporter.deliveries" in sent.stderr


def test_off_each_call_does_nothing():
    def work(number: int) -> int:
        return number

    with telemetry.span("send", x="y"), telemetry.below("00-x"), telemetry.request("GET", URL) as exchange:
        exchange.answered(200)
        telemetry.annotate(x="y")
        telemetry.add("reporter.deliveries")
        telemetry.watch(list)
        telemetry.flush()

    assert telemetry.carried(work) is work
    assert telemetry.traceparent() is None
