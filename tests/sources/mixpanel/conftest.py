"""A local Mixpanel with one product, and a source that asks it over HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.sources.mixpanel.access import MixpanelAccess
from reporter.sources.mixpanel.http import MixpanelClient
from reporter.sources.mixpanel.source import QuerySource

from .fake import SECRET, USERNAME
from .truth import NOW, TODAY, ZONE, Seconds


@pytest.fixture(scope="session")
def product() -> Product:
    return make_product(TODAY - timedelta(days=1), zone=ZONE.key, scale=0.2)


@pytest.fixture
def mixpanel(product: Product) -> Iterator[LocalMixpanel]:
    with LocalMixpanel(product, username=USERNAME, secret=SECRET, now=lambda: NOW) as mixpanel:
        yield mixpanel


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def source(mixpanel: LocalMixpanel, seconds: Seconds) -> Iterator[QuerySource]:
    client = MixpanelClient(
        MixpanelAccess(USERNAME, SECRET, str(mixpanel.project_id), base_url=mixpanel.url),
        sleep=lambda _: None,
    )
    yield QuerySource(client, clock=seconds, now=lambda: NOW)
    client.close()
