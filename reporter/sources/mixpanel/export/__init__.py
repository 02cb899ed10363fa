"""Whole, checked days from Mixpanel's raw Export API."""

from reporter.sources.mixpanel.export.exporter import Exporter
from reporter.sources.mixpanel.export.integrity import ExportedDays

__all__ = ["ExportedDays", "Exporter"]
