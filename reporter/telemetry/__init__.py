"""Traces and metrics by OpenTelemetry, where its environment variables ask for them; else nothing.

Until `start` finds them wanted, nothing of OpenTelemetry is loaded, and each call here does nothing.
What is exported holds names of `reports.toml`, days, numbers and hosts: no secret, no query, no error's text.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Literal, ParamSpec, Protocol, TypeAlias, TypeVar

from reporter.reports.errors import SettingsProblem

SpanName: TypeAlias = Literal[
    "order report", "publish report", "measure", "judge", "explain", "compose", "send", "export days"
]
MetricName: TypeAlias = Literal[
    "reporter.deliveries",
    "reporter.publish.duration",
    "reporter.mixpanel.queries",
    "reporter.http.retries",
    "http.client.request.duration",
    "reporter.delivery.age",
    "reporter.data.age",
    "reporter.overdue",
]
Signal: TypeAlias = Literal["traces", "metrics"]
AttributeValue: TypeAlias = str | int | float | bool | Sequence[str]
GaugeReading: TypeAlias = tuple[MetricName, float, Mapping[str, str]]

Asked = ParamSpec("Asked")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Instrument:
    """How a metric is measured; its unit is one of UCUM."""

    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    meaning: str
    bounds: tuple[float, ...] = ()  # of a histogram's buckets


METRICS: Mapping[MetricName, Instrument] = {
    "reporter.deliveries": Instrument("counter", "{delivery}", "Tries, by what became of them."),
    "reporter.publish.duration": Instrument(
        "histogram", "s", "How long a try took.", (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
    ),
    "reporter.mixpanel.queries": Instrument("counter", "{query}", "Queries that count against the hour."),
    "reporter.http.retries": Instrument("counter", "{retry}", "Requests that were sent once more."),
    # OpenTelemetry's semantic conventions, "HTTP metrics"; a query of Mixpanel's takes up to two minutes.
    "http.client.request.duration": Instrument(
        "histogram", "s", "Duration of HTTP client requests.",
        (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120),
    ),
    "reporter.delivery.age": Instrument("gauge", "s", "Since a report was last delivered, or kept quiet."),
    "reporter.data.age": Instrument("gauge", "s", "Since the end of the last day that was reported."),
    "reporter.overdue": Instrument("gauge", "{destination}", "Destinations that a report is overdue at."),
}  # fmt: skip

# Those of OpenTelemetry that are named in the documentation; the SDK reads many more.
_TLS = ("CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY", "INSECURE")
_OTLP = ("ENDPOINT", "HEADERS", "PROTOCOL", "TIMEOUT", "COMPRESSION", *_TLS)
VARIABLES = frozenset(
    {
        "OTEL_SDK_DISABLED",
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_TRACES_SAMPLER",
        "OTEL_TRACES_SAMPLER_ARG",
        "OTEL_METRIC_EXPORT_INTERVAL",
        "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        *(f"OTEL_{signal}_EXPORTER" for signal in ("TRACES", "METRICS", "LOGS")),
        *(
            f"OTEL_EXPORTER_OTLP_{signal}{what}"
            for signal in ("", "TRACES_", "METRICS_", "LOGS_")
            for what in _OTLP
        ),
    }
)
_PROTOCOLS = {"": "otlp_proto_http", "http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
_EXTRA = "It is of the extra telemetry: in the project's folder, pip install '.[telemetry]'."

LOG = logging.getLogger("reporter.telemetry")


class Exchange(Protocol):
    """A request under way."""

    def answered(self, status: int) -> None: ...


class _Backend(Protocol):
    """What `start` loads."""

    def span(
        self, name: SpanName, attributes: Mapping[str, AttributeValue]
    ) -> AbstractContextManager[None]: ...

    def below(self, traceparent: str) -> AbstractContextManager[None]: ...

    def request(self, method: str, url: str, place: str) -> AbstractContextManager[Exchange]: ...

    def annotate(self, attributes: Mapping[str, AttributeValue]) -> None: ...

    def add(self, metric: MetricName, value: float, attributes: Mapping[str, str]) -> None: ...

    def watch(self, read: Callable[[], Iterable[GaugeReading]]) -> None: ...

    def traceparent(self) -> str | None: ...

    def carried(self, work: Callable[Asked, Result]) -> Callable[Asked, Result]: ...

    def flush(self) -> None: ...

    def stop(self) -> None: ...


class _Unmeasured:
    """A request that nobody looks at."""

    def answered(self, status: int) -> None:
        pass


_wanted: Mapping[Signal, tuple[str, ...]] | None = None
_backend: _Backend | None = None
_loading = Lock()
_NOBODY = _Unmeasured()


def exporters(values: Mapping[str, str]) -> Mapping[Signal, tuple[str, ...]]:
    """The exporters that are asked for, by their entry points' names; where there are none, it is off."""
    if _value(values, "OTEL_SDK_DISABLED").lower() == "true":
        return {"traces": (), "metrics": ()}
    return {"traces": _exporters(values, "traces"), "metrics": _exporters(values, "metrics")}


