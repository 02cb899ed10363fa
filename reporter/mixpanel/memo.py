"""Remembers answers for a while, so that reports made together ask once."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Memo(Generic[Key, Value]):
    """Who asks first fetches; who asks meanwhile waits for that; failures are not remembered."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._kept: dict[Key, tuple[float, Future[Value]]] = {}

    def get(self, key: Key, fetch: Callable[[], Value]) -> Value:
        """The remembered value, or the fetched one. Raises what `fetch` raises."""
        with self._lock:
            self._forget_old()
            kept = self._kept.get(key)
            value = kept[1] if kept else Future[Value]()
            if kept is None:
                self._kept[key] = (self._clock() + self._seconds, value)
        if kept is None:
            self._fetch_into(value, key, fetch)
        return value.result()

    def _fetch_into(self, value: Future[Value], key: Key, fetch: Callable[[], Value]) -> None:
        try:
            value.set_result(fetch())
        except BaseException as error:  # whoever waits must hear of it, whatever it is
            with self._lock:
                self._kept.pop(key, None)
            value.set_exception(error)

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
