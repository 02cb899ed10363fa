"""A Mixpanel on 127.0.0.1 with one project, for the demo, the tests and load runs.

It answers what this program asks, in the shapes of Mixpanel's published API
documents, and measures in plain sets and dictionaries, apart from the measuring code of the program.

    with LocalMixpanel(make_product(date(2026, 11, 22))) as mixpanel:
        httpx2.get(mixpanel.url + "/api/query/events/names", ...)
"""

import argparse
import base64
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Literal, Self, cast

from reporter.local.mixpanel.bookmark import Bookmark
from reporter.local.mixpanel.cohorts import answer_funnel, answer_retention
from reporter.local.mixpanel.counts import answer_events, answer_names
from reporter.local.mixpanel.days import Days
from reporter.local.mixpanel.export import ToDateInFutureError, answer_export
from reporter.local.mixpanel.insights import answer_insights, measure
from reporter.local.mixpanel.properties import answer_property_values, answer_top_properties
from reporter.local.mixpanel.query_parameters import BadRequestError, QueryParameters, required
from reporter.local.mixpanel.quota import Quota, TooManyQueriesError
from reporter.local.product import Product, make_product
from reporter.local.server import Fault, LoopbackAnswer, LoopbackRequest, LoopbackServer

Cluster = Literal["us", "eu", "in"]

USERNAME = "local"
SECRET = "local-secret"
PROJECT_ID = 3141592
DOMAINS: Mapping[Cluster, str] = {"us": "mixpanel.com", "eu": "eu.mixpanel.com", "in": "in.mixpanel.com"}
QUERY = "/api/query"
FREE_PLAN = "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"

_GETS: Mapping[str, Callable[[Days, QueryParameters], object]] = {
    "/events": answer_events,
    "/events/names": answer_names,
    "/events/properties/top": answer_top_properties,
    "/events/properties/values": answer_property_values,
    "/retention": answer_retention,
    "/funnels": answer_funnel,
}


def _saved(chart: str, group: list[object], *metrics: tuple[str, str], of: str | None = None) -> Bookmark:
    measured = {} if of is None else {"property": {"name": of}}
    show = [
        {
            "type": "metric",
            "behavior": {"type": "event", "name": event},
            "measurement": {"math": math, **measured},
        }
        for event, math in metrics
    ]
    window = {"dateRangeType": "in the last", "unit": "day", "window": {"unit": "day", "value": 30}}
    sections = {"show": show, "time": [window], "filter": [], "group": group}
    return Bookmark.model_validate({"sections": sections, "displayOptions": {"chartType": chart}})


SAVED_REPORTS: Mapping[int, Bookmark] = {
    8001: _saved("line", [], ("Sign Up", "total"), ("Purchase", "total")),
    8002: _saved("bar", [{"propertyName": "mp_country_code"}], ("Sign Up", "unique")),
    8003: _saved("line", [], ("Purchase", "total"), of="amount"),
    8004: _saved("insights-metric", [], ("Purchase", "average"), of="amount"),
}


