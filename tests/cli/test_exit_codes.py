"""How each command ends: every code of the table in docs/commands.md is brought about, and no other comes."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from io import FileIO, TextIOWrapper
from threading import Event, Thread
from time import sleep
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.cli.main import main
from reporter.cli.output import EXIT_CODES
from reporter.ledger import sqlite_file
from reporter.ledger.sqlite import SQLiteLedger
from reporter.local.server import Fault
from tests.cli.test_help import COMMANDS, PAGE
from tests.cli.test_machine import MACHINES, VALUES, quickly, spoil
from tests.desk import ROOT, Desk, yesterday

WORDS: Mapping[str, Sequence[str]] = {
    "check": ("check",),
    "preview": ("preview", "weekly"),
    "explain": ("explain", "weekly", "new_signups"),
    "send": ("send", "weekly"),
    "resend": ("resend", "weekly"),
    "serve": ("serve",),
    "due": ("due",),
    "history": ("history",),
    "health": ("health",),
    "fetch": ("fetch", "--from", str(yesterday())),
    "query": ("query", "SELECT 1 AS one FROM events LIMIT 1"),
}


def table() -> dict[str, set[int]]:
    """The codes of each command, as the page has them."""
    found: dict[str, set[int]] = {}
    heading = next(line for line in PAGE.splitlines() if line.startswith("| command | 0 |"))
    codes = [int(cell) for cell in re.findall(r"\d+", heading)]
    for line in PAGE.split(heading)[1].split("\n\n")[0].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for command in re.findall(r"`(\w+)`", cells[0]):
            found[command] = {code for code, cell in zip(codes, cells[1:], strict=True) if cell}
    return found


TABLE = table()
SENT = ("send", "resend")
ASKS = ("preview", "explain", *SENT, "fetch")  # Mixpanel
Prepare = Callable[[Desk], None]
AT_ONCE = patch("reporter.sources.mixpanel.limits.RetryBudget.back_off", return_value=None)


@pytest.mark.parametrize("command", TABLE)
def test_the_page_has_the_codes_of_each_help(command: str, capsys: pytest.CaptureFixture[str]):
    main(["help", command])
    codes = re.findall(r"^  (\d+) ", capsys.readouterr().out, re.MULTILINE)

    assert {int(code) for code in codes} == TABLE[command]


def test_the_page_has_every_command_and_the_meaning_of_every_code():
    assert set(TABLE) == set(COMMANDS)
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning}" in PAGE


def store(desk: Desk) -> None:
    desk.reporter(*WORDS["fetch"])


def wrong_secret(desk: Desk) -> None:
    desk.set(MIXPANEL_SECRET="wrong")


def wrong_settings(desk: Desk) -> None:
    desk.set(MIXPANEL_PROJECT_ID="abc")


def unknown_event(desk: Desk) -> None:
    desk.change('event = "Purchase"', 'event = "Purchased"')


def mixpanel_is_down(desk: Desk) -> None:
    desk.mixpanel.faults.append(Fault(status=503, times=1_000))


def answer_is_lost(desk: Desk) -> None:
    desk.slack.faults.append(Fault(path="/services", drop=True, after=True))


def ledger_is_no_file(desk: Desk) -> None:
    (desk.folder / ".reporter" / "ledger.sqlite").mkdir(parents=True)


def overdue(desk: Desk) -> None:
    SQLiteLedger(desk.folder / ".reporter" / "ledger.sqlite").first_seen(
        "daily", datetime.now(UTC) - timedelta(days=3)
    )


def held_once_it_is_sent(desk: Desk) -> None:
    """Another program takes the ledger while Slack answers."""
    desk.slack.faults.append(Fault(path="/services", delay=1.0, after=True))

    def hold() -> None:
        while not desk.slack.requests:
            sleep(0.01)
        path = desk.folder / ".reporter" / "ledger.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as held:
            held.execute("begin immediate")
            over.wait(20)

    over = Event()
    Thread(target=hold, daemon=True).start()


def nothing(_: Desk) -> None:
    pass


CASES: Mapping[int, Mapping[str, Prepare]] = {
    0: {**dict.fromkeys(TABLE, nothing), "query": store},
    1: {**dict.fromkeys(("check", *ASKS), wrong_secret), "query": nothing, "health": overdue},
    2: dict.fromkeys(TABLE, wrong_settings),
    3: dict.fromkeys(("preview", *SENT), unknown_event),
    4: dict.fromkeys(SENT, answer_is_lost),
    5: dict.fromkeys(SENT, held_once_it_is_sent),
    74: {**dict.fromkeys((name for name in TABLE if name != "serve"), nothing), "query": store},
    75: {
        **dict.fromkeys((*ASKS, "query"), mixpanel_is_down),
        **dict.fromkeys(("history", "health"), ledger_is_no_file),
    },
}
HUNG = ("serve", 4)  # below, as is serve's 0
TRIED = [
    (command, code) for code, commands in CASES.items() for command in commands if command != "serve" or code
]


def test_each_code_of_the_table_is_brought_about():
    tried = {(command, code) for code, commands in CASES.items() for command in commands}

    assert tried | {HUNG} == {(command, code) for command, codes in TABLE.items() for code in codes}


@pytest.mark.parametrize(("command", "code"), TRIED)
def test_a_command_ends_with_the_code_of_the_table(
    desk: Desk, command: str, code: int, monkeypatch: pytest.MonkeyPatch
):
    CASES[code][command](desk)
    monkeypatch.setattr(sqlite_file, "LOCKED_FOR", 0.2)
    if (command, code) == ("history", 74):
        desk.reporter("send", "daily")

    with AT_ONCE, full() if code == 74 else nullcontext():
        ended, _, said = desk.reporter(*WORDS[command])

    assert ended == code
    assert said.strip() or code == 0 or command in ("check", "health")


@contextmanager
def full() -> Generator[None]:
    """Standard output on a disk that is full."""
    with closing(TextIOWrapper(FileIO("/dev/full", "w"))) as stdout, patch.object(sys, "stdout", stdout):
        yield


@quickly
@given(
    command=st.sampled_from([*WORDS][:5] + [*WORDS][6:]),
    changes=st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 2), max_size=2),
    machine=st.sampled_from(MACHINES),
    source=st.sampled_from(["auto", "export", "query"]),
    fault=st.sampled_from([None, Fault(status=503, times=1_000), Fault(drop=True), Fault(cut=10)]),
)
def test_whatever_is_wrong_no_other_code_comes(
    desk: Desk,
    command: str,
    changes: Mapping[str, int],
    machine: str,
    source: str,
    fault: Fault | None,
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("settings")
    text = (desk.folder / "reports.toml").read_text()
    (folder / "reports.toml").write_text(text.replace('source = "auto"', f'source = "{source}"'))
    (folder / ".env").write_text((desk.folder / ".env").read_text())
    fresh = Desk(folder, desk.mixpanel, desk.slack, desk.output)
    fresh.set(**{name: VALUES[name][which % len(VALUES[name])] for name, which in changes.items()})
    spoil(folder, machine)
    desk.mixpanel.faults[:] = [fault] if fault else []

    with AT_ONCE:
        assert fresh.reporter(*WORDS[command])[0] in TABLE[command]


def served(desk: Desk, beforehand: str, mark: str) -> tuple[int, str]:
    """What `serve` ends with when it is stopped after this line of its log."""
    program = f"{beforehand}\nimport sys; from reporter.cli.main import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", program, "-C", str(desk.folder), "serve"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = ""
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environ) as process:  # noqa: S603
        assert process.stderr
        for line in process.stderr:
            log += line
            if mark in line:
                while mark != " next: " and not desk.mixpanel.requests:
                    sleep(0.05)
                process.send_signal(signal.SIGTERM)
    return process.returncode, log


def test_serve_ends_well_when_it_is_stopped(desk: Desk):
    assert served(desk, "", " next: ")[0] == 0


def test_serve_says_that_it_left_a_delivery_behind_whose_end_it_does_not_know(desk: Desk):
    now = datetime.now(UTC)
    desk.set(DAILY_SCHEDULE=f"{now.minute} {now.hour} * * *")
    overdue(desk)
    desk.mixpanel.faults.append(Fault(delay=30, times=100))
    hurry = (
        "from datetime import timedelta; import reporter.publishing.scheduler as scheduler\n"
        "scheduler.LONGEST_STOP = timedelta(seconds=0.5)"
    )

    code, log = served(desk, hurry, "next: ")

    assert code == HUNG[1]
    assert "left-behind" in log


@pytest.mark.parametrize("command", ["preview", "send", "resend"])
def test_code_3_says_what_could_not_be_measured_and_why(desk: Desk, command: str):
    unknown_event(desk)

    code, _, said = desk.reporter(command, "weekly")

    assert code == 3
    assert "weekly: not all of it was measured. Not measured: Purchases" in said
    assert "no event named “Purchased”; did you mean “Purchase”?" in said


@pytest.mark.parametrize("command", TABLE)
def test_an_option_that_there_is_not_ends_with_2(desk: Desk, command: str):
    with pytest.raises(SystemExit, match="2"):
        desk.reporter(command, "--nosuch")
