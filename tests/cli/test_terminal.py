"""What every command writes, on terminals and in pipes: it fits, and is in its encoding and colours."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from threading import Thread

import pytest
from rich.cells import cell_len

from reporter.cli.main import main
from reporter.local.product import Product
from reporter.local.server import Fault
from tests.cli.test_help import COMMANDS
from tests.desk import ROOT, Desk, furnished, yesterday

NARROW = 40
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d(?:;\d+)*m")
CONTROL = re.compile(r"\x1b(?:\[[\d;?]*[A-Za-z]|\][^\x07]*\x07)")
ENCODINGS = ("ascii", "latin-1", "cp1252", "utf-8")
SQL = "SELECT event, count(*) AS n FROM events GROUP BY event ORDER BY n DESC LIMIT 3"
RIGHT: Sequence[Sequence[str]] = (
    ("check",),
    ("check", "--offline"),
    ("preview", "weekly"),
    ("send", "daily", "weekly"),
    ("resend", "weekly"),
    ("explain", "weekly", "new_signups"),
    ("fetch", "--from", str(yesterday())),
    ("query", SQL),
    ("query", "SELECT * FROM events LIMIT 2"),
    ("due",),
    ("history",),
    ("health",),
)
WRONG: Sequence[Sequence[str]] = (
    ("preview", "weakly"),
    ("preview", "weekly", "--from", "soon"),
    ("explain", "weekly", "new_sign_ups"),
    ("query", "SELECT nothing FROM events"),
    ("send",),
    ("serve", "--http", "localhost"),
    ("due", "--until", "2020-01-01"),
    ("help", "nosuch"),
)
HELP: Sequence[Sequence[str]] = ((), *((command, "--help") for command in COMMANDS))


class Pipe:
    """Where a program writes that nobody watches."""

    def __init__(self, encoding: str) -> None:
        self.file = TextIOWrapper(BytesIO(), encoding=encoding)

    def text(self) -> str:
        """All that came, in its encoding. Raises UnicodeDecodeError."""
        self.file.flush()
        return self.file.buffer.getvalue().decode(self.file.encoding)  # type: ignore[attr-defined]


class Screen:
    """A terminal of the system's own."""

    def __init__(self, encoding: str, columns: int) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        self.file = os.fdopen(slave, "w", encoding=encoding)
        self.seen = bytearray()
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        try:
            while some := os.read(self.master, 65536):
                self.seen += some
        except OSError:  # the other side has been closed
            pass

    def text(self) -> str:
        encoding = self.file.encoding
        self.file.close()
        self.reader.join(10)
        os.close(self.master)
        return self.seen.decode(encoding).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return CONTROL.sub("", f"{self.out}\n{self.err}").replace("\r", "\n").splitlines()


@pytest.fixture(scope="module")
def office(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with raw events, a report that came and one that failed, and names of all letters."""
    with furnished(tmp_path_factory.mktemp("office"), product, quota=10_000) as desk:
        desk.set(COMPANY_NAME="Crème − Œuvre", TIMEZONE="Europe/Berlin")
        desk.change('label = "New Signups"', 'label = "New Signups – “Größe”"')
        shown(desk, ["fetch", "--from", str(yesterday())])
        shown(desk, ["send", "daily"])
        desk.slack.faults.append(Fault(path="/services", status=404, body="no_service", times=2))
        shown(desk, ["send", "weekly"])
        yield desk


def shown(
    desk: Desk, words: Sequence[str], encoding: str = "utf-8", columns: int | None = None, **environ: str
) -> Shown:
    """What the command writes: into pipes, or on a terminal of so many columns."""
    streams = [Pipe(encoding) if columns is None else Screen(encoding, columns) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "COLUMNS",
            "LINES",
            "NO_COLOR",
            "FORCE_COLOR",
            *(n for n in os.environ if "PROXY" in n.upper()),
        ):
            patch.delenv(name, raising=False)
        for name, value in {"TERM": "xterm-256color", **environ}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdout", streams[0].file)
        patch.setattr(sys, "stderr", streams[1].file)
        try:
            code = main(["-C", str(desk.folder), *words])
        except SystemExit as end:
            code = end.code
    return Shown(int(code or 0), *(stream.text() for stream in streams))


def too_wide(lines: Sequence[str], columns: int) -> list[str]:
    """Those that a blank could have shortened."""
    return [line for line in lines if cell_len(line) > columns and " " in line.strip()]


def test_every_command_is_here():
    assert {words[0] for words in (*RIGHT, *WRONG) if words[0] != "help"} == set(COMMANDS)


@pytest.mark.parametrize("words", [*RIGHT, *WRONG, *HELP], ids=" ".join)
def test_a_narrow_terminal_has_no_line_that_is_wider(office: Desk, words: Sequence[str]):
    watched = shown(office, words, columns=NARROW)
    piped = shown(office, words, COLUMNS=str(NARROW))

    assert too_wide(watched.lines, NARROW) == []
    assert too_wide(piped.lines, NARROW) == []
    assert (watched.code, watched.out != "" or watched.err != "") == (piped.code, True)


@pytest.mark.parametrize("words", [*RIGHT, *WRONG], ids=" ".join)
def test_a_pipe_takes_lines_whole_and_no_control(office: Desk, words: Sequence[str]):
    piped = shown(office, words)

    assert "\x1b" not in piped.out + piped.err
    assert "\r" not in piped.out
    assert piped.code == (0 if words in RIGHT else piped.code or 1)


@pytest.mark.parametrize("words", [*RIGHT, *WRONG], ids=" ".join)
def test_every_encoding_has_every_sign_or_a_plain_one(office: Desk, words: Sequence[str]):
    whole = shown(office, words)

    for encoding in ENCODINGS:
        said = shown(office, words, encoding)

        assert said.code == whole.code
        assert (said.out + said.err).count("?") == (whole.out + whole.err).count("?")
        assert len(said.out.splitlines()) == len(whole.out.splitlines())


@pytest.mark.parametrize("words", [*RIGHT, *WRONG], ids=" ".join)
def test_no_color_takes_the_colours_out_and_a_dumb_terminal_all_but_the_text(
    office: Desk, words: Sequence[str]
):
    plain, dumb = (
        shown(office, words, columns=80, NO_COLOR="1"),
        shown(office, words, columns=80, TERM="dumb"),
    )

    assert COLOUR.findall(plain.out + plain.err) == []
    assert "\x1b" not in dumb.out + dumb.err


def test_there_are_colours_to_take_out(office: Desk):
    assert COLOUR.search(shown(office, ("preview", "weekly"), columns=80).out)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_log_of_serve_is_text_in_the_encoding(office: Desk, encoding: str):
    environ = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    words = [sys.executable, "-m", "reporter", "-C", str(office.folder), "serve"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, env=environ, cwd=Path("/")) as served:  # noqa: S603
        assert served.stderr
        log = b""
        for line in served.stderr:
            log += line
            if b" next: " in line:
                served.send_signal(signal.SIGTERM)

    assert served.returncode == 0
    assert "serving reports=" in log.decode(encoding)
    assert b"\x1b" not in log
    assert b"\\u" not in log
