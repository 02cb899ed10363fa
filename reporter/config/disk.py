"""The settings of a folder, checked."""

from collections.abc import Mapping
from dataclasses import replace
from glob import escape
from pathlib import Path

from reporter.config.environment import REQUIRED, readable_by_others
from reporter.config.load import reports, settle
from reporter.config.settings import Settings
from reporter.reports.errors import ConfigError, SettingsProblem
from reporter.reports.subscriptions import Subscription
from reporter.setting_files import read_files


def read(root: Path, environ: Mapping[str, str], *, need_destinations: bool = True) -> Settings:
    """The settings of a folder: its `.env`, over which the environment wins, and its reports file.

    Raises ConfigError, with every fault there is. For `need_destinations` see `load`.
    """
    _check_folder(root)
    dotenv, found = root / ".env", read_files(root, environ)
    faults = list(found.dotenv_faults)
    if not faults and not any(name in found.values for name in REQUIRED):
        faults.append(_nothing_set(dotenv))
    faults += found.reports_faults
    settings = settle(
        found.values, found.reports_text, faults, file=found.file, need_destinations=need_destinations
    )
    files = tuple(_from(root, place) for place in settings.events.files)
    settings = replace(settings, events=replace(settings.events, files=files))
    open_to_all = readable_by_others(dotenv)
    return replace(settings, notes=(*settings.notes, open_to_all)) if open_to_all else settings


def _from(root: Path, place: str) -> str:
    """A path is meant from the folder of the settings on."""
    if "://" in place or place.startswith("~") or Path(place).is_absolute():
        return place
    return f"{escape(str(root))}/{place}"


def read_reports(root: Path, environ: Mapping[str, str]) -> Mapping[str, Subscription]:
    """The reports of a folder's reports file, without any secret. Raises ConfigError, with every fault."""
    _check_folder(root)
    found = read_files(root, environ)
    faults = [*found.dotenv_faults, *found.reports_faults]
    if found.reports_text is None:
        raise ConfigError(tuple(faults))
    return reports(found.reports_text, found.file, faults)


def _check_folder(root: Path) -> None:
    try:
        is_there = root.is_dir()
    except OSError:  # what is around it may not be looked into
        is_there = False
    if not is_there:
        fix = "Name the folder that holds .env and reports.toml: reporter -C FOLDER."
        raise ConfigError((SettingsProblem(str(root), "there is no such folder", fix),))


def _nothing_set(dotenv: Path) -> SettingsProblem:
    """Where all is missing, the folder is mostly another one."""
    if dotenv.exists():
        return SettingsProblem(
            str(dotenv.resolve()), "it sets nothing of Mixpanel", "Fill it in as in .env.example."
        )
    fix = "Copy .env.example there and fill it in, or name the folder that has one: reporter -C FOLDER."
    return SettingsProblem(str(dotenv.resolve()), "there is no such file", fix)
