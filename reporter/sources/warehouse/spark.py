"""SQL of Spark (from version 4 on) and of Databricks, and Spark Connect."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Timer
from typing import Protocol, cast

from reporter.reports.errors import ReporterError
from reporter.sources.events.measures.sql import NOT_SET
from reporter.sources.warehouse.connection import EngineAccess, Estimate, Lost, Values, library
from reporter.sources.warehouse.dialect import Dialect, is_json_list
from reporter.sources.warehouse.errors import Failure, failure
from reporter.sources.warehouse.event_table import SqlRow


class SparkDialect(Dialect):
    """Properties are a STRING of JSON, which is read as a VARIANT, since that tells 5 from "5"."""

    text_type = "STRING"
    double_type = "DOUBLE"
    integer_type = "BIGINT"
    exact_type = "DECIMAL(38, 0)"
    parameter = ":p{}"

    def milliseconds(self, moment: str) -> str:
        return f"unix_millis(CAST({moment} AS TIMESTAMP))"

    def moment(self, milliseconds: int) -> str:
        return f"timestamp_millis({milliseconds})"

    def property_json(self, properties: str, name: str) -> str:
        path = (
            f"CASE WHEN instr({name}, '\"') = 0 THEN concat('$[\"', {name}, '\"]') "
            f"WHEN instr({name}, '''') = 0 THEN concat('$[''', {name}, ''']') END"
        )
        return self.member(self.parsed(properties), path)

    def parsed(self, properties: str) -> str:
        """The properties as a VARIANT."""
        return f"try_parse_json({properties})"

    def member(self, variant: str, path: str) -> str:
        """The JSON text at the path."""
        return f"to_json(try_variant_get({variant}, {path}, 'variant'))"

    def column_json(self, column: str) -> str:
        return f"to_json(CAST({column} AS VARIANT))"

    def decoded(self, value: str) -> str:
        return f"CAST(try_parse_json({value}) AS STRING)"

    def read_number(self, value: str) -> str:
        return f"TRY_CAST({value} AS DOUBLE)"

    def contains(self, text: str, part: str) -> str:
        return f"instr({text}, {part}) > 0"

    def any_of_list(self, value: str, holds: Callable[[str], str]) -> str:
        return f"coalesce(exists({self.items(value)}, item -> coalesce({holds('item')}, false)), false)"

    def with_names(self, rows: str, value: str, shown: Callable[[str], str]) -> str:
        items = self.items(value)
        names = f"array_distinct(transform({items}, item -> coalesce({shown('item')}, '{NOT_SET}')))"
        every = (
            f"CASE WHEN {is_json_list(value)} THEN "
            f"CASE WHEN size({items}) = 0 THEN array('{NOT_SET}') ELSE {names} END "
            f"ELSE array(coalesce({shown(value)}, '{NOT_SET}')) END"
        )
        return (
            f"SELECT named.*, nullif(listed.element, '{NOT_SET}') AS name FROM ({rows}) AS named "
            f"LATERAL VIEW explode({every}) listed AS element"
        )

    def items(self, value: str) -> str:
        """The JSON texts of a list's items."""
        return f"transform(CAST(try_parse_json({value}) AS ARRAY<VARIANT>), item -> to_json(item))"


class DatabricksDialect(SparkDialect):
    """Properties are a VARIANT, as in the view that Mixpanel's pipeline makes there."""

    def parsed(self, properties: str) -> str:
        return properties


@dataclass(frozen=True, slots=True)
class SparkClient:
    """Spark Connect: sc://HOST:15002/;token=TOKEN."""

    access: EngineAccess
    name: str = "Spark"

    def open(self) -> "_Session":
        if not self.access.address.startswith("sc://"):
            raise ValueError("not sc://")
        spark = cast("_Library", library("pyspark.sql.connect.session", "spark", self.name))
        session = spark.SparkSession.builder.remote(self.access.address).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.addTag(self.access.label.replace(",", " "))  # what its page of jobs shows
        return session

    def run(self, session: object, text: str, values: Values) -> Iterator[SqlRow]:
        opened = cast("_Session", session)
        is_late: list[bool] = []

        def give_up() -> None:
            is_late.append(True)
            opened.interruptAll()

        watch = Timer(self.access.timeout, give_up)
        watch.daemon = True
        watch.start()
        try:
            found = opened.sql(text, args=dict(values))
            yield found.columns
            yield from found.toLocalIterator()
        except Exception:
            if is_late:
                raise TimeoutError from None
            raise
        finally:
            watch.cancel()

    def estimate(self, session: object, text: str, values: Values) -> Estimate | None:
        """Spark does not say it."""

    def cancel(self, session: object) -> None:
        cast("_Session", session).interruptAll()

    def abandon(self, session: object) -> None:
        cast("_Session", session).interruptAll()

    def close(self, session: object) -> None:
        cast("_Session", session).stop()

    def sorted(self, error: Exception) -> ReporterError | Lost:
        if isinstance(error, ValueError | TimeoutError):
            kind: Failure = "address" if isinstance(error, ValueError) else "too_slow"
            return failure(kind, self.name, self.access)
        said = str(error)
        kinds: list[Failure] = [kind for part, kind in WORDS.items() if part in said]
        words = said.partition("\n")[0] if said.startswith("[") else ""
        return failure(kinds[0] if kinds else "refused", self.name, self.access, words)


# Conditions of errors (https://spark.apache.org/docs/latest/sql-error-conditions.html), and codes of gRPC.
WORDS: Mapping[str, Failure] = {
    "TABLE_OR_VIEW_NOT_FOUND": "missing",
    "UNRESOLVED_COLUMN": "missing",
    "SCHEMA_NOT_FOUND": "missing",
    "table not found": "missing",  # as Sail says it
    "OPERATION_CANCELED": "ended",
    "INSUFFICIENT_PERMISSIONS": "right",
    "PERMISSION_DENIED": "right",
    "UNAUTHENTICATED": "login",
    "RESOURCE_EXHAUSTED": "busy",
    "SESSION_CLOSED": "lost",
    "SESSION_NOT_FOUND": "lost",
    "failed to connect": "unreachable",
    "Name resolution": "unreachable",
    "DNS resolution": "unreachable",
    "UNAVAILABLE": "lost",
}


class _Conf(Protocol):
    def set(self, key: str, value: str, /) -> None: ...


class _Found(Protocol):
    @property
    def columns(self) -> Sequence[str]: ...
    def toLocalIterator(self) -> Iterator[SqlRow]: ...


class _Session(Protocol):
    @property
    def conf(self) -> _Conf: ...
    def addTag(self, tag: str, /) -> None: ...
    def sql(self, text: str, /, *, args: Mapping[str, str | float]) -> _Found: ...
    def interruptAll(self) -> object: ...
    def stop(self) -> None: ...


class _Builder(Protocol):
    def remote(self, address: str, /) -> "_Builder": ...
    def create(self) -> _Session: ...


class _SessionClass(Protocol):
    @property
    def builder(self) -> _Builder: ...


class _Library(Protocol):
    @property
    def SparkSession(self) -> _SessionClass: ...
