"""What a person gets wrong first: one line says what is wrong, where, and what to do; nothing is sent."""

import re
from collections.abc import Callable, Mapping

import pytest

from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from tests.desk import Desk

METRIC = """
[metrics.more]
label = "More"
{}
[reports.more]
title = "More"
period = "daily"
schedule = "0 9 * * *"
metrics = ["more"]
"""


def no_dotenv(desk: Desk) -> None:
    (desk.folder / ".env").unlink()


def no_readable_dotenv(desk: Desk) -> None:
    no_dotenv(desk)
    (desk.folder / ".env").mkdir()


def damaged_ledger(desk: Desk) -> None:
    (desk.folder / ".reporter").mkdir()
    (desk.folder / ".reporter" / "ledger.sqlite").write_bytes(b"another program's" * 100)


def ledger_is_a_folder(desk: Desk) -> None:
    (desk.folder / ".reporter" / "ledger.sqlite").mkdir(parents=True)


def no_folder_for_the_ledger(desk: Desk) -> None:
    (desk.folder / ".reporter").write_text("")


def setting(**settings: str) -> Callable[[Desk], None]:
    return lambda desk: desk.set(**settings)


def metric(text: str) -> Callable[[Desk], None]:
    def add(desk: Desk) -> None:
        file = desk.folder / "reports.toml"
        file.write_text(file.read_text() + METRIC.format(text))

    return add


SIGN_UP = 'event = "Sign Up"\n'
FAULTS: Mapping[str, tuple[Callable[[Desk], None], int, str]] = {
    "no .env": (
        no_dotenv,
        2,
        r"reporter: /\S+/\.env: there is no such file, .* Copy \.env\.example there .* -C FOLDER\.",
    ),
    "a folder called .env": (
        no_readable_dotenv,
        2,
        r"reporter: \.env: the file cannot be read .* Name a readable file, and no folder\.",
    ),
    "a wrong secret": (
        setting(MIXPANEL_SECRET="wrong"),
        1,
        r"fault  Mixpanel: .* \(401\)\. Check MIXPANEL_USERNAME, MIXPANEL_SECRET .*",
    ),
    "another project": (
        setting(MIXPANEL_PROJECT_ID="42"),
        1,
        r"fault  Mixpanel: .* does not see the project 42\. It sees .* Set MIXPANEL_PROJECT_ID .*",
    ),
    "another event": (
        metric('event = "SignUp"'),
        1,
        r"fault  Event: the project has no event “SignUp”\. Did you mean “Sign Up”\?",
    ),
    "another property": (
        metric(f'{SIGN_UP}where = {{ "$oss" = "Android" }}'),
        1,
        r"fault  Property: no “Sign Up” has had a property “\$oss” since .* Did you mean “\$os”\?",
    ),
    "another value": (
        metric(f'{SIGN_UP}where = {{ "$os" = "Andriod" }}'),
        1,
        r"fault  Value: no “Sign Up” has had “Andriod” as “\$os” since .* Did you mean “Android”\?",
    ),
    "another saved report": (
        metric('measure = "saved_insights"\nid = 4711'),
        1,
        r"fault  Saved report: 4711, of “More”, could not be read: .* Bookmark 4711 does not exist.*",
    ),
    "a heartbeat that is not there": (
        setting(HEARTBEAT_URL="http://127.0.0.1:9/beat"),
        1,
        r"fault  Heartbeat: .*127\.0\.0\.1:9 refused the connection\. Set HEARTBEAT_URL to .*",
    ),
    "a webhook that was removed": (
        setting(SLACK_WEBHOOK_URL="http://127.0.0.1:9/services/x"),
        1,
        r"fault  Destination slack: Slack could not be reached: 127\.0\.0\.1:9 refused the connection.*",
    ),
    "a damaged ledger": (
        damaged_ledger,
        1,
        r"fault  Ledger: .*ledger\.sqlite cannot be used: .* Put a copy of it back; .*",
    ),
    "a ledger that is a folder": (
        ledger_is_a_folder,
        1,
        r"fault  Ledger: .*ledger\.sqlite cannot be used: .* Let this user .*",
    ),
}


