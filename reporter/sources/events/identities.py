"""Who is the same person: what events say of it, kept as links between hashes beside the day files.

Mixpanel exports `distinct_id` as it knows it on that day, for all earlier events as well: so a day that was
stored before somebody signed up has another id than one that was stored since. These events tell (Mixpanel,
"Identifying Users", simplified and original, and "Identity Management"):

    any event with $device_id and $user_id    the device `$device:…` is the user's
    $identify ($anon_id, $identified_id)      the anonymous id is the user's
    $create_alias (alias, distinct_id)        the alias is the user's
    $merge ($distinct_ids)                    the two are one
    $distinct_id_before_identity              what an event's distinct_id was before

A device, an anonymous id or an alias belongs to the first who claims it, so who signs in on the same device
later does not become the same person. An event whose claim Mixpanel did not accept says so.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zlib import crc32

from reporter.folders import FileVersion, part_file, status_of, version_of
from reporter.sources.events.columns import identifier, literal, read_parquet
from reporter.sources.events.day_file import write_parquet
from reporter.versions import later_version, program_version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIELDS: Mapping[str, str] = {  # the name here: the property
    "device_id": "$device_id",
    "user_id": "$user_id",
    "former_id": "$distinct_id_before_identity",
    "preshuffle_id": "$preshuffle_distinct_id",
    "anon_id": "$anon_id",
    "anon_distinct_id": "$anon_distinct_id",
    "identified_id": "$identified_id",
    "alias": "alias",
    "distinct_ids": "$distinct_ids",
    "failure": "$failure_reason",
    "identity_failure": "$identity_failure_reason",
}
JSON_FIELDS = frozenset({"distinct_ids"})
HAS_LINK = "(member IS NOT NULL OR former IS NOT NULL)"
# Nobody's (Mixpanel, "Import Events"): as links they would make one person of strangers.
DISALLOWED = (
    *("00000000-0000-0000-0000-000000000000", "anon", "anonymous", "nil", "none", "null", "n/a", "na"),
    *("undefined", "unknown", "<nil>", "0", "-1", "true", "false", "[]", "{}", ""),
)
VERBS = "'$merge', '$identify'"  # that say of two ids that they are one, whoever's event it is
VERSION = 1  # of what is in the files; the first ones do not say it
SUFFIX = ".identities"
NOTE = "reporter_identities"  # the footer's key for it
FIX = "Install that version again; or remove the folder of this project, and its days come again."
_SAID = re.compile(rb'\{"reporter_identities":(?P<version>[^,]*),"reporter":"(?P<by>[^"]*)"\}')
_NAME = re.compile(r"(?P<owner>[A-Za-z0-9-]+)\.(?P<sum>[0-9a-f]{8})\.identities")

LOG = logging.getLogger("reporter.sources.events")


def fields_beside(properties: Iterable[str]) -> dict[str, str]:
    """The fields that can be read beside these properties: two names may not differ in case only."""
    taken = {name.casefold(): name for name in properties}
    return {name: field for name, field in FIELDS.items() if taken.get(field.casefold(), field) == field}


def struct_of(inner: Mapping[str, str], properties: Collection[str]) -> dict[str, str]:
    """The types of what is read of an event's properties: of those that are kept the JSON text."""
    fields = {field: "JSON" if name in JSON_FIELDS else "VARCHAR" for name, field in FIELDS.items()}
    read = {field: fields[field] for field in fields_beside(properties).values()}
    return {**inner, **read, **dict.fromkeys(properties, "JSON")}


def field_columns(properties: Collection[str]) -> dict[str, str]:
    """The columns by the names of FIELDS, as text, out of a struct `properties` with `struct_of` in it."""
    there = fields_beside(properties)

    def text(name: str) -> str:
        if name not in there:
            return "NULL::VARCHAR"
        value = f"properties.{identifier(there[name])}"
        return f"({value}->>'$')" if there[name] in properties else f"{value}::VARCHAR"

    return {name: text(name) for name in FIELDS}


def hash_of(distinct_id: str) -> UUID:
    """What is kept of it, as DuckDB's `md5_number` makes it.

    >>> str(hash_of("ann"))
    'b272ce1b-f340-c8fc-4fc2-965d8a7f0d7e'
    """
    return UUID(bytes=md5(distinct_id.encode(), usedforsecurity=False).digest()[::-1])


def _hash(text: str) -> str:
    """As users are hashed, so that links meet them."""
    return f"md5_number({text})::UUID"


# Mixpanel takes one `$device:` off a $device_id (probes of live projects, in ak--47/mixpanel-import).
_DEVICE = """CASE WHEN starts_with(device_id, '$device:') THEN device_id
    ELSE '$device:' || nullif(device_id, '') END"""
_ANONYMOUS = "coalesce(anon_id, anon_distinct_id)"
# What most events lack is asked for first, so that few names are compared.
_MEMBER = f"""CASE
    WHEN distinct_ids IS NOT NULL AND event = '$merge' THEN TRY_CAST(distinct_ids AS JSON)->>'$[0]'
    WHEN alias IS NOT NULL AND event = '$create_alias' THEN alias
    WHEN {_ANONYMOUS} IS NOT NULL AND event = '$identify' THEN {_ANONYMOUS}
    WHEN user_id <> '' THEN {_DEVICE}
    WHEN starts_with(before, '$device:') THEN before END"""
