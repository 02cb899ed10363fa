"""The demo with a warehouse sends the weekly report, and finds Mixpanel's numbers in it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reporter.local.demo import ZONE
from reporter.local.demo_warehouse import show
from reporter.local.product import make_product
from reporter.local.warehouse_server import is_there, local_postgres


@pytest.mark.skipif(not is_there(), reason="make tools, and Debian's postgresql, set up the engine")
def test_the_report_is_sent_with_the_numbers_of_the_query_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    product = make_product(datetime.now(ZONE).date() - timedelta(days=1), days=60, scale=0.3)

    with local_postgres() as server:
        server.fill(product)
        code = show(product, server)

    said = capfd.readouterr().out
    assert code == 0
    assert "1 message is in Slack; Mixpanel was asked 0 times for it." in said
    assert "By Mixpanel's Query API the report has the same numbers." in said
