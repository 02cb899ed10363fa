"""How an address is reached: by the system's proxy, with its certificates; and why it was not.

httpx2 takes a while to import, so it is imported where a connection is made, not here.
"""

import os
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reporter.reports.errors import ConfigError, Unavailable
from reporter.reports.pasted import mangled

if TYPE_CHECKING:
    import httpx2

REACHED_WITHIN = 10.0  # seconds
_PROXY_STATUS = re.compile(r"^(?:Tunnel connection failed: )?([1-5][0-9]{2})\b")
_OWN_CERTIFICATE = "where a proxy opens connections to look into them, name its certificate in SSL_CERT_FILE"


@dataclass(frozen=True, slots=True)
class Route:
    """The way to an address: its host, and the system's proxy where one is on the way."""

    host: str  # with its port, where the address names one
    proxy: "httpx2.Proxy | None" = field(default=None, repr=False)
    setting: str = ""  # which names the proxy
    is_encrypted: bool = True

    @classmethod
    def to(cls, url: str) -> "Route":
        """Raises ConfigError where the system's proxy or its certificates cannot be used."""
        scheme = url.partition(":")[0].lower()
        address = _proxy_for(url)
        if address is None:
            return cls(host_of(url), is_encrypted=scheme == "https")
        setting = _proxy_setting(scheme)
        return cls(host_of(url), _proxy(address, setting), setting, scheme == "https")

    def transport(self) -> "httpx2.BaseTransport":
        """Connections on this way, within the bound that `within` sets. Raises ConfigError."""
        import httpx2

        from reporter.network.bounds import bounded

        context = tls_context() if self.is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return bounded(httpx2.HTTPTransport(verify=context, proxy=self.proxy))

    def reason(self, error: BaseException) -> str:
        """Why there was no connection, with no more of the address, or of the proxy's, than the host."""
        return next(filter(None, map(self._reason, _causes(error))), f"no connection to {self._first_hop}")

    @property
    def proxy_name(self) -> str:
        """The proxy as people may read of it, without its user and password; empty where there is none."""
        if self.proxy is None:
            return ""
        url = self.proxy.url
        return f"the proxy {_named(url.host, url.port)} of {self.setting}"

    @property
    def is_loopback(self) -> bool:
        return self.proxy is None and self.host.startswith(("127.", "localhost", "[::1]"))

    @property
    def _first_hop(self) -> str:
        return self.proxy_name or self.host

    @property
    def _hint(self) -> str:
        """What to do where it is the proxy that is not there."""
        return f" (correct {self.setting}, or name {self.host} in NO_PROXY)" if self.proxy else ""

    def _reason(self, cause: BaseException) -> str | None:
        match cause:
            case ssl.SSLCertVerificationError():
                reason = cause.verify_message.rstrip(".")
                return f"the certificate of {self.host} is not trusted ({reason}); {_OWN_CERTIFICATE}"
            case ssl.SSLError():
                return self._no_tls(cause.reason or "no reason given")
            case socket.gaierror():
                return f"the name of {self._first_hop} cannot be found{self._hint}"
            case ConnectionRefusedError():
                return f"{self._first_hop} refused the connection{self._hint}"
            case TimeoutError():
                return f"{self._first_hop} did not answer in time"
            case ConnectionError():
                return f"{self._first_hop} broke the connection"
            case _ if self.proxy and (status := _PROXY_STATUS.match(str(cause))):
                return self._refused_by_proxy(int(status[1]))
            case OSError() if cause.errno:
                return f"no connection to {self._first_hop}: {os.strerror(cause.errno).lower()}"
            case _:
                return None

    def _no_tls(self, reason: str) -> str:
        if self.proxy and self.proxy.url.scheme == "https":
            return f"{self.proxy_name} does not speak TLS ({reason}); write its address with http://"
        return f"{self.host} does not speak TLS as it should ({reason})"

    def _refused_by_proxy(self, status: int) -> str:
        name = self.proxy_name or "the proxy"
        if status == 407:
            return f"{name} does not accept its user name and password (407)"
        return f"{name} does not let this program through to {self.host} ({status})"


