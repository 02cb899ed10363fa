"""What version 0.1.0 left is read by this one, and what a later one wrote is refused and left as it is."""

import json
import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any, cast
from zlib import crc32

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporter.app import App, assemble
from reporter.assembly import EventStorage
from reporter.config.settings import read
from reporter.ledger.sqlite import SQLiteLedger
from reporter.local.mixpanel import PROJECT_ID, LocalMixpanel
from reporter.local.product import make_product
from reporter.local.slack import LocalSlack
from reporter.publishing.kept_orders import KeptOrders
from reporter.publishing.notices import Ledger
from reporter.publishing.queue import parse_message
from reporter.publishing.scheduler import Server
from reporter.publishing.worker import Worker
from reporter.render.document import draw
from reporter.reports.deliveries import Attempt, Delivery, LedgerEntry, State
from reporter.reports.errors import ConfigError, LaterVersion, ReporterError
from reporter.reports.figures import Measured
from reporter.reports.subscriptions import Order
from reporter.sources.events.columns import literal, read_parquet
from reporter.sources.events.day_file import (
    FileCondition,
    _note,
    condition_of,
    name_of,
    write_day,
    write_parquet,
)
from reporter.sources.events.feeds.files.catalog import Catalog
from reporter.sources.events.identities import NOTE, link_files
from reporter.sources.events.store import Store
from tests.azurite import Azurite
from tests.desk import title_of
from tests.sources.events.raw_lines import stored
from tests.sources.events.test_identities import ANONYMOUS
from tests.sources.events.test_identities import LATER as SIGNED_IN
from tests.sources.events.test_source import SIGN_UPS, World, question
from tests.sources.events.test_source import world as world  # a fixture
from tests.world import MONDAY, UTC_ZONE, WEEK, Clock

MADE = Path(__file__).parent / "fixtures" / "version_0_1_0"
LATE = datetime(2026, 11, 24, 10, tzinfo=UTC)  # when it was left
DUE = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOLD = Attempt(9, 9, 10)
NEVER_SLEPT: Callable[[float], None] = lambda _: None  # noqa: E731


def made(name: str) -> Any:
    return json.loads((MADE / name).read_text(encoding="utf-8"))


@dataclass
class Upgraded:
    """A folder of version 0.1.0, and this version in it."""

    folder: Path
    clock: Clock
    mixpanel: LocalMixpanel
    slack: LocalSlack

    @contextmanager
    def app(self, ledger: Ledger | None = None, **changes: object) -> Generator[App]:
        here = {"MIXPANEL_BASE_URL": self.mixpanel.url, "SLACK_WEBHOOK_URL": self.slack.webhook_url}
        found = replace(read(self.folder, here), **changes)  # pyright: ignore[reportArgumentType]
        kept = ledger or SQLiteLedger(self.folder / ".reporter" / "ledger.sqlite")
        place = EventStorage(self.folder / ".reporter")
        with closing(assemble(found, kept, place, clock=self.clock, sleep=NEVER_SLEPT)) as app:
            yield app

    @property
    def titles(self) -> list[str]:
        return [title_of(message.text) for message in self.slack.messages]

    def numbers(self, app: App, report: str, due: datetime | None = None) -> dict[str, float | None]:
        shown = json.loads(draw(app.preview(Order(app.subscriptions[report].spec, due))))
        return {metric["label"]: metric["value"] for metric in shown["metrics"]}


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Upgraded]:
    for name, then in {"state": ".reporter", "events": "events"}.items():
        copytree(MADE / name, tmp_path / then)
    for name, then in {"reports.toml": "reports.toml", "env": ".env"}.items():
        copyfile(MADE / name, tmp_path / then)
    change_goal(tmp_path / "reports.toml")
    product = make_product(date(2026, 11, 25), zone="Europe/Berlin", days=60, scale=0.02)
    clock = Clock(LATE)
    with LocalMixpanel(product, now=clock, quota=10_000) as mixpanel, LocalSlack(clock=clock) as slack:
        yield Upgraded(tmp_path, clock, mixpanel, slack)


