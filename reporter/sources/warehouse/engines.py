"""The engines a warehouse may have: each with its SQL, and how it is reached."""

from typing import assert_never

from reporter.reports.errors import ConfigError
from reporter.sources.warehouse.bigquery import BigQueryDialect
from reporter.sources.warehouse.clickhouse import ClickHouseClient, ClickHouseDialect
from reporter.sources.warehouse.connection import EngineAccess, EngineConnection
from reporter.sources.warehouse.dbapi import BIGQUERY, DATABRICKS, SNOWFLAKE, TRINO, DbApiClient
from reporter.sources.warehouse.dialect import Dialect
from reporter.sources.warehouse.postgres import PostgresClient, PostgresDialect
from reporter.sources.warehouse.snowflake import SnowflakeDialect
from reporter.sources.warehouse.spark import DatabricksDialect, SparkClient, SparkDialect
from reporter.sources.warehouse.trino import TrinoDialect
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
        case "spark":
            return SparkDialect(), EngineConnection(SparkClient(access), access)
        case "databricks":
            return DatabricksDialect(), EngineConnection(DbApiClient(DATABRICKS, access), access)
        case "bigquery":
            return BigQueryDialect(), EngineConnection(DbApiClient(BIGQUERY, access), access)
        case "snowflake":
            return SnowflakeDialect(), EngineConnection(DbApiClient(SNOWFLAKE, access), access)
        case "trino":
            return TrinoDialect(), EngineConnection(DbApiClient(TRINO, access), access)
        case "redshift":  # its windows have no RANGE with a bound, which funnels need
            raise ConfigError.at(
                "[warehouse] engine", "redshift cannot be asked yet", "Choose another engine."
            )
        case _:
            assert_never(engine)
