"""The demo shows the reports of its own folder, and leaves there what somebody changed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporter.local import REPORTS, demo
from reporter.local.product import Product, make_product


@pytest.fixture(scope="module")
def product() -> Product:
    return make_product(datetime.now(UTC).date() - timedelta(days=1), zone="UTC", days=60, scale=0.2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where somebody runs the demo, with a reports.toml of a company that it does not look at."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports.toml").write_text("this is no TOML")
    return tmp_path / ".demo"


def test_it_sends_its_reports_each_time(folder: Path, product: Product, capfd: pytest.CaptureFixture[str]):
    for _ in range(2):
        assert demo.show(product, stay=False) == 0

    assert capfd.readouterr().out.count("3 messages are in Slack") == 2


def test_what_was_changed_in_its_folder_stays(
    folder: Path, product: Product, capfd: pytest.CaptureFixture[str]
):
    folder.mkdir()
    reports = REPORTS.read_text().replace("[reports.biweekly]", "[reports.fortnight]").replace('"en"', '"de"')
    (folder / "reports.toml").write_text(reports)
    (folder / ".env").write_text(
        "MIXPANEL_USERNAME=local\nMIXPANEL_SECRET=local-secret\nMIXPANEL_PROJECT_ID=3141592\n"
        "SLACK_WEBHOOK_URL=http://127.0.0.1:1/gone\nCOMPANY_NAME=Globex\n"
    )

    assert demo.show(product, stay=False) == 0

    printed = capfd.readouterr().out
    assert "fortnight: " in printed
    assert "Globex" in printed
    assert (folder / "reports.toml").read_text() == reports
    assert "COMPANY_NAME=Globex" in (folder / ".env").read_text()


@pytest.mark.parametrize("text", ["[reports.weekly", "reports = 3", "", "[reports]"])
def test_a_file_with_faults_is_named_and_nothing_is_claimed(
    folder: Path, product: Product, capfd: pytest.CaptureFixture[str], text: str
):
    folder.mkdir()
    (folder / "reports.toml").write_text(text)

    assert demo.show(product, stay=False) == 2

    said = capfd.readouterr()
    assert "reports.toml" in said.err
    assert "Nothing was sent" in said.out
    assert "should have noticed" not in said.out
    assert (folder / "reports.toml").read_text() == text
