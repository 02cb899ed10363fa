"""Runs a Dockerfile's instructions without Docker: in copies of a Debian, its root changed to them."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
INHERITED = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Dockerfile."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Those of a list in JSON, or those between blanks."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def instructions(path: Path) -> Iterator[Instruction]:
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            name, text = line.split(maxsplit=1)
            yield Instruction(name, text)


@dataclass
class Image:
    """A stage of a Dockerfile as a folder, and what it says of the processes in it."""

    root: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(INHERITED))
    folder: str = "/"
    user: str = "0:0"
    volumes: list[str] = field(default_factory=list[str])
    healthcheck: list[str] = field(default_factory=list[str])
    entrypoint: list[str] = field(default_factory=list[str])
    command: list[str] = field(default_factory=list[str])

    def inside(self, path: str) -> Path:
        return self.root / os.path.normpath(os.path.join(self.folder, path)).lstrip("/")  # noqa: PTH118

    def follow(self, each: Instruction, context: Path, stages: Mapping[str, "Image"]) -> None:
        match each.name:
            case "RUN":
                trusted = (
                    f"SSL_CERT_FILE={CERTIFICATES}"  # this machine's, whose proxy may have one of its own
                )
                subprocess.run(self.words("env", trusted, "sh", "-c", each.text), check=True, timeout=300)  # noqa: S603
            case "WORKDIR":
                self.folder = each.text
                self.inside(".").mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(each.words, context, stages)
            case "ENV":
                self.environ |= dict(word.split("=", 1) for word in each.words)
            case "USER":
                self.user = each.text
            case "VOLUME":
                self.volumes += each.words
            case "HEALTHCHECK":
                self.healthcheck = Instruction("CMD", each.text.split("CMD ", 1)[1]).words
            case "ENTRYPOINT":
                self.entrypoint = each.words
            case "CMD":
                self.command = each.words
            case _:
                raise AssertionError(f"{each.name} is not known here")

    def _copy(self, words: list[str], context: Path, stages: Mapping[str, "Image"]) -> None:
        if words[0].startswith("--from="):
            context = stages[words.pop(0).removeprefix("--from=")].root
        *sources, target = words
        for source in sources:
            found, to = context / source.lstrip("/"), self.inside(target)
            if found.is_dir():
                shutil.copytree(found, to, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(found, to / found.name if target.endswith("/") else to)

    def words(self, *command: str) -> list[str]:
        """What runs a command in it."""
        there = "cd " + shlex.quote(self.folder) + ' && exec "$@"'
        environ = [f"{name}={text}" for name, text in self.environ.items()]
        return [
            "chroot", f"--userspec={self.user}", str(self.root),
            "/usr/bin/env", "-i", *environ, "sh", "-c", there, "sh", *command,
        ]  # fmt: skip

    def read_only(self, *command: str) -> list[str]:
        """What runs a command in it where only volumes and /tmp can be written, as compose.yaml has it."""
        root = shlex.quote(str(self.root))
        mounts = [
            f"mount --bind {root} {root}",
            f"mount -o remount,ro,bind {root}",
            f"mount -t tmpfs none {root}/tmp",  # noqa: S108
        ]
        mounts += [f"mount --bind {self.kept(volume)} {root}{volume}" for volume in self.volumes]
        run = shlex.join(self.words(*command))
        return ["unshare", "--mount", "sh", "-ec", "\n".join((*mounts, f"exec {run}"))]

    def kept(self, volume: str) -> Path:
        """The folder of a volume, which begins as what the image has there, with its owner."""
        folder = Path(f"{self.root}{volume.replace('/', '.')}")
        if not folder.exists():
            subprocess.run(["cp", "--archive", f"{self.root}{volume}", str(folder)], check=True)  # noqa: S603, S607
        return folder


def build(dockerfile: Path, base: Path, folder: Path) -> Image:
    """The last stage, each stage begun as a copy of `base`, whatever it is made FROM."""
    stages: dict[str, Image] = {}
    image: Image | None = None
    for each in instructions(dockerfile):
        if each.name == "FROM":
            name = re.sub(r"^.* AS ", "", each.text)
            image = stages[name] = Image(_copy_of(base, folder / f"stage{len(stages)}"))
        else:
            assert image is not None, "a Dockerfile begins with FROM"
            image.follow(each, dockerfile.parent, stages)
    assert image is not None, "a Dockerfile has a stage"
    return image


def _copy_of(base: Path, to: Path) -> Path:
    subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(to)], check=True)  # noqa: S603, S607
    shutil.copy(CERTIFICATES, to / CERTIFICATES.relative_to("/"))
    shutil.copy("/etc/resolv.conf", to / "etc/resolv.conf")
    return to
