"""What a report asks of a source of numbers."""

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from reporter.reports.figures import Figures, Project, Question, SegmentAnswer, Segmentation

Origin: TypeAlias = Literal["auto", "query", "export", "files"]  # of a report's numbers


class Source(Protocol):
    """Answers questions about the project."""

    def project(self) -> "Project":
        """The project and its zone. Raises Unavailable or Refused."""
        ...

    def measure(self, question: "Question") -> "Figures":
        """What was asked; a figure that could not be had is Failed. Raises only what concerns all of them."""
        ...

    def segments(self, segmentation: "Segmentation") -> "SegmentAnswer":
        """How the values of properties did over several periods. Raises Unavailable or Refused."""
        ...
