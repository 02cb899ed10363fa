"""The raw export: every event as it was received, twice if it was received twice (Mixpanel, raw export API).

Projects made from 2023 on cut the days in UTC, and `time` is the epoch. Older ones cut them in the project's
zone, and `time` is what the clock there showed, as if it were UTC.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from reporter.local.mixpanel.query_parameters import QueryParameters, date_range, names, refuse, whole_number
from reporter.local.product import SECOND, Product, ProductEvent, start_of
from reporter.local.server import LoopbackAnswer, LoopbackRequest

_UTC = ZoneInfo("UTC")
_MOST_EVENTS = 100_000
_LINES_IN_A_CHUNK = 500


class ToDateInFutureError(Exception):
    """Mixpanel says this in plain text."""


def answer_export(
    product: Product, request: LoopbackRequest, now: datetime, *, new_time_rules: bool
) -> LoopbackAnswer:
    parameters = request.query
    zone = _UTC if new_time_rules else product.zone
    events = _chosen(product, parameters, now, zone)
    shift = None if new_time_rules else product.zone
    in_milliseconds = parameters.get("time_in_ms", "false").lower() in {"true", "1"}
    lines = (_line(event, shift, in_milliseconds=in_milliseconds) for event in events)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return LoopbackAnswer(200, _compressed(_chunks(lines)), "text/plain", {"Content-Encoding": "gzip"})
    return LoopbackAnswer(200, _chunks(lines), "text/plain")


def _chosen(
    product: Product, parameters: QueryParameters, now: datetime, zone: ZoneInfo
) -> Iterator[ProductEvent]:
    period = date_range(parameters)
    if period.last > now.astimezone(zone).date():
        raise ToDateInFutureError("to_date cannot be later than today")
    wanted = set(names(parameters, "event")) if "event" in parameters else None
    refuse(parameters, "where")
    limit = (
        whole_number(parameters, "limit", _MOST_EVENTS, most=_MOST_EVENTS) if "limit" in parameters else None
    )
    moment = int(now.timestamp() * SECOND)
    received = product.between(start_of(period.first, zone), start_of(period.last + timedelta(days=1), zone))
    chosen = (
        event
        for event in received
        if event.ingested_at <= moment and (wanted is None or event.name in wanted)
    )
    return islice(chosen, limit)


def _line(event: ProductEvent, shift: ZoneInfo | None, *, in_milliseconds: bool) -> str:
    time = event.time
    if shift is not None:
        offset = datetime.fromtimestamp(time / SECOND, UTC).astimezone(shift).utcoffset() or timedelta()
        time += int(offset.total_seconds()) * SECOND
    properties = {
        "time": time if in_milliseconds else time // SECOND,
        "distinct_id": event.distinct_id,
        "$insert_id": event.insert_id,
        "mp_processing_time_ms": event.ingested_at,
        **event.properties,
    }
    return json.dumps(
        {"event": event.name, "properties": properties}, ensure_ascii=False, separators=(",", ":")
    )


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    rest = iter(lines)
    while some := list(islice(rest, _LINES_IN_A_CHUNK)):
        yield "".join(f"{line}\n" for line in some).encode()


def _compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    gzip = zlib.compressobj(level=1, wbits=31)
    for chunk in chunks:
        if part := gzip.compress(chunk):
            yield part
    yield gzip.flush()
