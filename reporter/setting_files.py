"""Where settings lie on a disk: the environment, `.env` and the reports file, read once for all who ask.

It is light, since timers read it before they know whether they are due; and nothing in a file makes it fail.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reporter.reports.errors import SettingsProblem
from reporter.reports.pasted import looks_secret

REPORTS_FILE = "REPORTS_FILE"


@dataclass(frozen=True, slots=True)
class SettingFiles:
    """What a folder and the environment say, not checked yet."""

    values: Mapping[str, str] = field(repr=False)  # the environment's win over those of `.env`
    file: str  # what faults call the reports file
    reports_text: str | None  # None where it cannot be read
    dotenv_faults: tuple[SettingsProblem, ...] = ()
    reports_faults: tuple[SettingsProblem, ...] = ()


def read_files(root: Path, environ: Mapping[str, str]) -> SettingFiles:
    """The settings of a folder, with the faults of its files. Raises nothing."""
    dotenv_faults: list[SettingsProblem] = []
    reports_faults: list[SettingsProblem] = []
    values = {**_dotenv(root / ".env", dotenv_faults), **environ}
    name = value_of(values, REPORTS_FILE) or "reports.toml"
    file = REPORTS_FILE if looks_secret(name) else name
    text = _text(root / name, file, reports_faults)
    return SettingFiles(values, file, text, tuple(dotenv_faults), tuple(reports_faults))


def value_of(values: Mapping[str, str], name: str) -> str:
    """The value of a setting; empty where it is not set."""
    return values.get(name, "").strip()


def _dotenv(path: Path, faults: list[SettingsProblem]) -> dict[str, str]:
    """The file's settings, letter for letter: a secret may hold `${`. None of them when there is no file."""
    text = _text(path, path.name, faults, may_be_missing=True)
    if not text:
        return {}
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            place = f"{path.name} line {binding.original.line}"
            faults.append(
                SettingsProblem(
                    place, "this line cannot be read", "Write NAME=value; close every quotation mark."
                )
            )
        elif binding.key:
            values[binding.key] = binding.value or ""
    return values


def _text(
    path: Path, name: str, faults: list[SettingsProblem], *, may_be_missing: bool = False
) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows' editor begins files with a mark
    except FileNotFoundError:
        if not may_be_missing:
            faults.append(
                SettingsProblem(name, "there is no such file", f"Create it in {path.parent.resolve()}.")
            )
    except UnicodeDecodeError:
        faults.append(
            SettingsProblem(name, "the file is not UTF-8", "Save it once more, with the encoding UTF-8.")
        )
    except (OSError, ValueError) as error:  # no file but a folder, no right to read it, no possible path
        reason = error.strerror if isinstance(error, OSError) else "not a possible path"
        faults.append(
            SettingsProblem(
                name, f"the file cannot be read ({reason})", "Name a readable file, and no folder."
            )
        )
    return None
