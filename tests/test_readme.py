"""What README and the pages for users tell them to type works; every command and every setting is named."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from reporter.cli.main import main
from reporter.config.environment import SETTINGS
from tests.desk import Desk, yesterday
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {page.name: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}


def typed(*beginnings: str) -> list[str]:
    """The lines of shell blocks that begin so, in README and about raw events, without their comments."""
    blocks = re.findall(r"```bash\n(.*?)```", README + DOCS["raw-events.md"], re.DOTALL)
    lines = (line.split("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line.startswith(beginnings)]


COMMANDS = [line for line in typed("reporter ") if " serve" not in line]  # that one runs until it is stopped


def test_the_readme_begins_with_the_two_commands():
    assert typed("make ")[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_that_is_told_works(desk: Desk, line: str):
    if line.startswith("reporter query"):  # as the line before it on the page
        desk.reporter("fetch", "--from", str(yesterday()))

    code, out, err = desk.reporter(*shlex.split(line)[1:])

    assert (code, err) == (0, "")
    assert out


def test_test_local_previews_and_sends(desk: Desk):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "test_local.py"), *words]
        return subprocess.run(  # noqa: S603  (our own words)
            command, cwd=desk.folder, env=dict(os.environ), capture_output=True, text=True, check=False
        )

    previewed, sent = run(), run("--send")

    assert (previewed.returncode, sent.returncode) == (0, 0)
    assert "Weekly Report" in previewed.stdout
    assert "sent to slack" in sent.stdout
    assert len(desk.slack.messages) == 1


@pytest.mark.parametrize("page", [README, DOCS["commands.md"]])
def test_every_command_is_told(page: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)

    assert len(commands) >= 7
    assert [command for command in commands if f"`reporter {command}" not in page] == []


def test_every_setting_is_told():
    assert [name for name in SETTINGS if f"`{name}`" not in DOCS["settings.md"]] == []


def test_the_readme_is_read_in_one_go():
    assert len(README.splitlines()) <= 130


PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    *(f"docs/{name}" for name in DOCS),
]


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_exists(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)

    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("page", sorted({"README.md", "CONTRIBUTING.md", *DOCS}))
def test_commands_can_be_pasted_into_bash_and_zsh(page: str):
    """zsh takes no comments at its prompt, and its `read -p` reads from a coprocess."""
    text = DOCS.get(page) or (ROOT / page).read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```(?:bash|sh)\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]

    assert [line for line in lines if re.search(r"(^|\s)#|\bread\s+-\w*p", line)] == []
