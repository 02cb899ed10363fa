"""Names of events on the command line, commas in them included."""

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import cast


class EventNames(argparse.Action):
    """Names of events. One option separates them by commas, of several each is a name as it is."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: "str | Sequence[object] | None",
        option_string: str | None = None,
    ) -> None:
        given: list[str] = [*getattr(namespace, "given_events", []), str(values)]
        namespace.given_events = given
        names = given if len(given) > 1 else names_in(given[0])
        if not names or not all(name.strip() for name in names):
            raise argparse.ArgumentError(self, "it names no event; leave it out for the report's own metrics")
        setattr(namespace, self.dest, tuple(dict.fromkeys(names)))


def names_in(text: str) -> list[str]:
    """The names of a list in JSON, or of one separated by commas."""
    if text.lstrip().startswith("["):
        with suppress(ValueError):
            found: object = json.loads(text)
            if isinstance(found, list) and all(isinstance(name, str) for name in cast("list[object]", found)):
                return cast("list[str]", found)
    return [name.strip() for name in text.split(",") if name.strip()]
