"""The container image: what its files say, and the same commands run in a Debian of their own."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.desk import desk as desk  # a fixture
from tests.desk import product as product  # a fixture
from tests.infra.dockerfile import Image, build, instructions

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
DEBIAN = ROOT / ".tools" / "debian"
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def test_the_image_holds_what_it_copies_and_no_secret():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        word
        for each in instructions(DOCKERFILE)
        if each.name == "COPY" and not each.text.startswith("--from")
        for word in each.words[:-1]
    ]

    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    assert ignored[-2:] == ["**/__pycache__", "**/.env*"]


def test_both_stages_are_of_one_pinned_python_for_every_processor():
    bases = [each.text.split(" AS ")[0] for each in instructions(DOCKERFILE) if each.name == "FROM"]

    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1\d-slim-[a-z]+", bases[0])
    assert not re.search(r"amd64|x86_64|arm64|aarch64|--platform", DOCKERFILE.read_text(encoding="utf-8"))


def test_the_image_builds_with_the_makefiles_uv():
    pinned = re.search(r"^UV_VERSION := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert pinned
    assert f"uv=={pinned[1]}" in DOCKERFILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "read_only: true",
        "cap_drop: [ALL]",
        "no-new-privileges:true",
        "stop_grace_period: 2m",
        "env_file: .env",
    ],
)
def test_compose_gives_it_no_more_than_it_needs(line: str):
    assert line in COMPOSE


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    if not (DEBIAN / ".ready").exists() or os.geteuid() != 0:
        pytest.skip("needs root, and a Debian in .tools/debian: make .tools/debian/.ready")
    return build(DOCKERFILE, DEBIAN / "root", tmp_path_factory.mktemp("image"))


@pytest.fixture
def settings(image: Image, desk: Desk) -> dict[str, str]:
    """The settings as compose gives them, with the reports file where it mounts it."""
    image.inside("reports.toml").write_text((desk.folder / "reports.toml").read_text())
    return dict(line.split("=", 1) for line in (desk.folder / ".env").read_text().splitlines())


def run(image: Image, settings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    image.environ |= settings
    return subprocess.run(  # noqa: S603  (our own words)
        image.read_only(*command), capture_output=True, text=True, check=False, timeout=100
    )


def test_a_report_is_sent_from_it_once(image: Image, settings: dict[str, str], desk: Desk):
    first = run(image, settings, *image.entrypoint, "send", "weekly")
    second = run(image, settings, *image.entrypoint, "send", "weekly")

    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stderr) == (0, "")
    assert len(desk.slack.messages) == 1  # the ledger outlives the container, as its volume does


def test_it_writes_only_where_its_volume_is(image: Image, settings: dict[str, str]):
    write = "import os; print(os.getuid()); open(os.path.expandvars('$P/x'), 'w')"

    def of(folder: str) -> subprocess.CompletedProcess[str]:
        return run(image, {**settings, "P": folder}, "python3", "-c", write)

    assert of(image.volumes[0]).returncode == 0
    for folder in (image.folder, "/opt/reporter", "/etc"):
        refused = of(folder)
        assert refused.stdout == "10001\n"
        assert "Read-only file system" in refused.stderr


def test_it_serves_is_healthy_and_stops_when_asked_to(image: Image, settings: dict[str, str]):
    image.environ |= settings
    words = image.read_only(*image.entrypoint, *image.command)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as served:  # noqa: S603
        try:
            assert served.stderr
            assert "serving reports=" in next(line for line in served.stderr if "serving" in line)
            healthy = run(image, settings, *image.healthcheck)
        finally:
            served.send_signal(signal.SIGTERM)
        code = served.wait(60)

    assert (healthy.returncode, code) == (0, 0)
