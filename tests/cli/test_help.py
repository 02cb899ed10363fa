"""What the command line says of itself: help, version, completion; and the history for other programs."""

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest

from reporter.cli.main import main
from reporter.cli.output import prepare
from tests.desk import Desk

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
COMMANDS = list(dict.fromkeys(re.findall(r"^\| `reporter (\w+)", PAGE, re.MULTILINE)))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_it_does_with_an_example_that_is_right(
    command: str, capsys: pytest.CaptureFixture[str]
):
    code, out, _ = said(capsys, command, "--help")

    assert code == 0
    assert re.search(r"^[A-Z][^\n]+", out.split("\n\n")[1])
    assert f"example: reporter {command}" in out
    assert said(capsys, "help", command) == (0, out, "")


def test_help_alone_and_no_word_at_all_list_the_commands(capsys: pytest.CaptureFixture[str]):
    for words, code in ((["help"], 0), ([], 2)):
        ended, out, err = said(capsys, *words)

        assert ended == code
        assert all(f"\n    {command} " in out + err for command in COMMANDS)


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]):
    number = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert said(capsys, "--version") == (0, f"reporter {number}\n", "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("reporter he", {"health"}),
        ("reporter history --f", {"--format"}),
        ("reporter history --format j", {"json"}),
        ("reporter preview --format ", {"html", "json", "slack", "terminal"}),
    ],
)
def test_bash_completes_commands_options_and_choices(line: str, offered: set[str], tmp_path: Path):
    bin = Path(sys.executable).parent
    script = f"""
        PATH={bin}:$PATH
        eval "$(register-python-argcomplete reporter)"
        COMP_WORDS=({line.rstrip()} {"''" if line.endswith(" ") else ""})
        COMP_LINE={line!r} COMP_POINT={len(line)}
        COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )) COMP_TYPE=9
        complete -p reporter > "$OUT"
        _python_argcomplete reporter
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    environ = {**os.environ, "OUT": str(tmp_path / "registered")}
    ran = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=False)  # noqa: S603, S607

    assert {word.strip() for word in ran.stdout.split()} == offered
    assert "_python_argcomplete" in (tmp_path / "registered").read_text()


def test_completion_and_version_load_nothing_heavy():
    program = (
        "import sys; from reporter.cli.main import main\ntry: main(['--version'])\nexcept SystemExit: pass\n"
    )
    heavy = (
        "print(sorted({'numpy', 'duckdb', 'pydantic', 'argcomplete', 'rich', 'babel'} & sys.modules.keys()))"
    )

    ran = subprocess.run([sys.executable, "-c", program + heavy], capture_output=True, text=True, check=True)  # noqa: S603

    assert ran.stdout.endswith("\n[]\n")


def test_the_history_is_a_list_for_other_programs(desk: Desk):
    desk.reporter("send", "weekly")

    code, out, _ = desk.reporter("history", "--format", "json")

    (entry,) = json.loads(out)
    assert (code, entry["report"], entry["destination"]) == (0, "weekly", "slack")
    assert (entry["state"], entry["reason"]) == ("delivered", None)
    days = date.fromisoformat(entry["last_day"]) - date.fromisoformat(entry["first_day"])
    assert days.days == 6
    assert datetime.fromisoformat(entry["at"]).utcoffset() is not None


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_error_keeps_its_signs_where_the_terminal_lacks_them(encoding: str, tmp_path: Path):
    words = [sys.executable, "-m", "reporter", "-C", str(tmp_path), "preview", "−×≤…ß"]
    (tmp_path / "reports.toml").write_text("x = '−×≤…ß'\n", encoding="utf-8")
    environ = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT)}

    ran = subprocess.run(words, env=environ, capture_output=True, check=False)  # noqa: S603

    assert ran.returncode == 2
    assert "?" not in ran.stderr.decode(encoding)
    assert b"\\u2212" not in ran.stderr


def test_every_sign_that_is_written_has_a_plain_one():
    written = {
        sign
        for path in (ROOT / "reporter" / "render").glob("*.py")
        for sign in path.read_text(encoding="utf-8")
        if not sign.isascii() and sign not in "¤"  # of patterns, never written
    }

    prepare()

    assert {sign for sign in written if sign.encode("ascii", "reporter.stand_in") == b"?"} == set()
