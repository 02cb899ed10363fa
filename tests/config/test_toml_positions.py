"""On which line a fault stands."""

import pytest

from reporter.config.toml_lines import Path, line_of

TEXT = """\
# [reports.daily]
defaults.locale = "en"
[reports.weekly]  # the first
  title = "[reports.monthly]"
metrics = [  # "zero"
    "one", 'two',
    # "not an item"
    "thr\\"ee",
]
schedule = { cron = "x" }
notes = \"\"\"
[reports.yearly]
title = "x"
\"\"\"
[ reports . "every day" ]
"the title" = 1
[[teams]]
name = "a"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("defaults", "locale"), 2),
        (("reports", "weekly"), 3),
        (("reports", "weekly", "title"), 4),
        (("reports", "weekly", "metrics"), 5),
        (("reports", "weekly", "metrics", 0), 6),
        (("reports", "weekly", "metrics", 1), 6),
        (("reports", "weekly", "metrics", 2), 8),
        (("reports", "weekly", "metrics", 9), 5),
        (("reports", "weekly", "schedule", "cron"), 10),
        (("reports", "weekly", "period"), 3),
        (("reports", "every day"), 15),
        (("reports", "every day", "the title"), 16),
        (("teams", 0, "name"), 17),
        (("reports", "daily"), None),
        (("reports", "monthly"), None),
        (("reports", "yearly"), None),
    ],
)
def test_the_line_is_of_the_path_or_of_the_nearest_thing_around_it(path: Path, line: int | None):
    assert line_of(TEXT, path) == line


def test_windows_line_ends_count_once():
    assert line_of(TEXT.replace("\n", "\r\n"), ("reports", "weekly", "metrics", 2)) == 8
