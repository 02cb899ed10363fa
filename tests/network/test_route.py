"""The way to an address: which proxy, which certificates, why it failed, and that no secret of it shows."""

import os
import socket
import ssl
import traceback
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.local.server import LoopbackAnswer, LoopbackServer
from reporter.network.bounds import within
from reporter.network.route import Route, host_of
from reporter.reports.errors import ConfigError
from tests.dripping import Dripping, drip_body, drip_head

HOOK = "https://hooks.slack.com/services/T0/B0/XSecretXSecretX"
PASSWORD = "XSecretXSecretX"
NASTY = [
    "#",
    "?",
    "/",
    "@",
    ":",
    "%",
    "%zz",
    "\\",
    "'",
    '"',
    " ",
    "[",
    "]",
    "é",
    "\u200b",
    "\n",
    "<",
    ">",
    "&",
    "$",
]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_named_by_its_setting_without_its_password(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, f"http://me:{PASSWORD}@proxy.corp:3128")

    assert Route.to(HOOK).proxy_name == f"the proxy proxy.corp:3128 of {name}"


def test_a_proxy_that_speaks_no_tls_is_named_with_the_fix(monkeypatch: pytest.MonkeyPatch):
    with LoopbackServer(lambda _: LoopbackAnswer()) as plain:
        monkeypatch.setenv("HTTPS_PROXY", plain.url.replace("http://", f"https://me:{PASSWORD}@"))
        reason = failure(HOOK, Route.to(HOOK))

    assert "of HTTPS_PROXY does not speak TLS" in reason
    assert reason.endswith("write its address with http://")
    assert PASSWORD not in reason


@pytest.mark.parametrize("hosts", ["hooks.slack.com", ".slack.com", "slack.com", "*"])
def test_a_host_that_needs_no_proxy_has_none(hosts: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp:3128")
    monkeypatch.setenv("NO_PROXY", f"localhost,{hosts}")

    assert Route.to(HOOK).proxy is None


def test_a_proxy_that_is_not_for_this_address_may_be_wrong(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.corp:1080")

    assert Route.to(HOOK).proxy_name == "the proxy proxy.corp:3128 of HTTPS_PROXY"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (f'"http://me:{PASSWORD}@proxy:3128"', "stands in quotation marks"),
        (f" http://me:{PASSWORD}@proxy:3128", "has blanks around it"),
        (f"<http://me:{PASSWORD}@proxy:3128>", "stands in angle brackets"),
        (f"http://me:{PASSWORD}\u200b@proxy:3128", "holds a character that cannot be seen"),
        (f"socks5h://me:{PASSWORD}@proxy:1080", "names a SOCKS proxy, and only HTTP proxies can be used"),
        (f"http://me:{PASSWORD}#1@proxy:3128", "is no address of an HTTP proxy"),
        (f"http://{PASSWORD}:1#2@proxy:3128", "is no address of an HTTP proxy"),
        (f"ftp://{PASSWORD}@proxy:3128", "is no address of an HTTP proxy"),
    ],
)
def test_a_proxy_that_is_none_says_what_is_wrong_with_it(
    value: str, problem: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTPS_PROXY", value)

    with pytest.raises(ConfigError) as raised:
        Route.to(HOOK)

    (fault,) = raised.value.faults
    assert (fault.place, fault.problem) == ("HTTPS_PROXY", problem)
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))


letters = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=3)), max_size=4).map("".join)


