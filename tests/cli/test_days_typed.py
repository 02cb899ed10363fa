"""Days that a person types: any text is a day of the calendar in use, or is refused in a sentence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.cli.main import main
from reporter.reports.periods import EARLIEST, LATEST, day_of

ENDS = ["0001-01-01", "2009-12-31", "2200-01-01", "9999-12-31"]
TYPED = [
    ["preview", "weekly", "--from", "{day}"],
    ["preview", "weekly", "--from", "{day}", "--to", "{day}"],
    ["send", "weekly", "--from", "{day}", "--to", "{day}"],
    ["explain", "weekly", "New Signups", "--from", "{day}"],
    ["fetch", "--from", "{day}"],
    ["fetch", "--from", "2026-11-16", "--to", "{day}"],
    ["resend", "weekly", "--on", "{day}"],
    ["due", "--until", "{day}"],
]


@given(st.dates() | st.text())
def test_what_is_taken_is_a_day_between_the_ends(given: date | str):
    text = str(given)
    try:
        found = day_of(text)
    except ValueError:
        assert not isinstance(given, date) or not EARLIEST <= given <= LATEST
    else:
        assert found.isoformat() == text
        assert EARLIEST <= found <= LATEST


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_a_day_at_the_end_of_the_calendar_is_refused(
    words: list[str], day: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit) as left:
        main([word.format(day=day) for word in words])

    assert left.value.code == 2
    assert f"'{day}' is not between 2010-01-01 and 2199-12-31" in capsys.readouterr().err
