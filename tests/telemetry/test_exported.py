"""What a collector receives of real publications, and what it never does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reporter import telemetry
from reporter.local import REPORTS
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.server import Fault
from reporter.local.slack import LocalSlack
from tests.desk import Desk, yesterday
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.http.caller import CURL, Caller
from tests.telemetry.collector import Collector, SeenSpan

CLIENT = 3


@pytest.fixture
def collector(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that the folder's settings name, as long as the test runs."""
    with Collector() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made
        telemetry.stop()


def python(desk: Desk, program: str, *words: str) -> str:
    """What a process of its own prints, with the app of the desk's folder."""
    opened = "import sys; from pathlib import Path; from reporter.app import open_app; "
    opened += f"app = open_app(Path({str(desk.folder)!r}), __import__('os').environ, sends=True); "
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", f"{opened}{program}; app.close()", *words],
        capture_output=True, text=True, check=False, env=dict(os.environ), timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def tree(spans: list[SeenSpan]) -> dict[str, set[str]]:
    """The names below each name; that of no span is empty."""
    names = {one.id: one.name for one in spans}
    found: dict[str, set[str]] = {}
    for one in spans:
        found.setdefault(names.get(one.parent, ""), set()).add(one.name)
    return found


def test_a_publication_is_one_trace_from_the_first_question_to_the_message(desk: Desk, collector: Collector):
    code, out, err = desk.reporter("send", "weekly")

    assert (code, err) == (0, "")
    assert "sent to slack" in out
    spans = collector.spans
    assert len({one.trace for one in spans}) == 1
    below = tree(spans)
    assert below[""] == {"publish report"}
    assert {"measure", "judge", "compose", "send"} <= below["publish report"]
    assert {"POST /insights", "GET /events"} <= below["measure"]
    assert below["send"] == {"POST"}
    (publication,) = collector.named("publish report")
    assert publication.about == {
        "reporter.report": "weekly",
        "reporter.destination": "slack",
        "reporter.attempt": 1,
        "reporter.period": out.split(": ")[1].split(" sent")[0],
        "reporter.outcome": "delivered",
    }
    (measured,) = collector.named("measure")
    counted = sum(point.value for point in collector.metrics["reporter.mixpanel.queries"])
    assert measured.about["reporter.source"] == "query"
    assert measured.about["reporter.queries"] == counted == len(desk.mixpanel.queries)


def test_requests_are_told_as_the_conventions_have_it_and_never_by_their_address(
    desk: Desk, collector: Collector
):
    desk.reporter("send", "weekly")

    requests = [one for one in collector.spans if one.kind == CLIENT]
    assert len(requests) == len(desk.mixpanel.requests) + len(desk.slack.requests)
    for one in requests:
        assert one.about["http.request.method"] in ("GET", "POST")
        assert one.about["server.address"] == "127.0.0.1"
        assert isinstance(one.about["server.port"], int)
        assert one.about["http.response.status_code"] == 200
        assert "url.full" not in one.about
    durations = collector.metrics["http.client.request.duration"]
    assert sum(point.value for point in durations) == len(requests)


def test_the_service_is_called_reporter_unless_it_is_named(
    desk: Desk, collector: Collector, monkeypatch: pytest.MonkeyPatch
):
    desk.reporter("send", "weekly")
    assert collector.resource["service.name"] == "reporter"
    collector.requests.clear()
    monkeypatch.setenv("OTEL_SERVICE_NAME", "numbers")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")

    desk.reporter("send", "daily")

    assert collector.resource["service.name"] == "numbers"
    assert collector.resource["deployment.environment.name"] == "test"


