"""A folder with the settings of a user, pointing at a Mixpanel and a Slack on this machine."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import cast

import pytest

from reporter.cli.main import main
from reporter.local import REPORTS
from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME, LocalMixpanel
from reporter.local.product import Product, make_product
from reporter.local.slack import LocalSlack

ROOT = Path(__file__).parents[1]
NONE = cast("pytest.CaptureFixture[str]", None)  # of a desk whose tests read the output themselves


@dataclass
class Desk:
    """Where a user sits: a folder, and what runs beside it."""

    folder: Path
    mixpanel: LocalMixpanel
    slack: LocalSlack
    output: pytest.CaptureFixture[str]

    def reporter(self, *words: str) -> tuple[int, str, str]:
        """The exit code, what was printed, and what was complained about."""
        code = main(["-C", str(self.folder), *words])
        printed = self.output.readouterr()
        return code, printed.out, printed.err

    def set(self, **settings: str | int) -> None:
        """Change settings in .env; an empty one is taken out."""
        path = self.folder / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        old = dict(line.split("=", 1) for line in lines)
        new = {**old, **{name: str(value) for name, value in settings.items()}}
        path.write_text("".join(f"{name}={value}\n" for name, value in new.items() if value))

    def change(self, old: str, new: str) -> None:
        """Change a line of reports.toml."""
        path = self.folder / "reports.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture(scope="session")
def product() -> Product:
    """A small product with the same story as the demo's."""
    return make_product(yesterday(), zone="UTC", days=60, scale=0.3)


@pytest.fixture
def desk(
    product: Product, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    for name in ("MIXPANEL_USERNAME", "MIXPANEL_SECRET", "MIXPANEL_PROJECT_ID", "SLACK_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "1000")
    with furnished(tmp_path, product, capsys) as made:
        yield made


@contextmanager
def furnished(
    folder: Path, product: Product, output: pytest.CaptureFixture[str] = NONE, quota: int = 60
) -> Generator[Desk]:
    """The folder with its settings."""
    copy(REPORTS, folder)
    with LocalMixpanel(product, quota=quota) as mixpanel, LocalSlack() as slack:
        made = Desk(folder, mixpanel, slack, output)
        made.set(
            MIXPANEL_USERNAME=USERNAME,
            MIXPANEL_SECRET=SECRET,
            MIXPANEL_PROJECT_ID=PROJECT_ID,
            MIXPANEL_REGION="eu",
            MIXPANEL_BASE_URL=mixpanel.url,
            SLACK_WEBHOOK_URL=slack.webhook_url,
            COMPANY_NAME="Acme",
        )
        yield made


def title_of(text: str) -> str:
    """Whose report a message is: its text ends with it, that of a notice begins with it."""
    parts = text.split(" · ")
    return parts[-2] if len(parts) > 2 else text.partition(":")[0]
