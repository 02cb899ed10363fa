"""A Mixpanel that answers from a table, and a client that asks it without ever sleeping."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from reporter.sources.mixpanel.access import MixpanelAccess, Region
from reporter.sources.mixpanel.http import MixpanelClient

USERNAME = "robot.1a2b3c"
SECRET = "sEcReT-4d5e6f7a8b9c"
BASIC = base64.b64encode(f"{USERNAME}:{SECRET}".encode()).decode()
PROJECT_ID = "3141592"


def me(
    project: str = PROJECT_ID, zone: str | None = "Europe/Berlin", domain: str = "eu.mixpanel.com"
) -> object:
    """The answer of /api/app/me to an account that sees one project."""
    return {
        "status": "ok",
        "results": {"projects": {project: {"name": "Acme", "timezone": zone, "domain": domain}}},
    }


@dataclass
class FakeMixpanel:
    """Answers each path with what `answers` has for it: JSON, a response, an exception, or these in turn.

    A function makes any of these of the request.
    """

    answers: dict[str, object] = field(default_factory=dict[str, object])
    requests: list[httpx2.Request] = field(default_factory=list[httpx2.Request])
    sleeps: list[float] = field(default_factory=list[float])

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self._next(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx2.Response):
            return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx2.Response(200, json=answer)

    def client(
        self, region: Region = "eu", project_id: str = PROJECT_ID, random: Callable[[], float] = lambda: 0.5
    ) -> MixpanelClient:
        transport = httpx2.MockTransport(self)
        return MixpanelClient(
            MixpanelAccess(USERNAME, SECRET, project_id, region),
            transport=transport,
            sleep=self.sleeps.append,
            random=random,
        )

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def _next(self, request: httpx2.Request) -> object:
        host, path = request.url.host, request.url.path
        found = self.answers.get(host + path, self.answers.get(path, httpx2.Response(404, text="Not found")))
        if callable(found):
            return found(request)
        return found.take() if isinstance(found, Turns) else found


@dataclass
class Turns:
    """Answers one after the other; the last one stays."""

    answers: list[object]

    def take(self) -> object:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def error(status: int, said: str = "", headers: Mapping[str, str] | None = None) -> httpx2.Response:
    return httpx2.Response(status, json={"error": said}, headers=dict(headers or {}))