def _exporters(values: Mapping[str, str], signal: Signal) -> tuple[str, ...]:
    own, general = f"OTEL_EXPORTER_OTLP_{signal.upper()}_", "OTEL_EXPORTER_OTLP_"
    named = _value(values, f"OTEL_{signal.upper()}_EXPORTER")
    if not named and (_value(values, f"{own}ENDPOINT") or _value(values, f"{general}ENDPOINT")):
        named = "otlp"
    protocol = _value(values, f"{own}PROTOCOL") or _value(values, f"{general}PROTOCOL")
    otlp = _PROTOCOLS.get(protocol.lower(), protocol)
    names = (name.strip() for name in named.split(","))
    return tuple(
        dict.fromkeys(otlp if name == "otlp" else name for name in names if name not in ("", "none"))
    )


def _value(values: Mapping[str, str], name: str) -> str:
    return values.get(name, "").strip()


def problems(values: Mapping[str, str]) -> Iterator[SettingsProblem]:
    """Why what is asked for cannot be exported. It loads nothing of OpenTelemetry."""
    for signal, names in exporters(values).items():
        for name in names:
            if not _is_installed(signal, name):
                yield _not_installed(signal, name)


def _is_installed(signal: Signal, name: str) -> bool:
    from importlib.metadata import entry_points

    return bool(entry_points(group=f"opentelemetry_{signal}_exporter", name=name))


def _not_installed(signal: Signal, name: str) -> SettingsProblem:
    place = f"OTEL_{signal.upper()}_EXPORTER"
    if name in ("otlp_proto_http", "console"):
        place = "OTEL_EXPORTER_OTLP_ENDPOINT" if name.startswith("otlp") else place
        return SettingsProblem(place, "asks for OpenTelemetry, which is not installed", _EXTRA)
    if name == "otlp_proto_grpc":
        fix = "Set it to http/protobuf, or pip install opentelemetry-exporter-otlp-proto-grpc."
        return SettingsProblem("OTEL_EXPORTER_OTLP_PROTOCOL", "asks for gRPC, which is not installed", fix)
    fix = "Name otlp (with the protocol http/protobuf), console or none; or install that exporter."
    return SettingsProblem(place, "names what is not installed", fix)


def start(values: Mapping[str, str]) -> None:
    """Export from now on, where the settings ask for it; why that cannot be is logged, and no more.

    OpenTelemetry is loaded once there is something to tell: many commands have nothing.
    """
    global _wanted
    wanted = exporters(values)
    if _backend is not None or not any(wanted.values()):
        return
    if found := [*problems(values)]:
        LOG.warning("telemetry-off: %s", " ".join(map(str, found)))
        return
    # OpenTelemetry reads the environment alone, and settings may be in `.env`.
    os.environ.update({name: text for name, text in values.items() if name.startswith("OTEL_")})
    _wanted = wanted


def _working() -> _Backend | None:
    """What exports; None where it is off."""
    if _wanted is not None and _backend is None:
        with _loading:
            _load()
    return _backend


def _load() -> None:
    global _backend, _wanted
    if _wanted is None or _backend is not None:  # another thread was faster
        return
    try:
        from reporter.telemetry.sdk import OpenTelemetry

        _backend = OpenTelemetry(_wanted)
    except Exception as error:  # whatever others' code makes of the settings; its words may hold one of them
        LOG.warning("telemetry-off: OpenTelemetry cannot use its settings (%s)", type(error).__name__)
        _wanted = None


def span(name: SpanName, **attributes: AttributeValue) -> AbstractContextManager[None]:
    """What happens within is a span, below the one around it."""
    backend = _working()
    return backend.span(name, attributes) if backend else nullcontext()


def below(traceparent: str | None) -> AbstractContextManager[None]:
    """What happens within goes on with the trace of another process, where it has named one."""
    backend = _working()
    return backend.below(traceparent) if backend and traceparent else nullcontext()


def request(method: str, url: str, place: str = "") -> AbstractContextManager[Exchange]:
    """An HTTP request; of its address, only the host is told. `place` is the path without any value in it."""
    backend = _working()
    return backend.request(method, url, place) if backend else nullcontext(_NOBODY)


def annotate(**attributes: AttributeValue) -> None:
    """Say more about the span around."""
    if _backend:
        _backend.annotate(attributes)


def add(metric: MetricName, value: float = 1, **attributes: str) -> None:
    """Count, or a value of a histogram."""
    if backend := _working():
        backend.add(metric, value, attributes)


def watch(read: Callable[[], Iterable[GaugeReading]]) -> None:
    """Gauges, read before each export."""
    if backend := _working():
        backend.watch(read)


def traceparent() -> str | None:
    """The span around, for another process (W3C Trace Context)."""
    return _backend.traceparent() if _backend else None


def carried(work: Callable[Asked, Result]) -> Callable[Asked, Result]:
    """The same work, below the span around, whichever thread does it."""
    return _backend.carried(work) if _backend else work


def flush() -> None:
    """Export what there is, within a few seconds at most: the process may be frozen next."""
    if _backend:
        _backend.flush()


def stop() -> None:
    """Export what there is, within a few seconds at most, and no more from now on."""
    global _backend, _wanted
    ended, _backend, _wanted = _backend, None, None
    if ended:
        ended.stop()
