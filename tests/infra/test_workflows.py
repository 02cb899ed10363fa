"""The GitHub workflows may do little, and pack what .funcignore packs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DEPLOY = (ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
TEST = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@each_workflow
def test_each_may_read_the_repository_and_no_more_by_itself(path: Path):
    assert "\npermissions:\n  contents: read\n\n" in path.read_text(encoding="utf-8")


def test_only_the_deployment_may_ask_for_an_identity():
    granted = re.findall(r"^ +([a-z-]+): (write|admin)", DEPLOY + TEST, re.MULTILINE)

    assert granted == [("id-token", "write")]


@each_workflow
def test_actions_are_pinned_by_their_major_version(path: Path):
    for action in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
        assert action.startswith("./") or re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action)


@each_workflow
def test_no_checkout_leaves_a_token_behind(path: Path):
    text = path.read_text(encoding="utf-8")

    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_no_secret_is_read():
    assert "secrets." not in DEPLOY + TEST


def test_tests_run_on_the_oldest_python_and_on_azures():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert 'requires-python = ">=3.11"' in project
    assert 'python: ["3.11", "3.13"]' in TEST
    assert "- run: .ci/run" in TEST


def test_nothing_is_deployed_that_was_not_tested():
    assert re.search(r"  deploy:\n    needs: test\n", DEPLOY)


def test_the_package_holds_the_program_and_its_libraries():
    packed = re.search(r"zip .*? package\.zip \\\n(.*?) \\\n\s+--exclude (.*)", DEPLOY, re.DOTALL)

    assert packed
    assert packed[1].split() == [
        "function_app.py", "host.json", "reports.toml", "requirements.txt", "reporter", ".python_packages",
    ]  # fmt: skip
    assert "'reporter/local/*'" in packed[2]
    assert "sh infra/package.sh" in DEPLOY
    assert "remote-build" not in DEPLOY
