"""The storage account: how it is named and signed in to, what is said when it fails, and what never is."""

import logging
import re
import time
import traceback
from collections.abc import Generator
from contextlib import closing, contextmanager

import pytest

from reporter.ledger.azure_table import TableLedger
from reporter.local.server import LoopbackAnswer, LoopbackServer
from reporter.reports.deliveries import Delivery, LedgerEntry, State
from reporter.reports.errors import ConfigError, ReporterError, Unavailable
from tests.azurite import KEY, Azurite, free_ports
from tests.world import MONDAY, WEEK

DELIVERY = Delivery("weekly", WEEK, "slack")
CLAIM = LedgerEntry(State.CLAIMED, MONDAY, id="1")
TABLE_URI = "AzureWebJobsStorage__tableServiceUri"
ADDRESS = "https://acme.table.core.windows.net"
SIGNATURE = "sv=2022-11-02&ss=t&srt=sco&sp=rwdlacu&sig=c2lnbmF0dXJlc2lnbmF0dXJl"
OTHER_KEY = "b3RoZXJvdGhlcm90aGVyb3RoZXI="


@contextmanager
def opened(environ: dict[str, str]) -> Generator[TableLedger]:
    ledger = TableLedger.of(environ)
    assert ledger
    with closing(ledger):
        yield ledger


def down() -> Azurite:
    """Addresses where nobody listens."""
    return Azurite(*(f"http://127.0.0.1:{port}/devstoreaccount1" for port in free_ports(3)))


def test_a_storage_that_is_down_is_unavailable_soon():
    began = time.monotonic()

    with opened(down().environ) as ledger, pytest.raises(Unavailable) as raised:
        ledger.record(DELIVERY, CLAIM)

    assert re.fullmatch(
        "The table reporterledger of the storage account devstoreaccount1 cannot be used. "
        r"It could not be reached: 127.0.0.1:\d+ refused the connection\.",
        str(raised.value),
    )
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("wait", ["soon", "1.5", "Wed, 21 Oct"])
def test_a_wait_that_cannot_be_read_is_no_crash(wait: str):
    with LoopbackServer(lambda _: LoopbackAnswer(503, headers={"Retry-After": wait})) as server:
        connection = f"AccountName=a;AccountKey={KEY};TableEndpoint={server.url}/a"
        with opened({"AzureWebJobsStorage": connection}) as ledger, pytest.raises(Unavailable):
            ledger.record(DELIVERY, CLAIM)


def test_a_proxy_that_is_none_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "socks5://me:hidden-word@127.0.0.1:1")

    with (
        opened(
            {"AzureWebJobsStorage": f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY}"}
        ) as ledger,
        pytest.raises(ConfigError, match=r"^https_proxy: names a SOCKS proxy") as raised,
    ):
        ledger.record(DELIVERY, CLAIM)

    assert "hidden-word" not in "".join(traceback.format_exception(raised.value))


def test_a_wrong_key_says_what_to_do(azurite: Azurite):
    wrong = {"AzureWebJobsStorage": azurite.connection_string.replace(KEY, OTHER_KEY)}

    with opened(wrong) as ledger, pytest.raises(Unavailable, match=r"refused \(403\).*copy the key again"):
        ledger.record(DELIVERY, CLAIM)


@pytest.mark.parametrize("environ", [{}, {"AzureWebJobsStorage": "  "}], ids=["unset", "empty"])
def test_without_a_storage_account_there_is_no_ledger(environ: dict[str, str]):
    assert TableLedger.of(environ) is None


@pytest.mark.parametrize("text", ["UseDevelopmentStorage=true", " usedevelopmentstorage=true; "])
def test_azurite_is_meant_by_its_short_name(text: str):
    with opened({"AzureWebJobsStorage": text}) as ledger:
        assert ledger.table.client.account_name == "devstoreaccount1"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"AccountKey={KEY}",
        f"AccountName=acme;AccountKey={KEY[:-1]}",
        f"AccountName=acme;AccountName=acme;AccountKey={KEY}",
        f"@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/{KEY})",
    ],
    ids=["key alone", "no account", "key cut", "twice", "reference not resolved"],
)
def test_a_connection_string_that_is_none_is_a_fault_of_the_settings(text: str):
    with pytest.raises(ConfigError) as raised:
        TableLedger.of({"AzureWebJobsStorage": text})

    assert [fault.place for fault in raised.value.faults] == ["AzureWebJobsStorage"]
    assert KEY[:20] not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("settings", "credential"),
    [
        ({}, "DefaultAzureCredential"),
        ({"AzureWebJobsStorage__credential": "managedidentity"}, "ManagedIdentityCredential"),
        ({"AzureWebJobsStorage__clientId": "3f6b1c2e"}, "ManagedIdentityCredential"),
    ],
)
def test_an_identity_needs_no_key(settings: dict[str, str], credential: str):
    with opened({TABLE_URI: f"{ADDRESS}/", **settings}) as ledger:
        client = ledger.table.client

    assert client.account_name == "acme"
    assert type(vars(client)["credential"]).__name__ == credential


@pytest.mark.parametrize("address", ["acme", ADDRESS.replace("https", "http"), f"{ADDRESS}?{SIGNATURE}"])
def test_an_address_that_no_identity_may_be_sent_to_is_a_fault_of_the_settings(address: str):
    with pytest.raises(ConfigError, match="tableServiceUri: is no address of a table service") as raised:
        TableLedger.of({TABLE_URI: address})

    assert "sig=" not in str(raised.value)


def signed(azurite: Azurite) -> dict[str, str]:
    return {"AzureWebJobsStorage": f"TableEndpoint={azurite.table};SharedAccessSignature={SIGNATURE}"}


@pytest.mark.parametrize("case", ["works", "down", "key refused", "signature refused", "signature down"])
def test_no_key_and_no_signature_shows_in_an_error_log_or_repr(
    azurite: Azurite, case: str, caplog: pytest.LogCaptureFixture
):
    environ = {
        "works": azurite.environ,
        "down": down().environ,
        "key refused": {"AzureWebJobsStorage": azurite.connection_string.replace(KEY, OTHER_KEY)},
        "signature refused": signed(azurite),
        "signature down": signed(down()),
    }[case]
    said: list[str] = []
    with caplog.at_level(logging.DEBUG), opened(environ) as ledger:
        said += [repr(ledger), str(ledger)]
        try:
            ledger.record(DELIVERY, CLAIM)
        except ReporterError as error:
            said += [repr(error), *traceback.format_exception(error)]
    said += [record.getMessage() for record in caplog.records]

    secrets = (KEY[:20], OTHER_KEY[:20], "c2lnbmF0dXJl", "SharedKey")
    assert not [line for line in said if any(secret in line for secret in secrets)]
    assert not [line for line in said if "http" in line]