def test_settings_of_the_dotenv_file_count_too(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    for name in (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_COMPRESSION",
    ):
        monkeypatch.setenv(name, "")  # so that it is as before afterwards
        monkeypatch.delenv(name)
    with Collector() as collector:
        desk.set(
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_EXPORTER_OTLP_HEADERS="api-key=k1",
            OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
        )
        desk.reporter("send", "weekly")

    assert collector.named("publish report")
    for _, headers, _ in collector.requests:
        assert (headers["api-key"], headers["content-encoding"]) == ("k1", "gzip")


def test_one_signal_alone_is_exported_where_only_that_is_asked_for(
    desk: Desk, collector: Collector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    desk.reporter("send", "weekly")

    assert {place for place, _, _ in collector.requests} == {"/v1/metrics"}


def test_what_failed_is_told_by_its_kind_and_no_text(desk: Desk, collector: Collector):
    desk.slack.faults.append(Fault(path="/services", status=404, body="no_service"))

    code, _, err = desk.reporter("send", "weekly")

    assert code == 1
    assert "no_service" in err
    (publication,) = collector.named("publish report")
    (sent,) = collector.named("send")
    assert publication.is_error
    assert publication.about["error.type"] == sent.about["error.type"] == "Refused"
    assert publication.about["reporter.outcome"] == "failed"
    failed = next(one for one in collector.named("POST") if one.is_error)
    assert failed.about["error.type"] == "404"
    (counted,) = collector.metrics["reporter.deliveries"]
    assert counted.about["error.type"] == "Refused"
    assert not any(one.texts for one in collector.spans)


def test_a_lost_answer_is_uncertain_and_its_request_has_no_status(desk: Desk, collector: Collector):
    desk.slack.faults.append(Fault(path="/services", drop=True, after=True))

    desk.reporter("send", "weekly")

    (publication,) = collector.named("publish report")
    assert publication.about["reporter.outcome"] == "uncertain"
    lost = next(one for one in collector.named("POST") if one.is_error)
    assert "http.response.status_code" not in lost.about
    assert lost.about["error.type"] == "RemoteProtocolError"


def test_the_causes_of_a_failure_and_each_repeated_request_are_counted(desk: Desk, collector: Collector):
    spent = {"RateLimit": '"project";r=0;t=1800', "RateLimit-Policy": '"project";q=60;w=3600'}
    desk.mixpanel.faults.append(Fault(path="/api/query", status=503, times=1))
    desk.mixpanel.faults.append(Fault(path="/api/query", status=429, headers=spent, times=50))

    code, _, _ = desk.reporter("send", "weekly")

    assert code == 75
    (publication,) = collector.named("publish report")
    assert publication.about["error.type"] == "Unavailable"
    retries = {str(one.about["reporter.of"]): one.value for one in collector.metrics["reporter.http.retries"]}
    assert retries == {"mixpanel": 1}


def test_what_is_ordered_here_and_published_in_another_process_is_one_trace(desk: Desk, collector: Collector):
    due = datetime.combine(yesterday(), time(9), UTC).isoformat()
    worker = "from reporter.publishing.worker import Worker; from datetime import datetime; "
    ordered = f"print(*Worker(app).due('weekly', datetime.fromisoformat({due!r})))"
    tried = "from reporter.reports.deliveries import ONCE; Worker(app).deliver(sys.argv[1], ONCE)"

    message = python(desk, worker + ordered).strip()
    python(desk, worker + tried, message)

    assert len(desk.slack.messages) == 1
    (order,) = collector.named("order report")
    (publication,) = collector.named("publish report")
    assert json.loads(message)["traceparent"].split("-")[1:3] == [order.trace, order.id]
    assert (publication.trace, publication.parent) == (order.trace, order.id)
    assert len({one.trace for one in collector.spans}) == 1


def test_a_report_on_request_goes_on_with_the_callers_trace(desk: Desk, collector: Collector):
    trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    telemetry.start({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    asked = Caller(desk)

    answer = asked.get({**CURL, "traceparent": f"00-{trace}-{caller}-01"}, report="weekly")
    asked.app.close()

    assert answer.status == 200
    (order,) = collector.named("order report")
    (publication,) = collector.named("publish report")
    assert (order.trace, order.parent) == (trace, caller)
    assert (publication.trace, publication.parent) == (trace, order.id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True))
def test_whatever_names_a_trace_the_work_goes_on(collector: Collector, traceparent: str):
    telemetry.start({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    with telemetry.below(traceparent), telemetry.span("order report"):
        done = telemetry.traceparent()

    assert done


def test_nobody_outside_is_told_of_the_trace(desk: Desk, collector: Collector):
    desk.reporter("send", "weekly")

    for request in (*desk.mixpanel.requests, *desk.slack.requests):
        assert not {"traceparent", "tracestate", "baggage"} & set(request.headers)


def test_each_request_of_raw_days_is_a_span_below_the_question(desk: Desk, collector: Collector):
    desk.change('source = "auto"', 'source = "export"')

    code, _, err = desk.reporter("send", "weekly")

    assert (code, err) == (0, "")
    below = tree(collector.spans)
    assert "export days" in below["measure"]
    assert below["export days"] == {"GET /export"}
    exported = [one for one in collector.named("export days") if not one.is_error]
    assert all(" to " in str(one.about["reporter.days"]) or one.about["reporter.days"] for one in exported)
    (measured,) = collector.named("measure")
    assert measured.about["reporter.source"] == "raw events (setting)"


WORDS = st.from_regex("[a-z0-9]{12,30}q", fullmatch=True).map("s3{}".format)  # no word that occurs besides
FAULTS = [
    None,
    Fault(path="/services", status=500, body="echo"),
    Fault(path="/api/query/insights", status=400, body='{"error": "echo"}', times=9),
    Fault(path="/services", drop=True),
]


@settings(
    max_examples=8,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    secret=WORDS,
    hook=WORDS,
    value=WORDS,
    key=WORDS,
    fault=st.sampled_from(FAULTS),
    source=st.sampled_from(["auto", "export"]),
)
def test_no_secret_and_no_value_of_a_query_is_in_any_byte(
    desk: Desk,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    hook: str,
    value: str,
    key: str,
    fault: Fault | None,
    source: str,
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization={key}")
    text = REPORTS.read_text()
    where = f'event = "Sign Up"\nwhere = {{ plan = "{value}" }}\n'
    changed = text.replace('event = "Sign Up"\n', where, 1).replace('source = "auto"', f'source = "{source}"')
    (desk.folder / "reports.toml").write_text(changed)
    with (
        LocalMixpanel(desk.mixpanel.product, secret=secret) as mixpanel,
        LocalSlack(secret=hook) as slack,
    ):
        if fault is not None:
            echo = f"{secret} {hook} {value} {slack.webhook_url}"
            said = Fault(fault.path, fault.status, fault.body.replace("echo", echo), drop=fault.drop)
            (mixpanel if "query" in fault.path else slack).faults.append(said)
        desk.set(MIXPANEL_SECRET=secret, MIXPANEL_BASE_URL=mixpanel.url, SLACK_WEBHOOK_URL=slack.webhook_url)
        _, _, err = desk.reporter("send", "weekly", "--again")
        asked = b"".join(request.body for request in mixpanel.requests)

    assert "not-exported" not in err
    assert source == "export" or value.encode() in asked
    exported = b"".join(body for _, _, body in collector.requests)
    assert collector.named("publish report")
    assert collector.metrics["reporter.deliveries"]
    hidden = [
        secret,
        hook,
        value,
        key,
        slack.webhook_url.partition("//")[2],
    ]
    assert [one for one in hidden if one.encode() in exported] == []
    collector.requests.clear()
