"""Holds each `az` command of docs/deploy.md against azure-cli's own help, and keeps what the help said.

    pip install azure-cli    # in an environment of its own: it is large
    python -m tests.infra.check_az_flags

Needs `az` on the PATH, and neither an account nor the network. Writes docs/azure-cli-check.md.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.infra.az_commands import GLOBAL_OPTIONS, KEPT, PAGE, commands, merged, options_of

INTRODUCTION = """\
# The az commands, checked

What azure-cli {version} says of each command and option in [deploy.md](deploy.md): the lines of
`az … --help` for the options used there. Written by `python -m tests.infra.check_az_flags`; the tests hold
`deploy.md` to it.
"""


def main() -> int:
    """Check, write, and say what is wrong; 1 if anything is."""
    faults: list[str] = []
    version = json.loads(_az("version", "--output", "json"))["azure-cli"]
    kept = [INTRODUCTION.format(version=version)]
    for name, options in merged(commands(PAGE.read_text(encoding="utf-8"))).items():
        help_text = _az(*name.split(), "--help")
        faults += _faults(name, options, options_of(help_text))
        kept.append(f"## az {name}\n\n```text\n{''.join(_lines(help_text, options))}```\n")
    KEPT.write_text("\n".join(kept), encoding="utf-8")
    sys.stdout.write("\n".join(faults) + "\n" if faults else f"All is as azure-cli {version} says.\n")
    return 1 if faults else 0


def _az(*words: str) -> str:
    run = subprocess.run(["az", *words], check=False, capture_output=True, text=True)  # noqa: S603, S607
    return run.stdout


def _faults(name: str, options: frozenset[str], known: dict[str, bool]) -> Iterator[str]:
    if not known:
        yield f"az {name}: no such command"
        return
    yield from (f"az {name}: no option {option}" for option in sorted(options - known.keys()))


def _lines(help_text: str, options: frozenset[str]) -> Iterator[str]:
    """The command's first line, and each used option with its explanation."""
    lines = iter(help_text.splitlines())
    for line in lines:
        if line.startswith("    az "):
            yield f"{line.strip()}\n"
            break
    is_kept = False
    for line in lines:
        if line.startswith("    -"):
            names = options_of(line).keys()
            is_kept = bool(names & (options - GLOBAL_OPTIONS)) or "[Required]" in line
        elif not line.startswith("     "):
            is_kept = False
        if is_kept:
            yield f"{line}\n"


if __name__ == "__main__":
    sys.exit(main())
