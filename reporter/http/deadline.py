"""Waiting for work no longer than the one who asked for it does."""

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


class DeadlinePassed(Exception):
    """The work is not done yet."""


class Deadline:
    """So many seconds from now on, for all that is waited for together."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds

    def wait(self, work: "Future[Result]") -> Result:
        """What the work results in. Raises what it raises, or NotYet."""
        wait((work,), max(0.0, self._until - self._clock()))
        if not work.done():
            raise DeadlinePassed
        return work.result()


def begin(work: Callable[[], Result]) -> "Future[Result]":
    """Begin work in a thread that holds up nobody: not the caller, and not the end of the process."""
    future = Future[Result]()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            future.set_exception(error)

    Thread(target=run, name="report", daemon=True).start()
    return future
