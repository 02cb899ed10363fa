"""The entry point on Azure. Importing it cannot fail: the first invocation says what the settings lack."""

from pathlib import Path

from reporter.azure import build

app = build(Path(__file__).parent)
