"""A folder in Blob Storage: what is there is whole, and what fails says what to do."""

import itertools
import logging
import re
import traceback
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from reporter.reports.errors import ConfigError, ReporterError, Unavailable
from reporter.sources.events.cloud import AzureBlobs
from tests.azurite import KEY, Azurite, free_ports
from tests.azurite_faults import Relay, relayed

BLOB_URI = "AzureWebJobsStorage__blobServiceUri"
ADDRESS = "https://acme.blob.core.windows.net"
OTHER_KEY = "b3RoZXJvdGhlcm90aGVyb3RoZXI="
SIGNATURE = "sv=2022-11-02&ss=b&srt=sco&sp=rwdlacu&sig=c2lnbmF0dXJlc2lnbmF0dXJl"
BIG = bytes(range(256)) * 2**16  # 16 MiB: written in several blocks, read in several pieces


@contextmanager
def opened(environ: dict[str, str], container: str = "days", folder: str = "") -> Generator[AzureBlobs]:
    blobs = AzureBlobs.of(environ, container, folder)
    assert blobs
    with closing(blobs):
        yield blobs


@pytest.fixture
def container() -> str:
    return f"c{uuid4().hex}"


@pytest.fixture
def blobs(azurite: Azurite, container: str) -> Generator[AzureBlobs]:
    with opened(azurite.environ, container) as blobs:
        yield blobs


@contextmanager
def relayed_blobs(azurite: Azurite, container: str) -> Generator[tuple[AzureBlobs, Relay]]:
    """By way of a relay with faults, which thinks that it relays tables."""
    with relayed(replace(azurite, table=azurite.blob)) as relay:
        environ = replace(azurite, blob=relay.azurite.table).environ
        with opened(environ, container) as blobs:
            yield blobs, relay


