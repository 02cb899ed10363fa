"""What an engine's error means, in words a person can act on."""

import re
from typing import Literal, TypeAlias, assert_never

from reporter.reports.errors import ConfigError, Refused, ReporterError, Unavailable
from reporter.sources.warehouse.connection import EngineAccess, Lost, NameMissing

LONGEST_REASON = 300  # characters of the engine's own words

# The first name in quotation marks, or with a dot in it.
_NAME = re.compile(r"""[`"'][\w.$-]+[`"'](?:\.[`"']?[\w$-]+[`"']?)*|\b\w+(?:\.\w+)+""")

Failure: TypeAlias = Literal[
    "address",  # not one of this engine's
    "unreachable",
    "starting",
    "busy",
    "login",
    "database",
    "missing",  # a table or a column
    "right",
    "too_slow",
    "too_much",
    "ended",  # by somebody, while the session lives on
    "lost",
    "refused",
]


def failure(kind: Failure, engine: str, access: EngineAccess, said: str = "") -> ReporterError | Lost:
    """The error; `said` are the engine's own words, shown short and without what is secret in the address."""
    reason = f" ({short})" if (short := shortened(said, access)) else ""
    match kind:
        case "address":
            problem = f"is no address of {engine}{reason}"
            return ConfigError.at(access.setting, problem, "docs/warehouse.md has one of each engine.")
        case "unreachable":
            return Unavailable(
                f"{engine} could not be reached{reason}. Check host and port in {access.setting}, and "
                "whether a firewall is between"
            )
        case "starting":
            return Unavailable(f"{engine} is starting{reason}", 60)
        case "busy":
            return Unavailable(f"{engine} takes no more queries for now{reason}", 60)
        case "login":
            return Refused(f"{engine} does not accept the user or the secret{reason}. Check {access.setting}")
        case "database":
            return Refused(f"{engine} does not have this database{reason}. Check {access.setting}")
        case "missing":
            problem = f"{engine} does not find a table or a column{reason}. Check [warehouse] in reports.toml"
            quoted = _NAME.search(said)
            return NameMissing(problem, re.split(r"[.]", quoted[0])[-1].strip("\"'`") if quoted else "")
        case "right":
            return Refused(f"{engine} does not let this user read it{reason}. Let it SELECT there")
        case "too_slow":
            return Unavailable(
                f"{engine} took longer than {access.timeout:g} seconds{reason}. Allow more by `timeout` in "
                "[warehouse], or report fewer days"
            )
        case "too_much":
            return Refused(
                f"A query would read more than `max_bytes` in [warehouse] allows{reason}. Allow more, or "
                "report fewer days"
            )
        case "ended":
            return Unavailable(f"A query was ended in {engine}{reason}")
        case "lost":
            return Lost(shortened(said, access))
        case "refused":
            return Refused(f"{engine} refused a query{reason}")
        case _:
            assert_never(kind)


def shortened(said: str, access: EngineAccess) -> str:
    """On one short line, without what is secret in an address."""
    for secret in access.secrets:
        said = said.replace(secret, "***")
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"
