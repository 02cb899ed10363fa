"""What azure-functions-doctor, a static check of Azure Functions apps, says of what is deployed.

It lives in an environment of its own: `make tools` installs it.
"""

import json
import subprocess
from pathlib import Path
from shutil import copy, copytree, ignore_patterns

import pytest

from reporter.local import REPORTS

ROOT = Path(__file__).parents[1]
DOCTOR = ROOT / ".tools/functions-doctor/bin/azure-functions-doctor"
HOSTING = (
    "--hosting-plan",
    "flex-consumption",
    "--target-python",
    "3.13",
    "--deployment-mode",
    "local-prebuilt",
)

# What it warns of, and why it stays.
EXPLAINED = {
    # It looks for the text `@app.`. Ours are registered in a loop over the reports, and Microsoft's own
    # worker library finds them (tests/azure_worker).
    "check_programming_model_v2",
    # numpy and cryptography: infra/package.sh takes the wheels of the Linux and the Python that run there.
    "check_native_dependency_risk",
    # It looks into local settings. infra/app/api.bicep sets the connection string, where it is deployed.
    "check_app_insights",
    # On purpose: libraries speak up from Warning on, what the functions log from Information on.
    "check_host_json_log_level_conflict",
}

pytestmark = pytest.mark.skipif(
    not DOCTOR.exists(), reason="azure-functions-doctor is not installed: make tools"
)


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """What is deployed, and what it is deployed with."""
    for name in ("function_app.py", "host.json", "requirements.txt", ".funcignore"):
        copy(ROOT / name, tmp_path)
    copy(REPORTS, tmp_path)
    left_out = ignore_patterns("__pycache__", "local")
    for name in ("reporter", "infra"):
        copytree(ROOT / name, tmp_path / name, ignore=left_out)
    return tmp_path


def diagnosed(app: Path) -> tuple[int, dict[str, set[str]]]:
    """The exit code, and the rules by what came of them: pass, warn, fail or skip."""
    words = (DOCTOR, "doctor", "--path", app, "--profile", "deploy", "--format", "json", *HOSTING)
    answer = subprocess.run(words, capture_output=True, text=True, timeout=60)  # noqa: S603
    found: dict[str, set[str]] = {}
    for category in json.loads(answer.stdout)["results"]:
        for item in category["items"]:
            found.setdefault(item["status"], set()).add(item["rule_id"])
    return answer.returncode, found


def test_the_doctor_finds_no_fault_and_warns_only_of_what_is_on_purpose(deployed: Path):
    code, found = diagnosed(deployed)

    assert code == 0
    assert found.get("fail", set()) == set()
    assert found["warn"] == EXPLAINED
    assert "check_host_json_version" in found["pass"]


def test_the_doctor_would_find_a_fault(deployed: Path):
    (deployed / "host.json").write_text('{"version": "1.0"}')

    code, found = diagnosed(deployed)

    assert code != 0
    assert found["fail"]