def change_goal(path: Path) -> None:
    """As the fix says: a goal is of a period now."""
    text = path.read_text(encoding="utf-8")
    assert text.count("target = 40\n") == 1
    path.write_text(text.replace("target = 40\n", "target = { weekly = 40 }\n"), encoding="utf-8")


def test_its_settings_are_valid_once_its_goal_is_of_a_period(upgraded: Upgraded):
    found = read(upgraded.folder, {})

    assert sorted(found.subscriptions) == ["alarm", "biweekly", "daily", "weekly"]
    assert found.subscriptions["daily"].schedule.minutes == "0 9 * * 1-5"

    copyfile(MADE / "reports.toml", upgraded.folder / "reports.toml")
    with pytest.raises(ConfigError) as raised:
        read(upgraded.folder, {})
    (fault,) = raised.value.faults
    assert fault.place == "reports.toml line 176, metrics.revenue.target"
    assert "target = { daily = …, weekly = …" in fault.fix


def test_its_history_is_shown(upgraded: Upgraded):
    with upgraded.app() as app:
        shown = [
            (one.delivery.key, one.entry.state, one.entry.at.isoformat()) for one in app.ledger.history(99)
        ]

    assert sorted(shown) == sorted((key, State(state), at) for key, state, at, _ in made("history.json"))
    assert [at for *_, at in shown] == sorted((at for *_, at in shown), reverse=True)


@pytest.fixture(params=["sqlite", "table"])
def ledger(request: pytest.FixtureRequest, upgraded: Upgraded) -> Iterator[Ledger]:
    """As version 0.1.0 left it, in a file and in a table."""
    if request.param == "sqlite":
        yield SQLiteLedger(upgraded.folder / ".reporter" / "ledger.sqlite")
        return
    azurite = cast("Azurite", request.getfixturevalue("azurite"))
    with closing(azurite.ledger()) as table:
        for row in made("table.json"):
            table.table.put(row)
        yield table


def test_nothing_of_its_deliveries_is_made_twice(upgraded: Upgraded, ledger: Ledger):
    with upgraded.app(ledger) as app:
        worker = Worker(app)
        by_hand = made("queue.json")[1]
        dues = [("daily", DUE), ("weekly", DUE), ("alarm", DUE), ("daily", DUE + timedelta(days=1))]
        for message in (by_hand, *(one for report, due in dues for one in worker.due(report, due))):
            worker.deliver(message, TOLD)

    assert [
        one.text for one in upgraded.slack.messages if "may or may not have been posted" not in one.text
    ] == []


def test_what_it_was_sending_when_it_died_is_told_and_not_sent(upgraded: Upgraded, ledger: Ledger):
    with upgraded.app(ledger) as app:
        worker = Worker(app)
        for message in worker.due("alarm", datetime(2026, 11, 24, 9, tzinfo=UTC)):
            worker.deliver(message, TOLD)

    (notice,) = upgraded.slack.messages
    assert "may or may not have been posted" in notice.text


def test_serve_goes_on_with_what_is_due_from_now_on(upgraded: Upgraded, ledger: Ledger):
    with upgraded.app(ledger) as app:
        server = Server(Worker(app), elapsed=lambda: upgraded.clock().timestamp())
        server.step()
        before = [title for title in upgraded.titles if "Report" in title]
        upgraded.clock.now = datetime(2026, 11, 25, 8, 0, 1, tzinfo=UTC)
        server.step()

    assert before == []
    assert upgraded.titles.count("Daily Report") == 1


