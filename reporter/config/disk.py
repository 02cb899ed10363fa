"""Where settings lie on a disk: `.env` and the reports file."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dotenv.parser import parse_stream

from reporter.config.environment import REQUIRED
from reporter.config.faults import looks_secret
from reporter.config.load import reports, settle
from reporter.config.notes import readable_by_others
from reporter.config.settings import Settings
from reporter.model.errors import ConfigError, Fault
from reporter.model.subscription import Subscription


def read(root: Path, environ: Mapping[str, str], *, need_destinations: bool = True) -> Settings:
    """The settings of a folder: its `.env`, over which the environment wins, and its reports file.

    Raises ConfigError, with every fault there is. For `need_destinations` see `load`.
    """
    _check_folder(root)
    faults: list[Fault] = []
    dotenv = root / ".env"
    values = {**_dotenv(dotenv, faults), **environ}
    if not faults and not any(name in values for name in REQUIRED):
        faults.append(_nothing_set(dotenv))
    file, text = _reports_text(root, values, faults)
    settings = settle(values, text, faults, file=file, need_destinations=need_destinations)
    open_to_all = readable_by_others(dotenv)
    return replace(settings, notes=(*settings.notes, open_to_all)) if open_to_all else settings


def read_reports(root: Path, environ: Mapping[str, str]) -> Mapping[str, Subscription]:
    """The reports of a folder's reports file, without any secret. Raises ConfigError, with every fault."""
    _check_folder(root)
    faults: list[Fault] = []
    file, text = _reports_text(root, {**_dotenv(root / ".env", faults), **environ}, faults)
    if text is None:
        raise ConfigError(tuple(faults))
    return reports(text, file, faults)


def _check_folder(root: Path) -> None:
    try:
        is_there = root.is_dir()
    except OSError:  # what is around it may not be looked into
        is_there = False
    if not is_there:
        mend = "Name the folder that holds .env and reports.toml: reporter -C FOLDER."
        raise ConfigError((Fault(str(root), "there is no such folder", mend),))


def _nothing_set(dotenv: Path) -> Fault:
    """Where all is missing, the folder is mostly another one."""
    if dotenv.exists():
        return Fault(str(dotenv.resolve()), "it sets nothing of Mixpanel", "Fill it in as in .env.example.")
    mend = "Copy .env.example there and fill it in, or name the folder that has one: reporter -C FOLDER."
    return Fault(str(dotenv.resolve()), "there is no such file", mend)


def _reports_text(root: Path, values: Mapping[str, str], faults: list[Fault]) -> tuple[str, str | None]:
    """How faults call the reports file, and its text."""
    name = values.get("REPORTS_FILE", "").strip() or "reports.toml"
    file = "REPORTS_FILE" if looks_secret(name) else name
    return file, _text(root / name, file, faults)


def _dotenv(path: Path, faults: list[Fault]) -> dict[str, str]:
    """The file's settings, letter for letter: a secret may hold `${`. None of them when there is no file."""
    text = _text(path, path.name, faults, may_be_missing=True)
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text or "")):
        if binding.error:
            place = f"{path.name} line {binding.original.line}"
            faults.append(
                Fault(place, "this line cannot be read", "Write NAME=value; close every quotation mark.")
            )
        elif binding.key:
            values[binding.key] = binding.value or ""
    return values


def _text(path: Path, name: str, faults: list[Fault], *, may_be_missing: bool = False) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows' editor begins files with a mark
    except FileNotFoundError:
        if not may_be_missing:
            faults.append(Fault(name, "there is no such file", f"Create it in {path.parent.resolve()}."))
    except UnicodeDecodeError:
        faults.append(Fault(name, "the file is not UTF-8", "Save it once more, with the encoding UTF-8."))
    except (OSError, ValueError) as error:  # no file but a folder, no right to read it, no possible path
        reason = error.strerror if isinstance(error, OSError) else "not a possible path"
        faults.append(
            Fault(name, f"the file cannot be read ({reason})", "Name a readable file, and no folder.")
        )
    return None
