"""Which failure people are told of, when, and in which words."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from reporter.model.attempt import Attempt
from reporter.model.delivery import Delivery, Entry, State
from reporter.model.errors import DeliveryUncertain, ReporterError, Unavailable
from reporter.model.notice import Notice
from reporter.model.period import Period
from reporter.model.subscription import ReportSpec


class Alarm(Protocol):
    """Tells people what went wrong."""

    def tell(self, notice: Notice, destination: str) -> None:
        """Tell it on the best way there is; `destination` is the one concerned. Never raises."""
        ...


class Memory(Protocol):
    """Remembers what was told. Each method raises Unavailable."""

    def entry(self, delivery: Delivery, now: datetime) -> Entry | None: ...

    def record(self, delivery: Delivery, entry: Entry) -> None: ...


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells people what becomes of deliveries to one destination, each failure once."""

    alarm: Alarm
    memory: Memory
    clock: Callable[[], datetime]
    destination: str

    @contextmanager
    def telling(self, spec: ReportSpec, delivery: Delivery | None, attempt: Attempt) -> Generator[None]:
        """What goes wrong in here is told, once for each delivery, and then raised."""
        try:
            yield
        except ReporterError as error:
            self.failed(error, spec, delivery, attempt)
            raise

    def failed(
        self, error: ReporterError, spec: ReportSpec, delivery: Delivery | None, attempt: Attempt
    ) -> None:
        """What may pass is told at its second try; what ends a delivery is told in any case."""
        entry = self._known(delivery)
        if isinstance(error, Unavailable) and not attempt.is_last:
            is_told = entry.is_told if entry else attempt.number > 2
            if is_told or attempt.number == 1:
                return
        code, problem, step = _words(error, spec, attempt)
        self._tell(code, spec, delivery.period if delivery else None, problem, (str(error),), step)
        if delivery is not None:
            known = entry or Entry(State.FAILED, self.clock(), reason=str(error))
            with suppress(Unavailable):  # told twice is better than not told
                self.memory.record(delivery, replace(known, is_told=True))

    def _known(self, delivery: Delivery | None) -> Entry | None:
        """What is remembered; nothing where the memory itself is what failed."""
        if delivery is None:
            return None
        try:
            return self.memory.entry(delivery, self.clock())
        except Unavailable:
            return None

    def recovered(
        self, spec: ReportSpec, delivery: Delivery, outcome: str = "It was delivered after all."
    ) -> None:
        """A failure that people have been told of is mended."""
        self._tell("recovered", spec, delivery.period, outcome, (), "Nothing.")

    def not_judged(self, spec: ReportSpec, delivery: Delivery, labels: tuple[str, ...]) -> None:
        """An alert kept quiet, and could not look at these metrics."""
        problem = "Nothing else was unusual, but some metrics could not be measured."
        step = f"Run `reporter preview {spec.name}`: it says why."
        self._tell("not-judged", spec, delivery.period, problem, labels, step)

    def _tell(
        self,
        code: str,
        spec: ReportSpec,
        period: Period | None,
        problem: str,
        reasons: tuple[str, ...],
        step: str,
    ) -> None:
        notice = Notice(code, spec.title, period, problem, reasons, step, spec.company, spec.locale)
        self.alarm.tell(notice, self.destination)


def _words(error: ReporterError, spec: ReportSpec, attempt: Attempt) -> tuple[str, str, str]:
    """The code, the problem, and the next step."""
    if isinstance(error, DeliveryUncertain):
        step = f"Look into the channel. If the report is not there: `reporter resend {spec.name}`."
        return "uncertain", "The report may or may not have been posted; it is not sent again.", step
    by_hand = f"Run `reporter check`, then `reporter send {spec.name}`."
    if isinstance(error, Unavailable) and not attempt.is_last:
        tried = f"It was tried {attempt.number} of {attempt.of} times."
        return "delayed", f"The report is delayed. {tried}", f"Nothing yet: the next try is {attempt.pause}."
    return "not-delivered", "The report was not posted.", by_hand
