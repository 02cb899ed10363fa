"""Worker processes that a test commands, stops midway, and kills."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.faults.process import work

# One process imports the program, and each worker is a copy of it: it starts in milliseconds.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    ["__main__", "tests.faults.process", "azure.data.tables", "requests", "reporter.anomalies.expectation"]
)

Opening = Mapping[str, object]


class WorkerProcess:
    """One process; a command is answered, or stops at the place it names."""

    def __init__(self, log: Path) -> None:
        self._pipe, far = FORKS.Pipe()
        self._process = FORKS.Process(target=work, args=(far, str(log)), daemon=True)
        self._process.start()
        far.close()

    def send(self, **command: object) -> None:
        self._pipe.send(command)

    def answer(self) -> dict[str, Any]:
        """What the process says next. Raises EOFError where it died."""
        return self._pipe.recv()

    def ask(self, **command: object) -> dict[str, Any]:
        self.send(**command)
        return self.answer()

    @property
    def is_alive(self) -> bool:
        return not self._pipe.closed

    def pause(self) -> None:
        """SIGSTOP: it does nothing at all until `resume`, as on a laptop whose lid is shut."""
        os.kill(self._process.pid or 0, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self._process.pid or 0, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: at once, and nothing is tidied up."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()


@dataclass
class Processes:
    """Processes for tests to take; those that live on are used again."""

    log: Path
    idle: list[WorkerProcess] = field(default_factory=list[WorkerProcess])

    def take(self, opening: Opening) -> WorkerProcess:
        """A process with the program put together."""
        process = self.idle.pop() if self.idle else WorkerProcess(self.log)
        assert process.ask(do="open", **opening)["done"]
        return process

    def give_back(self, process: WorkerProcess) -> None:
        if process.is_alive:
            self.idle.append(process)

    def close(self) -> None:
        for process in self.idle:
            process.kill()
