"""The wheel works installed, in a folder that holds the user's settings and nothing of the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
AZURE = ("azure.core", "azure.data.tables", "azure.functions", "azure.identity", "azure.storage.blob")


@dataclass
class Installed:
    """A virtual environment that has the wheel, and its libraries from the one that runs the tests."""

    folder: Path

    @property
    def packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.folder)}))

    def run(self, *words: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        environ = {
            name: text for name, text in os.environ.items() if not name.startswith("PYTHON")
        } | settings
        return subprocess.run(  # noqa: S603  (our own words)
            words, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=100
        )

    def reporter(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.folder / "bin" / "reporter"), *words, cwd=cwd)

    def python(self, program: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.folder / "bin" / "python"), "-c", program, cwd=cwd, **settings)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    here = Installed(folder / "venv")
    _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    _run(sys.executable, "-m", "venv", "--without-pip", str(here.folder))
    wheel = next(folder.glob("*.whl"))
    _run(
        str(ROOT / ".tools/uv/bin/uv"), "pip", "install", "--quiet", "--offline", "--no-deps",
        "--python", str(here.folder / "bin" / "python"), str(wheel),
    )  # fmt: skip
    # A folder in a .pth file lends its packages, and not the checkout that its own .pth files name.
    (here.packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return here


def _run(*words: str) -> None:
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=100)  # noqa: S603  (our own words)


def test_it_is_the_wheel_that_runs(installed: Installed, tmp_path: Path):
    ran = installed.python("import reporter; print(reporter.__file__)", tmp_path)

    assert (ran.stdout.strip(), ran.stderr) == (str(installed.packages / "reporter" / "__init__.py"), "")


def test_check_preview_and_send_work_in_a_folder_with_settings(installed: Installed, desk: Desk):
    checked = installed.reporter("check", "--offline", cwd=desk.folder)
    page = installed.reporter("preview", "weekly", "--format", "html", cwd=desk.folder)
    document = installed.reporter("preview", "weekly", "--format", "json", cwd=desk.folder)
    sent = installed.reporter("send", "weekly", cwd=desk.folder)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "<style>" in page.stdout
    assert json.loads(document.stdout)["title"] == "Weekly Report"
    assert (sent.returncode, sent.stderr) == (0, "")
    assert len(desk.slack.messages) == 1


def test_without_azures_libraries_only_a_storage_account_is_refused(installed: Installed, desk: Desk):
    hide = f"import sys; sys.modules.update(dict.fromkeys({AZURE!r})); "
    send = "from reporter.cli.main import main; sys.exit(main(['send', {!r}]))"

    sent = installed.python(hide + send.format("weekly"), desk.folder)
    refused = installed.python(
        hide + send.format("daily"), desk.folder, AzureWebJobsStorage="UseDevelopmentStorage=true"
    )

    assert (sent.returncode, sent.stderr) == (0, "")
    assert refused.returncode == 2
    assert "AzureWebJobsStorage: needs Azure's libraries, which are not installed" in refused.stderr
    assert "pip install '.[azure]'" in refused.stderr
    report, notice = desk.slack.messages
    assert "Weekly Report" in str(report)
    assert ".[azure]" in str(notice)


def test_its_types_are_seen_by_a_type_checker(installed: Installed, tmp_path: Path):
    user = tmp_path / "user.py"
    user.write_text("from reporter.reports.periods import Period\n\nstart: int = Period.start\n")

    ran = installed.run(
        sys.executable, "-m", "basedpyright", "--pythonpath", str(installed.folder / "bin" / "python"),
        "--outputjson", str(user), cwd=tmp_path,
    )  # fmt: skip

    errors = [each for each in json.loads(ran.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    assert [each["rule"] for each in errors] == ["reportAssignmentType"]


def test_it_has_a_version_its_types_and_no_tests(installed: Installed):
    names = ZipFile(next(installed.folder.parent.glob("*.whl"))).namelist()

    assert f"reporter-{VERSION}.dist-info/METADATA" in names
    assert "reporter/py.typed" in names
    assert [
        name for name in names if not name.startswith(("reporter/", f"reporter-{VERSION}.dist-info/"))
    ] == []