def check_reachable(url: str) -> None:
    """Connects without a request, which would mean something. Raises Unavailable or ConfigError."""
    route, parts = Route.to(url), urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if route.is_encrypted else 80)
    try:
        with closing(_connection(route, host, port)) as connection:
            connection.connect()
            if route.is_encrypted:
                tls_context().wrap_socket(connection.sock, server_hostname=host).close()
    except (OSError, HTTPException) as error:
        raise Unavailable(f"It could not be reached: {route.reason(error)}.") from None


def _connection(route: Route, host: str, port: int) -> HTTPConnection:
    """To the host, through the proxy where there is one."""
    if route.proxy is None:
        return HTTPConnection(host, port, timeout=REACHED_WITHIN)
    url = route.proxy.url
    if url.scheme == "https":
        proxy = HTTPSConnection(url.host, url.port or 443, timeout=REACHED_WITHIN, context=tls_context())
    else:
        proxy = HTTPConnection(url.host, url.port or 80, timeout=REACHED_WITHIN)
    login = b64encode(":".join(route.proxy.auth or ()).encode()).decode()
    proxy.set_tunnel(host, port, {"Proxy-Authorization": f"Basic {login}"} if login else {})
    return proxy


def host_of(url: str) -> str:
    """The host of an address, with its port where one is named; never its path, user or password."""
    try:
        parts = urlsplit(url)
        return _named(parts.hostname or "", parts.port)
    except ValueError:
        return ""


def tls_context() -> ssl.SSLContext:
    """The certificates the system trusts. Raises ConfigError."""
    return _trusted(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@cache
def _trusted(file: str, folder: str) -> ssl.SSLContext:
    """Reading all certificates takes a while."""
    from httpx2 import create_ssl_context

    setting = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
    fix = "Name one that is there, or remove the setting."
    if folder and not file and not Path(folder).is_dir():
        raise ConfigError.at(setting, "names a folder that is not there", fix)
    try:
        return create_ssl_context()
    except ssl.SSLError:
        raise ConfigError.at(setting, "names a file that holds no certificates", fix) from None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not a possible path"
        raise ConfigError.at(setting, f"names a file that cannot be read ({reason})", fix) from None


def _proxy_for(url: str) -> str | None:
    """The system's proxy for this address, as httpx2 would choose it."""
    import httpx2
    from httpx2._utils import URLPattern, get_environment_proxies

    proxies = {URLPattern(pattern): proxy for pattern, proxy in get_environment_proxies().items()}
    address = httpx2.URL(url)
    return next((proxies[pattern] for pattern in sorted(proxies) if pattern.matches(address)), None)


def _proxy_setting(scheme: str) -> str:
    """Which setting names the proxy: urllib.request.getproxies prefers those in small letters."""
    for kind in (scheme, "all"):
        names = (f"{kind}_proxy", *(name for name in os.environ if name.lower() == f"{kind}_proxy"))
        if found := next((name for name in names if os.environ.get(name)), None):
            return found
    return "the system's settings"


def _proxy(address: str, setting: str) -> "httpx2.Proxy":
    """Raises ConfigError, which repeats nothing of the address: it may hold a password."""
    import httpx2

    fix = "Write it as http://host:port."
    if found := mangled(os.environ.get(setting, address)):
        raise ConfigError.at(setting, found[0], f"{found[1]} {fix}")
    if address.lower().startswith("socks"):
        fix = "Name an HTTP proxy in HTTPS_PROXY, or list the hosts that need none in NO_PROXY."
        raise ConfigError.at(setting, "names a SOCKS proxy, and only HTTP proxies can be used", fix)
    try:
        proxy = httpx2.Proxy(address)
        _ = proxy.url.port
    except (ValueError, httpx2.InvalidURL):
        proxy = None
    if proxy is None or not _is_whole(proxy.url):
        fix += " In a user name or password, write / ? # @ and % as %2F %3F %23 %40 and %25."
        raise ConfigError.at(setting, "is no address of an HTTP proxy", fix)
    if proxy.url.scheme == "https":
        proxy.ssl_context = tls_context()
    return proxy


def _is_whole(url: "httpx2.URL") -> bool:
    """Whether it is a host and a port: more means that a password's letters were taken for a host's end."""
    is_host = re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+", url.host) is not None
    return is_host and url.path == "/" and not url.query and not url.fragment


def _named(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, the first cause first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        inner = next((one for one in error.args if isinstance(one, BaseException)), None)  # as urllib3 has it
        error = error.__cause__ or error.__context__ or inner
    yield from reversed(chain)