def test_serve_tells_people_of_a_ledger_of_a_later_version(upgraded: Upgraded):
    path = upgraded.folder / ".reporter" / "ledger.sqlite"
    SQLiteLedger(path).mark("weekly", LATE)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update format set number = 99, reporter = '9.9.0'")
    with upgraded.app() as app:
        server = Server(Worker(app), elapsed=lambda: upgraded.clock().timestamp())
        for _ in range(30):
            server.step()
            upgraded.clock.pass_by(timedelta(minutes=1))

    (notice,) = upgraded.slack.messages
    assert "No report is sent: the ledger cannot be used" in notice.text
    assert "of reporter 9.9.0" in str(notice.blocks)


def test_its_days_are_measured_as_it_measured_them(upgraded: Upgraded):
    with upgraded.app(source="export") as app:
        numbers = upgraded.numbers(app, "weekly", DUE)

    assert numbers == made("numbers.json")
    asked = [one.query for one in upgraded.mixpanel.requests if one.path.endswith("/export")]
    assert all(one["to_date"] < "2026-11-08" for one in asked)
    days = list((upgraded.folder / ".reporter/events" / str(PROJECT_ID)).glob("*.parquet"))
    assert {condition_of(path) for path in days} == {FileCondition.WHOLE}


def test_its_files_are_measured_as_it_measured_them(upgraded: Upgraded):
    with upgraded.app() as app:
        kept = app.settings.events.model_copy(update={"files": [f"{upgraded.folder}/events/*.jsonl"]})
    with upgraded.app(source="files", events=kept) as app:
        assert upgraded.numbers(app, "daily") == made("numbers_of_files.json")


def test_its_messages_are_read():
    due, by_hand = map(parse_message, made("queue.json"))

    assert (due.report, by_hand.report) == ("weekly", "weekly")


# What is kept, with another number for its format: it is read, or refused in a sentence and left as it is.

DELIVERY = Delivery("weekly", WEEK, "slack")
ENTRY = LedgerEntry(State.DELIVERED, MONDAY, id="1")
NUMBERS = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.text("abc9 é", max_size=4),
    st.booleans(),
    st.floats(0, 99),
    st.none(),
)
LATER = 99
GENERATED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def contents(folder: Path) -> Mapping[str, bytes]:
    """Of each file that is not one of SQLite's own."""
    return {
        str(one): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and one.suffix[-4:] not in ("-wal", "-shm")
    }


def refusal(folder: Path, look: Callable[[], object]) -> ReporterError | None:
    """Why it is refused, where it is; then nothing has changed."""
    before = contents(folder)
    try:
        look()
    except ReporterError as error:
        assert contents(folder) == before
        return error
    return None


def check(folder: Path, number: object, known: int, look: Callable[[], object]) -> None:
    """What is of a later format is refused as that; all else is read, or refused as well."""
    error = refusal(folder, look)
    if type(number) is int and number > known:
        assert isinstance(error, LaterVersion)
        assert "It stays as it is." in str(error)
        assert "Install that version again" in str(error) or "Deploy that version again" in str(error)


@GENERATED
@given(number=NUMBERS)
@example(number=LATER)
def test_a_ledger_with_another_number_is_refused_and_whole_again_with_its_own(tmp_path: Path, number: object):
    path = tmp_path / "ledger.sqlite"
    path.unlink(missing_ok=True)
    ledger = SQLiteLedger(path)
    ledger.record(DELIVERY, ENTRY)
    with closing(sqlite3.connect(path)) as database, database:
        (own,) = database.execute("select number from format").fetchone()
        database.execute("delete from format")
        if number is not None:
            database.execute("insert into format values (?, '9.9.0')", (number,))

    for look in (lambda: ledger.entry(DELIVERY, MONDAY), lambda: ledger.record(DELIVERY, ENTRY)):
        check(tmp_path, number, own, look)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("delete from format")
        database.execute("insert into format values (?, '')", (own,))
    assert ledger.entry(DELIVERY, MONDAY) == ENTRY
    assert len(ledger.history(9)) == 1


