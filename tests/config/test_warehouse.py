"""The table [warehouse] of reports.toml: what it may hold, and what is wrong with it."""

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporter.config.settings import load
from reporter.reports.errors import ConfigError
from reporter.sources.warehouse.warehouse_table import WarehouseSettings
from tests.config.examples import DESTINATION, ENVIRON, FILE, METRICS, REPORT, faults, only_fault

ADDRESS = "postgresql://reporter:made-up@db.internal/analytics"
OTHER_ADDRESS = "postgresql://reporter:made-up@db.internal/shop"
TABLE = '[warehouse]\nengine = "postgres"\nconnection = "WAREHOUSE_URL"\n'
SOURCE = 'source = "warehouse"\n'
ALONE = {
    "SLACK_WEBHOOK_URL": ENVIRON["SLACK_WEBHOOK_URL"],
    "WAREHOUSE_URL": ADDRESS,
    "SHOP_WAREHOUSE": OTHER_ADDRESS,
}
SHOP = """[projects.shop]
id = 2718281
timezone = "Asia/Kolkata"
warehouse = { engine = "postgres", connection = "SHOP_WAREHOUSE", schema = "shop" }
"""
ABOUT_SHOP = REPORT.replace('title = "Weekly Report"', 'title = "Weekly Report"\nproject = "shop"')


def fault_in(file: str) -> str:
    return str(only_fault(file, WAREHOUSE_URL=ADDRESS)).removeprefix("reports.toml ")


def warehouse(file: str) -> WarehouseSettings:
    found = load(ALONE, file).projects[None].warehouse
    assert found
    return found


def test_a_warehouse_needs_no_account_of_mixpanel():
    settings = load({**ALONE, "MIXPANEL_PROJECT_TIMEZONE": "Europe/Rome"}, SOURCE + TABLE + FILE)

    project = settings.projects[None]
    assert (settings.source, project.access, project.zone) == ("warehouse", None, ZoneInfo("Europe/Rome"))
    assert project.id == "warehouse"
    assert project.warehouse
    assert project.warehouse.address == ADDRESS


def test_an_account_that_is_set_is_taken():
    assert load({**ENVIRON, **ALONE}, SOURCE + TABLE + FILE).projects[None].access


def test_the_address_does_not_show():
    settings = load(ALONE, SOURCE + TABLE + FILE)

    assert "made-up" not in repr(settings)


def test_each_project_has_its_own():
    settings = load(ALONE, SOURCE + METRICS + ABOUT_SHOP + DESTINATION + SHOP)

    (project,) = settings.projects.values()
    assert (project.id, project.zone) == ("2718281", ZoneInfo("Asia/Kolkata"))
    assert project.names.table == "projects.shop"
    assert project.warehouse
    assert (project.warehouse.address, project.warehouse.place) == (OTHER_ADDRESS, "projects.shop.warehouse")


def test_a_metric_may_be_measured_there_beside_others():
    there = FILE.replace('event = "Sign Up"', 'event = "Sign Up"\nsource = "warehouse"')

    spec = load({**ENVIRON, **ALONE}, TABLE + there).subscriptions["weekly"].spec

    assert [metric.in_warehouse for metric in spec.metrics] == [True, False]
    assert not spec.in_warehouse


@pytest.mark.parametrize(
    "file",
    [
        FILE.replace("title = ", 'source = "warehouse"\ntitle = ', 1),
        '[defaults]\nsource = "warehouse"\n' + FILE,
    ],
)
def test_a_report_may_be_measured_there(file: str):
    assert load({**ENVIRON, **ALONE}, TABLE + file).subscriptions["weekly"].spec.in_warehouse


