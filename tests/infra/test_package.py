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
FUNCIGNORE = (ROOT / ".funcignore").read_text(encoding="utf-8")
LINES = [line for line in FUNCIGNORE.splitlines() if line and not line.startswith("#")]
ANYWHERE = [line.removeprefix("**/") for line in LINES if line.startswith("**/")]
AT_THE_TOP = [line for line in LINES if not line.startswith("**/")]


def _git_leaves_out(path: str) -> bool:
    """As azd reads the file: a line from the top is a whole path, and takes what is under it along."""
    parts = path.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    at_the_top = any(
        fnmatch(head, line[1:]) and head.count("/") == line[1:].count("/")
        for head in heads
        for line in AT_THE_TOP
    )
    return at_the_top or any(fnmatch(part, name) for part in parts for name in ANYWHERE)


def _func_leaves_out(path: str) -> bool:
    """As func reads it (azure-functions-core-tools, GitIgnoreParser.cs): a line is how a path begins."""
    return any(
        re.match(re.escape(line.removeprefix("/")).replace(r"\*\*", "(.+)").replace(r"\*", "[^/]+"), path)
        for line in LINES
    )


READERS = [_git_leaves_out, _func_leaves_out]
each_reader = pytest.mark.parametrize("leaves_out", READERS, ids=["azd", "func"])


def _program() -> Iterator[str]:
    """The files of the program that are deployed."""
    yield from ("function_app.py", "host.json", "reports.toml", "requirements.txt")
    for path in (ROOT / "reporter").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and "__pycache__" not in name and not name.startswith("reporter/local/"):
            yield name


def test_each_line_names_one_thing_at_the_top_or_a_secret_anywhere():
    # Only such lines mean the same to both readers; any other, azd would find inside the libraries, too.
    assert all(line.startswith("/") and not line.endswith("/") and "**" not in line for line in AT_THE_TOP)
    assert sorted(AT_THE_TOP) == AT_THE_TOP
    assert ANYWHERE == [".env", ".env*", ".reporter", "local.settings.json"]


PLACES = ["", "reporter/", "reporter/config/", ".python_packages/lib/site-packages/rich/", "a/b/c/"]
NAMES = [".env", ".env.local", ".env.production", ".env~", "local.settings.json", ".reporter/ledger.sqlite"]
secrets = [place + name for place in PLACES for name in NAMES]


@each_reader
def test_a_secret_is_deployed_from_nowhere(leaves_out: Callable[[str], bool]):
    # At the top, the lines that begin with a slash see to what `**/` does not match in func's reading.
    assert [path for path in secrets if not leaves_out(path)] == []


def test_git_takes_no_secret_from_anywhere_but_takes_the_example(tmp_path: Path):
    for path in [*secrets, ".env.example", "reporter/x.py"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    for reader, text in [("git", (ROOT / ".gitignore").read_text(encoding="utf-8")), ("azd", FUNCIGNORE)]:
        (tmp_path / ".gitignore").write_text(text)

        found = _untracked(tmp_path)

        assert [path for path in secrets if path in found] == []
        assert "reporter/x.py" in found
        assert (".env.example" in found) is (reader == "git")


def _untracked(folder: Path) -> set[str]:
    """The files that `git add --all` would take."""
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # noqa: S607
    words = ["git", "ls-files", "--others", "--exclude-standard"]
    found = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    return set(found.stdout.splitlines())


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
    program = {"function_app.py", "host.json", "reports.toml", "requirements.txt", "reporter"}

    assert {name for name in deployed - program if not name.endswith(".toml")} == set()  # a REPORTS_FILE


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
    assert "--target .python_packages/lib/site-packages --require-hashes" in script


def test_every_library_is_pinned_with_its_hashes():
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    libraries = [block for block in blocks if not block.startswith("#")]

    assert len(libraries) > 30
    assert [block for block in libraries if "==" not in block or "--hash=sha256:" not in block] == []


def packed(**environ: str) -> "subprocess.CompletedProcess[str]":
    """What `infra/package.sh` does, up to its first tool: there is no make here."""
    return subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", str(ROOT / "infra" / "package.sh")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "MAKEFLAGS": "--dry-run", **environ},
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ours.toml", "is no file in"),
        ("reporter", "is no file in"),
        ("/etc/hostname", "is not in this folder"),
        ("../ours.toml", "is not in this folder"),
        ("reporter/../../ours.toml", "is not in this folder"),
        ("docs/reports.md", "is left out"),
        ("./docs/reports.md", "is left out"),
        ("pyproject.toml", "is left out"),
    ],
)
def test_a_reports_file_that_would_not_be_deployed_is_refused_by_name(name: str, why: str):
    made = packed(REPORTS_FILE=name)

    assert made.returncode == 1
    assert made.stderr.startswith(f"REPORTS_FILE: {name} {why}")


def test_the_extras_that_are_asked_for_are_packed():
    words = ["make", "--dry-run", "--no-print-directory", "requirements", "REPORTER_EXTRAS=azure telemetry"]
    asked = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    usual = subprocess.run(words[:-1], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603

    assert " --extra azure --extra telemetry " in asked
    assert " --extra azure " in usual
    assert "telemetry" not in usual
