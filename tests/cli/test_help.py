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
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    printed = capsys.readouterr()
    return int(code or 0), printed.out, printed.err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_it_does_with_an_example_that_is_right(
    command: str, capsys: pytest.CaptureFixture[str]
):
    code, out, _ = said(capsys, command, "--help")

    assert code == 0
    assert re.search(r"^[A-Z][^\n]+", out.split("\n\n")[1])
    assert f"example: reporter {command}" in out
    assert said(capsys, "help", command) == (0, out, "")
    assert said(capsys, "-C", "nowhere", "help", command) == (0, out, "")


def test_help_for_a_command_that_there_is_not_names_those_there_are(capsys: pytest.CaptureFixture[str]):
    code, out, err = said(capsys, "help", "nosuch")

    assert (code, out) == (2, "")
    assert all(f"'{command}'" in err for command in COMMANDS)


def test_help_alone_and_no_word_at_all_list_the_commands(capsys: pytest.CaptureFixture[str]):
    for words, code in ((["help"], 0), ([], 2)):
        ended, out, err = said(capsys, *words)

        assert ended == code
        assert all(f"\n    {command} " in out + err for command in COMMANDS)


def test_the_version_is_the_projects(capsys: pytest.CaptureFixture[str]):
    number = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert said(capsys, "--version") == (0, f"reporter {number}\n", "")


FILE = """
[metrics.signups]
[metrics.purchases]
[reports.board]
[reports.standup]
[projects.shop]
"""
IN_FILE = "reporter -C FOLDER"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("reporter heal", {"health"}),
        ("reporter help hist", {"history"}),
        (f"{IN_FILE} hea", {"health"}),
        (f"{IN_FILE} send ", {"board", "standup"}),
        (f"{IN_FILE} send board st", {"standup"}),
        (f"{IN_FILE} preview b", {"board"}),
        (f"{IN_FILE} resend ", {"board", "standup"}),
        (f"{IN_FILE} explain ", {"board", "standup"}),
        (f"{IN_FILE} explain board s", {"signups"}),
        (f"{IN_FILE} fetch --project ", {"shop"}),
        (f"{IN_FILE} query --project s", {"shop"}),
        ("REPORTS_FILE=other.toml reporter -C FOLDER preview ", {"elsewhere"}),
        ("REPORTS_FILE=broken.toml reporter -C FOLDER preview ", set[str]()),
        ("REPORTS_FILE=latin.toml reporter -C FOLDER preview ", set[str]()),
        ("REPORTS_FILE=none.toml reporter -C FOLDER preview ", set[str]()),
        ("reporter -C nowhere preview ", set[str]()),
        ("reporter history --f", {"--format"}),
        ("reporter history --format j", {"json"}),
        ("reporter preview --format ", {"html", "json", "slack", "terminal"}),
    ],
)
def test_bash_completes_commands_options_choices_and_names(line: str, offered: set[str], tmp_path: Path):
    (tmp_path / "reports.toml").write_text(FILE)
    (tmp_path / "other.toml").write_text("reports.elsewhere.title = 'x'")
    (tmp_path / "broken.toml").write_text("[reports.board")
    (tmp_path / "latin.toml").write_bytes("[reports.é]".encode("latin-1"))
    set_first, _, line = line.replace("FOLDER", str(tmp_path)).rpartition(" reporter ")
    line = f"reporter {line.removeprefix('reporter ')}"
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
    environ |= dict([set_first.split("=")]) if set_first else {}
    ran = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=False)  # noqa: S603, S607

    is_option = line.rpartition(" ")[2].startswith("-")  # where a name is possible, options are offered, too
    shown = {word for word in ran.stdout.split() if is_option or not word.startswith("-")}
    assert (shown, ran.stderr) == (offered, "")
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
