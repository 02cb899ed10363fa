"""Try the settings in .env: `python test_local.py` previews the weekly report, `--send` sends it.

Another report: `python test_local.py daily`. It asks no questions; the exit code says how it went.
"""

import argparse
import sys

from reporter.cli.main import main


def words() -> list[str]:
    parser = argparse.ArgumentParser(description="Preview a report with the settings in .env, or send it.")
    parser.add_argument(
        "report", nargs="?", default="weekly", help="its name in reports.toml (default: weekly)"
    )
    parser.add_argument("--send", action="store_true", help="send it to Slack")
    arguments = parser.parse_args()
    return ["send" if arguments.send else "preview", arguments.report]


if __name__ == "__main__":
    sys.exit(main(words()))
