"""Which properties the events of a file carry, as some of its rows tell."""

from typing import TYPE_CHECKING, cast

from reporter.events.columns import literal
from reporter.events.files.shapes import EventFile
from reporter.events.property_names import Names, sample, sample_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = 500


def sampled(connection: "DuckDBPyConnection", file: EventFile) -> Names:
    """The names as the file has them: a schematized export has its own for each property."""
    if file.types is None:
        return sample(file.path)
    import duckdb

    rows = f"(SELECT * FROM read_parquet({literal(str(file.path))}) LIMIT {MOST_ROWS})"
    try:
        found = connection.execute(f"SELECT to_json(row)::VARCHAR FROM {rows} AS row").fetchall()
    except duckdb.Error:  # a column that no JSON can hold: the events are read all the same
        return {}
    return sample_rows(written.encode() for (written,) in cast("list[tuple[str]]", found))
