"""The storage account of an Azure Functions app: how it is signed in to, what its failures mean, its tables.

The SDKs take 200 to 600 ms to import: so they are imported where they are used, not here.
"""

import logging
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, overload
from urllib.parse import urlsplit

from reporter.reports.errors import ConfigError, Unavailable
from reporter.reports.pasted import unresolved

if TYPE_CHECKING:
    from azure.core import MatchConditions
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError
    from azure.data.tables import TableEntity, UpdateMode

    from reporter.network.route import Route

Answer = TypeVar("Answer")
Client = TypeVar("Client")
Client_co = TypeVar("Client_co", covariant=True)
Service = Literal["blob", "table"]

SETTING = "AzureWebJobsStorage"  # an Azure Functions app's own storage account
CONFLICT, MISSING, CHANGED = 409, 404, 412

# These log addresses, which may carry a signature, and headers: azure at INFO, the others at DEBUG.
for _name in ("azure", "urllib3", "msal"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Missing(Unavailable):
    """What was asked for is not there; for a write: what should hold it."""


class ClientType(Protocol[Client_co]):
    """A class of the SDKs' clients."""

    def __call__(
        self, address: str, name: str, /, *, credential: "TokenCredential", **options: Any
    ) -> Client_co: ...

    def from_connection_string(self, text: str, name: str, /, **options: Any) -> Client_co: ...


Loaded: TypeAlias = tuple[ClientType[Client], Mapping[str, Any]]  # with the options of each of its clients


@dataclass(frozen=True, slots=True)
class StorageResource:
    """A table or container of a storage account: its name, and the role that lets an identity use it."""

    name: str
    role: str
    url: str = field(default="", repr=False)

    @overload
    def ask(self, question: Callable[[], Answer]) -> Answer: ...
    @overload
    def ask(self, question: Callable[[], Answer], *accepted: int) -> Answer | None: ...
    def ask(self, question: Callable[[], Answer], *accepted: int) -> Answer | None:
        """The answer; None for a status that is `accepted`. Raises Missing, Unavailable, ConfigError."""
        from azure.core.exceptions import AzureError, HttpResponseError, ServiceResponseError

        try:
            return question()
        except HttpResponseError as error:
            if error.status_code in accepted:
                return None
            failure = Missing if error.status_code == MISSING else Unavailable
            raise failure(self.cannot(self._refusal(error))) from None
        except ServiceResponseError:
            self._route()  # this is what the SDK says of a proxy that is none, too
            raise Unavailable(self.cannot("It did not answer.")) from None
        except AzureError as error:
            reason = self._route().reason(error.inner_exception or error)
            raise Unavailable(self.cannot(f"It could not be reached: {reason}.")) from None
        except ValueError:  # as the SDK has it where Retry-After is no number and no date
            raise Unavailable(self.cannot("It gave an answer that cannot be read.")) from None
        except OSError as error:
            if error.errno is not None:  # of a file that is written here
                raise
            self._route()  # the SDK does not find the certificates that it was told to use
            names = "SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE"
            raise Unavailable(self.cannot(f"Its certificate cannot be checked. Check {names}.")) from None

    def write(self, attempt: Callable[[], Answer], create: Callable[[], object]) -> Answer:
        """What an attempt that asks comes to, once more where `create` has to make what should hold it."""
        try:
            return attempt()
        except Missing:
            self.ask(create, CONFLICT)
            return attempt()

    def cannot(self, reason: str) -> str:
        return f"The {self.name} cannot be used. {reason}"

    def _route(self) -> "Route":
        """The way to it. Raises ConfigError where the system's proxy or certificates cannot be used."""
        from reporter.network.route import Route

        return Route.to(self.url)

    def _refusal(self, error: "HttpResponseError") -> str:
        """What the storage account said, by its status alone: its words may repeat an address."""
        from azure.core.exceptions import ClientAuthenticationError

        status = error.status_code
        if isinstance(error, ClientAuthenticationError) and status is None:
            return "Nobody is signed in: give the app a managed identity; on your machine use `az login`."
        if status in (401, 403):
            fix = f"Give the app's identity the role {self.role}, or copy the key again."
            return f"It refused ({status}). {fix}"
        if status is None or status < 400:
            return "Its answer broke off."
        return f"It answered {status}."


def client_of(
    environ: Mapping[str, str], service: Service, name: str, load: Callable[[], "Loaded[Client]"]
) -> Client | None:
    """A client of `name` in the storage account of this Azure Functions app; None where it has none.

    AzureWebJobsStorage is a connection string; else AzureWebJobsStorage__blobServiceUri (or table) is an
    address where an identity signs in (Microsoft, "Connecting to host storage with an identity").
    Asks nothing of the network. Raises ConfigError.
    """
    if connection := environ.get(SETTING, "").strip().rstrip(";"):
        return _by_connection_string(connection, name, *_load(load))
    setting = f"{SETTING}__{service}ServiceUri"
    if address := environ.get(setting, "").strip():
        _check_address(address, setting, service)
        client_type, options = _load(load)
        return client_type(address, name, credential=_credential(environ), **options)
    return None


def _load(load: Callable[[], "Loaded[Client]"]) -> "Loaded[Client]":
    """Raises ConfigError where Azure's libraries, an extra, are not installed."""
    try:
        return load()
    except ImportError:
        fix = "They are the extra azure: in the project's folder, pip install '.[azure]'."
        raise ConfigError.at(SETTING, "needs Azure's libraries, which are not installed", fix) from None


def _by_connection_string(
    connection: str, name: str, client_type: ClientType[Client], options: Mapping[str, Any]
) -> Client:
    try:
        for key in re.findall(r"(?i)(?:^|;)AccountKey=([^;]*)", connection):
            b64decode(key, validate=True)
        return client_type.from_connection_string(connection, name, **options)
    except ValueError:
        if found := unresolved(connection):
            raise ConfigError.at(SETTING, *found) from None
        fix = "Copy it from the storage account's page Access keys; for Azurite, UseDevelopmentStorage=true."
        raise ConfigError.at(SETTING, "is no connection string of a storage account", fix) from None


def _check_address(address: str, setting: str, service: Service) -> None:
    """So that no identity is sent to an address that is none of Azure's, or that carries a signature."""
    url = urlsplit(address)
    if url.scheme != "https" or not url.hostname or url.query or "@" in url.netloc:
        fix = f"Use https://ACCOUNT.{service}.core.windows.net, and nothing after it."
        raise ConfigError.at(setting, f"is no address of a {service} service", fix)


def _credential(environ: Mapping[str, str]) -> "TokenCredential":
    """A managed identity where the settings ask for one; else what a developer is signed in to."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    client_id = environ.get(f"{SETTING}__clientId", "").strip()
    if client_id or environ.get(f"{SETTING}__credential", "").strip() == "managedidentity":
        return ManagedIdentityCredential(client_id=client_id or None)
    return DefaultAzureCredential()


Keys: TypeAlias = tuple[str, str]  # partition and row
TableRow: TypeAlias = Mapping[str, Any]

# Seconds, and tries beyond the first. Of itself the SDK waits 300 s for an answer, and pauses up to 120 s.
TABLE_OPTIONS: Mapping[str, Any] = {
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
    def create_entity(self, entity: TableRow, *, retry_on_methods: Collection[str]) -> object: ...
    def upsert_entity(self, entity: TableRow, mode: "UpdateMode") -> object: ...
    def update_entity(
        self, entity: TableRow, mode: "UpdateMode", *, etag: str | None, match_condition: "MatchConditions"
    ) -> object: ...
    def delete_entity(self, partition_key: str, row_key: str) -> None: ...
    def query_entities(self, query_filter: str, *, results_per_page: int) -> Iterable[TableRow]: ...
    def create_table(self) -> object: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """One table: rows by their keys, each asked for within bounds; made when it is missing.

    Threads may share it. Each method raises Unavailable.
    """

    client: TableClient = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str], name: str) -> "Table | None":
        """A table in the storage account of this Azure Functions app; None where it has none.

        Asks nothing of the network. Raises ConfigError.
        """
        client = client_of(environ, "table", name, _load_table)
        return cls(client) if client else None

    def find(self, keys: Keys) -> "TableEntity | None":
        return self._resource.ask(lambda: self.client.get_entity(*keys), MISSING)

    def get(self, keys: Keys) -> "TableEntity":
        """A row that must be there."""
        found = self.find(keys)
        if found is None:
            raise Unavailable(self._resource.cannot("A row was removed while it was being used."))
        return found

    def rows(self, partition: str, condition: str = "") -> Iterator[TableRow]:
        """In the order of their keys, fetched as they are taken; those that fulfil an OData condition."""
        query = f"PartitionKey eq '{partition}'{condition and f' and {condition}'}"
        rows = iter(self.client.query_entities(query, results_per_page=100))
        while (row := self._resource.ask(lambda: next(rows, None), MISSING)) is not None:
            yield row

    def insert(self, row: TableRow) -> bool:
        """False where there is such a row: maybe this one, since a lost answer makes it try again."""
        insert = partial(self.client.create_entity, row, retry_on_methods=REPEATABLE)
        return self._write(lambda: self._resource.ask(insert, CONFLICT)) is not None

    def put(self, row: TableRow) -> None:
        from azure.data.tables import UpdateMode

        put = partial(self.client.upsert_entity, row, UpdateMode.REPLACE)
        self._write(lambda: self._resource.ask(put))

    def replace(self, found: "TableEntity", row: TableRow) -> bool:
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


def _load_table() -> "Loaded[TableClient]":
    from azure.data.tables import TableClient

    return TableClient, TABLE_OPTIONS
