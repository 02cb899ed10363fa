"""One table of an Azure storage account: rows by their keys, a bounded patience, and errors of our own.

The SDK takes 200 ms to import, 350 with an identity: so it is imported where a table is used, not here.
"""

import logging
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit

from reporter.model.errors import ConfigError, Fault, Unavailable

if TYPE_CHECKING:
    from azure.core import MatchConditions
    from azure.core.exceptions import HttpResponseError
    from azure.data.tables import TableEntity, UpdateMode

Answer = TypeVar("Answer")
Keys: TypeAlias = tuple[str, str]  # partition and row
Row: TypeAlias = Mapping[str, object]

SETTING = "AzureWebJobsStorage"  # an Azure Functions app's own storage account
CONFLICT, MISSING, CHANGED = 409, 404, 412

# Seconds, and tries beyond the first. Of itself the SDK waits 300 s for an answer, and pauses up to 120 s.
PATIENCE: Mapping[str, Any] = {
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

# These log addresses, which may carry a signature, and headers: azure at INFO, the others at DEBUG.
for _name in ("azure", "urllib3", "msal"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Client(Protocol):
    """What is used of the SDK's TableClient, whose own types are known in part."""

    table_name: str
    account_name: str | None

    def get_entity(self, partition_key: str, row_key: str) -> "TableEntity": ...
    def create_entity(self, entity: Row, *, retry_on_methods: Collection[str]) -> object: ...
    def upsert_entity(self, entity: Row, mode: "UpdateMode") -> object: ...
    def update_entity(
        self, entity: Row, mode: "UpdateMode", *, etag: str | None, match_condition: "MatchConditions"
    ) -> object: ...
    def delete_entity(self, partition_key: str, row_key: str) -> None: ...
    def query_entities(self, query_filter: str, *, results_per_page: int) -> Iterable["TableEntity"]: ...
    def create_table(self) -> object: ...
    def close(self) -> None: ...


class _Missing(Unavailable):
    """There is no such row; for a write: no such table."""


@dataclass(frozen=True, slots=True)
class Table:
    """Made when it is missing; threads may share it. Each method raises Unavailable."""

    client: Client = field(repr=False)

    def find(self, keys: Keys) -> "TableEntity | None":
        return self._ask(lambda: self.client.get_entity(*keys), MISSING)

    def get(self, keys: Keys) -> "TableEntity":
        """A row that must be there."""
        found = self.find(keys)
        if found is None:
            raise Unavailable(self._cannot("A row was removed while it was being used."))
        return found

    def rows(self, partition: str) -> Iterator["TableEntity"]:
        """In the order of their keys, fetched as they are taken."""
        rows = iter(self.client.query_entities(f"PartitionKey eq '{partition}'", results_per_page=100))
        while (row := self._ask(lambda: next(rows, None), MISSING)) is not None:
            yield row

    def insert(self, row: Row) -> bool:
        """False where there is such a row: maybe this one, since a lost answer makes it try again."""
        return self._write(lambda: self.client.create_entity(row, retry_on_methods=REPEATABLE), CONFLICT)

    def put(self, row: Row) -> None:
        from azure.data.tables import UpdateMode

        self._write(lambda: self.client.upsert_entity(row, UpdateMode.REPLACE))

    def replace(self, found: "TableEntity", row: Row) -> bool:
        """False where what was found was changed or removed since: maybe by this, as in `insert`."""
        from azure.core import MatchConditions
        from azure.data.tables import UpdateMode

        replace, unchanged = UpdateMode.REPLACE, MatchConditions.IfNotModified
        update, etag = self.client.update_entity, found.metadata["etag"]
        answer = self._ask(
            lambda: update(row, replace, etag=etag, match_condition=unchanged), MISSING, CHANGED
        )
        return answer is not None

    def remove(self, keys: Keys) -> None:
        self._ask(lambda: self.client.delete_entity(*keys))

    def _write(self, write: Callable[[], object], *passing: int) -> bool:
        """False where it is answered with a status that is `passing`."""
        try:
            return self._ask(write, *passing) is not None
        except _Missing:
            self._ask(self.client.create_table, CONFLICT)
            return self._ask(write, *passing) is not None

    def _ask(self, question: Callable[[], Answer], *passing: int) -> Answer | None:
        """The answer; None where it is a status that is `passing`."""
        from azure.core.exceptions import AzureError, HttpResponseError, ServiceResponseError

        try:
            return question()
        except HttpResponseError as error:
            if error.status_code in passing:
                return None
            failure = _Missing if error.status_code == MISSING else Unavailable
            raise failure(self._cannot(_refusal(error))) from None
        except ServiceResponseError:
            raise Unavailable(self._cannot("It did not answer.")) from None
        except AzureError:
            raise Unavailable(self._cannot("It could not be reached.")) from None

    def _cannot(self, reason: str) -> str:
        place = f"table {self.client.table_name} of the storage account {self.client.account_name}"
        return f"The {place} cannot be used. {reason}"


def _refusal(error: "HttpResponseError") -> str:
    """What the storage account said, by its status alone: its words may repeat an address."""
    if error.status_code is None:
        return "Nobody is signed in: give the app a managed identity; on your machine use `az login`."
    if error.status_code in (401, 403):
        mend = "Give the app's identity the role Storage Table Data Contributor, or copy the key again."
        return f"It refused ({error.status_code}). {mend}"
    return f"It answered {error.status_code}."


def table_of(environ: Mapping[str, str], name: str) -> Table | None:
    """A table in the storage account of this Azure Functions app; None where it has none.

    AzureWebJobsStorage is a connection string; else AzureWebJobsStorage__tableServiceUri is an address, where
    an identity signs in (Microsoft, "Connecting to host storage with an identity"). Asks nothing of the
    network. Raises ConfigError.
    """
    if connection := environ.get(SETTING, "").strip().rstrip(";"):
        return Table(_by_connection_string(connection, name))
    if address := environ.get(f"{SETTING}__tableServiceUri", "").strip():
        return Table(_by_identity(address, environ, name))
    return None


def _by_connection_string(connection: str, table: str) -> Client:
    from azure.data.tables import TableClient

    try:
        for key in re.findall(r"(?i)(?:^|;)AccountKey=([^;]*)", connection):
            b64decode(key, validate=True)
        return TableClient.from_connection_string(connection, table, **PATIENCE)
    except ValueError:
        mend = "Copy it from the storage account's page Access keys; for Azurite, UseDevelopmentStorage=true."
        raise ConfigError((Fault(SETTING, "is no connection string of a storage account", mend),)) from None


def _by_identity(address: str, environ: Mapping[str, str], table: str) -> Client:
    """With a managed identity where the settings ask for one; else with what a developer is signed in to."""
    url = urlsplit(address)
    if url.scheme != "https" or not url.hostname or url.query or "@" in url.netloc:
        mend = "Use https://ACCOUNT.table.core.windows.net, and nothing after it."
        raise ConfigError((Fault(f"{SETTING}__tableServiceUri", "is no address of a table service", mend),))

    from azure.data.tables import TableClient
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client_id = environ.get(f"{SETTING}__clientId", "").strip()
    if client_id or environ.get(f"{SETTING}__credential", "").strip() == "managedidentity":
        credential = ManagedIdentityCredential(client_id=client_id or None)
    else:
        credential = DefaultAzureCredential()
    return TableClient(address, table, credential=credential, **PATIENCE)
