"""Events in files: everything works with no Mixpanel account."""

import json
import re
from datetime import timedelta

import httpx2
import pytest

from reporter.local.mixpanel import PROJECT_ID, SECRET, USERNAME
from tests.desk import Desk, yesterday

MIXPANEL = ("USERNAME", "SECRET", "PROJECT_ID", "REGION", "BASE_URL")


@pytest.fixture
def alone(desk: Desk) -> Desk:
    """The desk with the project's events in a file, and without a service account."""
    days = {"from_date": str(yesterday() - timedelta(days=59)), "to_date": str(yesterday())}
    answer = httpx2.get(
        f"{desk.mixpanel.url}/api/2.0/export",
        params={"project_id": str(PROJECT_ID), **days},
        auth=(USERNAME, SECRET),
    )
    (desk.folder / "events.json").write_bytes(answer.content)
    desk.change('source = "auto"\n', 'source = "files"\nevents.files = ["events.json"]\n')
    desk.set(**{f"MIXPANEL_{name}": "" for name in MIXPANEL})
    desk.mixpanel.requests.clear()
    return desk


def test_a_check_names_the_project_as_the_settings_do(alone: Desk):
    alone.set(TIMEZONE="Europe/Berlin")

    code, out, err = alone.reporter("check")

    assert (code, err) == (0, "")
    assert "project Acme (files), days are cut in Europe/Berlin" in out
    assert "Mixpanel" not in out
    assert not alone.mixpanel.requests


def test_a_preview_is_measured_from_the_files(alone: Desk):
    code, out, err = alone.reporter("preview", "weekly", "--format", "json")

    assert (code, err) == (0, "")
    assert all(metric["value"] for metric in json.loads(out)["metrics"])
    assert not alone.mixpanel.requests


def test_a_report_is_sent(alone: Desk):
    code, _, err = alone.reporter("send", "weekly")

    assert (code, err) == (0, "")
    assert len(alone.slack.messages) == 1
    assert not alone.mixpanel.requests


def test_its_document_says_that_the_numbers_come_from_files(alone: Desk):
    _, document, _ = alone.reporter("preview", "weekly", "--format", "json")

    assert re.search(r"measured from [\d,]+ events in files", document)


def test_the_document_of_an_export_says_that_they_come_from_raw_events(desk: Desk):
    desk.change('source = "auto"\n', 'source = "export"\n')

    _, document, _ = desk.reporter("preview", "weekly", "--format", "json")

    assert re.search(r"measured from [\d,]+ raw events", document)
    assert "in files" not in document


def test_the_placeholders_of_the_example_do_not_hinder(alone: Desk):
    alone.set(MIXPANEL_USERNAME="your_service_account_username", MIXPANEL_PROJECT_ID="your_project_id")

    code, _, err = alone.reporter("preview", "daily")

    assert (code, err) == (0, "")


def test_half_an_account_is_a_fault(alone: Desk):
    alone.set(MIXPANEL_USERNAME="reporter")

    code, _, err = alone.reporter("preview", "daily")

    assert code == 2
    assert "MIXPANEL_SECRET: is not set" in err


def test_any_other_source_needs_the_account(alone: Desk):
    alone.change('source = "files"\n', 'source = "export"\n')
    alone.change('events.files = ["events.json"]\n', "")

    code, _, err = alone.reporter("preview", "daily")

    assert code == 2
    assert "it sets nothing of Mixpanel" in err
