"""Slack's own TypeScript types accept every golden payload."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.render.golden import FOLDER

CHECKER = Path(__file__).parents[1] / "slack_types"
NODE = shutil.which("node")
PAYLOADS = sorted(str(file) for file in (FOLDER / "slack").glob("*.json"))

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (CHECKER / "node_modules").is_dir(),
        reason="Slack's types are not installed: npm ci --prefix tests/slack_types",
    ),
]


def check(*files: str) -> subprocess.CompletedProcess[str]:
    assert NODE
    return subprocess.run(  # noqa: S603 - our own checker, over our own files
        [NODE, str(CHECKER / "check.mjs"), *files], capture_output=True, text=True, timeout=100, check=False
    )


def test_slacks_own_types_accept_every_golden_payload():
    checked = check(*PAYLOADS)

    assert len(PAYLOADS) >= 12
    assert checked.returncode == 0, checked.stderr


def test_slacks_own_types_refuse_a_key_that_slack_does_not_know(tmp_path: Path):
    file = tmp_path / "wrong.json"
    file.write_text('{"text": "x", "blocks": [{"type": "divider", "colour": "red"}]}')

    assert "colour" in check(str(file)).stderr
