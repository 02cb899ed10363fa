"""Orders that were accepted, on disk until they have ended: neither a stop nor a crash loses one."""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from reporter.folders import make_private_folder
from reporter.publishing.queue import parse_message
from reporter.reports.errors import LaterVersion, Refused, Unavailable

LOG = logging.getLogger("reporter.publishing.kept_orders")


@dataclass(frozen=True, slots=True)
class KeptOrders:
    """A file for each order, in a folder that is its owner's alone."""

    folder: Path

    def keep(self, message: str) -> None:
        """The order is there after a crash, too, once this returns. Raises Unavailable."""
        temporary = self.folder / f".{uuid4().hex}"
        try:
            make_private_folder(self.folder)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._file(message))
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            reason = error.strerror or type(error).__name__
            raise Unavailable(f"The order cannot be kept in {self.folder}: {reason}") from None

    def drop(self, message: str) -> None:
        """The order has ended. One that stays by mistake is looked up in the ledger, and not made twice."""
        try:
            self._file(message).unlink(missing_ok=True)
        except OSError as error:
            LOG.warning("not-dropped folder=%s: %s", self.folder, error.strerror)

    def messages(self) -> Iterator[str]:
        """The orders that have not ended, the oldest first."""
        for file in sorted(self.folder.glob("*.json"), key=_age):
            try:
                message = file.read_text(encoding="utf-8")
                parse_message(message)
            except LaterVersion as error:
                LOG.error("later-order file=%s: %s", file, error)
            except (OSError, ValueError, Refused) as error:
                LOG.error("unreadable-order file=%s: %s", file, type(error).__name__)
            else:
                yield message

    def _file(self, message: str) -> Path:
        return self.folder / f"{sha256(message.encode()).hexdigest()}.json"


def _age(file: Path) -> float:
    with suppress(OSError):
        return file.stat().st_mtime
    return 0.0
