"""What every destination has: its table in reports.toml, and what it does for those who send.

A destination is one module beside this one, and one line in `reporter.destinations`.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

from pydantic import AfterValidator, ValidationInfo

from reporter.reports.deliveries import Delivery, Notice, Payload, Receipt
from reporter.reports.pasted import looks_secret
from reporter.setting_files import SettingFiles
from reporter.validation import Environment, Invalid, Table

if TYPE_CHECKING:
    import httpx2

    from reporter.reports.report import Report


def always() -> None:
    """Nothing has to be looked at before a request."""


class MessageChannel(Protocol):
    """Where messages can be sent to. What it holds secret does not show."""

    @property
    def name(self) -> str: ...

    def draw(self, report: "Report") -> Sequence[Payload]:
        """The payloads that say the report, best first."""
        ...

    def draw_notice(self, notice: Notice) -> Sequence[Payload]: ...

    def send(
        self,
        payloads: Sequence[Payload],
        delivery: Delivery | None = None,
        id: str = "",
        ready: Callable[[], None] = always,
    ) -> Receipt:
        """Send the first payload that is taken. `ready` is called right before each request.

        Raises Unavailable (it surely did not arrive), Refused, or DeliveryUncertain.
        """
        ...

    def find(self, delivery: Delivery, id: str, since: datetime, now: datetime) -> Receipt | None:
        """The message of this try. Raises Unavailable, or Refused where it cannot be looked up."""
        ...

    def check(self) -> None:
        """Nothing when it would take a message; posts nothing. Raises Unavailable or Refused."""
        ...

    def over(
        self, transport: "httpx2.BaseTransport | None", sleep: Callable[[float], None]
    ) -> "MessageChannel":
        """The same channel over this network."""
        ...


class DestinationTable(Table):
    """A destination in reports.toml; it names the settings that hold its secrets."""

    SETTINGS: ClassVar[Mapping[str, str]]  # its environment variables: what a person has to do for each

    @property
    @abstractmethod
    def setting(self) -> str:
        """The name of the environment variable that holds its secret."""

    @abstractmethod
    def channel_of(self, name: str, environment: Environment) -> MessageChannel | None:
        """The destination of this name; None where its settings have a fault."""

    @classmethod
    @abstractmethod
    def guess(cls, files: SettingFiles) -> Iterator[MessageChannel]:
        """Every channel that can be made out, also in a reports file that is broken."""


def setting_name(usual: str, service: str) -> AfterValidator:
    """The check of a key that names a setting; `service` is where a secret can be replaced."""

    def check(name: str, info: ValidationInfo) -> str:
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and not looks_secret(name):
            return name
        written = f'{info.field_name} = "{usual}"'
        if not looks_secret(name):
            raise Invalid("this is not the name of a setting", f"Name one, as in {written}.")
        raise Invalid(
            "a secret stands here, where the name of a setting should be "
            "(this file is shared, a secret is not)",
            f"Put it into .env as {usual}=… and write {written} here. "
            f"If others could read it here, replace it in {service}.",
        )

    return AfterValidator(check)
