"""The names that reports.toml declares, for the keys that refer to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from pydantic import ValidationInfo

from reporter.reports.azure_timers import OTHERS, function_name
from reporter.validation import Invalid, did_you_mean, shown

ALERT: Final = "when unusual"  # what `only` may say
ALWAYS: Final = "always"


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """Names that the file defines, and settings that others depend on. None where it is not known."""

    metrics: Mapping[str, object] | None = None  # what each measures, by name
    destinations: tuple[str, ...] | None = None
    reports: tuple[str, ...] = ()
    source: object = None
    has_files: bool = False
    is_alert: bool = False  # all reports come only when something is unusual
    insights: object = None  # of all reports

    @classmethod
    def of(cls, tables: Mapping[str, object]) -> "DeclaredNames":
        """What tables that are not checked yet say."""
        metrics, destinations = _table(tables.get("metrics")), _table(tables.get("destinations"))
        defaults, events = _table(tables.get("defaults")) or {}, _table(tables.get("events")) or {}
        return cls(
            None if metrics is None else {name: _measure(table) for name, table in metrics.items()},
            None if destinations is None else tuple(destinations),
            tuple(_table(tables.get("reports")) or ()),
            tables.get("source"),
            bool(events.get("files")),
            defaults.get("only", ALWAYS) != ALWAYS,
            defaults.get("insights"),
        )


def declared_names(info: ValidationInfo) -> DeclaredNames:
    return info.context if isinstance(info.context, DeclaredNames) else DeclaredNames()


def known_metric(name: str, info: ValidationInfo) -> str:
    metrics = declared_names(info).metrics
    return _known("metric", name, None if metrics is None else tuple(metrics))


def known_destination(name: str, info: ValidationInfo) -> str:
    return _known("destination", name, declared_names(info).destinations)


def free_report_name(name: str, info: ValidationInfo) -> str:
    """A report's name whose function on Azure is no other's, and so its setting neither."""
    function = function_name(name).lower()
    if function in {other.lower() for other in OTHERS}:
        raise Invalid(
            f"a report cannot have this name: its function on Azure would be {function_name(name)}, which "
            "the reporter has for something else",
            "Choose another name.",
        )
    first = next(
        (other for other in declared_names(info).reports if function_name(other).lower() == function), name
    )
    if first != name:
        raise Invalid(
            f"the name is too much like {shown(first)}: on Azure both would have one function",
            "Choose one that differs by more than capitals, - and _.",
        )
    return name


def _known(kind: str, name: str, names: tuple[str, ...] | None) -> str:
    if names is None or name in names:
        return name
    fix = did_you_mean(name, names) if names else f"Define it: [{kind}s.{name}]."
    raise Invalid(f"there is no {kind} {shown(name)}", fix)


def _table(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def _measure(table: object) -> object:
    found = _table(table)
    return None if found is None else found.get("measure", "count")