class LocalMixpanel:
    """Runs while it is entered.

    `requests` holds everything that was asked, `queries` what counted against the hourly quota; `faults` make
    the next answers fail; `query_seconds` makes each query take that long, so that several run at once.
    """

    def __init__(
        self,
        product: Product,
        *,
        username: str = USERNAME,
        secret: str = SECRET,
        project_id: int = PROJECT_ID,
        region: Cluster = "eu",
        project_name: str = "Acme",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_time_rules: bool = True,
        free_plan: bool = False,
        quota: int = 60,
        port: int = 0,
    ) -> None:
        self.product = product
        self.project_id = project_id
        self.region: Cluster = region
        self.project_name = project_name
        self.new_time_rules = new_time_rules
        self.free_plan = free_plan
        self.query_seconds = 0.0
        self.queries: list[LoopbackRequest] = []
        self._username = username
        self._authorization = "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()
        self._now = now
        self._days = Days(product, now)
        self._quota = Quota(quota, now)
        self._server = LoopbackServer(self._answer, port, now)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def faults(self) -> list[Fault]:
        return self._server.faults

    @property
    def requests(self) -> list[LoopbackRequest]:
        return self._server.requests

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def _answer(self, request: LoopbackRequest) -> LoopbackAnswer:
        path = request.path.rstrip("/")
        if request.headers.get("authorization") != self._authorization:
            return _refusal(request, 401, "Invalid service account credentials")
        try:
            if path == "/api/app/me":
                return LoopbackAnswer.json({"status": "ok", "results": self._me()})
            if path == "/api/2.0/export":
                return self._export(request)
            if path == QUERY or path.startswith(QUERY + "/"):
                return self._query(request, path.removeprefix(QUERY))
        except BadRequestError as error:
            return _refusal(request, 400, str(error))
        return _refusal(request, 404, "Not found")

    def _query(self, request: LoopbackRequest, path: str) -> LoopbackAnswer:
        """401, 402 and 429 do not count against the quota; every other query of the project does, also one
        that fails.
        """
        if self.free_plan:
            return LoopbackAnswer.json({"error": FREE_PLAN}, 402)
        inline = path == "/insights" and request.method == "POST"
        refused = self._refused_project(request, _project_in(request.body) if inline else None)
        if refused:
            return refused
        try:
            with self._quota:
                self.queries.append(request)
                time.sleep(self.query_seconds)
                return self._measured(request, path)
        except TooManyQueriesError as error:
            return LoopbackAnswer.json({"error": str(error)}, 429, error.headers)

    def _measured(self, request: LoopbackRequest, path: str) -> LoopbackAnswer:
        try:
            if path == "/insights":
                inline = request.method == "POST"
                report = answer_insights(self._days, request.body) if inline else self._saved_report(request)
                return LoopbackAnswer.json(report)
            if path in _GETS:
                return LoopbackAnswer.json(_GETS[path](self._days, request.query))
        except BadRequestError as error:
            return _refusal(request, 400, str(error))
        return _refusal(request, 404, "Not found")

    def _saved_report(self, request: LoopbackRequest) -> object:
        bookmark_id = required(request.query, "bookmark_id")
        bookmark = SAVED_REPORTS.get(int(bookmark_id)) if bookmark_id.isdecimal() else None
        if bookmark is None:
            raise BadRequestError(f"Bookmark {bookmark_id} does not exist")
        report = measure(self._days, bookmark, limit=3000)
        del report["meta"]  # an answer to a saved report has none
        return report

    def _export(self, request: LoopbackRequest) -> LoopbackAnswer:
        refused = self._refused_project(request)
        if refused:
            return refused
        try:
            return answer_export(self.product, request, self._now(), new_time_rules=self.new_time_rules)
        except ToDateInFutureError as error:
            return LoopbackAnswer(400, str(error).encode(), "text/plain")

    def _refused_project(self, request: LoopbackRequest, named: str | None = None) -> LoopbackAnswer | None:
        project_id = required(request.query, "project_id") if named is None else named
        if not project_id.isdecimal():  # such as the project's token
            return _refusal(request, 400, "Invalid project_id")
        if int(project_id) != self.project_id:
            return _refusal(request, 403, "This service account has no access to the project")
        return None

    def _me(self) -> dict[str, object]:
        """As Mixpanel's own client reads it; `domain` tells the cluster that holds the project."""
        project = {
            "name": self.project_name,
            "organization_id": 1,
            "timezone": self.product.zone.key,
            "has_workspaces": False,
            "domain": DOMAINS[self.region],
            "type": "PROJECT",
        }
        return {
            "user_id": 1,
            "user_email": f"{self._username}@serviceaccount.mixpanel.com",
            "user_name": self._username,
            "organizations": {"1": {"id": 1, "name": self.project_name, "role": "consumer"}},
            "projects": {str(self.project_id): project},
            "workspaces": {},
        }


def _refusal(request: LoopbackRequest, status: int, error: str) -> LoopbackAnswer:
    return LoopbackAnswer.json({"request": request.path, "error": error}, status)


def _project_in(body: bytes) -> str:
    """The project that an inline query names beside its bookmark."""
    with suppress(ValueError):
        value: object = json.loads(body)
        if isinstance(value, dict):
            return str(cast(dict[str, object], value).get("project_id", ""))
    raise BadRequestError("The body is not a JSON object")


def main() -> None:
    """Serves a product up to yesterday until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m reporter.local.mixpanel", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument(
        "--until", type=date.fromisoformat, default=datetime.now(UTC).date() - timedelta(days=1)
    )
    arguments = parser.parse_args()
    with LocalMixpanel(make_product(arguments.until), port=arguments.port), suppress(KeyboardInterrupt):
        while True:
            time.sleep(60)
