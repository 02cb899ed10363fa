"""The storage account of an Azure Functions app: how it is named, signed in to, and what its failures say.

The SDKs take 200 to 600 ms to import: so they are imported where they are used, not here.
"""

import logging
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, overload
from urllib.parse import urlsplit

from reporter.reports.errors import ConfigError, Unavailable
from reporter.reports.pasted import unresolved

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import HttpResponseError

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
        return _by_connection_string(connection, name, *load())
    setting = f"{SETTING}__{service}ServiceUri"
    if address := environ.get(setting, "").strip():
        _check_address(address, setting, service)
        client_type, options = load()
        return client_type(address, name, credential=_credential(environ), **options)
    return None


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
