"""What is deployed: all that the program needs, no more, and never a secret."""

import ast
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = [
    line
    for line in (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def _git_leaves_out(path: str) -> bool:
    """As azd reads the file: a line from the top is a whole path, and takes what is under it along."""
    parts = path.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(
        fnmatch(head, line[1:]) and head.count("/") == line[1:].count("/") for head in heads for line in LINES
    )


def _func_leaves_out(path: str) -> bool:
    """As func reads it (azure-functions-core-tools, GitIgnoreParser.cs): a line is how a path begins."""
    return any(re.match(re.escape(line[1:]).replace(r"\*", "[^/]+"), path) for line in LINES)


READERS = [_git_leaves_out, _func_leaves_out]
each_reader = pytest.mark.parametrize("leaves_out", READERS, ids=["azd", "func"])


def _program() -> Iterator[str]:
    """The files of the program that are deployed."""
    yield from ("function_app.py", "host.json", "reports.toml", "requirements.txt")
    for path in (ROOT / "reporter").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and "__pycache__" not in name and not name.startswith("reporter/local/"):
            yield name


def test_each_line_names_one_thing_at_the_top():
    # Only such lines mean the same to both readers; any other, azd would find inside the libraries, too.
    assert all(line.startswith("/") and not line.endswith("/") and "**" not in line for line in LINES)
    assert sorted(LINES) == LINES


@each_reader
def test_the_whole_program_is_deployed(leaves_out: Callable[[str], bool]):
    assert [path for path in _program() if leaves_out(path)] == []


@each_reader
def test_the_libraries_are_deployed(leaves_out: Callable[[str], bool]):
    libraries = ".python_packages/lib/site-packages/"

    for path in (
        "numpy/testing/tests/__init__.py",
        "rich/__init__.py",
        "docs/__init__.py",
        "pydantic/tests/x.py",
    ):
        assert not leaves_out(libraries + path)


@each_reader
@pytest.mark.parametrize(
    "path",
    [
        ".env", ".env.example", ".azure/reporter/.env", "local.settings.json", ".reporter/ledger.sqlite",
        ".venv/bin/python", ".tools/uv/bin/uv", ".demo/inbox.json", ".git/config", "reporter_env/bin/python",
        "tests/world.py", "bench/cold_start.py", "docs/deploy.md", "infra/main.bicep",
        "reporter/local/demo.py", "test_local.py", "uv.lock", "README.md",
    ],
)  # fmt: skip
def test_secrets_and_what_is_not_the_program_stay_here(path: str, leaves_out: Callable[[str], bool]):
    assert leaves_out(path)


@each_reader
def test_nothing_else_at_the_top_is_deployed(leaves_out: Callable[[str], bool]):
    git = ["git", "ls-files"]
    tracked = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()  # noqa: S603
    deployed = {path.split("/")[0] for path in tracked if not leaves_out(path)}

    assert deployed <= {"function_app.py", "host.json", "reports.toml", "requirements.txt", "reporter"}


def test_nothing_that_is_deployed_imports_what_is_not():
    for name in _program():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            else:
                continue
            for module in imported:
                assert not module.startswith(("reporter.local", "tests", "bench")), f"{name} imports {module}"


def test_azd_packs_the_libraries_and_deploys_them_as_they_are():
    azure_yaml = (ROOT / "azure.yaml").read_text(encoding="utf-8")

    assert "remoteBuild: false" in azure_yaml
    assert re.search(r"prepackage:\n\s+shell: sh\n\s+run: infra/package\.sh\n", azure_yaml)
    assert os.access(ROOT / "infra" / "package.sh", os.X_OK)


def test_the_libraries_are_those_of_the_python_that_runs_there():
    script = (ROOT / "infra" / "package.sh").read_text(encoding="utf-8")
    runtime = re.search(
        r"version: '(3\.\d+)'", (ROOT / "infra" / "app" / "api.bicep").read_text(encoding="utf-8")
    )

    assert runtime
    assert f"--python-version {runtime[1]} " in script
    assert "--only-binary :all:" in script
    assert "--target .python_packages/lib/site-packages" in script
