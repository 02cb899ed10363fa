"""What the machine does to the command line: it says so in a sentence, and shows no secret."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.app import assemble
from reporter.assembly import EventStorage
from reporter.cli.main import main
from reporter.config.settings import read
from reporter.publishing.queue import Due
from reporter.publishing.worker import Worker
from reporter.reports.deliveries import Attempt
from tests.desk import ROOT, Desk
from tests.ledgers import MemoryLedger

PASSWORD = "XSecret0123456789XSecret"  # as long as secrets are
ON_LINUX = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
quickly = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def environ(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.upper().endswith("_PROXY")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(desk: Desk, *words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "reporter", "-C", str(desk.folder), *words]
    return subprocess.run(command, env=environ(**more), capture_output=True, check=False, timeout=100)  # noqa: S603


def shell(desk: Desk, line: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    reporter = f"{sys.executable} -m reporter -C {desk.folder}"
    command = ["bash", "-o", "pipefail", "-c", line.replace("reporter", reporter, 1)]
    return subprocess.run(command, env=environ(**more), capture_output=True, check=False, timeout=100)  # noqa: S603


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("ascii", ("preview", "weekly")),
        ("latin-1", ("check",)),
        ("cp437", ("explain", "weekly", "New Signups")),
    ],
)
def test_an_encoding_that_lacks_letters_costs_no_more_than_these(
    desk: Desk, encoding: str, words: tuple[str, ...]
):
    done = run(desk, *words, PYTHONIOENCODING=encoding)

    assert done.returncode == 0
    assert done.stdout.decode(encoding)
    assert b"Traceback" not in done.stderr


def test_an_encoding_without_a_minus_still_says_what_fell(desk: Desk):
    wide, narrow = (run(desk, "preview", "weekly", PYTHONIOENCODING=each) for each in ("utf-8", "ascii"))

    falls = wide.stdout.decode().count("\u2212")
    assert falls
    assert narrow.stdout.decode("ascii").count(" -") >= falls
    assert "?" not in narrow.stdout.decode("ascii")


@pytest.mark.parametrize("form", ["json", "html"])
def test_what_programs_read_is_utf_8_whatever_people_read(desk: Desk, form: str):
    desk.set(COMPANY_NAME="Crème")

    done = run(desk, "preview", "weekly", "--format", form, PYTHONIOENCODING="cp1252")

    text = done.stdout.decode("utf-8")
    assert done.returncode == 0
    assert "Crème" in text
    if form != "html":
        assert json.loads(text)


@ON_LINUX
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told_and_stops_no_delivery(desk: Desk, unbuffered: str):
    done = shell(desk, "reporter send daily weekly > /dev/full", PYTHONUNBUFFERED=unbuffered)

    assert done.returncode == 74
    assert done.stderr == b"reporter: the output could not be written: No space left on device.\n"
    assert len(desk.slack.messages) == 2


@ON_LINUX
@pytest.mark.parametrize("words", ["--help", "due", "preview weekly", "preview weekly --format json"])
def test_whatever_is_written_into_a_full_disk_ends_in_a_sentence(desk: Desk, words: str):
    done = shell(desk, f"reporter {words} > /dev/full")

    assert done.returncode == 74
    assert done.stderr.count(b"\n") == 1


@ON_LINUX
def test_where_nothing_can_be_said_the_exit_code_says_it(desk: Desk):
    assert shell(desk, "reporter preview nothing > /dev/full 2>&1").returncode == 2


def test_a_reader_who_has_gone_is_no_error(desk: Desk):
    done = shell(desk, "reporter preview weekly --format json | head -c 10")

    assert done.returncode in (0, 141)
    assert done.stderr == b""


def test_a_python_that_is_too_old_is_told():
    code = (
        "import sys, runpy; sys.version_info = (3, 10, 9, 'final', 0); sys.version = '3.10.9 (main)';"
        "runpy.run_module('reporter', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ(), capture_output=True, check=False)  # noqa: S603

    assert done.returncode == 1
    assert done.stderr == b"The reporter needs Python 3.11 or later; this is 3.10.9.\n"


def test_a_folder_that_is_not_there_is_the_only_fault(desk: Desk, capsys: pytest.CaptureFixture[str]):
    assert main(["-C", str(desk.folder / "nofolder"), "check"]) == 2

    assert capsys.readouterr().err.count("\n") == 1


def test_the_store_s_folder_that_is_a_file_is_told_with_a_notice(desk: Desk):
    desk.change('source = "auto"', 'source = "export"')
    (desk.folder / ".reporter").mkdir()
    (desk.folder / ".reporter/events").write_text("")

    check, out, _ = desk.reporter("check")
    send, _, err = desk.reporter("send", "daily")

    assert (check, send) == (1, 1)
    assert "cannot be used: not a directory" in out
    assert "cannot be used: not a directory" in err
    assert "The report was not posted" in desk.slack.messages[0].text


@pytest.mark.parametrize(
    "command", ["check", "preview weekly", "fetch --from 2026-11-01", "query x", "health"]
)
def test_the_settings_folder_of_the_store_that_is_a_file_ends_in_a_sentence(desk: Desk, command: str):
    (desk.folder / ".reporter").write_text("")

    code, _, err = desk.reporter(*command.split())

    assert code in (0, 1, 75)
    assert "Traceback" not in err


def test_check_tells_a_heartbeat_that_cannot_be_reached(desk: Desk):
    desk.set(HEARTBEAT_URL=f"http://127.0.0.1:1/{PASSWORD}")

    code, out, _ = desk.reporter("check")

    assert code == 1
    assert "Heartbeat: It could not be reached: 127.0.0.1:1 refused the connection." in out
    assert PASSWORD not in out


@pytest.mark.parametrize(("zone", "is_noted"), [("Europe/Berlin", True), ("UTC", False)])
def test_check_suggests_the_holidays_of_the_zone_s_country_where_none_are_named(
    desk: Desk, zone: str, is_noted: bool
):
    desk.set(TIMEZONE=zone)

    code, out, _ = desk.reporter("check")

    assert code == 0
    assert ('Write holidays = "DE" under [defaults]' in " ".join(out.split())) is is_noted


def test_check_calls_no_heartbeat(desk: Desk):
    desk.set(HEARTBEAT_URL=f"{desk.slack.url}/heartbeat")

    code, out, _ = desk.reporter("check")

    assert code == 0
    assert "Heartbeat: can be reached" in out
    assert not [request for request in desk.slack.requests if "heartbeat" in request.path]


NORTH_STAR = """
[metrics.north]
label = "North Star"
measure = "saved_insights"
id = 99999
[reports.north]
title = "North Star"
period = "daily"
schedule = "0 9 * * *"
metrics = ["north"]
"""


def test_check_names_a_saved_report_that_mixpanel_has_not(desk: Desk):
    reports = desk.folder / "reports.toml"
    reports.write_text(reports.read_text() + NORTH_STAR)

    code, out, _ = desk.reporter("check")

    assert code == 1
    assert "Saved report: 99999, of “North Star”, could not be read" in out


def test_check_notes_what_may_not_be_meant(desk: Desk):
    desk.set(TIMEZON="Europe/Berlin", COMPANY_NAME="YourCompany")
    (desk.folder / ".env").chmod(0o644)

    code, out, _ = desk.reporter("check")

    assert code == 0
    assert "note   TIMEZON: is no setting, so it does nothing. Did you mean TIMEZONE?" in out
    assert "note   COMPANY_NAME: is still the example's placeholder" in out
    assert "note   .env: others on this machine can read it" in out


NASTY = st.one_of(st.sampled_from(list("#?/@:%\\'\" []<>&$é\u200b")), st.text(max_size=2))


@st.composite
def secrets(draw: st.DrawFn) -> str:
    before, after = ("".join(draw(st.lists(NASTY, max_size=4))).replace("\0", "") for _ in range(2))
    return f"{before}{PASSWORD}{after}"


@st.composite
def proxies(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["http://", "https://", "socks5h://", "", "//", "x://"]))
    wrapped = draw(st.sampled_from(["{}", '"{}"', " {}", "<{}>", "{}/", "{}#x"]))
    return wrapped.format(f"{scheme}me:{draw(secrets())}@127.0.0.1:9")


SECRET_SETTINGS = (
    *("MIXPANEL_SECRET", "MIXPANEL_USERNAME", "SLACK_WEBHOOK_URL", "ERROR_WEBHOOK_URL", "HEARTBEAT_URL"),
    *(
        "SLACK_BOT_TOKEN",
        "TIMEZONE",
        "WEEKLY_SCHEDULE",
        "REPORTS_FILE",
        "MIXPANEL_BASE_URL",
        "MIXPANEL_REGION",
    ),
)


@quickly
@given(
    proxy=st.dictionaries(st.sampled_from(["HTTP_PROXY", "https_proxy", "ALL_PROXY"]), proxies(), max_size=2),
    settings=st.dictionaries(st.sampled_from(SECRET_SETTINGS), secrets(), max_size=2),
    certificates=st.sampled_from(["", "/nowhere/at/all.pem", "\u200b"]),
    bypass=st.sampled_from(["", "127.0.0.1", "*"]),
    command=st.sampled_from([("check",), ("send", "daily"), ("preview", "daily"), ("health",)]),
)
@example(
    proxy={"HTTP_PROXY": f'"http://me:{PASSWORD}@127.0.0.1:9"'},
    settings={},
    certificates="",
    bypass="",
    command=("send", "daily"),
)
def test_no_environment_brings_a_traceback_or_a_secret(
    desk: Desk,
    proxy: Mapping[str, str],
    settings: Mapping[str, str],
    certificates: str,
    bypass: str,
    command: tuple[str, ...],
):
    given = {**proxy, **settings, "SSL_CERT_FILE": certificates, "NO_PROXY": bypass, "no_proxy": bypass}
    with (
        patch.dict(os.environ, {name: text for name, text in given.items() if text}),
        patch("reporter.sources.mixpanel.limits.RetryBudget.back_off", return_value=None),
    ):
        for name in ("NO_PROXY", "no_proxy"):
            if not bypass:
                os.environ.pop(name, None)
        code, out, err = desk.reporter(*command)

    assert code in (0, 1, 2, 3, 4, 75)
    assert "Traceback" not in err
    assert PASSWORD not in out + err


VALUES: Mapping[str, tuple[str, ...]] = {
    "SLACK_WEBHOOK_URL": (
        "",
        "https://hooks.slack.com/services/YOUR/WEBHOOK/URL",
        "http://127.0.0.1:9/services/x",
    ),
    "MIXPANEL_SECRET": ("", "wrong", "your_service_account_secret"),
    "MIXPANEL_PROJECT_ID": ("", "7", "abc"),
    "MIXPANEL_BASE_URL": ("http://127.0.0.1:9",),
    "HEARTBEAT_URL": ("http://127.0.0.1:9/x", "not an address"),
    "ERROR_WEBHOOK_URL": ("http://127.0.0.1:9/services/x",),
    "TIMEZONE": ("EST", "PST", "Europe/Berlin"),
    "COMPANY_NAME": ("YourCompany", "a\tb"),
    "DAILY_SCHEDULE": ("0 9 * * *", "never"),
    "REPORTS_FILE": ("other.toml",),
    "TIMEZON": ("UTC",),
}
MACHINES = ("well", "ledger cut off", "folder is a file", "ledger is a folder", "store is a file")


def spoil(folder: Path, machine: str) -> None:
    kept = folder / ".reporter"
    match machine:
        case "ledger cut off":
            kept.mkdir()
            (kept / "ledger.sqlite").write_bytes(b"cut off in the middle" * 200)
        case "ledger is a folder":
            (kept / "ledger.sqlite").mkdir(parents=True)
        case "folder is a file":
            kept.write_text("")
        case "store is a file":
            kept.mkdir()
            (kept / "events").write_text("")
        case _:
            pass


@quickly
@given(
    changes=st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 2), max_size=2),
    machine=st.sampled_from(MACHINES),
    source=st.sampled_from(["auto", "export", "query"]),
    proxy=st.sampled_from(["", "http://127.0.0.1:9", '"http://127.0.0.1:9"']),
)
@example(changes={}, machine="well", source="export", proxy="")
@example(changes={}, machine="well", source="auto", proxy="")
def test_where_check_is_content_a_send_works(
    desk: Desk,
    changes: Mapping[str, int],
    machine: str,
    source: str,
    proxy: str,
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("settings")
    text = (desk.folder / "reports.toml").read_text()
    (folder / "reports.toml").write_text(text.replace('source = "auto"', f'source = "{source}"'))
    (folder / ".env").write_text((desk.folder / ".env").read_text())
    fresh = Desk(folder, desk.mixpanel, desk.slack, desk.output)
    fresh.set(**{name: VALUES[name][which % len(VALUES[name])] for name, which in changes.items()})
    spoil(folder, machine)
    with (
        patch.dict(os.environ, {"HTTP_PROXY": proxy} if proxy else {}),
        patch("reporter.sources.mixpanel.limits.RetryBudget.back_off", return_value=None),
    ):
        check, said, _ = fresh.reporter("check")
        send, _, err = fresh.reporter("send", "daily")

    assert send == 0 if check == 0 else "fault" in said or check == 2, err


def test_a_proxy_setting_that_is_wrong_is_told_once_and_not_tried_nine_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", '"http://127.0.0.1:9"')
    monkeypatch.setenv("NO_PROXY", desk.slack.url.replace("http://", "all://"))
    read_settings = read(desk.folder, os.environ)
    with closing(assemble(read_settings, MemoryLedger(), EventStorage(desk.folder))) as app:
        moment = read_settings.subscriptions["daily"].schedule.latest_due(app.clock())
        assert moment
        Worker(app).deliver(Due("daily", moment, "slack").message, Attempt(1, 9, 10))

    (notice,) = desk.slack.messages
    assert "HTTP_PROXY: stands in quotation marks" in str(notice.payload)
