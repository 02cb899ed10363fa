from pathlib import Path

REPORTS = Path(__file__).parent / "reports.toml"  # as it comes along: of the demo and the tests