def test_a_metric_measured_there_leaves_the_account_needed():
    there = FILE.replace('event = "Sign Up"', 'event = "Sign Up"\nsource = "warehouse"')

    with pytest.raises(ConfigError, match="MIXPANEL_USERNAME: is not set"):
        load(ALONE, TABLE + there)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SOURCE + FILE, "line 1, source: no warehouse is described. Add a table [warehouse] with engine"),
        (TABLE + FILE, "line 1, warehouse: nothing is measured there. Add source"),
        (
            SOURCE + TABLE.replace('"postgres"', '"postgresql"') + FILE,
            "line 3, warehouse.engine: 'postgresql' is not possible here. Use clickhouse",
        ),
        (
            SOURCE + TABLE.replace('engine = "postgres"\n', "") + FILE,
            "line 2, warehouse.engine: this is missing",
        ),
        (
            SOURCE + TABLE + 'shema = "x"\n' + FILE,
            "line 5, warehouse.shema: there is no such key. Did you mean 's",
        ),
        (SOURCE + TABLE + "timeout = 5\n" + FILE, "line 5, warehouse.timeout: the number is out of range"),
        (
            SOURCE + TABLE + "max_bytes = 1\n" + FILE,
            "line 5, warehouse.max_bytes: the number is out of range",
        ),
        (
            SOURCE + TABLE + 'columns = { event = "name", time = "at" }\nevents = "clicks"\n' + FILE,
            "line 5, warehouse.columns.distinct_id: this is missing. Add it. The column of who did it.",
        ),
        (
            SOURCE + TABLE + 'columns = { event = "name", time = "at", distinct_id = "who" }\n' + FILE,
            "line 2, warehouse.events: a table of your own has no usual name",
        ),
        (
            SOURCE + TABLE + 'shape = "fivetran"\nevents = "e"\n'
            'columns = { event = "name", time = "at", distinct_id = "who" }\n' + FILE,
            "line 7, warehouse.columns: a shape has columns of its own",
        ),
        (
            SOURCE + METRICS + ABOUT_SHOP + DESTINATION + TABLE + "[projects.shop]\nid = 2718281\n",
            "line 22, projects.shop: the report weekly is measured in a warehouse, and the project names "
            "none. Add a table [projects.shop.warehouse].",
        ),
        (
            SOURCE + FILE + SHOP,
            "line 10, reports.weekly: the report weekly is measured in a warehouse, and the project names "
            "none. Add a table [warehouse].",
        ),
        (
            TABLE
            + FILE.replace(
                "[metrics.actives]",
                '[metrics.saved]\nlabel = "S"\nmeasure = "saved_funnel"\n'
                'id = 7\nsource = "warehouse"\n[metrics.actives]',
            ),
            "line 12, metrics.saved.source: what is saved in Mixpanel is measured there",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(file: str, said: str):
    assert fault_in(file).startswith(said)


def test_an_address_that_is_not_set_is_a_fault():
    found = faults(SOURCE + TABLE + FILE)

    assert [fault.place for fault in found] == ["WAREHOUSE_URL"]
    assert "[warehouse] needs it" in found[0].fix


@pytest.mark.parametrize(
    "address", [ADDRESS, "host=db user=reporter password=made-up", "clickhouses://u:made-up@host:8443/db"]
)
def test_a_pasted_address_is_refused_and_not_repeated(address: str):
    said = fault_in(SOURCE + TABLE.replace('"WAREHOUSE_URL"', f'"{address}"') + FILE)

    assert "a secret stands here, where the name of a setting should be" in said
    assert "made-up" not in said


KEYS = ("database", "schema", "events", "identities")


@pytest.mark.parametrize("key", KEYS)
@given(name=st.one_of(st.text(min_size=1), st.from_regex(r"[a-z]+[;'\"`. )(-]+[a-z]*", fullmatch=True)))
def test_only_a_plain_name_of_a_table_passes(key: str, name: str):
    """What SQL would take for more than a name is told, and no query ever has it."""
    assume(not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name))
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in name if not 0xD800 <= ord(letter) < 0xE000)
    assume(escaped)

    assert fault_in(f'{SOURCE}{TABLE}{key} = "{escaped}"\n{FILE}').startswith(
        f"line 5, warehouse.{key}: this is not a plain name"
    )


def test_a_project_of_bigquery_may_have_dashes():
    table = TABLE.replace("postgres", "bigquery") + 'database = "acme-analytics-1"\n'

    assert warehouse(SOURCE + table + FILE).table.database == "acme-analytics-1"
