"""The engines a warehouse may have: each with its SQL, and how it is reached."""

from reporter.reports.errors import ConfigError
from reporter.sources.warehouse.clickhouse import ClickHouseClient, ClickHouseDialect
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection
from reporter.sources.warehouse.dialect import Dialect
from reporter.sources.warehouse.postgres import PostgresClient, PostgresDialect
from reporter.sources.warehouse.warehouse_table import EngineName


def connect(engine: EngineName, access: EngineAccess) -> tuple[Dialect, EngineConnection]:
    """The engine's SQL, and a connection that is opened when it is first used.

    Raises ConfigError where the address is no address of this engine.
    """
    match engine:
        case "postgres":
            return PostgresDialect(), EngineConnection(PostgresClient(access), access)
        case "clickhouse":
            return ClickHouseDialect(), EngineConnection(ClickHouseClient(access), access)
        case _:
            pass
    raise ConfigError.at("[warehouse] engine", f"{engine} cannot be reached yet", "Choose postgres.")
