"""What a timer knows before it is due: read from anything, and as the settings are read."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.azure import build
from reporter.config.settings import read
from reporter.reports.azure_timers import OTHERS
from reporter.reports.errors import ConfigError
from reporter.reports.schedules import Schedule
from reporter.setting_files import LAST_LOOKS, USUAL, SettingFiles, may_wait, read_files, timers
from tests.config.examples import ENVIRON, FILE, REPORT, only_fault

HALF_PAST = FILE.replace('"0 9 * * 1"', '"30 14 * * 5"')
NEW_YORK = {**ENVIRON, "TIMEZONE": "America/New_York"}


def schedules(root: Path, **environ: str) -> dict[str, Schedule]:
    return {one.report: one.schedule for one in timers(read_files(root, {**ENVIRON, **environ}))}


def write(
    root: Path, text: str = HALF_PAST, name: str = "reports.toml", dotenv: str = "", mark: str = ""
) -> None:
    (root / name).parent.mkdir(exist_ok=True, parents=True)
    (root / name).write_text(mark + text, encoding="utf-8")
    if dotenv:
        (root / ".env").write_text(mark + dotenv, encoding="utf-8")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    "name", ["reports.toml", "eu.toml", "./sub/eu.toml", "sub/../sub/eu.toml", " eu.toml "]
)
def test_timers_and_settings_read_the_same_file(tmp_path: Path, mark: str, name: str):
    write(tmp_path, name=name.strip(), mark=mark)

    found = schedules(tmp_path, REPORTS_FILE=name)

    settled = read(tmp_path, {**ENVIRON, "REPORTS_FILE": name}).subscriptions
    assert found == {report: one.schedule for report, one in settled.items()}
    assert found["weekly"].cron == "30 14 * * 5"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_timers_read_the_dotenv_file_too_and_the_environment_wins(tmp_path: Path, mark: str):
    dotenv = "TIMEZONE=America/New_York\nWEEKLY_SCHEDULE=0 8 * * 2\nREPORTS_FILE=eu.toml\n"
    write(tmp_path, name="eu.toml", dotenv=dotenv, mark=mark)

    assert schedules(tmp_path) == {"weekly": Schedule("0 8 * * 2", ZoneInfo("America/New_York"))}
    assert schedules(tmp_path, TIMEZONE="UTC")["weekly"].zone == ZoneInfo("UTC")


@pytest.mark.parametrize("name", ['"reports.toml"', "nowhere.toml", ".", "\0", "/"])
def test_where_the_file_cannot_be_read_the_usual_timers_come_and_the_settings_say_why(
    tmp_path: Path, name: str
):
    write(tmp_path)

    assert set(schedules(tmp_path, REPORTS_FILE=name)) == set(USUAL)
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, {**ENVIRON, "REPORTS_FILE": name})
    assert raised.value.faults[0].place == name


NAMES = [
    "custom",
    "Custom",
    "custom_",
    "deliver",
    "Failed",
    "FAILED",
    "week-ly",
    "weekly",
    "Weekly",
    "w_eekly",
]


@given(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
def test_no_name_of_a_report_takes_the_app_down(tmp_path_factory: pytest.TempPathFactory, names: list[str]):
    root = tmp_path_factory.mktemp("app")
    write(root, FILE + "".join(REPORT.replace("weekly]", f"{name}]") for name in names if name != "weekly"))

    functions = [str(one.get_function_name()).lower() for one in build(root).get_functions()]

    assert len(set(functions)) == len(functions) == len({*names, "weekly"}) + len(OTHERS)


@pytest.mark.parametrize("name", ["custom", "CUSTOM", "deliver", "Failed", "custom-"])
def test_a_name_that_functions_of_the_app_have_is_refused(name: str):
    fault = only_fault(FILE.replace("[reports.weekly]", f"[reports.{name}]"))

    assert fault.place == f"reports.toml line 9, reports.{name}"
    assert "Report, which the reporter has for something else" in fault.problem
    assert fault.fix == "Choose another name."


@pytest.mark.parametrize("name", ["Weekly", "week-ly", "WEEKLY_"])
def test_two_reports_that_would_be_one_function_are_refused(name: str):
    fault = only_fault(FILE + REPORT.replace("weekly]", f"{name}]"))

    assert fault.place == f"reports.toml line 18, reports.{name}"
    assert "'weekly'" in fault.problem


@pytest.mark.parametrize(
    "value", ["2026-01-09T00:00:00", "2026-01-09T00:00:00Z", "00:00:00", '"2026-01-09"', "9"]
)
def test_an_anchor_that_is_no_day_still_gives_a_timer_that_is_due(value: str):
    text = f'[reports.two]\nperiod = "biweekly"\nschedule = "0 9 * * 5"\nevery_two_weeks_from = {value}\n'

    (timer,) = timers(SettingFiles({}, "reports.toml", text))

    assert timer.schedule == Schedule("0 9 * * 5", ZoneInfo("UTC"))


LONG = "9" * 5_000
TEXTS = st.sampled_from(
    ["", "[reports", f"a = {LONG}", f"a = 0x{LONG}", f"[reports.a]\nschedule = {'[' * 9_000}"]
)
VALUES = st.sampled_from(
    [
        '"0 9 * * 1"',
        f'"{LONG} 9 * * 1"',
        f'"0 9 L,1/{LONG} * *"',
        '"0 9 * * ?"',
        "[]",
        "{}",
        "1e999",
        "nan",
        LONG[:4_000],
    ]
)


def written(schedule: str, zone: str, anchor: str) -> str:
    first = f'[reports.a]\nperiod = "biweekly"\nschedule = {schedule}\n'
    return f"{first}timezone = {zone}\nevery_two_weeks_from = {anchor}\n"


ZONES = VALUES | st.sampled_from(['"../x"', '"Europe"', '"\\u0000"'])
ANCHORS = VALUES | st.sampled_from(["0001-01-01", "9999-12-31"])
FILES = st.builds(written, VALUES, ZONES, ANCHORS)


@given(TEXTS | FILES | st.text(), st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_nothing_in_a_file_or_a_setting_keeps_the_app_from_having_functions(
    tmp_path_factory: pytest.TempPathFactory, text: str, cron: str, zone: str
):
    root = tmp_path_factory.getbasetemp()
    (root / "reports.toml").write_text(text, encoding="utf-8", errors="surrogatepass")
    (root / ".env").write_text(
        f"A_SCHEDULE={cron}\nTIMEZONE={zone}\n", encoding="utf-8", errors="surrogatepass"
    )

    functions = build(root).get_functions()

    assert len(functions) > len(OTHERS)


WAITS = 'schedule = "0 9 * * 1"\nwait_for_data_until = "11:00"'


def functions_of(root: Path, monkeypatch: pytest.MonkeyPatch) -> set[str | None]:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    return {function.get_function_name() for function in build(root).get_functions()}


def test_the_timer_of_what_waits_is_there_only_where_a_report_may_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path, FILE)
    assert "RetryWaiting" not in functions_of(tmp_path, monkeypatch)
    write(tmp_path, FILE.replace('schedule = "0 9 * * 1"', WAITS))
    assert "RetryWaiting" in functions_of(tmp_path, monkeypatch)


def test_that_timer_looks_only_while_a_report_may_be_waiting(tmp_path: Path):
    write(tmp_path, FILE.replace('schedule = "0 9 * * 1"', WAITS))
    (timer,) = timers(read_files(tmp_path, {"TIMEZONE": "Europe/Berlin"}))
    due = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Berlin"))

    assert timer.waits_until == time(11)
    assert not may_wait(timer, due - timedelta(minutes=1))
    assert may_wait(timer, due)
    assert may_wait(timer, due + timedelta(hours=2) + LAST_LOOKS)
    assert not may_wait(timer, due + timedelta(hours=2, minutes=1) + LAST_LOOKS)
    assert not may_wait(timer, due + timedelta(days=1, hours=1))


@pytest.mark.parametrize("wrong", ["25:00", "soon", "", "11"])
def test_a_wrong_time_costs_no_timer(tmp_path: Path, wrong: str):
    write(tmp_path, FILE.replace('schedule = "0 9 * * 1"', WAITS.replace("11:00", wrong)))

    assert [one.report for one in timers(read_files(tmp_path, {}))] == ["weekly"]
