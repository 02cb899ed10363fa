"""Reads a Mixpanel with Mixpanel's own Python client and prints what it got as one JSON object.

Run by `test_official_client.py` with the Python of an environment that has that client, which reads from its
environment variables (MP_API_BASE_URL, MP_USERNAME, MP_SECRET, ...) which Mixpanel to ask, and as whom.
"""

import importlib
import json
import sys

FUNNEL_ID = 7509
SAVED_REPORT = 8003


def main(from_date: str, to_date: str) -> None:
    # The client is not in the environment in which the reporter is type-checked.
    client = importlib.import_module("mixpanel_headless")
    dates = {"from_date": from_date, "to_date": to_date}
    workspace = client.Workspace()
    events = list(workspace.stream_events(**dates, raw=True))
    actives = workspace.query("$all_events", math="unique", mode="total", **dates)
    daily = workspace.query("$all_events", math="unique", unit="day", **dates)
    revenue = workspace.query("Purchase", math="total", math_property="amount", mode="total", **dates)
    platforms = workspace.query("Sign Up", math="unique", mode="total", group_by="$os", **dates)
    android = workspace.query(
        "Sign Up", math="total", mode="total", where=client.Filter.equals("$os", "Android"), **dates
    )
    dear = workspace.query(
        client.Metric(
            "Purchase",
            math="median",
            property="amount",
            filters=[client.Filter.at_least("amount", 19), client.Filter.less_than("amount", 99)],
        ),
        mode="total",
        **dates,
    )
    budgets = workspace.query(
        "Search", math="total", mode="total", where=client.Filter.contains("query", "BUDGET"), **dates
    )
    browsers = workspace.query(
        client.Metric("Page View", math="total", filters=[client.Filter.is_set("$browser")]),
        unit="day",
        group_by="$browser",
        **dates,
    )
    saved = workspace.query_saved_report(SAVED_REPORT)
    found = {
        "names": workspace.events(),
        "counts": workspace.event_counts(["Sign Up", "Page View"], **dates).series,
        "users": workspace.event_counts(["Page View"], type="unique", **dates).series,
        "funnel": [step.count for step in workspace.funnel(FUNNEL_ID, **dates).steps],
        "retention": {
            cohort.date: [cohort.size, [round(rate * cohort.size) for rate in cohort.retention]]
            for cohort in workspace.retention(
                born_event="Sign Up", return_event="Page View", unit="day", interval_count=3, **dates
            ).cohorts
        },
        "actives": actives.series,
        "daily": daily.series,
        "daily_rows": len(daily.df),
        "revenue": revenue.series,
        "platforms": platforms.series,
        "android": android.series,
        "dear": dear.series,
        "budgets": budgets.series,
        "browsers": browsers.series,
        "saved": saved.series,
        "exported": [[event["event"], event["properties"]["$insert_id"]] for event in events],
        "zone": workspace.me().projects[workspace.project.id].timezone,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
