"""The sizes of the export bench: how many events, of which names, on which days."""

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2026, 10, 1)
DAYS = 30
LAYOUT = 1  # goes up when the data change, so that kept files are made again

EVENTS = (
    *("Page View", "App Open", "Search", "View Item", "Add To Cart", "Sign Up", "Purchase", "Log In"),
    *("Play", "Pause", "Share", "Like", "Comment", "Follow", "Upload", "Download", "Invite", "Rate"),
    *("Settings", "Help", "Chat", "Notify", "Export", "Import", "Filter", "Sort", "Zoom", "Print"),
    *("Log Out", "$identify"),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """How many events over how many days, by how many users.

    Where users are `merging`, all have devices, and a third sign up halfway: until then they are these.
    """

    events: int
    days: int = DAYS
    merging: bool = False

    @property
    def users(self) -> int:
        return max(10, self.events // 20)

    @property
    def dates(self) -> list[date]:
        return [FIRST_DAY + timedelta(days=number) for number in range(self.days)]

    @property
    def folder(self) -> Path:
        kind = "-merging" * self.merging
        return Path(tempfile.gettempdir()) / f"reporter-bench-export-{LAYOUT}-{self.events}-{self.days}{kind}"
