"""Labels of metrics: within one report each is a metric's own, for readers and for `reporter explain`."""

from collections.abc import Iterator

from reporter.config.faults import shown
from reporter.config.lines import line_of
from reporter.config.reports import metric_names
from reporter.config.shape import ReportsFile
from reporter.reports.errors import SettingsProblem


def shared_labels(tables: ReportsFile, text: str, file: str) -> Iterator[SettingsProblem]:
    """One for each metric whose label another one of the same report has."""
    told: set[str] = set()
    for report, table in tables.reports.items():
        owners: dict[str, str] = {}
        for name in metric_names(table, tables):
            label = tables.metrics[name].label
            owner = owners.setdefault(label.casefold(), name)
            if owner != name and name not in told:
                told.add(name)
                yield _fault(name, owner, report, label, text, file)


def _fault(name: str, owner: str, report: str, label: str, text: str, file: str) -> SettingsProblem:
    line = line_of(text, ("metrics", name, "label"))
    place = f"{file} line {line}, metrics.{name}.label" if line else f"{file}, metrics.{name}.label"
    problem = f"in the report {report} the metric {owner} is called {shown(label)}, too"
    return SettingsProblem(place, problem, "Give one of them another label.")
