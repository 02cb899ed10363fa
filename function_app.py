"""The Azure door. Importing it cannot fail: the first invocation says what is wrong with the settings."""

from pathlib import Path

from reporter.azure import build

app = build(Path(__file__).parent)