def test_a_ledger_of_a_later_version_names_it_and_what_to_do(tmp_path: Path):
    path = tmp_path / "ledger.sqlite"
    ledger = SQLiteLedger(path)
    ledger.mark("weekly", MONDAY)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update format set number = 99, reporter = '9.9.0'")

    with pytest.raises(LaterVersion) as raised:
        ledger.entry(DELIVERY, MONDAY)

    said = str(raised.value)
    assert said.startswith(
        f"The ledger {path} cannot be used: it has format 99, of reporter 9.9.0; this one ("
    )
    assert "reads formats up to 3. It stays as it is. Nothing is sent. Install that version again, or" in said


def test_a_ledger_that_says_no_number_is_taken_over(tmp_path: Path):
    path = tmp_path / "ledger.sqlite"
    ledger = SQLiteLedger(path)
    ledger.record(DELIVERY, ENTRY)
    with closing(sqlite3.connect(path)) as database, database:  # as version 1.0.0 wrote it
        database.execute("drop table format")
        database.execute("drop table format_copy")

    assert ledger.entry(DELIVERY, MONDAY) == ENTRY
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select number from format_copy").fetchall() == [(3,)]


@GENERATED
@given(number=NUMBERS)
@example(number=LATER)
def test_a_table_with_another_number_is_refused(tmp_path: Path, azurite: Azurite, number: object):
    with closing(azurite.ledger()) as one, closing(azurite.ledger(one.table.client.table_name)) as other:
        one.record(DELIVERY, ENTRY)
        row = next(iter(one.table.rows("delivery:weekly")))
        one.table.put({**row, "format": number})
        check(tmp_path, number, 3, lambda: one.entry(DELIVERY, MONDAY))
        check(tmp_path, number, 3, lambda: one.history(9))
        one.table.put({**row, "format": 3})
        marker = next(iter(one.table.rows("format")))
        one.table.put({**marker, "format": number, "reporter": "9.9.0"})
        check(tmp_path, number, 3, lambda: other.mark("weekly", MONDAY))


@pytest.mark.parametrize(
    "change", [{"state": "postponed"}, {"at": "soon"}, {"notice": "{}"}, {"earlier": "[]"}]
)
def test_a_row_of_a_table_that_nobody_can_read_is_named(azurite: Azurite, change: dict[str, str]):
    with closing(azurite.ledger()) as ledger:
        ledger.record(DELIVERY, ENTRY)
        row = next(iter(ledger.table.rows("delivery:weekly")))
        ledger.table.put({**row, **change})

        with pytest.raises(
            ReporterError, match="the row delivery:weekly / 2026-11-16:2026-11-23:slack is damaged"
        ):
            ledger.record(DELIVERY, ENTRY, over=ENTRY)


@GENERATED
@given(number=NUMBERS)
@example(number=LATER)
def test_an_order_with_another_number_stays_where_it_is_kept(tmp_path: Path, number: object):
    message = made("queue.json")[1]
    values = json.loads(message)
    changed = json.dumps({**values, "version": number} if number is not None else values)
    orders = KeptOrders(tmp_path / "orders")
    orders.folder.mkdir(exist_ok=True)
    (orders.folder / "one.json").write_text(changed, encoding="utf-8")

    check(tmp_path, number, 1, lambda: parse_message(changed))
    is_later = type(number) is int and number > 1
    assert list(orders.messages()) == ([] if is_later else [changed])
    assert (orders.folder / "one.json").read_text(encoding="utf-8") == changed


def test_a_message_of_a_later_version_is_tried_again_and_then_told(upgraded: Upgraded):
    message = json.dumps({**json.loads(made("queue.json")[0]), "version": LATER})
    with upgraded.app() as app:
        worker = Worker(app)
        with pytest.raises(LaterVersion):
            worker.deliver(message, Attempt(1, 9, 10))
        worker.give_up(message)

    (notice,) = upgraded.slack.messages
    assert "every try failed" in notice.text
    assert "A message on the queue has format 99" in str(notice.blocks)


