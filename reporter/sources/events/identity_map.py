"""One hash for each person: the links of all days together, whatever order they came in."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from reporter.sources.events.columns import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINK = "member, target, is_merge, since"
NONE = """SELECT NULL::UUID AS member, NULL::UUID AS target, false AS is_merge, NULL::BIGINT AS since
    WHERE false"""


def create_identity_map(connection: "DuckDBPyConnection", files: Collection[Path], more: str = NONE) -> bool:
    """Makes a table `identity`: of each `member` that is not its person's hash, that one as `canonical`.

    Says whether there is any. The person's hash is the user's rather than a device's, as with Mixpanel.
    `more` is a query of further links.
    """
    named = ", ".join(literal(str(path)) for path in files)
    links = f"SELECT {LINK} FROM read_parquet([{named}]) UNION ALL {more}" if files else more
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE claim AS
            SELECT member, arg_min(target, row(since, target)) AS target FROM ({links})
            WHERE NOT is_merge GROUP BY member;
        CREATE OR REPLACE TEMP TABLE same AS
            SELECT DISTINCT member, target FROM ({links}) WHERE is_merge"""
    )
    if _is_flat(connection):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE identity AS SELECT member, target AS canonical FROM claim"
        )
    else:
        _connect(connection)
    connection.execute("DROP TABLE claim; DROP TABLE same")
    return connection.execute("SELECT 1 FROM identity LIMIT 1").fetchone() is not None


def _is_flat(connection: "DuckDBPyConnection") -> bool:
    """Whether every claim is by somebody whom nobody claims, as devices are by users."""
    query = """SELECT 1 WHERE EXISTS (FROM same)
        OR EXISTS (FROM claim JOIN claim AS other ON claim.target = other.member)"""
    return connection.execute(query).fetchone() is None


def _connect(connection: "DuckDBPyConnection") -> None:
    """The same for chains, circles and merges: what is connected is one person."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE edge AS
            SELECT member AS one, target AS other FROM claim UNION SELECT member, target FROM same
            UNION SELECT target, member FROM claim UNION SELECT target, member FROM same;
        CREATE OR REPLACE TEMP TABLE label AS SELECT DISTINCT one AS id, one AS least FROM edge"""
    )
    while _spread(connection):
        pass
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE identity AS
        SELECT id AS member, canonical FROM label JOIN (
            SELECT least, arg_min(id, row(is_claimed, id)) AS canonical FROM (
                SELECT id, least,
                    id IN (SELECT member FROM claim UNION SELECT member FROM same) AS is_claimed
                FROM label)
            GROUP BY least) AS person ON label.least = person.least
        WHERE id <> canonical;
        DROP TABLE edge; DROP TABLE label"""
    )


def _spread(connection: "DuckDBPyConnection") -> bool:
    """Gives each id the least label among its neighbours', then that label's own; says whether one changed.

    The second step doubles how far a label goes, so that a long chain takes few turns.
    """
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE near AS
            SELECT label.id, least(any_value(label.least), min(neighbour.least)) AS least
            FROM label JOIN edge ON label.id = one JOIN label AS neighbour ON other = neighbour.id
            GROUP BY label.id;
        CREATE OR REPLACE TEMP TABLE spread AS
            SELECT near.id, far.least FROM near JOIN near AS far ON near.least = far.id"""
    )
    changed = connection.execute(
        "SELECT 1 FROM label JOIN spread ON label.id = spread.id WHERE label.least <> spread.least LIMIT 1"
    ).fetchone()
    connection.execute("DROP TABLE label; ALTER TABLE spread RENAME TO label; DROP TABLE near")
    return changed is not None
