"""The GitHub workflows may do little, and pack what .funcignore packs."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AUDIT = (ROOT / ".github" / "workflows" / "audit.yml").read_text(encoding="utf-8")
DEPLOY = (ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
TEST = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@each_workflow
def test_each_may_read_the_repository_and_no_more_by_itself(path: Path):
    assert "\npermissions:\n  contents: read\n\n" in path.read_text(encoding="utf-8")


def test_only_the_deployment_may_ask_for_an_identity_and_it_may_do_nothing_else():
    granted = re.findall(r"^ +([a-z-]+): (write|admin)", DEPLOY + TEST + AUDIT, re.MULTILINE)

    assert granted == [("id-token", "write")]
    assert re.search(r"    permissions:\n      id-token: write[^\n]*\n    steps:", DEPLOY)


def test_nothing_of_the_repository_runs_where_the_identity_is():
    deploy = DEPLOY[DEPLOY.index("\n  deploy:") :]

    assert "checkout" not in deploy
    az = 'az functionapp deployment source config-zip --name "$APP" --resource-group "$GROUP"'
    assert re.findall(r"^ +run: (.*)$", deploy, re.MULTILINE) == [f"{az} --src package.zip"]


@each_workflow
def test_actions_are_pinned_by_their_commit_and_say_its_version(path: Path):
    for action in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8")):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_the_same_action_is_pinned_alike_everywhere():
    pins = re.findall(r"uses: (\S+)@(\S+)", DEPLOY + TEST + AUDIT)

    assert len({name for name, _ in pins}) == len(set(pins))


def test_what_is_pinned_is_kept_up_to_date():
    bot = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    folders = {f"/{lock.parent.relative_to(ROOT)}" for lock in (ROOT / "tests").glob("*/package-lock.json")}

    assert set(re.findall(r"package-ecosystem: (\S+)", bot)) == {"uv", "github-actions", "npm"}
    assert {folder for folder in folders if folder not in bot} == set()


def test_the_lock_is_held_against_known_vulnerabilities_each_week():
    assert re.search(r'schedule:\n    - cron: "\d+ \d+ \* \* \d"', AUDIT)
    assert "run: make audit" in AUDIT
    assert "$(UV) audit --frozen" in (ROOT / "Makefile").read_text(encoding="utf-8")


@each_workflow
def test_no_checkout_leaves_a_token_behind(path: Path):
    text = path.read_text(encoding="utf-8")

    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_no_secret_is_read():
    assert "secrets." not in DEPLOY + TEST + AUDIT


def test_tests_run_on_every_python_that_is_promised():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert 'requires-python = ">=3.11"' in project
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f"python: {json.dumps(promised)}" in TEST
    assert "- run: .ci/run" in TEST


def test_nothing_is_deployed_whose_reports_file_has_faults():
    package = DEPLOY[DEPLOY.index("\n  package:") : DEPLOY.index("\n  deploy:")]

    assert package.index("python -m reporter check --offline") < package.index("package.zip")
    assert re.search(r"  deploy:[^\n]*\n    needs: package\n", DEPLOY)


def test_the_package_holds_the_program_and_its_libraries():
    packed = re.search(r"zip .*? package\.zip \\\n(.*?) \\\n\s+--exclude ([^\n]*)", DEPLOY, re.DOTALL)

    assert packed
    assert packed[1].split() == [
        "function_app.py", "host.json", '"$REPORTS_FILE"', "requirements.txt", "reporter", ".python_packages",
    ]  # fmt: skip
    assert packed[2].split() == ["'reporter/local/*'", "'*/__pycache__/*'", "'*/.env*'"]
    assert "REPORTS_FILE: ${{ vars.REPORTS_FILE || 'reports.toml' }}" in DEPLOY
    assert "sh infra/package.sh" in DEPLOY
    assert "remote-build" not in DEPLOY
