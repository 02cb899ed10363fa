"""What every destination has: its table in reports.toml, and what it does for those who send.

A destination is one module beside this one, and one line in `reporter.destinations`.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from pydantic import Field

from reporter.reports.deliveries import Destination
from reporter.setting_files import SettingFiles
from reporter.validation import Environment, Locale, SettingsTable

if TYPE_CHECKING:
    import httpx2


class MessageChannel(Destination, Protocol):
    """A destination as the settings have it. What it holds secret does not show."""

    def check(self) -> None:
        """Nothing when it would take a message; posts nothing. Raises Unavailable or Refused."""
        ...

    def over(self, transport: "httpx2.BaseTransport | None", sleep: Callable[[float], None]) -> Self:
        """The same destination over this network."""
        ...


class DestinationTable(SettingsTable):
    """A destination in reports.toml; it names the settings that hold its secrets."""

    SETTINGS: ClassVar[Mapping[str, str]]  # its environment variables: what a person has to do for each

    locale: Locale | None = Field(
        default=None,
        description="How everything that is sent there reads: en, de, fr, or a region of one. As each report "
        "says when left out.",
    )

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
