"""What docs/run-anywhere.md tells people to type is run as it stands there, at places of this machine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import pytest

from tests.desk import ROOT, Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture

PAGE = (ROOT / "docs" / "run-anywhere.md").read_text(encoding="utf-8")
BLOCKS = {
    text.splitlines()[0]: text for text in re.findall(r"^```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}
UV = ROOT / ".tools/uv/bin/uv"
ADDRESS = "git+https://github.com/YOUR_ACCOUNT/YOUR_REPOSITORY@v1.0.0"

CHECK = ".venv/bin/reporter check"
SERVE = 'echo "REPORTER_API_KEY=$(openssl rand -hex 32)" >> .env'
ASK = "KEY=$(sed -n 's/^REPORTER_API_KEY=//p' .env)"
CLOCK = next(line for line in BLOCKS if line.startswith("*/15 * * * * curl"))
CRON = next(line for line in BLOCKS if line.startswith("*/15 * * * * cd"))
RUN = {CHECK, SERVE, ASK, CLOCK, CRON, "name: due", "[Unit]", f"uv tool install {ADDRESS}"}
NOT_RUN = {
    f"pipx install {ADDRESS}": "it takes a minute: .ci/run does",
    "docker compose run --rm reporter check": "it needs Docker: test_image.py runs the image's steps without",
    "sudo useradd --system --home-dir /srv/reporter --shell /usr/sbin/nologin reporter": "it makes a user",
    "sudo -u reporter mkdir -p /srv/reporter/.reporter": "it needs systemd as the machine's first process",
    "… serving reports=daily,weekly (Ctrl-C stops)": "it is the log, which is held against serve's",
}


def test_every_block_of_the_page_is_run_or_has_a_reason_not_to_be():
    assert {*BLOCKS} == RUN | {*NOT_RUN}


@dataclass
class Machine:
    """Where the page is followed: a folder that looks like a checkout, and a server, if it runs."""

    folder: Path
    port: int
    process: "subprocess.Popen[str] | None" = None
    log: list[str] = field(default_factory=list[str])

    def placed(self, text: str) -> str:
        """The same commands, at places that this machine has."""
        for there, here in {
            "/srv/reporter": str(self.folder),
            "127.0.0.1:8080": f"127.0.0.1:{self.port}",
            "https://YOUR_APP.azurewebsites.net": f"http://127.0.0.1:{self.port}",
            "/etc/reporter.key": str(self.folder / "reporter.key"),
            "/backup": str(self.folder / "backup"),
        }.items():
            text = text.replace(there, here)
        return text

    def run(self, text: str, shell: str = "bash", **environ: str) -> "subprocess.CompletedProcess[str]":
        given = environ or {**os.environ, "NO_PROXY": "127.0.0.1"}
        words = [shell, "-ec", self.placed(text)]
        return subprocess.run(  # noqa: S603  (the page's own words)
            words, cwd=self.folder, env=given, capture_output=True, text=True, check=False, timeout=100
        )


@pytest.fixture
def machine(desk: Desk) -> Machine:
    (desk.folder / ".venv").symlink_to(sys.prefix)
    with create_server(("127.0.0.1", 0)) as free:
        return Machine(desk.folder, free.getsockname()[1])


@pytest.fixture
def serving(machine: Machine) -> Iterator[Machine]:
    """`serve --http`, as the page starts it, until the log says what comes next."""
    text = machine.placed(BLOCKS[SERVE]).replace(".venv/bin/reporter serve", "exec .venv/bin/reporter serve")
    words = ["bash", "-ec", text]
    with subprocess.Popen(words, cwd=machine.folder, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        machine.process = process
        assert process.stderr
        for line in process.stderr:
            machine.log.append(line)
            if " next: " in line:
                break
        yield machine
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_the_check_is_content(machine: Machine):
    checked = machine.run(CHECK)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_log_is_as_on_the_page(serving: Machine):
    page = next(text for first, text in BLOCKS.items() if "serving reports=" in first)
    shapes = [re.escape(line.removeprefix("… ")) for line in page.splitlines()]
    shapes[0] = shapes[0].replace("daily,weekly", "[a-z,]+")
    shapes[1] = r"next: \w+ Report [A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d \w+"
    said = [line.split(" ", 4)[-1].rstrip("\n") for line in serving.log]

    assert all(any(re.fullmatch(shape, line) for line in said) for shape in shapes)


def test_the_endpoints_answer_what_the_page_asks(serving: Machine):
    asked = serving.run(BLOCKS[ASK])

    assert asked.returncode == 0
    decode, answers, rest = json.JSONDecoder().raw_decode, list[dict[str, object]](), asked.stdout
    while rest.strip():
        answer, end = decode(rest.lstrip())
        answers.append(answer)
        rest = rest.lstrip()[end:]
    health, report, due = answers
    assert health["is_well"] is True
    assert "Daily Report" in str(report)
    assert due == {"deliveries": []}


def test_the_second_clock_of_a_crontab_and_of_github_is_let_in_with_the_key_alone(serving: Machine):
    key = re.search(r"^REPORTER_API_KEY=(.*)$", (serving.folder / ".env").read_text(), re.MULTILINE)
    assert key
    (serving.folder / "reporter.key").write_text(f"x-functions-key: {key[1]}\n")
    line = re.search(r"- run: (.*)", BLOCKS["name: due"])
    assert line
    address = f"http://127.0.0.1:{serving.port}"

    cron = serving.run(CLOCK.split(" ", 5)[5], "sh")
    github = serving.run(line[1], KEY=key[1], ADDRESS=address, PATH=os.environ["PATH"])
    stranger = serving.run(line[1], KEY="x" * 64, ADDRESS=address, PATH=os.environ["PATH"])

    assert (cron.returncode, github.returncode) == (0, 0)
    assert stranger.returncode != 0
    assert "401" in stranger.stderr


def test_the_crontab_s_line_sends_what_is_due_once_from_cron_s_bare_environment(machine: Machine, desk: Desk):
    now = datetime.now(UTC) - timedelta(minutes=5)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *")
    desk.set(WEEKLY_SCHEDULE="0 0 1 1 *", BIWEEKLY_SCHEDULE="0 0 1 1 *")
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/root", "SHELL": "/bin/sh"}

    first, second = (machine.run(CRON.split(" ", 5)[5], "sh", **bare) for _ in range(2))

    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert len(desk.slack.messages) == 1


def test_a_backup_that_is_put_back_remembers_what_was_sent(machine: Machine, desk: Desk):
    if not shutil.which("sqlite3"):
        pytest.skip("needs sqlite3, which .ci/run installs")
    back_up, put_back = (
        re.search(pattern, PAGE) for pattern in (r"`(sqlite3 [^`]*)`", r"`(cp /backup/ledger\.sqlite [^`]*)`")
    )
    assert back_up
    assert put_back
    (machine.folder / "backup").mkdir()
    machine.run(".venv/bin/reporter send weekly")

    assert machine.run(back_up[1]).returncode == 0
    (machine.folder / ".reporter" / "ledger.sqlite").unlink()
    assert machine.run(put_back[1]).returncode == 0
    again = machine.run(".venv/bin/reporter send weekly")

    assert (again.returncode, len(desk.slack.messages)) == (0, 1)
    assert "was sent to slack" in again.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone at a tag, with a later one at its origin."""
    origin, here = tmp_path / "origin", tmp_path / "here"
    git("clone", "--quiet", str(ROOT), str(origin))
    git("clone", "--quiet", str(origin), str(here))
    git("tag", "v0.9.9", at=origin)
    author = ("-c", "user.name=Nobody", "-c", "user.email=nobody@localhost")
    git(*author, "commit", "--quiet", "--allow-empty", "--message", "Change nothing", at=origin)
    git("tag", "v1.0.0", at=origin)
    (here / ".tools").mkdir()
    (here / ".tools" / "uv").symlink_to(ROOT / ".tools" / "uv")
    return here