@pytest.mark.parametrize("mistake", FAULTS)
def test_a_mistake_is_one_line_with_its_place_and_the_next_step(desk: Desk, mistake: str):
    make, code, line = FAULTS[mistake]
    make(desk)

    ended, out, err = desk.reporter("check")

    faults = [said for said in (out + err).splitlines() if not re.match(r"ok |note |note:", said)]
    assert (ended, len(faults)) == (code, 1), faults
    assert re.fullmatch(line, faults[0])


@pytest.mark.parametrize("mistake", ["no .env", "a wrong secret", "another project", "a damaged ledger"])
def test_nothing_is_sent_and_send_says_the_same(desk: Desk, mistake: str):
    make, _, _ = FAULTS[mistake]
    make(desk)
    _, out, err = desk.reporter("check")
    said = next(line for line in (out + err).splitlines() if line.startswith(("fault", "reporter")))

    code, out, err = desk.reporter("send", "weekly")

    assert (code > 0, out) == (True, "")
    assert said.split(": ", 1)[1] in err
    assert not any("joined" in message.text for message in desk.slack.messages)


def test_a_folder_without_the_rest_names_both_files(desk: Desk):
    code, _, err = desk.reporter("-C", str(desk.folder / "none"), "check")
    assert (code, err.count("\n")) == (2, 1)
    (desk.folder / "none").mkdir()

    code, _, err = desk.reporter("-C", str(desk.folder / "none"), "check")

    assert code == 2
    assert re.findall(r"(?:^|/)([\w.]+): there is no such file", err, re.MULTILINE) == [
        ".env",
        "reports.toml",
    ]


@pytest.mark.parametrize("command", ["check", "preview weekly", "send weekly", "explain weekly new_signups"])
def test_a_quota_that_is_used_up_is_one_line_that_says_until_when(desk: Desk, product: Product, command: str):
    with LocalMixpanel(product, quota=0) as spent:
        desk.set(MIXPANEL_BASE_URL=spent.url)
        code, out, err = desk.reporter(*command.split())

    faults = [line for line in (out + err).splitlines() if not line.startswith(("ok ", "note "))]
    assert (code, len(faults)) == (1 if command == "check" else 75, 1)
    assert re.search(r"\(429\).*free again at \d\d:\d\d UTC", faults[0])


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("TIMEZON", "TIMEZONE"), ("WEKLY_SCHEDULE", "WEEKLY_SCHEDULE"), ("HEARTBEET_URL", "HEARTBEAT_URL")],
)
def test_a_misspelt_setting_is_a_note_that_says_what_may_be_meant(desk: Desk, wrong: str, right: str):
    desk.set(**{wrong: "0 9 * * 1"})

    code, out, _ = desk.reporter("check")

    assert code == 0
    assert f"note   {wrong}: is no setting, so it does nothing. Did you mean {right}?" in out


def test_a_proxy_that_is_not_there_is_named_with_the_setting_to_correct(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    code, out, _ = desk.reporter("check")

    faults = [line for line in out.splitlines() if line.startswith("fault")]
    assert code == 1
    assert [line.split(": ")[0] for line in faults] == ["fault  Mixpanel", "fault  Destination slack"]
    assert all("of HTTP_PROXY refused the connection (correct HTTP_PROXY, or" in line for line in faults)


def test_without_a_place_for_the_ledger_every_command_that_needs_it_says_what_to_do(desk: Desk):
    no_folder_for_the_ledger(desk)

    for command in ("send weekly", "send --due", "history", "health"):
        code, _, err = desk.reporter(*command.split())

        assert code == 75
        assert "ledger.sqlite cannot be used: not a directory. Let this user read and write" in err
    code, out, _ = desk.reporter("check")
    assert code == 1
    assert not re.search(r"\.reporter/tmp", out)
