"""`reporter check --offline` reads the reports file alone, as before a deployment: no secret, no network."""

from pathlib import Path
from shutil import copy

import pytest

from reporter.cli.main import main
from reporter.local import REPORTS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MIXPANEL_USERNAME", "MIXPANEL_SECRET", "SLACK_WEBHOOK_URL", "REPORTS_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def check(folder: Path) -> int:
    return main(["-C", str(folder), "check", "--offline"])


def test_it_needs_no_settings(folder: Path, capsys: pytest.CaptureFixture[str]):
    copy(REPORTS, folder)

    assert check(folder) == 0
    assert "ok     Report biweekly: 6 metrics" in capsys.readouterr().out


def test_a_bot_whose_token_is_not_here_is_no_fault(folder: Path):
    text = REPORTS.read_text(encoding="utf-8")
    bot = 'type = "bot"\ntoken = "SLACK_BOT_TOKEN"\nchannel = "C0123456789"\n'
    (folder / "reports.toml").write_text(
        text[: text.index("[destinations.slack]")] + "[destinations.slack]\n" + bot
    )

    assert check(folder) == 0


def test_every_fault_of_the_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = REPORTS.read_text(encoding="utf-8")
    (folder / "reports.toml").write_text(
        text.replace('"0 0 9 * * 1"', '"Mondays"').replace("top_events", "topevents")
    )

    assert check(folder) == 2
    said = capsys.readouterr().err
    assert said.count("schedule") >= 2
    assert "topevents" in said


def test_a_file_of_another_name_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    copy(REPORTS, folder / "ours.toml")
    monkeypatch.setenv("REPORTS_FILE", "ours.toml")

    assert check(folder) == 0


def test_a_file_that_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert check(folder) == 2
    assert "reports.toml: there is no such file" in capsys.readouterr().err