_FORMER = """CASE
    WHEN distinct_ids IS NOT NULL AND event = '$merge' THEN TRY_CAST(distinct_ids AS JSON)->>'$[1]'
    WHEN identified_id IS NOT NULL AND event = '$identify' THEN identified_id
    WHEN NOT starts_with(before, '$device:') THEN nullif(before, '') END"""


def with_links(rows: str) -> str:
    """The rows, with hashes `member` and `former` of the ids they link in place of FIELDS: see `links_of`.

    They have `event` and `distinct_id`. `member` is what `former` claims, or the event's own user where there
    is none; of an event that claims nothing `former` is what its user was before.
    """
    return f"""
        SELECT * EXCLUDE ({", ".join(FIELDS)}, before),
            CASE WHEN failure IS NULL AND identity_failure IS NULL THEN {_hash(_MEMBER)} END AS member,
            {_hash(_FORMER)} AS former
        FROM (SELECT *, coalesce(former_id, preshuffle_id) AS before FROM ({rows}))"""


def links_of(rows: str, also: str = "") -> str:
    """The query of each link once, of rows as `with_links` has them, with "user", time and ingested besides.

    A link says that `member` is `target`: in any case if it `is_merge`, else if nobody claimed it before
    `since`.
    """
    target = """CASE event WHEN '$merge' THEN former WHEN '$identify' THEN coalesce(former, "user")
        ELSE "user" END"""
    columns = f"min(coalesce(ingested, time)) AS since{also and f', {also}'}"
    nobody = ", ".join(f"'{hash_of(text)}'::UUID" for text in (*DISALLOWED, *map(str.upper, DISALLOWED)))
    return f"""
        SELECT * FROM (
            SELECT member, {target} AS target, event = '$merge' AS is_merge, {columns} FROM {rows}
            WHERE member IS NOT NULL AND time IS NOT NULL GROUP BY ALL
            UNION ALL BY NAME
            SELECT former AS member, "user" AS target, true AS is_merge, {columns} FROM {rows}
            WHERE former <> "user" AND event NOT IN ({VERBS}) AND time IS NOT NULL GROUP BY ALL)
        WHERE member <> target AND member NOT IN ({nobody}) AND target NOT IN ({nobody})"""


def write_links(connection: "DuckDBPyConnection", links: str, folder: Path, owner: str) -> str:
    """Stores links and says in which file, "" where there is none; its name tells whether it is whole."""
    with part_file(folder, owner) as part:
        note = f'{{"reporter_identities":{VERSION},"reporter":"{program_version()}"}}'
        said = f"KV_METADATA {{{NOTE}: {literal(note)}}}"
        if not write_parquet(connection, f"SELECT {LINK_COLUMNS} FROM ({links})", part, said):
            return ""
        name = f"{owner}.{crc32(part.read_bytes()):08x}{SUFFIX}"
        part.replace(folder / name)
        return name


def link_day(name: str) -> date | None:
    """The day that a file of links is about, if the name is of one."""
    match = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(match["owner"]) if match else None
    except ValueError:
        return None


def link_files(folder: Path) -> list[Path]:
    """The files of links, each whole.

    One that is damaged goes, so that what it belongs to is fetched, or read, again. Raises LaterVersion.
    """
    found: list[Path] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        match = _NAME.fullmatch(path.name)
        status = status_of(path)
        read = _read(path, version_of(status)) if status is not None else None
        if match and read and read.checksum == int(match["sum"], 16):
            if read.version != VERSION:
                raise later_version(f"The file {path}", read.version, VERSION, FIX, read.by)
            found.append(path)
        else:
            LOG.warning("identities-damaged: %s is damaged and was removed; its events come again.", path)
            path.unlink(missing_ok=True)
    return found


@dataclass(frozen=True, slots=True)
class _LinkFile:
    checksum: int
    version: int | str
    by: str  # the version of this program that wrote it


@lru_cache(maxsize=8_192)  # two for each day that may be kept
def _read(path: Path, _: FileVersion) -> _LinkFile:
    content = path.read_bytes()
    said = _SAID.search(content, max(0, content.rfind(b'{"' + NOTE.encode())))
    version = said["version"].decode("ascii", "replace") if said else str(VERSION)
    by = said["by"].decode("ascii", "replace") if said else ""
    return _LinkFile(crc32(content), int(version) if version.isdecimal() else version, by)


LINK_COLUMNS = "member, target, is_merge, since"
NO_LINKS = """SELECT NULL::UUID AS member, NULL::UUID AS target, false AS is_merge, NULL::BIGINT AS since
    WHERE false"""


def create_identity_map(
    connection: "DuckDBPyConnection", files: Collection[Path], more: str = NO_LINKS
) -> bool:
    """Makes a table `identity`: of each `member` that is not its person's hash, that one as `canonical`.

    Says whether there is any. The person's hash is the user's rather than a device's, as with Mixpanel.
    `more` is a query of further links.
    """
    links = f"SELECT {LINK_COLUMNS} FROM {read_parquet(files)} UNION ALL {more}" if files else more
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
