"""A collector of OTLP over HTTP on 127.0.0.1, which decodes what it is sent, and answers as it is told."""

import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, TypeAlias

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Value: TypeAlias = str | int | float | bool | list["Value"]


@dataclass(frozen=True)
class SeenSpan:
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    is_error: bool
    about: dict[str, Value]
    seconds: float
    texts: int  # events, which hold an error's text, and the status' own


@dataclass(frozen=True)
class Point:
    """What one series of a metric has come to: its sum, its last value, or how many there were."""

    value: float
    about: dict[str, Value]


@dataclass
class Collector:
    """Holds what came. `answer` is what it says to each request; None: nothing, ever."""

    answer: Callable[[], tuple[int, bytes] | None] = lambda: (200, b"")
    requests: list[tuple[str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, dict[str, str], bytes]]
    )
    _hang: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): text for name, text in self.headers.items()}
                if headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.requests.append((self.path, headers, body))
                answer = collector.answer()
                if answer is None:
                    collector._hang.wait(60)
                    return
                status, said = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._hang.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[SeenSpan]:
        return [
            _span(one)
            for body in self._bodies("/v1/traces")
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]

    def named(self, name: str) -> list[SeenSpan]:
        return [span for span in self.spans if span.name == name]

    @property
    def metrics(self) -> dict[str, list[Point]]:
        """As the last export of each process has them: the sums are of its whole life."""
        return {
            one.name: [*_points(one)]
            for body in self._bodies("/v1/metrics")
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for one in scope.metrics
        }

    @property
    def units(self) -> dict[str, str]:
        return {
            one.name: one.unit
            for body in self._bodies("/v1/metrics")
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for one in scope.metrics
        }

    @property
    def resource(self) -> dict[str, Value]:
        """What the first export says of the service."""
        request = ExportTraceServiceRequest.FromString(next(self._bodies("/v1/traces")))
        return _attributes(request.resource_spans[0].resource.attributes)

    def _bodies(self, path: str) -> Iterator[bytes]:
        return (body for place, _, body in self.requests if place == path)


def _span(one: Span) -> SeenSpan:
    return SeenSpan(
        one.name,
        one.trace_id.hex(),
        one.span_id.hex(),
        one.parent_span_id.hex(),
        one.kind,
        one.status.code == 2,
        _attributes(one.attributes),
        (one.end_time_unix_nano - one.start_time_unix_nano) / 1e9,
        len(one.events) + bool(one.status.message),
    )


def _points(one: Metric) -> Iterator[Point]:
    for point in (*one.sum.data_points, *one.gauge.data_points):
        yield Point(point.as_double or point.as_int, _attributes(point.attributes))
    for spread in one.histogram.data_points:
        yield Point(spread.count, _attributes(spread.attributes))


def _attributes(given: "list[KeyValue] | object") -> dict[str, Value]:
    return {one.key: _value(one.value) for one in given}  # pyright: ignore


def _value(given: AnyValue) -> Value:
    match given.WhichOneof("value"):
        case "array_value":
            return [_value(one) for one in given.array_value.values]
        case "int_value":
            return given.int_value
        case "double_value":
            return given.double_value
        case "bool_value":
            return given.bool_value
        case _:
            return given.string_value
