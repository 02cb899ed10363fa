"""Connections as the system asks for them: through its proxy, with the certificates all else here trusts."""

from contextlib import suppress
from functools import cache
from ssl import SSLContext
from typing import TYPE_CHECKING
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

from reporter.model.errors import Refused

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.util import Url


def connections_to(url: str, at_once: int) -> "PoolManager":
    """Raises Refused where the address or the proxy's is none."""
    from urllib3 import PoolManager, ProxyManager, make_headers

    address = _parse(url, "MIXPANEL_BASE_URL is no web address")
    context = _trusted() if address.scheme == "https" else None
    proxy_url = _proxy_for(address)
    if proxy_url is None:
        return PoolManager(maxsize=at_once, ssl_context=context)
    proxy = _parse(
        proxy_url, "The system's proxy is no http or https address. Check HTTPS_PROXY and ALL_PROXY"
    )
    login = make_headers(proxy_basic_auth=unquote(proxy.auth)) if proxy.auth else None
    proxy_address = f"{proxy.scheme}://{proxy.netloc}"
    return ProxyManager(proxy_address, proxy_headers=login, maxsize=at_once, ssl_context=context)


def _parse(url: str, problem: str) -> "Url":
    from urllib3.exceptions import LocationValueError
    from urllib3.util import parse_url

    with suppress(LocationValueError):
        parsed = parse_url(url)
        if parsed.scheme in {"http", "https"} and parsed.host:
            return parsed
    raise Refused(problem)


def _proxy_for(address: "Url") -> str | None:
    proxies = getproxies()
    if proxy_bypass(address.netloc or ""):
        return None
    proxy = proxies.get(address.scheme or "") or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


@cache
def _trusted() -> SSLContext:
    """Reading all certificates takes a while."""
    from httpx2 import create_ssl_context

    return create_ssl_context()
