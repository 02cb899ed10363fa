"""docs/deploy.md says only what azure-cli, the program and the templates know."""

import re
import subprocess
from pathlib import Path

import pytest

from reporter.azure import QUEUE
from reporter.config.environment import SETTINGS
from reporter.telemetry import VARIABLES
from tests.infra.az_commands import (
    GLOBAL_OPTIONS,
    KEPT,
    PAGE,
    Command,
    commands,
    kept_help,
    merged,
    options_of,
)
from tests.infra.test_templates import MAIN, ROLES

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text(encoding="utf-8")
USED = merged(commands(TEXT))
HELP = kept_help(KEPT.read_text(encoding="utf-8"))


def test_commands_are_found_wherever_they_stand():
    page = (
        "Use `az group list --output table`.\n\n```bash\nID=$(az identity show --name x --query id)\n"
        'for A in 1; do\n  az role assignment create --role "A B" \\\n'
        '    --scope "$(az ad user show --id y)"\ndone\n```\n'
    )

    assert commands(page) == [
        Command("identity show", frozenset({"--name", "--query"})),
        Command("ad user show", frozenset({"--id"})),
        Command("role assignment create", frozenset({"--role", "--scope"})),
        Command("group list", frozenset({"--output"})),
    ]


def test_every_command_of_the_page_was_checked():
    assert sorted(USED) == sorted(HELP)


@pytest.mark.parametrize("command", USED)
def test_every_option_of_the_page_is_in_the_kept_help(command: str):
    assert USED[command] - GLOBAL_OPTIONS <= options_of(HELP[command]).keys()


@pytest.mark.parametrize("command", commands(TEXT), ids=lambda command: command.name)
def test_every_required_option_is_given(command: Command):
    if not command.options:  # named in a sentence, not called
        return
    help_lines = [line for line in HELP[command.name].splitlines() if "[Required]" in line]

    for line in help_lines:
        assert options_of(line).keys() & command.options, line


def test_every_role_of_the_templates_is_given_by_hand_too():
    for role in ROLES.values():
        assert f'"{role}"' in TEXT


def test_every_setting_of_the_page_exists():
    named = {
        name for name in re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)\b(?==|\W* …)", TEXT) if not name.endswith("_ID")
    }
    shell = {"APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "PYTHON_ENABLE_OPENTELEMETRY", "REPORTER_EXTRAS"}
    shell |= VARIABLES

    assert named - shell <= set(SETTINGS)


def test_every_output_the_page_names_exists():
    outputs = set(re.findall(r"`((?:SERVICE|AZURE)_[A-Z_]+)`", TEXT)) - {
        "AZURE_FUNCTIONAPP_NAME", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID",
    }  # fmt: skip

    assert outputs
    assert outputs <= set(MAIN.named("output"))


def test_every_code_of_the_log_is_the_programs():
    codes = re.findall(r"^\| `([a-z]+(?:-[a-z]+)*)` \|", TEXT, re.MULTILINE)
    tellers = [
        path
        for folder in (".", "publishing", "destinations", "http", "reports")
        for path in (ROOT / "reporter" / folder).glob("*.py")
    ]
    program = "".join(path.read_text(encoding="utf-8") for path in tellers)

    assert "not-delivered" in codes
    for code in codes:
        assert re.search(rf'"{code}[":]', program), code


def test_the_queues_of_the_page_are_the_programs():
    assert f"`{QUEUE}`" in TEXT
    assert f"`{QUEUE}-poison`" in TEXT


def test_every_file_the_page_names_exists():
    for name in re.findall(r"`((?:infra|docs|\.github)/[\w./-]+)`", TEXT):
        assert (ROOT / name).exists() or name == "infra/", name
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT):
        assert (PAGE.parent / link).exists(), link


BLOCKS = re.findall(r"^```bash\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
NEED_AZURE = (
    "az ",
    "azd ",
    "func azure",
    "curl ",
)  # curl: the app there; the same calls are in test_run_anywhere.py
ELSEWHERE = {
    "sh infra/package.sh": "tests/infra/test_package.py",
    "cp local.settings.example.json local.settings.json": "tests/infra/test_host.py",
    "python3 -m venv .venv && source .venv/bin/activate": ".ci/run",
    "pip install -r requirements.txt": ".ci/run",
    "azurite --silent --location /tmp/azurite &": "tests/azurite.py",
    "func start": "tests/azure_worker",
}


def test_each_command_of_the_page_needs_azure_or_is_run_elsewhere():
    lines = [
        line.strip()
        for block in BLOCKS
        for line in re.sub(r"\\\n\s*", "", block).splitlines()
        if line and not line.startswith(" ")
    ]
    plain = [line for line in lines if not re.match(r"[A-Z_]+=|for |done$", line)]

    assert {line for line in plain if not line.startswith(NEED_AZURE)} == {*ELSEWHERE}
    assert all((ROOT / place).exists() for place in ELSEWHERE.values())


def test_the_pages_shell_is_valid():
    for block in BLOCKS:
        checked = subprocess.run(["bash", "-n"], input=block, text=True, check=False, capture_output=True)  # noqa: S607
        assert checked.returncode == 0, checked.stderr
