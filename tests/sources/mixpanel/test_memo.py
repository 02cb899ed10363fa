"""What is remembered, and for how long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reporter.sources.mixpanel.queries import Memo


class Tape:
    """A clock and a fetch; both can be looked into."""

    def __init__(self) -> None:
        self.now = 0.0
        self.fetched = 0

    def clock(self) -> float:
        return self.now

    def fetch(self) -> int:
        self.fetched += 1
        return self.fetched


def test_a_value_is_fetched_once_for_each_key_until_it_is_old():
    tape = Tape()
    memo = Memo(10.0, tape.clock)

    assert [memo.get("a", tape.fetch), memo.get("a", tape.fetch), memo.get("b", tape.fetch)] == [1, 1, 2]
    tape.now = 10.0
    assert memo.get("a", tape.fetch) == 3


def test_a_failure_is_raised_and_forgotten():
    tape = Tape()
    memo = Memo(10.0, tape.clock)

    def fail() -> int:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        memo.get("a", fail)
    assert memo.get("a", tape.fetch) == 1


def test_those_who_ask_meanwhile_wait_for_the_first():
    tape = Tape()
    memo = Memo(10.0, tape.clock)
    fetching, go_on = threading.Event(), threading.Event()

    def slowly() -> int:
        fetching.set()
        go_on.wait(10)
        return tape.fetch()

    with ThreadPoolExecutor() as pool:
        first = pool.submit(memo.get, "a", slowly)
        fetching.wait(10)
        others = [pool.submit(memo.get, "a", tape.fetch) for _ in range(3)]
        go_on.set()

        assert [first.result(), *(other.result() for other in others)] == [1, 1, 1, 1]
