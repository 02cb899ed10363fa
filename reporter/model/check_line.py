"""What `reporter check` says of one thing."""

from dataclasses import dataclass
from enum import StrEnum

from reporter.model.errors import ConfigError, Fault, ReporterError


class Mark(StrEnum):
    GOOD = "ok"
    DOUBTFUL = "note"
    BAD = "fault"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at, and what to do where it is not good."""

    mark: Mark
    topic: str
    text: str
    mend: str = ""
    is_setting: bool = False  # it is the settings that are wrong

    @classmethod
    def of(cls, fault: Fault, topic: str, mark: Mark) -> "Line":
        return cls(mark, topic, f"{fault.place} {fault.problem}", fault.mend, is_setting=True)

    @classmethod
    def bad(cls, topic: str, error: ReporterError) -> "Line":
        return cls(Mark.BAD, topic, str(error), is_setting=isinstance(error, ConfigError))
