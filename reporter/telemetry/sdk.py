"""OpenTelemetry's SDK, set up by its own environment variables; loaded only where these ask for it."""

import logging
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import urlsplit
from uuid import uuid4

from opentelemetry import context, trace
from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from reporter.reports.errors import ReporterError
from reporter.telemetry import (
    METRICS,
    Asked,
    AttributeValue,
    Exchange,
    GaugeReading,
    MetricName,
    Result,
    Signal,
    SpanName,
)
from reporter.versions import program_version

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace.export import SpanExporter

EXPORTED_WITHIN = 5.0  # seconds that a flush, or the end of the process, waits
SAID_AGAIN_AFTER = 3600.0  # seconds
READ_AFTER = 5.0  # seconds for which what gauges are read from is not read again
SHARED = {"error_type": "error.type"}  # attributes whose names are those of the semantic conventions
PROPAGATOR = TraceContextTextMapPropagator()

LOG = logging.getLogger("reporter.telemetry")


_Measure: TypeAlias = Callable[[float, Mapping[str, AttributeValue]], None]


class _Complaints(logging.Handler):
    """What OpenTelemetry complains about, once an hour: a collector may be down for days.

    Its words are shown without what is put into them, but numbers: that may be an address, or a header.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: float | None = None

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        shown = tuple(one if isinstance(one, int | float) else "…" for one in arguments)
        words = record.msg % shown if shown and isinstance(record.msg, str) else f"a fault in {record.name}"
        self.say(f"OpenTelemetry says: {words}")

    def say(self, problem: str) -> None:
        now = time.monotonic()
        if self._said is None or now - self._said >= SAID_AGAIN_AFTER:
            self._said = now
            LOG.warning("not-exported: traces or metrics may be missing, reports are not: %s", problem)


class OpenTelemetry:
    """The SDK at work. It exports in threads of its own, which hold up nobody."""

    def __init__(self, exporters: Mapping[Signal, Sequence[str]]) -> None:
        self._complaints = _Complaints()
        library = logging.getLogger("opentelemetry")
        library.propagate, library.handlers = False, [self._complaints]
        resource = _resource()
        self._tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        for name in exporters["traces"]:
            self._tracers.add_span_processor(
                BatchSpanProcessor(cast("SpanExporter", _exporter("traces", name)))
            )
        readers = [_reader(_exporter("metrics", name)) for name in exporters["metrics"]]
        self._meters = MeterProvider(readers, resource, shutdown_on_exit=False)
        self._tracer = self._tracers.get_tracer("reporter")
        self._meter = self._meters.get_meter("reporter")
        self._instruments = _instruments(self._meter)
        self._exporting: Thread | None = None
        self._lock = Lock()

    @contextmanager
    def span(self, name: SpanName, attributes: Mapping[str, AttributeValue]) -> Generator[None]:
        with self._started(name, trace.SpanKind.INTERNAL, _own(attributes)) as span:
            try:
                yield
            except BaseException as error:
                _fail(span, type(error).__name__)
                if isinstance(error, ReporterError) and error.causes:
                    span.set_attribute("reporter.causes", [cause.code for cause in error.causes])
                raise

    @contextmanager
    def request(self, method: str, url: str, place: str) -> Generator[Exchange]:
        """As the semantic conventions have an HTTP client span, but for `url.full`: it may be a secret."""
        attributes: dict[str, AttributeValue] = {"http.request.method": method, **_server(url)}
        began, exchange = time.monotonic(), _Status()
        template = {"url.template": place} if place else {}
        name = f"{method} {place}".strip()
        with self._started(name, trace.SpanKind.CLIENT, {**attributes, **template}) as span:
            try:
                yield exchange
            except BaseException as error:
                exchange.failed(type(error).__name__)
                raise
            finally:
                span.set_attributes(exchange.found)
                if kind := exchange.found.get("error.type"):
                    _fail(span, str(kind))
                taken = time.monotonic() - began
                self._instruments["http.client.request.duration"](taken, {**attributes, **exchange.found})

    @contextmanager
    def _started(
        self, name: str, kind: trace.SpanKind, attributes: Mapping[str, AttributeValue]
    ) -> Generator[trace.Span]:
        """Errors are told by the caller: their texts and tracebacks stay here."""
        with self._tracer.start_as_current_span(
            name, None, kind, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    @contextmanager
    def below(self, traceparent: str) -> Generator[None]:
        token = context.attach(PROPAGATOR.extract({"traceparent": traceparent}))
        try:
            yield
        finally:
            context.detach(token)

    def annotate(self, attributes: Mapping[str, AttributeValue]) -> None:
        trace.get_current_span().set_attributes(_own(attributes))

    def add(self, metric: MetricName, value: float, attributes: Mapping[str, str]) -> None:
        self._instruments[metric](value, _own(attributes))

    def watch(self, read: Callable[[], Iterable[GaugeReading]]) -> None:
        readings = _Readings(read)
        for name, one in METRICS.items():
            if one.kind == "gauge":
                self._meter.create_observable_gauge(name, [readings.of(name)], one.unit, one.meaning)

    def traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        PROPAGATOR.inject(carrier)
        return carrier.get("traceparent")

    def carried(self, work: Callable[Asked, Result]) -> Callable[Asked, Result]:
        around = context.get_current()

        def carry(*given: Asked.args, **named: Asked.kwargs) -> Result:
            token = context.attach(around)
            try:
                return work(*given, **named)
            finally:
                context.detach(token)

        return carry

    def flush(self) -> None:
        self._bounded(lambda: (self._tracers.force_flush(), self._meters.force_flush()))

    def stop(self) -> None:
        self._bounded(lambda: (self._tracers.shutdown(), self._meters.shutdown()))

    def _bounded(self, work: Callable[[], object]) -> None:
        """The SDK does not bound it (opentelemetry-python, issue 4568): what hangs is left behind."""
        with self._lock:
            if self._exporting is None or not self._exporting.is_alive():
                self._exporting = Thread(target=work, name="telemetry", daemon=True)
                self._exporting.start()
            exporting = self._exporting
        exporting.join(EXPORTED_WITHIN)
        if exporting.is_alive():
            self._complaints.say(f"the export has not ended within {EXPORTED_WITHIN:.0f} s")


class _Status:
    """How a request ended, as attributes of the semantic conventions."""

    def __init__(self) -> None:
        self.found: dict[str, AttributeValue] = {"error.type": "no_answer"}

    def answered(self, status: int) -> None:
        error = {"error.type": str(status)} if status >= 400 else {}
        self.found = {"http.response.status_code": status, **error}

    def failed(self, kind: str) -> None:
        self.found["error.type"] = kind


class _Readings:
    """What gauges are read from, once for all of them."""

    def __init__(self, read: Callable[[], Iterable[GaugeReading]]) -> None:
        self._read, self._kept = read, (0.0, list[GaugeReading]())
        self._lock = Lock()

    def of(self, metric: MetricName) -> Callable[[CallbackOptions], list[Observation]]:
        def observe(_: CallbackOptions) -> list[Observation]:
            return [Observation(value, _own(about)) for name, value, about in self._now() if name == metric]

        return observe

    def _now(self) -> list[GaugeReading]:
        with self._lock:
            until, readings = self._kept
            if time.monotonic() >= until:
                readings = [*self._read()]
                self._kept = time.monotonic() + READ_AFTER, readings
            return readings


def _own(attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """This program's own attributes, by their whole names."""
    return {SHARED.get(name, f"reporter.{name}"): value for name, value in attributes.items()}


