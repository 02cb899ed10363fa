"""What a request to Mixpanel comes to, whichever library sends it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reporter.model.errors import Refused

USER_AGENT = "mixpanel-to-slack-reporter"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing came back, or not all of it."""

    reason: str
    sent: bool = True  # Mixpanel may have counted it
    again: bool = True  # asking again soon may help


def check_project_id(project_id: str) -> None:
    """Raises Refused for what can not be one."""
    if re.fullmatch(r"[0-9a-fA-F]{32}", project_id):
        problem = "is a project token, not the project's id"
    elif not re.fullmatch(r"[0-9]{1,18}", project_id):
        problem = "is not a number"
    else:
        return
    raise Refused(
        f"MIXPANEL_PROJECT_ID {problem}. Take the number from Project Settings > Overview > Project ID"
    )
