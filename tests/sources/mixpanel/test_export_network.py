"""The way to Mixpanel: slow answers, proxies, certificates, addresses."""

import base64
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.server import Fault, LoopbackAnswer, LoopbackServer
from reporter.reports.errors import ConfigError, Refused, TooLong, Unavailable
from reporter.reports.periods import Period
from reporter.sources.mixpanel.export import Exporter
from tests.dripping import Dripping, drip_body, drip_head

from .exports import (
    DAY,
    EXPORT,
    LINE,
    NOW,
    WEEK,
    Time,
    exporter,
    failure_of,
    take_all,
    truth,
)
from .exports import client as client  # a fixture
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture
from .exports import time as time  # a fixture


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporter.sources.mixpanel.export.download.READ", 0.3)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("period", "kind"), [(DAY, Unavailable), (WEEK, TooLong)])
def test_an_answer_that_does_not_begin_is_not_asked_for_a_second_time_beside_the_first(
    mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path, period: Period, kind: type[Unavailable]
):
    mixpanel.faults.append(Fault(EXPORT, delay=2.0, times=9))

    error = failure_of(client, [period], tmp_path)

    assert type(error) is kind
    assert "did not answer in time" in str(error) or "took too long" in str(error)
    assert len(mixpanel.requests) == 1


@pytest.mark.usefixtures("hurried")
def test_an_answer_that_stops_is_asked_for_again(mixpanel: LocalMixpanel, client: Exporter, tmp_path: Path):
    go_on = threading.Event()

    def stop(answer: LoopbackAnswer) -> LoopbackAnswer:
        def body() -> Iterator[bytes]:
            yield LINE
            go_on.wait(30)

        return replace(answer, body=body())

    mixpanel.faults.append(Fault(EXPORT, spoil=stop))

    assert take_all(client.fetch([DAY], tmp_path)) == [(DAY, truth(mixpanel, DAY))]
    go_on.set()


def test_an_answer_that_drips_is_left(tmp_path: Path):
    time = Time()

    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(60)
            yield LINE

    with LoopbackServer(lambda _: LoopbackAnswer(200, drip())) as server:
        client = exporter(server.url, time)
        error = failure_of(client, [DAY], tmp_path)
        client.close()

    assert "was not through after 3600 seconds" in str(error)
    assert len(server.requests) == 1


def test_a_proxy_of_the_system_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with LoopbackServer(lambda _: LoopbackAnswer(200, LINE)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://me:p%40ss@"))
        monkeypatch.setenv("no_proxy", "elsewhere.test")
        client = exporter("http://mixpanel.test")

        assert take_all(client.fetch([DAY], tmp_path)) == [(DAY, LINE)]
        client.close()

    [request] = proxy.requests
    assert request.headers["host"] == "mixpanel.test"
    assert base64.b64decode(request.headers["proxy-authorization"].removeprefix("Basic ")) == b"me:p@ss"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1"])
def test_a_proxy_that_does_not_work_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str):
    monkeypatch.setenv("http_proxy", proxy)
    client = exporter("http://mixpanel.test")

    with pytest.raises((Unavailable, ConfigError), match="http_proxy"):
        next(client.fetch([DAY], tmp_path))
    client.close()


@pytest.mark.parametrize(
    "url", ["mixpanel", "ftp://mixpanel.test", "http://", "http://[mixpanel", "https:/x"]
)
def test_an_address_that_is_none_is_told(tmp_path: Path, url: str):
    client = exporter(url)

    with pytest.raises((Refused, Unavailable), match="MIXPANEL_BASE_URL is no web address"):
        next(client.fetch([DAY], tmp_path))
    client.close()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed("localhost", tmp_path / "certificate"))
    with LoopbackServer(lambda _: LoopbackAnswer(200, LINE)) as server:
        listening = server._server
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        client = exporter(server.url.replace("http://127.0.0.1", "https://localhost"))

        error = failure_of(client, [DAY], tmp_path / "raw")
        client.close()

    assert "the certificate of localhost:" in str(error)
    assert "is not trusted (self-signed certificate)" in str(error)
    assert "SSL_CERT_FILE" in str(error)
    assert server.requests == []


def self_signed(name: str, path: Path) -> Path:
    """A certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=9_000))
        .not_valid_after(NOW + timedelta(days=9_000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(certificate.public_bytes(encoding) + key.private_bytes(encoding, *private))
    return path


@pytest.mark.parametrize(
    ("drip", "bound"), [(drip_head, "download.LONGEST_START"), (drip_body, "download.LONGEST_DOWNLOAD")]
)
def test_an_answer_that_drips_is_left_in_the_middle_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drip: Callable[[], Dripping], bound: str
):
    monkeypatch.setattr(f"reporter.sources.mixpanel.export.{bound}", 0.3)
    with drip() as server:
        client = exporter(server.url)
        error = failure_of(client, [DAY], tmp_path)
        client.close()

    assert isinstance(error, Unavailable)
