"""Two Mixpanel projects in one file: each report has its own project's numbers."""

import json
from collections.abc import Iterator

import pytest

from reporter.cli.output import SETTINGS
from reporter.local.mixpanel import PROJECT_ID, LocalMixpanel
from reporter.local.product import Product, make_product
from tests.desk import Desk, yesterday

SHOP_ID = 2718281
SHOP = f"""
[projects.shop]
id = {SHOP_ID}
region = "eu"
username = "SHOP_USERNAME"
secret = "SHOP_SECRET"
base_url = "SHOP_BASE_URL"
"""
SHOP_WEEKLY = """
[reports.shop_weekly]
title = "Shop Weekly"
period = "weekly"
schedule = "0 11 * * 1"
project = "shop"
"""


@pytest.fixture(scope="session")
def small_product() -> Product:
    return make_product(yesterday(), zone="UTC", days=60, scale=0.1)


@pytest.fixture
def shop(desk: Desk, small_product: Product) -> Iterator[LocalMixpanel]:
    """A second project, with a service account of its own."""
    password = "shop-secret"
    with LocalMixpanel(
        small_product, username="shop-account", secret=password, project_id=SHOP_ID, project_name="Shop"
    ) as mixpanel:
        with (desk.folder / "reports.toml").open("a") as file:
            file.write(SHOP + SHOP_WEEKLY)
        desk.set(SHOP_USERNAME="shop-account", SHOP_SECRET=password, SHOP_BASE_URL=mixpanel.url)
        yield mixpanel


def numbers(desk: Desk, report: str) -> dict[str, float]:
    code, out, err = desk.reporter("preview", report, "--format", "json")
    assert (code, err) == (0, "")
    return {metric["label"]: metric["value"] for metric in json.loads(out)["metrics"]}


def test_a_report_without_a_project_reads_as_before(desk: Desk, request: pytest.FixtureRequest):
    before = numbers(desk, "weekly")
    request.getfixturevalue("shop")

    assert numbers(desk, "weekly") == before


def test_each_report_has_the_numbers_of_its_own_project(desk: Desk, shop: LocalMixpanel):
    acme = numbers(desk, "weekly")
    assert not shop.requests
    asked = len(desk.mixpanel.requests)
    small = numbers(desk, "shop_weekly")

    assert small.keys() == acme.keys()
    assert small["New Signups"] < acme["New Signups"] / 2
    assert len(desk.mixpanel.requests) == asked


def test_the_quota_of_one_does_not_count_for_the_other(desk: Desk, shop: LocalMixpanel):
    numbers(desk, "weekly")
    spent = len(desk.mixpanel.queries)
    numbers(desk, "shop_weekly")

    assert len(desk.mixpanel.queries) == spent == len(shop.queries)


@pytest.mark.usefixtures("shop")
def test_both_are_sent_each_once(desk: Desk):
    for report in ("weekly", "shop_weekly", "shop_weekly"):
        assert desk.reporter("send", report)[0] == 0

    texts = [json.dumps(message.payload) for message in desk.slack.messages]
    assert ["Shop Weekly" in text for text in texts] == [False, True]


def test_a_second_secret_that_is_missing_is_named(desk: Desk, shop: LocalMixpanel):
    desk.set(SHOP_SECRET="")

    code, _, err = desk.reporter("preview", "weekly")

    assert code == SETTINGS
    assert "SHOP_SECRET: is not set" in err
    assert "The project shop needs it." in err
    assert not shop.requests


def test_a_refused_account_is_called_by_its_own_settings(desk: Desk, shop: LocalMixpanel):
    desk.set(SHOP_SECRET="another-secret")

    _, out, err = desk.reporter("preview", "shop_weekly")

    assert "Check SHOP_USERNAME, SHOP_SECRET and projects.shop.id" in out + err
    assert "MIXPANEL_" not in out + err


@pytest.mark.usefixtures("shop")
def test_check_looks_at_each_project_and_names_it(desk: Desk):
    code, out, err = desk.reporter("check")

    assert (code, err) == (0, "")
    assert f"Mixpanel ({PROJECT_ID}): project Acme ({PROJECT_ID})" in out
    assert f"Mixpanel (shop): project Shop ({SHOP_ID})" in out
    assert out.count("Quota (") == 2
    assert "Report shop_weekly (shop): costs" in out
    assert out.count("Ledger: ") == 1


def test_check_names_no_project_where_there_is_one(desk: Desk):
    _, out, _ = desk.reporter("check")

    assert f"Mixpanel: project Acme ({PROJECT_ID})" in out


@pytest.mark.usefixtures("shop")
def test_check_goes_on_with_the_next_project(desk: Desk):
    desk.set(SHOP_SECRET="another-secret")

    code, out, _ = desk.reporter("check")

    assert code != 0
    assert "fault  Mixpanel (shop): Mixpanel does not accept the service account" in out
    assert f"Mixpanel ({PROJECT_ID}): project Acme" in out


@pytest.mark.usefixtures("shop")
def test_raw_events_are_stored_apart(desk: Desk):
    day = yesterday().isoformat()
    count = "SELECT count(*) AS n FROM events"

    for project in ("shop", str(PROJECT_ID)):
        assert desk.reporter("fetch", "--from", day, "--project", project)[0] == 0
    shop = desk.reporter("query", count, "--format", "csv", "--project", "shop")[1]
    acme = desk.reporter("query", count, "--format", "csv")[1]

    assert 0 < int(shop.split()[1]) < int(acme.split()[1])
    assert {each.name for each in (desk.folder / ".reporter/events").iterdir()} == {
        str(SHOP_ID),
        str(PROJECT_ID),
    }


@pytest.mark.usefixtures("shop")
def test_a_project_that_there_is_not_is_a_wrong_command(desk: Desk):
    code, _, err = desk.reporter("query", "SELECT 1", "--project", "shpo")

    assert code == SETTINGS
    assert f"The projects of the reports are: {PROJECT_ID}, shop." in err


@pytest.mark.usefixtures("shop")
def test_the_environment_needs_no_project_where_each_report_names_one(desk: Desk):
    desk.change("[defaults]", '[defaults]\nproject = "shop"')
    desk.set(MIXPANEL_USERNAME="", MIXPANEL_SECRET="", MIXPANEL_PROJECT_ID="")

    assert numbers(desk, "weekly") == numbers(desk, "shop_weekly")
