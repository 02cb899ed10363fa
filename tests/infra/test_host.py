"""host.json and local.settings.example.json, held to what the program expects of the host."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from reporter.azure import PAUSE, TRIES
from reporter.reports.deliveries import CLAIM_LIVES

ROOT = Path(__file__).parents[2]
HOST: dict[str, Any] = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
QUEUES: dict[str, Any] = HOST["extensions"]["queues"]
MIXPANEL_AT_ONCE = 5  # queries that a project may have under way (Mixpanel, "Query API", rate limits)


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def test_the_tries_outlast_mixpanels_hourly_quota():
    pauses = QUEUES["maxDequeueCount"] - 1

    assert pauses * _duration(QUEUES["visibilityTimeout"]) > timedelta(hours=1)


def test_notices_say_the_tries_and_pauses_that_the_host_makes():
    minutes = _duration(QUEUES["visibilityTimeout"]) // timedelta(minutes=1)

    assert QUEUES["maxDequeueCount"] == TRIES
    assert minutes == PAUSE


def test_a_function_ends_before_its_claim_is_taken_for_dead():
    assert _duration(HOST["functionTimeout"]) < CLAIM_LIVES


def test_one_instance_asks_mixpanel_no_more_than_it_takes():
    assert QUEUES["batchSize"] + QUEUES["newBatchThreshold"] < MIXPANEL_AT_ONCE


def test_messages_are_read_as_they_are_written():
    assert QUEUES["messageEncoding"] == "base64"


def test_the_extension_bundle_is_the_current_major_version():
    assert HOST["version"] == "2.0"
    assert HOST["extensionBundle"] == {
        "id": "Microsoft.Azure.Functions.ExtensionBundle",
        "version": "[4.*, 5.0.0)",
    }


def test_no_failure_is_sampled_away():
    # A notice's log line is a trace, as is all that a function logs.
    sampling = HOST["logging"]["applicationInsights"]["samplingSettings"]

    assert {"Exception", "Trace"} <= set(sampling["excludedTypes"].split(";"))


def test_what_functions_log_is_kept_from_information_on():
    assert HOST["logging"]["logLevel"]["Function"] == "Information"


def test_opentelemetry_is_off():
    assert "telemetryMode" not in HOST


def test_routes_are_those_of_the_mission():
    assert HOST["extensions"]["http"]["routePrefix"] == "api"


def test_local_settings_ask_for_what_the_example_of_env_asks_for():
    local = json.loads((ROOT / "local.settings.example.json").read_text(encoding="utf-8"))
    host_needs = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "FUNCTIONS_WORKER_RUNTIME": "python"}

    assert local["IsEncrypted"] is False
    assert local["Values"] == host_needs | dotenv_values(ROOT / ".env.example")
