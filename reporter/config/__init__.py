"""reports.toml + environment -> Settings, or one ConfigError that names every fault."""

from reporter.config.settings import Settings, load, read, read_reports

__all__ = ["Settings", "load", "read", "read_reports"]
