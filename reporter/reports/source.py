"""What a report asks of a source of numbers, and the definitions that all sources share."""

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


# Autocapture's `$mp_web_page_view`, `$mp_click` and the like are activity: Mixpanel bills them, and
# counts them among all events (Mixpanel, "Autocapture"). Bookkeeping is known by its exact name, never by
# how the name begins.
# In these Mixpanel keeps identities, recordings and experiments (Mixpanel, identity and session replay docs).
BOOKKEEPING = frozenset(
    {
        "$identify",
        "$create_alias",
        "$merge",
        "$mp_session_record",
        "$hotshard_events",
        "$experiment_started",
    }
)
# Something happened to the user, who may be asleep: no part of a session (Mixpanel, "Sessions").
NOT_IN_SESSIONS = frozenset(
    {
        "$campaign_delivery",
        "$campaign_bounced",
        "$campaign_marked_spam",
        "$message_suppressed",
        "$unsubscribe",
        "$journey_entered",
    }
)


def is_activity(event: str) -> bool:
    """Whether an event is something a user did."""
    return event not in BOOKKEEPING


def is_in_sessions(event: str) -> bool:
    """Whether an event begins a session or keeps it going."""
    return is_activity(event) and event not in NOT_IN_SESSIONS
