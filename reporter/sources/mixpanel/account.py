"""What the service account may see: the project, its zone, and in which region it lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import BaseModel, TypeAdapter

from reporter.reports.errors import Refused, Unavailable
from reporter.reports.figures import Project
from reporter.sources.mixpanel.access import Region
from reporter.sources.mixpanel.decoding import decode
from reporter.sources.mixpanel.http import MixpanelClient, region_of

MOST_NAMED = 5  # projects in an error


class _Project(BaseModel):
    name: str | None = None
    timezone: str | None = None
    domain: str | None = None


class _Projects(BaseModel):
    projects: dict[str, _Project]


class _Me(BaseModel):
    results: _Projects


@dataclass(frozen=True, slots=True)
class SeenProject:
    """A project that the account may see."""

    name: str
    zone: str | None
    domain: str | None


_ME = TypeAdapter(_Me | _Projects)


def find_project(client: MixpanelClient, *, zone: ZoneInfo | None, fallback_zone: ZoneInfo | None) -> Project:
    """The project as Mixpanel describes it. `zone` wins over Mixpanel's, `fallback_zone` is for none.

    Raises Refused where the account does not see the project here, and Unavailable.
    """
    projects = _projects(client, must_answer=zone is None)
    if problem := _misplaced(client, projects):
        raise Refused(problem)
    seen = projects.get(client.access.project_id)
    name = seen.name if seen and seen.name else f"Project {client.access.project_id}"
    if known := zone or _zone_of(seen):
        return Project(client.access.project_id, name, known, link=client.access.project_page)
    if seen is not None and seen.zone:  # days cut in another zone would be wrong days
        raise Refused(
            f"Mixpanel says that the project's time zone is {seen.zone[:60]}, which is not known here. "
            f"Set {client.access.names.zone} to one that is, such as America/Los_Angeles"
        )
    if fallback_zone is None:
        raise Refused(f"Mixpanel does not tell the project's time zone. Set {client.access.names.zone}")
    page = client.access.project_page
    return Project(client.access.project_id, name, fallback_zone, zone_is_assumed=True, link=page)


def advice(client: MixpanelClient) -> str | None:
    """Why the account may have been refused, as far as Mixpanel tells."""
    try:
        return _misplaced(client, read_projects(client.me()))
    except Refused:
        pass
    except Unavailable:
        return None
    home = next((region for region in client.other_regions if _knows_account(client, region)), None)
    return (
        f"The service account belongs to the region {home.upper()}: set {client.access.names.in_region(home)}"
        if home
        else None
    )


def _projects(client: MixpanelClient, *, must_answer: bool) -> Mapping[str, SeenProject]:
    """The projects the account sees; none where it may not ask, for it may still be let in to the numbers."""
    try:
        return read_projects(client.me())
    except Refused:
        return {}
    except Unavailable:
        if must_answer:
            raise
        return {}


def _misplaced(client: MixpanelClient, projects: Mapping[str, SeenProject]) -> str | None:
    """What is wrong when the account sees projects, but not this one, or sees it in another region."""
    if not projects:
        return None
    access = client.access
    seen = projects.get(access.project_id)
    if seen is None:
        others = ", ".join(
            f"{key} ({project.name[:60]})" for key, project in [*projects.items()][:MOST_NAMED]
        )
        more = f" and {len(projects) - MOST_NAMED} more" if len(projects) > MOST_NAMED else ""
        return (
            f"The service account does not see the project {access.project_id}. It sees {others}{more}. "
            f"Set {access.names.project_id} to one of them, or add the account to the project"
        )
    region = region_of(seen.domain)
    if region is None or region == access.region or not client.other_regions:
        return None
    return (
        f"The project {access.project_id} lives in the region {region.upper()}: "
        f"set {access.names.in_region(region)}"
    )


def _zone_of(seen: SeenProject | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(seen.zone) if seen and seen.zone else None
    except (ValueError, LookupError, OSError):  # a malformed name, an unknown one, a folder of zones
        return None


def _knows_account(client: MixpanelClient, region: Region) -> bool:
    try:
        client.me(region)
    except (Refused, Unavailable):
        return False
    return True


def read_projects(body: bytes) -> Mapping[str, SeenProject]:
    """The answer of `/api/app/me`: projects by id."""
    answer = decode(_ME, body, "/api/app/me")
    projects = answer.results.projects if isinstance(answer, _Me) else answer.projects
    return {
        key: SeenProject(project.name or "", project.timezone, project.domain)
        for key, project in projects.items()
    }