def with_version(path: Path, number: object) -> None:
    """Writes a day's file anew, whole, with another number; without one for None."""
    note, _ = _note(path)
    changed = {name: value for name, value in note.items() if name != "version"}
    changed["checksum"] = "00000000"
    if number is not None:
        changed["version"] = number
    with duckdb.connect() as connection:
        text = json.dumps(changed, separators=(",", ":"))
        write_day(connection, f"FROM {read_parquet([path])}", text, path)


@GENERATED
@given(number=NUMBERS)
@example(number=LATER)
def test_a_day_with_another_number_is_neither_measured_nor_fetched_again(world: World, number: object):
    path = world.folder / name_of(WEEK.start)
    world.source.measure(question(SIGN_UPS))
    with_version(path, number)
    before = path.read_bytes()

    if type(number) is int and number in (1, 2):
        assert world.measure(SIGN_UPS) == {SIGN_UPS: Measured(21)}
    else:
        with pytest.raises(LaterVersion, match="It stays as it is"):
            world.measure(SIGN_UPS)
        assert path.read_bytes() == before
        path.unlink()


def test_a_day_whose_number_alone_was_raised_stays(world: World):
    world.measure(SIGN_UPS)
    path = world.folder / name_of(WEEK.start)
    raised = path.read_bytes().replace(b'"version":2', b'"version":3')
    path.write_bytes(raised)

    for look in (lambda: world.measure(SIGN_UPS), world.source.stock, lambda: world.source.missing(WEEK)):
        with pytest.raises(LaterVersion, match=r"has format 3, of reporter \d"):
            look()
    assert path.read_bytes() == raised


@GENERATED
@given(number=st.integers(-9, 10**9) | st.text("abc9", max_size=4))
@example(number=LATER)
def test_what_a_day_says_of_its_users_is_left_alone_with_another_number(tmp_path: Path, number: object):
    for path in tmp_path.glob("*.*"):
        path.unlink()
    stored(tmp_path, [ANONYMOUS, SIGNED_IN])
    (path,) = tmp_path.glob("*.identities")
    store = Store(tmp_path, UTC_ZONE)
    note = f'{{"reporter_identities":{number},"reporter":"9.9.0"}}'
    with duckdb.connect() as connection:
        made = tmp_path / "made"
        write_parquet(
            connection,
            f"FROM {read_parquet([path])}",
            made,
            f"KV_METADATA {{{NOTE}: {literal(note)}}}",
        )
    path.unlink()
    changed = path.with_name(f"{path.name.split('.')[0]}.{crc32(made.read_bytes()):08x}.identities")
    made.rename(changed)

    if number == 1 or number == "1":
        assert link_files(tmp_path) == [changed]
    else:
        with pytest.raises(LaterVersion, match=r"of reporter 9\.9\.0"):
            store.days()
        assert changed.exists()


@GENERATED
@given(number=st.integers(-(2**31), 2**31 - 1))
@example(number=LATER)
@example(number=4)
def test_what_was_read_of_files_is_left_alone_with_another_number(tmp_path: Path, number: int):
    (tmp_path / "files.sqlite").unlink(missing_ok=True)
    Catalog(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "files.sqlite")) as database:
        database.execute(f"pragma user_version = {number}")
    before = contents(tmp_path)

    if 0 <= number <= 3:
        Catalog(tmp_path).close()
    else:
        with pytest.raises(LaterVersion, match=r"files\.sqlite has format"):
            Catalog(tmp_path)
        assert contents(tmp_path) == before


def test_what_is_no_catalog_is_named_with_what_to_do(tmp_path: Path):
    (tmp_path / "files.sqlite").write_bytes(b"no database at all, and long enough for one" * 20)

    with pytest.raises(ReporterError, match=r"is damaged, or of another program .*\. Remove it"):
        Catalog(tmp_path)
