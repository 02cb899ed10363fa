"""What all tests share: where a test may not be skipped, a skip is a failure."""

import os
import sys

import pytest
from hypothesis import settings

from tests.azurite import azurite as azurite  # a fixture
from tests.emulated_slack import emulated_slack as emulated_slack  # a fixture

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of the program
settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("REPORTER_ALLOW_SKIPS") == "0":
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, and none may be here.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, pytest.TerminalReporter) or os.environ.get("REPORTER_ALLOW_SKIPS") != "0":
        return
    if reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Nothing after the summary: DuckDB's binding reports leaks of its own whenever Python ends."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
