"""One table of an Azure storage account: rows by their keys, each asked for within bounds.

The SDK takes 200 ms to import, 350 with an identity: so it is imported where a table is used, not here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from reporter.ledger.rows import LedgerRow
from reporter.network.storage_account import CHANGED, CONFLICT, MISSING, Loaded, StorageResource, client_of
from reporter.reports.errors import Unavailable

if TYPE_CHECKING:
    from azure.core import MatchConditions
    from azure.data.tables import TableEntity, UpdateMode

Answer = TypeVar("Answer")
Keys: TypeAlias = tuple[str, str]  # partition and row

# Seconds, and tries beyond the first. Of itself the SDK waits 300 s for an answer, and pauses up to 120 s.
OPTIONS: Mapping[str, Any] = {
    "connection_timeout": 5,
    "read_timeout": 15,
    "timeout": 60,  # all tries together
    "retry_total": 4,
    "retry_connect": 2,
    "retry_read": 2,
    "retry_status": 4,
    "retry_backoff_factor": 0.5,
}
REPEATABLE = frozenset({"GET", "PUT", "POST", "DELETE"})


class TableClient(Protocol):
    """What is used of the SDK's TableClient, whose own types are known in part."""

    table_name: str
    account_name: str | None

    @property
    def url(self) -> str: ...

    def get_entity(self, partition_key: str, row_key: str) -> "TableEntity": ...
    def create_entity(self, entity: LedgerRow, *, retry_on_methods: Collection[str]) -> object: ...
    def upsert_entity(self, entity: LedgerRow, mode: "UpdateMode") -> object: ...
    def update_entity(
        self, entity: LedgerRow, mode: "UpdateMode", *, etag: str | None, match_condition: "MatchConditions"
    ) -> object: ...
    def delete_entity(self, partition_key: str, row_key: str) -> None: ...
    def query_entities(self, query_filter: str, *, results_per_page: int) -> Iterable[LedgerRow]: ...
    def create_table(self) -> object: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Made when it is missing; threads may share it. Each method raises Unavailable."""

    client: TableClient = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str], name: str) -> "Table | None":
        """A table in the storage account of this Azure Functions app; None where it has none.

        Asks nothing of the network. Raises ConfigError.
        """
        client = client_of(environ, "table", name, _load)
        return cls(client) if client else None

    def find(self, keys: Keys) -> "TableEntity | None":
        return self._resource.ask(lambda: self.client.get_entity(*keys), MISSING)

    def get(self, keys: Keys) -> "TableEntity":
        """A row that must be there."""
        found = self.find(keys)
        if found is None:
            raise Unavailable(self._resource.cannot("A row was removed while it was being used."))
        return found

    def rows(self, partition: str) -> Iterator[LedgerRow]:
        """In the order of their keys, fetched as they are taken."""
        rows = iter(self.client.query_entities(f"PartitionKey eq '{partition}'", results_per_page=100))
        while (row := self._resource.ask(lambda: next(rows, None), MISSING)) is not None:
            yield row

    def insert(self, row: LedgerRow) -> bool:
        """False where there is such a row: maybe this one, since a lost answer makes it try again."""
        insert = partial(self.client.create_entity, row, retry_on_methods=REPEATABLE)
        return self._write(lambda: self._resource.ask(insert, CONFLICT)) is not None

    def put(self, row: LedgerRow) -> None:
        from azure.data.tables import UpdateMode

        put = partial(self.client.upsert_entity, row, UpdateMode.REPLACE)
        self._write(lambda: self._resource.ask(put))

    def replace(self, found: "TableEntity", row: LedgerRow) -> bool:
        """False where what was found was changed or removed since: maybe by this, as in `insert`."""
        from azure.core import MatchConditions
        from azure.data.tables import UpdateMode

        replace, unchanged = UpdateMode.REPLACE, MatchConditions.IfNotModified
        update, etag = self.client.update_entity, found.metadata["etag"]
        answer = self._resource.ask(
            lambda: update(row, replace, etag=etag, match_condition=unchanged), MISSING, CHANGED
        )
        return answer is not None

    def remove(self, keys: Keys) -> None:
        self._resource.ask(lambda: self.client.delete_entity(*keys))

    def _write(self, attempt: Callable[[], Answer]) -> Answer:
        return self._resource.write(attempt, self.client.create_table)

    @property
    def _resource(self) -> StorageResource:
        name = f"table {self.client.table_name} of the storage account {self.client.account_name}"
        return StorageResource(name, "Storage Table Data Contributor", self.client.url)


def _load() -> "Loaded[TableClient]":
    from azure.data.tables import TableClient

    return TableClient, OPTIONS