def git(*words: str, at: Path = ROOT) -> None:
    subprocess.run(["git", *words], cwd=at, check=True, capture_output=True, timeout=100)  # noqa: S603, S607


def test_an_upgrade_and_a_rollback_leave_a_program_that_runs(clone: Path):
    steps = re.search(r"^## Keep it\n\n- \*\*Upgrade:\*\* (.*)$", PAGE, re.MULTILINE)
    assert steps
    fetch, checkout, make = re.findall(r"`([^`]*)`", steps[1])[:3]
    machine = Machine(clone, 0)

    for version in ("v1.0.0", "v0.9.9"):  # and back
        done = machine.run(f"{fetch}\n{checkout} --quiet {version}\n{make}\n.venv/bin/reporter --version")
        assert (done.returncode, done.stdout.splitlines()[-1][:9]) == (0, "reporter "), done.stderr


def test_one_line_installs_the_command(clone: Path, tmp_path: Path):
    origin = f"git+file://{tmp_path / 'origin'}@v1.0.0"
    places = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    line = BLOCKS[f"uv tool install {ADDRESS}"].replace(ADDRESS, origin)
    environ = {
        **os.environ,
        **places,
        "UV_PYTHON_DOWNLOADS": "never",
        "PATH": f"{UV.parent}:{os.environ['PATH']}",
    }

    installed = Machine(tmp_path, 0).run(line, **environ)
    ran = Machine(tmp_path, 0).run(f"{tmp_path}/bin/reporter --version")

    assert installed.returncode == 0, installed.stderr
    assert ran.stdout.startswith("reporter ")


def test_systemd_takes_the_unit_and_finds_it_hardened(machine: Machine):
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze, which .ci/run installs")
    unit = machine.folder / "reporter.service"
    unit.write_text(machine.placed(BLOCKS["[Unit]"]))

    checked = machine.run(f"systemd-analyze verify {unit}")
    rated = machine.run(f"systemd-analyze security --offline=true --threshold=17 {unit}")

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert rated.returncode == 0, rated.stdout