def test_a_container_that_is_not_there_is_empty(blobs: AzureBlobs, tmp_path: Path):
    assert blobs.names() == {}
    assert blobs.read("a", tmp_path / "a") is None
    blobs.delete("a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"some", BIG], ids=["nothing", "little", "much"])
def test_what_is_written_is_read_again(blobs: AzureBlobs, tmp_path: Path, content: bytes):
    written = blobs.write(BytesIO(content), "a.parquet")

    read = blobs.read("a.parquet", tmp_path / "a.parquet")

    assert (tmp_path / "a.parquet").read_bytes() == content
    assert written == read == blobs.names()["a.parquet"]
    assert written.size == len(content)


def test_a_new_version_takes_the_place_of_the_old_one(blobs: AzureBlobs, tmp_path: Path):
    old = blobs.write(BytesIO(b"old"), "a")
    new = blobs.write(BytesIO(b"new!"), "a")

    blobs.read("a", tmp_path / "a")

    assert old.etag != new.etag
    assert (tmp_path / "a").read_bytes() == b"new!"
    assert list(blobs.names()) == ["a"]


def test_what_is_deleted_is_gone(blobs: AzureBlobs, tmp_path: Path):
    blobs.write(BytesIO(b"some"), "a")

    blobs.delete("a")

    assert blobs.names() == {}
    assert blobs.read("a", tmp_path / "a") is None


def test_folders_of_one_container_do_not_know_each_other(azurite: Azurite, container: str, tmp_path: Path):
    with opened(azurite.environ, container, "one") as one, opened(azurite.environ, container, "two") as two:
        one.write(BytesIO(b"1"), "a")
        two.write(BytesIO(b"2"), "a")
        two.delete("a")

        assert (list(one.names()), list(two.names())) == (["a"], [])
        assert one.read("a", tmp_path / "a")


@pytest.mark.parametrize("name", ["deeper/a", ".hidden", "a b"])
def test_a_name_that_could_lead_out_of_a_folder_is_none_of_ours(blobs: AzureBlobs, name: str):
    blobs.write(BytesIO(b"some"), name)

    assert blobs.names() == {}


def test_an_answer_that_is_cut_is_asked_for_again(azurite: Azurite, container: str, tmp_path: Path):
    with relayed_blobs(azurite, container) as (blobs, relay):
        blobs.write(BytesIO(BIG), "a")
        relay.fail("GET .*/a", "cut")

        assert blobs.read("a", tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == BIG


def test_an_answer_that_stays_cut_leaves_what_was_here(azurite: Azurite, container: str, tmp_path: Path):
    (tmp_path / "a").write_text("what was here")
    with relayed_blobs(azurite, container) as (blobs, relay):
        blobs.write(BytesIO(BIG), "a")
        reads = itertools.count()
        relay.fault_of = lambda asked: "cut" if asked.startswith("GET") and next(reads) else None

        with pytest.raises(
            Unavailable, match=r"container c\w+ of the storage account .* Its answer broke off"
        ):
            blobs.read("a", tmp_path / "a")

    assert [file.read_text() for file in tmp_path.iterdir()] == ["what was here"]


def test_a_busy_storage_is_asked_again(azurite: Azurite, container: str, tmp_path: Path):
    with relayed_blobs(azurite, container) as (blobs, relay):
        blobs.write(BytesIO(b"some"), "a")
        relay.fail("GET .*/a", "busy")
        relay.fail("PUT .*/a", "lose")

        assert blobs.write(BytesIO(b"other"), "a")
        assert blobs.read("a", tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == b"other"


def test_a_file_that_is_replaced_while_it_is_read_is_never_mixed(
    azurite: Azurite, container: str, tmp_path: Path
):
    with relayed_blobs(azurite, container) as (blobs, relay):
        blobs.write(BytesIO(BIG), "a")
        forwarded = relay.fault_of
        halves: list[str] = []

        def replaced(asked: str):
            if asked.startswith("GET") and "/a" in asked:
                halves.append(asked)
                if len(halves) == 2:
                    with opened(azurite.environ, container) as other:
                        other.write(BytesIO(BIG[::-1]), "a")
            return forwarded(asked)

        relay.fault_of = replaced
        assert blobs.read("a", tmp_path / "a")

    assert (tmp_path / "a").read_bytes() == BIG[::-1]


def test_a_folder_that_cannot_be_written_to_is_named(blobs: AzureBlobs, tmp_path: Path):
    blobs.write(BytesIO(b"some"), "a")

    with pytest.raises(Unavailable, match="nowhere cannot be written to: No such file or directory"):
        blobs.read("a", tmp_path / "nowhere" / "a")


def down() -> Azurite:
    """Addresses where nobody listens."""
    return Azurite(*(f"http://127.0.0.1:{port}/devstoreaccount1" for port in free_ports(3)))


def test_a_storage_that_is_down_is_unavailable():
    with opened(down().environ) as blobs, pytest.raises(Unavailable) as raised:
        blobs.names()

    assert re.fullmatch(
        "The container days of the storage account devstoreaccount1 cannot be used. "
        r"It could not be reached: 127.0.0.1:\d+ refused the connection\.",
        str(raised.value),
    )


def test_a_wrong_key_says_what_to_do(azurite: Azurite):
    wrong = {"AzureWebJobsStorage": azurite.connection_string.replace(KEY, OTHER_KEY)}
    said = r"refused \(403\).*role Storage Blob Data Contributor .*or copy the key again"

    with opened(wrong) as blobs, pytest.raises(Unavailable, match=said):
        blobs.names()


def test_without_a_storage_account_there_are_no_blobs():
    assert AzureBlobs.of({}, "days") is None


def test_azurite_is_meant_by_its_short_name():
    with opened({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}) as blobs:
        assert blobs.container.account_name == "devstoreaccount1"


def test_an_identity_needs_no_key():
    with opened({BLOB_URI: ADDRESS, "AzureWebJobsStorage__credential": "managedidentity"}) as blobs:
        assert blobs.container.account_name == "acme"
        assert type(vars(blobs.container)["credential"]).__name__ == "ManagedIdentityCredential"


def test_an_address_that_no_identity_may_be_sent_to_is_a_fault_of_the_settings():
    with pytest.raises(ConfigError, match="blobServiceUri: is no address of a blob service") as raised:
        AzureBlobs.of({BLOB_URI: f"{ADDRESS}?{SIGNATURE}"}, "days")

    assert "sig=" not in str(raised.value)


@pytest.mark.parametrize("case", ["works", "down", "key refused", "signature refused"])
def test_no_key_and_no_signature_shows_in_an_error_log_or_repr(
    azurite: Azurite, case: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    environ = {
        "works": azurite.environ,
        "down": down().environ,
        "key refused": {"AzureWebJobsStorage": azurite.connection_string.replace(KEY, OTHER_KEY)},
        "signature refused": {
            "AzureWebJobsStorage": f"BlobEndpoint={azurite.blob};SharedAccessSignature={SIGNATURE}"
        },
    }[case]
    said: list[str] = []
    with caplog.at_level(logging.DEBUG), opened(environ) as blobs:
        said += [repr(blobs), str(blobs)]
        try:
            blobs.write(BytesIO(b"some"), "a")
            blobs.read("a", tmp_path / "a")
        except ReporterError as error:
            said += [repr(error), *traceback.format_exception(error)]
    said += [record.getMessage() for record in caplog.records]

    secrets = (KEY[:20], OTHER_KEY[:20], "c2lnbmF0dXJl", "SharedKey")
    assert not [line for line in said if any(secret in line for secret in secrets)]
    assert not [line for line in said if "http" in line]
