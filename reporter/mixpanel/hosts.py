"""Where Mixpanel is: three regions, and three APIs in each (Mixpanel, API overview, "Data residency")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Region: TypeAlias = Literal["us", "eu", "in"]

REGIONS: tuple[Region, ...] = ("us", "eu", "in")
_DOMAINS: Mapping[str, Region] = {"mixpanel.com": "us", "eu.mixpanel.com": "eu", "in.mixpanel.com": "in"}


@dataclass(frozen=True, slots=True)
class Hosts:
    """The base addresses of the three APIs."""

    query: str
    export: str
    app: str

    @classmethod
    def of(cls, region: Region) -> "Hosts":
        """
        >>> Hosts.of("eu").query
        'https://eu.mixpanel.com/api/query'
        """
        host = "mixpanel.com" if region == "us" else f"{region}.mixpanel.com"
        data = "data.mixpanel.com" if region == "us" else f"data-{region}.mixpanel.com"
        return cls(f"https://{host}/api/query", f"https://{data}/api/2.0/export", f"https://{host}/api/app")

    @classmethod
    def under(cls, base_url: str) -> "Hosts":
        """All three at one address, as behind a proxy or on this machine."""
        base = base_url.rstrip("/")
        return cls(f"{base}/api/query", f"{base}/api/2.0/export", f"{base}/api/app")


def other_regions(region: Region) -> tuple[Region, ...]:
    return tuple(other for other in REGIONS if other != region)


def region_of(domain: str | None) -> Region | None:
    """The region of a project's `domain`, as `/api/app/me` writes it; None for one nobody knows."""
    return _DOMAINS.get((domain or "").lower().removeprefix("https://").rstrip("/"))
