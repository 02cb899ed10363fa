"""Settings as they lie in a folder."""

from pathlib import Path

import pytest

from reporter.config.settings import read
from reporter.reports.errors import ConfigError, SettingsProblem
from tests.config.examples import ENVIRON, FILE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "reports.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def faults(root: Path, **environ: str) -> tuple[SettingsProblem, ...]:
    with pytest.raises(ConfigError) as raised:
        read(root, {**ENVIRON, **environ})
    return raised.value.faults


def test_the_environment_alone_will_do(root: Path):
    assert read(root, ENVIRON).projects[None].id == "1234567"


def test_a_dotenv_file_alone_will_do(root: Path):
    lines = [f"{name}={value}" for name, value in ENVIRON.items()]
    (root / ".env").write_text(
        "\n".join(["# secrets", "", *lines, 'export COMPANY_NAME="Crème & Co"', "EMPTY"])
    )

    assert read(root, {}) == read(root, {**ENVIRON, "COMPANY_NAME": "Crème & Co"})


def test_the_environment_wins_over_the_dotenv_file(root: Path):
    (root / ".env").write_text("MIXPANEL_PROJECT_ID=1\nCOMPANY_NAME=Acme\n")

    settings = read(root, ENVIRON)

    assert (settings.projects[None].id, settings.company) == ("1234567", "Acme")


def test_a_secret_is_taken_letter_for_letter(root: Path):
    (root / ".env").write_text("MIXPANEL_SECRET='a${HOME}b$c#d'\n")

    assert read(root, {**ENVIRON, "HOME": "/root"} | {"MIXPANEL_SECRET": "a${HOME}b$c#d"}) == read(
        root, {name: value for name, value in ENVIRON.items() if name != "MIXPANEL_SECRET"}
    )


def test_a_line_of_the_dotenv_file_that_cannot_be_read_is_a_fault(root: Path):
    (root / ".env").write_text('COMPANY_NAME=Acme\n= 7\nMIXPANEL_SECRET="SECRET\n')

    assert [fault.place for fault in faults(root)] == [".env line 2", ".env line 3"]
    assert "SECRET" not in str(faults(root))


def test_files_may_begin_with_the_mark_of_windows_editors(root: Path):
    (root / "reports.toml").write_text(FILE, encoding="utf-8-sig")
    (root / ".env").write_text("COMPANY_NAME=Acme\n", encoding="utf-8-sig")

    assert read(root, ENVIRON).company == "Acme"


def test_another_file_may_hold_the_reports(root: Path):
    (root / "teams").mkdir()
    (root / "teams/a.toml").write_text(FILE.replace("[reports.weekly]", "[reports.ours]"))

    assert list(read(root, {**ENVIRON, "REPORTS_FILE": "teams/a.toml"}).subscriptions) == ["ours"]


def test_a_file_that_is_not_there_comes_with_the_other_faults(tmp_path: Path):
    missing, secret = sorted(
        faults(tmp_path, MIXPANEL_SECRET=""), key=lambda fault: fault.place, reverse=True
    )

    assert (missing.place, missing.problem) == ("reports.toml", "there is no such file")
    assert str(tmp_path.resolve()) in missing.fix
    assert secret.place == "MIXPANEL_SECRET"


def test_a_folder_that_is_not_there_is_the_only_fault(tmp_path: Path):
    (fault,) = faults(tmp_path / "nofolder")

    assert fault.place == str(tmp_path / "nofolder")
    assert (fault.problem, "-C" in fault.fix) == ("there is no such folder", True)


def test_where_nothing_is_set_the_file_that_is_missing_is_the_one_fault(root: Path):
    with pytest.raises(ConfigError) as raised:
        read(root, {}, need_destinations=False)

    places = [fault.place for fault in raised.value.faults]
    assert places == [str((root / ".env").resolve())]
    assert raised.value.faults[0].problem.startswith("there is no such file")


def test_a_dotenv_file_that_sets_nothing_of_ours_is_told(root: Path):
    (root / ".env").write_text("OTHER=1\n")

    with pytest.raises(ConfigError, match="it sets nothing of Mixpanel"):
        read(root, {})


@pytest.mark.parametrize(("mode", "noted"), [(0o600, []), (0o640, [".env"]), (0o644, [".env"])])
def test_a_dotenv_file_that_others_can_read_is_noted(root: Path, mode: int, noted: list[str]):
    (root / ".env").write_text("COMPANY_NAME=Acme\n")
    (root / ".env").chmod(mode)

    assert [note.place for note in read(root, ENVIRON).notes] == noted


@pytest.mark.parametrize("name", [".env", "reports.toml"])
def test_a_file_that_is_not_text_is_a_fault(root: Path, name: str):
    (root / name).write_bytes(b"\xff\xfe SECRET")

    (fault,) = faults(root)
    assert (fault.place, fault.problem) == (name, "the file is not UTF-8")


@pytest.mark.parametrize("name", [".env", "teams.toml"])
def test_a_folder_is_no_file(root: Path, name: str):
    (root / name).mkdir()

    (fault,) = faults(root, **({} if name == ".env" else {"REPORTS_FILE": name}))
    assert fault.place == name
    assert fault.problem.startswith("the file cannot be read")


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_path_that_cannot_be_is_a_fault(root: Path, name: str):
    (fault,) = faults(root, REPORTS_FILE=name)

    assert fault.problem.startswith("the file cannot be read")


@pytest.mark.parametrize("place", ["data/*.json", "/data/**", "~/data", "s3://acme/mixpanel/**"])
def test_paths_of_files_are_meant_from_the_folder_of_the_settings_on(root: Path, place: str):
    text = f'source = "files"\n[events]\nfiles = ["{place}"]\n{FILE.replace("source", "# source", 1)}'
    (root / "reports.toml").write_text(text, encoding="utf-8")

    expected = f"{root}/{place}" if place.startswith("data") else place
    assert read(root, ENVIRON).events.files == [expected]


@pytest.mark.parametrize("name", ["{}", "{}/ours.toml", "{}/#"])
def test_a_secret_in_the_place_of_the_file_is_in_no_fault(tmp_path: Path, name: str):
    secret = "XSecret0123456789XSecret"

    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {**ENVIRON, "REPORTS_FILE": name.format(secret)})

    assert secret not in str(caught.value)