def _fail(span: trace.Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(trace.StatusCode.ERROR)


def _server(url: str) -> dict[str, AttributeValue]:
    """The host and port of an address, and nothing else of it."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # no address: the caller says so
        return {}
    return {"server.address": parts.hostname or "", "server.port": port}


def _resource() -> Resource:
    """As OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME have it; else a service called reporter."""
    usual = {SERVICE_NAME: "reporter", "service.instance.id": str(uuid4())}
    if version := program_version():
        usual["service.version"] = version
    given = OTELResourceDetector().detect().attributes
    return Resource.create({name: text for name, text in usual.items() if name not in given})


def _exporter(signal: Signal, name: str) -> object:
    """Set up by the environment, as its entry point has it."""
    (entry, *_) = entry_points(group=f"opentelemetry_{signal}_exporter", name=name)
    make = cast("Callable[..., object]", entry.load())
    return make(out=sys.stderr) if name == "console" else make()


def _reader(exporter: object) -> MetricReader:
    """A few exporters of metrics, such as that for Prometheus, are read from outside."""
    if isinstance(exporter, MetricReader):
        return exporter
    return PeriodicExportingMetricReader(cast("MetricExporter", exporter))


def _instruments(meter: Meter) -> Mapping[MetricName, _Measure]:
    """What takes the values of each metric but the gauges, which are read."""
    counters: dict[MetricName, _Measure] = {
        name: meter.create_counter(name, one.unit, one.meaning).add
        for name, one in METRICS.items()
        if one.kind == "counter"
    }
    histograms: dict[MetricName, _Measure] = {
        name: meter.create_histogram(
            name, one.unit, one.meaning, explicit_bucket_boundaries_advisory=one.bounds
        ).record
        for name, one in METRICS.items()
        if one.kind == "histogram"
    }
    return {**counters, **histograms}
