"""Somebody who calls the program over HTTP: the real handlers, a Mixpanel and a Slack on this machine."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from reporter.app import App, assemble, utc_now
from reporter.assembly import EventStorage
from reporter.config.settings import read as read_settings
from reporter.http.endpoints import custom_report, due, health
from reporter.http.request import HttpRequest, HttpResponse
from reporter.publishing.notices import Ledger
from reporter.publishing.queue import OnDemand, parse_message
from tests.desk import Desk
from tests.ledgers import MemoryLedger

ADDRESS = "https://acme.azurewebsites.net/api/CustomReport"
CURL = {"user-agent": "curl/8.11.0"}
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}


def said(response: HttpResponse) -> dict[str, Any]:
    assert response.content_type == "application/json"
    return json.loads(response.body)


def states(response: HttpResponse) -> dict[str, str]:
    return {one["destination"]: one["state"] for one in said(response)["deliveries"]}


def wrong(response: HttpResponse) -> dict[str, str]:
    """What is wrong with each parameter."""
    assert response.status == 400
    return {one["parameter"]: f"{one['problem']}. {one['mend']}" for one in said(response)["errors"]}


@dataclass
class Caller:
    """Calls by hand; `queue` is what was put off."""

    desk: Desk
    queue: list[str] = field(default_factory=list[str])
    ledger: Ledger = field(default_factory=MemoryLedger)
    longest_wait: float = 60.0
    ahead: timedelta = timedelta(0)  # of the clock

    @cached_property
    def app(self) -> App:
        settings = read_settings(self.desk.folder, {}, need_destinations=False)
        return assemble(
            settings, self.ledger, EventStorage(self.desk.folder), clock=self._clock, sleep=lambda _: None
        )

    def _clock(self) -> datetime:
        return utc_now() + self.ahead

    def get(self, headers: Mapping[str, str] = CURL, method: str = "GET", **query: str) -> HttpResponse:
        return self.call(HttpRequest(method, query, headers, url=f"{ADDRESS}?code=the-function-key"))

    def post(self, body: object, headers: Mapping[str, str] = CURL, **query: str) -> HttpResponse:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call(HttpRequest("POST", query, headers, sent, ADDRESS))

    def call(self, request: HttpRequest) -> HttpResponse:
        return custom_report(request, lambda: self.app, self.queue.append, longest_wait=self.longest_wait)

    def due(self, method: str = "POST", body: bytes = b"", **query: str) -> HttpResponse:
        return due(HttpRequest(method, query, CURL, body), lambda: self.app, self.queue.append)

    def health(self, method: str = "GET") -> HttpResponse:
        return health(HttpRequest(method), lambda: self.app)

    def work_off(self) -> None:
        """What the queue's function does."""
        for message in self.queue:
            order = parse_message(message)
            assert isinstance(order, OnDemand)
            publisher = self.app.publisher(order.report, order.destination)
            publisher.publish(order.order(self.app.settings.subscriptions))
        self.queue.clear()

    def close(self) -> None:
        """Ends it, once the calls that nobody waits for any more have ended."""
        for thread in threading.enumerate():
            if thread.name == "report":
                thread.join()
        if "app" in self.__dict__:
            self.app.close()