@given(
    scheme=st.sampled_from(["http://", "https://", "socks5://", "HTTP://", "", "//", "http:/", "x://"]),
    before=letters,
    after=letters,
    wrapped=st.sampled_from(["{}", '"{}"', "'{}'", " {}", "{} ", "<{}>", "{}/", "{}?x", "{}#"]),
    name=st.sampled_from(["HTTPS_PROXY", "https_proxy", "all_proxy"]),
)
@example("http://", "", ":1#", "{}", "HTTPS_PROXY")
def test_whatever_a_proxy_setting_holds_no_password_shows_and_nothing_crashes(
    scheme: str, before: str, after: str, wrapped: str, name: str
):
    secret = f"{before}{PASSWORD}{after}"
    value = wrapped.format(f"{scheme}me:{secret}@127.0.0.1:9").replace("\0", "")
    said: list[str] = []
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"))
        try:
            route = Route.to(HOOK)
            said += [repr(route), route.proxy_name, route.reason(httpx2.ConnectError(value))]
            route.transport().close()
        except ConfigError as error:
            said += traceback.format_exception(error)

    assert not [line for line in said if PASSWORD in line]


@pytest.mark.parametrize("setting", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_gone_are_a_fault_of_their_setting(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(setting, str(tmp_path / "gone"))

    with pytest.raises(ConfigError, match=rf"^{setting}: names a (file|folder)"):
        Route.to(HOOK).transport()


def test_a_file_without_certificates_is_a_fault_of_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "empty.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))

    with pytest.raises(ConfigError, match=r"^SSL_CERT_FILE: names a file that holds no certificates"):
        Route.to(HOOK).transport()


def failure(url: str, route: Route) -> str:
    with (
        httpx2.Client(transport=route.transport(), trust_env=False) as http,
        pytest.raises(httpx2.HTTPError) as raised,
    ):
        http.get(url)
    return route.reason(raised.value)


def test_why_there_was_no_connection_is_told_with_the_host_alone():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused, unknown = f"https://127.0.0.1:{port}/{PASSWORD}", f"https://no-such-host.invalid/{PASSWORD}"

    assert failure(refused, Route.to(refused)) == f"127.0.0.1:{port} refused the connection"
    assert failure(unknown, Route.to(unknown)) == "the name of no-such-host.invalid cannot be found"


def test_what_speaks_no_tls_is_told():
    with LoopbackServer(lambda _: LoopbackAnswer(200)) as server:
        url = server.url.replace("http://", "https://")

        assert "does not speak TLS as it should (WRONG_VERSION_NUMBER)" in failure(url, Route.to(url))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (407, "does not accept its user name and password (407)"),
        (403, "not let this program through to hooks"),
    ],
)
def test_a_proxy_that_refuses_is_told(status: int, words: str, monkeypatch: pytest.MonkeyPatch):
    with Dripping(f"HTTP/1.1 {status} {PASSWORD}\r\nContent-Length: 0\r\n\r\n".encode(), b"") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        said = failure(HOOK, Route.to(HOOK))

    assert words in said
    assert host_of(proxy.url) in said
    assert PASSWORD not in said


def test_the_certificate_of_a_stranger_is_told():
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "self-signed certificate"

    said = Route("hooks.slack.com").reason(error)

    assert "the certificate of hooks.slack.com is not trusted (self-signed certificate)" in said
    assert "SSL_CERT_FILE" in said


def test_a_reason_nobody_knows_repeats_nothing():
    assert Route("hooks.slack.com").reason(httpx2.ConnectError(HOOK)) == "no connection to hooks.slack.com"


@pytest.mark.parametrize("url", ["https://[::1", "not an address", "", "https://x:99999/"])
def test_an_address_that_is_none_has_no_host(url: str):
    assert host_of(url) == ""


@pytest.mark.parametrize("drip", [drip_head, drip_body])
@pytest.mark.parametrize("by_proxy", [False, True])
def test_an_exchange_has_a_bound_as_a_whole(
    drip: Callable[[], Dripping], by_proxy: bool, monkeypatch: pytest.MonkeyPatch
):
    with drip() as server:
        url = server.url
        if by_proxy:
            monkeypatch.setenv("HTTP_PROXY", server.url)
            url = "http://mixpanel.test/"
        with (
            within(0.3),
            httpx2.Client(transport=Route.to(url).transport(), timeout=20.0, trust_env=False) as http,
            pytest.raises(httpx2.ReadTimeout),
        ):
            http.get(url)
