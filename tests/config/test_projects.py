"""Projects in reports.toml: what they may hold, and what is wrong with them."""

from zoneinfo import ZoneInfo

import pytest

from reporter.config.settings import load
from reporter.reports.errors import ConfigError
from tests.config.examples import DESTINATION, ENVIRON, FILE, METRICS, REPORT, faults

SHOP = "[projects.shop]\nid = 2718281\n"
OWN = 'username = "SHOP_USERNAME"\nsecret = "SHOP_SECRET"\n'
OTHER = REPORT.replace("reports.weekly", "reports.other")
ABOUT_SHOP = FILE.replace('title = "Weekly Report"', 'title = "Weekly Report"\nproject = "shop"')
SHOP_ENVIRON = {"SHOP_USERNAME": "shop.mp-service-account", "SHOP_SECRET": "made-up", **ENVIRON}
SHOP_ALONE = {
    name: value
    for name, value in SHOP_ENVIRON.items()
    if name in ("SHOP_USERNAME", "SHOP_SECRET", "SLACK_WEBHOOK_URL")
}


def test_a_project_has_the_service_account_and_region_of_the_settings_unless_it_names_its_own():
    project = load({**ENVIRON, "MIXPANEL_REGION": "eu"}, ABOUT_SHOP + SHOP).projects["shop"]

    assert project.access
    assert (project.id, project.zone, project.access.region) == ("2718281", None, "eu")
    assert project.access.username == ENVIRON["MIXPANEL_USERNAME"]


def test_all_of_a_project_may_be_its_own():
    table = f'{SHOP}{OWN}region = "in"\ntimezone = "Asia/Kolkata"\n'

    settings = load(SHOP_ALONE, ABOUT_SHOP + table)

    project = settings.projects["shop"]
    assert project.access
    assert (project.access.username, project.access.secret) == ("shop.mp-service-account", "made-up")
    assert (project.access.region, project.zone) == ("in", ZoneInfo("Asia/Kolkata"))
    assert list(settings.projects) == ["shop"]
    assert settings.project_zones == {"weekly": ZoneInfo("Asia/Kolkata")}


def test_the_number_may_be_in_a_setting():
    settings = load({**ENVIRON, "SHOP_ID": "99"}, f'{ABOUT_SHOP}[projects.shop]\nid = "SHOP_ID"\n')

    assert settings.projects["shop"].id == "99"


def test_the_default_project_is_that_of_every_report_that_names_none():
    file = f'[defaults]\nproject = "shop"\n{FILE}{SHOP}'

    assert load(ENVIRON, file).subscriptions["weekly"].project == "shop"


def test_a_report_without_project_is_about_that_of_the_environment():
    settings = load(ENVIRON, FILE + SHOP + OWN)

    assert settings.subscriptions["weekly"].project is None
    assert list(settings.projects) == [None]


def test_every_setting_that_is_missing_is_named():
    found = faults(ABOUT_SHOP + SHOP + OWN + OTHER, MIXPANEL_PROJECT_ID="")

    assert [fault.place for fault in found] == ["MIXPANEL_PROJECT_ID", "SHOP_USERNAME", "SHOP_SECRET"]
    assert all(fault.fix.endswith("The project shop needs it.") for fault in found[1:])


def test_the_environment_needs_no_project_while_a_file_with_projects_is_broken():
    with pytest.raises(ConfigError) as raised:
        load({}, f"{METRICS}{DESTINATION}{SHOP}[reports.weekly\n")

    assert all("MIXPANEL" not in fault.place for fault in raised.value.faults)


@pytest.mark.parametrize(
    ("file", "place", "problem"),
    [
        (FILE + SHOP.replace("2718281", '"shop"'), "projects.shop.id", "is not a number"),
        (FILE + SHOP.replace("2718281", "true"), "projects.shop.id", "is not a number"),
        (
            FILE + SHOP.replace("2718281", f'"{"a1" * 16}"'),
            "projects.shop.id",
            "is the project's token, not its id",
        ),
        (FILE + SHOP + 'region = "us-east"\n', "projects.shop.region", "'us-east' is not possible here"),
        (FILE + SHOP + 'secret = "hunter2"\n', "projects.shop.secret", "this is not the name of a setting"),
        (FILE + "[projects.shop]\n", "projects.shop.id", "this is missing"),
        (FILE + SHOP + "token = 1\n", "projects.shop.token", "there is no such key here"),
        (ABOUT_SHOP, "reports.weekly.project", "there is no project 'shop'"),
        (
            ABOUT_SHOP + SHOP.replace("2718281", "1234567") + OTHER,
            "projects.shop.id",
            "this is the same project as MIXPANEL_PROJECT_ID",
        ),
        (
            'source = "files"\n[events]\nfiles = ["a.parquet"]\n' + FILE + SHOP,
            "projects",
            "files are one project, and Mixpanel is not asked",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(file: str, place: str, problem: str):
    assert [(fault.place.split(", ")[-1], fault.problem) for fault in faults(file)] == [(place, problem)]


def test_a_project_that_is_misspelt_is_offered():
    (fault,) = faults(ABOUT_SHOP.replace('"shop"', '"shpo"') + SHOP)

    assert fault.fix == "Did you mean 'shop'?"


def test_a_secret_in_the_file_is_not_repeated():
    secret = "xoxb-1234567890-abcdefghijkl"
    (fault,) = faults(f'{FILE}{SHOP}secret = "{secret}"\n')

    assert secret not in str(fault)
