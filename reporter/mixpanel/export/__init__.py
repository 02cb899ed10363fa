"""Whole, checked days from Mixpanel's raw Export API."""

from reporter.mixpanel.export.exporter import Exporter
from reporter.mixpanel.export.whole import RawDays

__all__ = ["Exporter", "RawDays"]
