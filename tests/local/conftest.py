from collections.abc import Iterator

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product, make_product
from tests.local.mixpanel_caller import NOON, UNTIL, Caller, Clock


@pytest.fixture(scope="session")
def product() -> Product:
    return make_product(UNTIL, days=60, scale=0.25)


@pytest.fixture(scope="session")
def ask(product: Product) -> Iterator[Caller]:
    with LocalMixpanel(product, now=Clock(NOON), quota=10_000) as mixpanel, Caller(mixpanel) as caller:
        yield caller
