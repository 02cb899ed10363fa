"""The `az` commands of docs/deploy.md, and what azure-cli's help says of a command."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "deploy.md"
KEPT = ROOT / "docs" / "azure-cli-check.md"
GLOBAL_OPTIONS = frozenset({"--output", "--query", "--subscription", "--only-show-errors", "--help"})
_HELP_ARGUMENT = re.compile(r"^    (?P<names>--?[\w-]+(?: --?[\w-]+)*)(?P<rest> .*)?$")


@dataclass(frozen=True, slots=True)
class Command:
    """One call of az: `name` without "az", and the long options it is given."""

    name: str
    options: frozenset[str]


def commands(markdown: str) -> list[Command]:
    """All calls in the page's shell blocks and its inline code, each `$(az …)` too, in order."""
    shell = re.findall(r"^```bash\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`(az [^`]+)`", re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE))
    return [command for text in (*shell, *inline) for command in _in_shell(text)]


def _in_shell(text: str) -> list[Command]:
    found: list[Command] = []
    lines = re.sub(r"(?m)(^|\s)#\s.*$", r"\1", text.replace("\\\n", " ")).splitlines()
    for line in lines:
        while inner := re.search(r"\$\((az [^()]*)\)", line):
            found.append(_command(inner[1]))
            line = line[: inner.start()] + "VALUE" + line[inner.end() :]
        if call := re.search(r"(?:^|; |&& |do )\s*(az .*)", line):
            found.append(_command(call[1]))
    return found


def _command(text: str) -> Command:
    words = shlex.split(text)[1:]
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    options = frozenset(word.split("=")[0] for word in words[first:] if word.startswith("--"))
    return Command(" ".join(words[:first]), options)


def options_of(help_text: str) -> dict[str, bool]:
    """Every option a command's help names, with all its spellings, and whether it is required."""
    found: dict[str, bool] = {}
    for line in help_text.splitlines():
        if argument := _HELP_ARGUMENT.match(line):
            is_required = "[Required]" in (argument["rest"] or "")
            found |= dict.fromkeys(argument["names"].split(), is_required)
    return found


def kept_help(markdown: str) -> dict[str, str]:
    """The help kept in docs/azure-cli-check.md, by command."""
    blocks = re.findall(r"^## az ([\w -]+)\n\n```text\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE)
    return dict(blocks)


def merged(found: list[Command]) -> dict[str, frozenset[str]]:
    """Each command once, with all options it is given anywhere."""
    options: dict[str, frozenset[str]] = {}
    for command in found:
        options[command.name] = options.get(command.name, frozenset()) | command.options
    return dict(sorted(options.items()))
