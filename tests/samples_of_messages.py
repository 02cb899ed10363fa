"""Sample reports for what a message must do: lead the eye, say all of it once, and fit."""

from dataclasses import replace
from datetime import date
from typing import Final

from reporter.reports.causes import Cause
from reporter.reports.errors import FailureCause
from reporter.reports.figures import Failed, TooLittleHistory
from reporter.reports.findings import (
    BusiestEvent,
    MetricChange,
    NoEarlierData,
    NothingUnusual,
    NotMeasured,
    Unusual,
)
from reporter.reports.periods import Cadence, Period
from reporter.reports.report import Chart, Report, ReportedMetric, TopEvents, Usual
from tests.sample_parts import SUNDAY, WEEK, WEEKLY, days, metric, top_event

PROJECT: Final = "https://eu.mixpanel.com/project/2195193"
PLACES: Final = (Cause("mp_country_code", ("IN",), 0.92), Cause("$os", ("Android",), 0.9))
SIGNUPS: Final = (24.0, 26.0, 23.0, 25.0, 24.0, 21.0, 18.0)
SIGNUPS_BEFORE: Final = (38.0, 41.0, 43.0, 40.0, 39.0, 36.0, 32.0)
SIGNUPS_USUAL: Final = tuple((round(each * 0.8), round(each * 1.25)) for each in SIGNUPS_BEFORE)
ONBOARDED: Final = (22.0, 23.0, 20.0, 22.0, 21.0, 19.0, 17.0)
ONBOARDED_BEFORE: Final = (33.0, 36.0, 37.0, 35.0, 34.0, 31.0, 28.0)

ACTIVE: Final = Chart(
    "Active Users",
    days(WEEK),
    (188.0, 201.0, 204.0, 199.0, 190.0, 112.0, 92.0),
    (180.0, 195.0, 199.0, 196.0, 187.0, 111.0, 94.0),
    usual=tuple((round(each * 0.85), round(each * 1.18)) for each in (186, 200, 202, 197, 189, 113, 93)),
)
FALLEN: Final = Chart("New Signups", days(WEEK), SIGNUPS, SIGNUPS_BEFORE, usual=SIGNUPS_USUAL)
ONBOARDED_CHART: Final = Chart(
    "Users Onboarded",
    days(WEEK),
    ONBOARDED,
    ONBOARDED_BEFORE,
    usual=tuple((round(each * 0.8), round(each * 1.25)) for each in ONBOARDED_BEFORE),
)
FELL: Final = replace(top_event("Sign Up", 161, 269), users=161)
RANKED: Final = TopEvents(
    (
        replace(top_event("Page View", 12_512, 12_240), users=1_186),
        replace(top_event("$ae_session", 3_402, 3_377), users=801),
        replace(top_event("Added to Cart", 845, 861), users=402),
        replace(top_event("Sign Up", 271, 269), users=271),
        replace(top_event("Coupon Used", 118, 0), label="Coupon redeemed"),
    ),
    18_204,
    42,
)

CALM: Final = replace(
    WEEKLY,
    findings=(
        MetricChange("New Signups", "{value} new users joined", 271, 269),
        BusiestEvent("Page View", 12_512, 0.687),
        NothingUnusual(6),
    ),
    metrics=(
        metric("New Signups", 271, 269),
        metric("Active Users", 1_186, 1_162),
        metric("Users Onboarded", 231, 234),
        metric("Active Sessions", 3_402, 3_377),
        metric("Page Views", 12_512, 12_240),
        metric("Purchases", 131, 131),
    ),
    top_events=RANKED,
    charts=(ACTIVE,),
    link=PROJECT,
    footer="Questions? Ask the data team.",
)

FALL_OF_SIGNUPS: Final = Unusual("New Signups", 161, -0.41, 233, 326, PLACES)
ONE_FALL: Final = replace(
    CALM,
    findings=(FALL_OF_SIGNUPS, BusiestEvent("Page View", 12_512, 0.687), NothingUnusual(5, are_others=True)),
    metrics=(
        replace(metric("New Signups", 161, 269), usual=Usual(233, 326, 275)),
        *CALM.metrics[1:],
    ),
    top_events=replace(RANKED, rows=(*RANKED.rows[:3], FELL, *RANKED.rows[4:]), total=18_094),
    charts=(FALLEN, ACTIVE),
    footer="",
)
TWO_FALLS: Final = replace(
    ONE_FALL,
    findings=(
        FALL_OF_SIGNUPS,
        Unusual("Users Onboarded", 144, -0.37, 186, 267, PLACES),
        NothingUnusual(4, are_others=True),
    ),
    metrics=(
        ONE_FALL.metrics[0],
        CALM.metrics[1],
        replace(metric("Users Onboarded", 144, 234), usual=Usual(186, 267, 228)),
        *CALM.metrics[3:],
    ),
    charts=(FALLEN, ONBOARDED_CHART),
)

SECTIONS: Final = ("Growth", "Engagement", "Quality")
TWENTY_FOUR: Final = replace(
    ONE_FALL,
    findings=(FALL_OF_SIGNUPS, NothingUnusual(23, are_others=True)),
    metrics=tuple(
        replace(each, section=SECTIONS[place // 8])
        for place, each in enumerate(
            (
                replace(ONE_FALL.metrics[0], link=f"{PROJECT}/app/insights#report/4711"),
                *CALM.metrics[1:],
                *(
                    metric(name, 820.0 + 37 * place, 811.0 + 38 * place)
                    for place, name in enumerate(
                        (
                            *("Trials Started", "Trials Converted", "Invites Sent", "Invites Accepted"),
                            *("Searches", "Product Views", "Carts", "Checkouts", "Payments", "Reviews"),
                            *("Coupons", "Shares", "Support Tickets", "Logins", "Password Resets"),
                        )
                    )
                ),
                replace(metric("Errors", 412, 371), is_lower_better=True),
                replace(metric("Refunds", 14, 9), is_lower_better=True),
                replace(metric("Slow Pages", 1_204, 1_311), is_lower_better=True),
            )
        )
    ),
)

ALERT: Final = replace(
    ONE_FALL,
    title="Signup Alert",
    name="signup_alert",
    cadence=Cadence.DAILY,
    period=SUNDAY,
    previous=SUNDAY.earlier(7),
    findings=(replace(FALL_OF_SIGNUPS, value=18, low=24, high=41),),
    metrics=(replace(metric("New Signups", 18, 32), usual=Usual(24, 41, 32)),),
    charts=(FALLEN,),
    mention="here",
    is_alert=True,
)

SPENT: Final = Failed(
    "Mixpanel's hourly quota of 60 queries is used up; it frees up in 25 minutes",
    is_temporary=True,
    causes=(FailureCause("hour_spent"),),
)
FAILED: Final = replace(
    CALM,
    findings=(*CALM.findings[:1], NothingUnusual(3), NotMeasured(("North Star", "Retention", "Stickiness"))),
    metrics=(
        *CALM.metrics[:3],
        ReportedMetric("North Star", Failed("Mixpanel has no saved report 99999"), Failed("no")),
        ReportedMetric("Retention", SPENT, SPENT),
        ReportedMetric("Stickiness", SPENT, SPENT),
    ),
    top_events=SPENT,
    footer="",
)

BEGUN: Final = date(2026, 11, 13)
FORTNIGHT: Final = Period(date(2026, 11, 9), date(2026, 11, 23))
TEN_DAYS: Final = replace(
    CALM,
    title="Bi-Weekly Report",
    cadence=Cadence.BIWEEKLY,
    period=FORTNIGHT,
    previous=FORTNIGHT.previous,
    findings=(MetricChange("New Signups", "{value} new users joined", 271, None),),
    metrics=tuple(ReportedMetric(each.label, each.figure, TooLittleHistory(BEGUN)) for each in CALM.metrics),
    top_events=replace(RANKED, rows=tuple(replace(row, change=None) for row in RANKED.rows)),
    charts=(
        Chart(
            "Active Users",
            days(FORTNIGHT),
            (None,) * 4 + (112.0, 92.0, 81.0, 188.0, 201.0, 204.0, 199.0, 190.0, 112.0, 92.0),
            (),
        ),
    ),
    notes=(NoEarlierData(BEGUN),),
    footer="",
)

SMALL: Final = replace(
    CALM,
    findings=(
        Unusual("Purchases", 3, -0.75, 7, 18),
        NothingUnusual(3, are_others=True),
    ),
    metrics=(
        metric("New Signups", 7, 4),
        metric("Active Users", 19, 17),
        metric("Users Onboarded", 2, 0),
        replace(metric("Purchases", 3, 12), usual=Usual(7, 18, 12)),
        replace(metric("Errors", 5, 1), is_lower_better=True),
    ),
    top_events=TopEvents(
        (top_event("Page View", 18, 12), top_event("$mp_click", 9, 9), top_event("Sign Up", 7, 4)),
        34,
        3,
    ),
    charts=(Chart("Purchases", days(WEEK), (1, 0, 0, 1, 0, 1, 0), (2, 1, 3, 2, 1, 2, 1)),),
    footer="",
)

GERMAN: Final = replace(
    TWO_FALLS,
    title="Wochenbericht",
    locale="de",
    findings=(
        replace(FALL_OF_SIGNUPS, label="Anmeldungen"),
        replace(TWO_FALLS.findings[1], label="Käufe"),
        NothingUnusual(4, are_others=True),
    ),
    metrics=tuple(
        replace(each, label=label)
        for each, label in zip(
            TWO_FALLS.metrics,
            ("Anmeldungen", "Aktive Nutzer", "Käufe", "Sitzungen", "Seitenaufrufe", "Bestellungen"),
            strict=True,
        )
    ),
    charts=(replace(FALLEN, label="Anmeldungen"), replace(ONBOARDED_CHART, label="Käufe")),
)
FRENCH: Final = replace(
    GERMAN,
    title="Rapport hebdomadaire",
    locale="fr",
    findings=(
        replace(FALL_OF_SIGNUPS, label="Inscriptions"),
        replace(TWO_FALLS.findings[1], label="Achats"),
        NothingUnusual(4, are_others=True),
    ),
    metrics=tuple(
        replace(each, label=label)
        for each, label in zip(
            TWO_FALLS.metrics,
            ("Inscriptions", "Utilisateurs actifs", "Achats", "Sessions", "Pages vues", "Commandes"),
            strict=True,
        )
    ),
    charts=(replace(FALLEN, label="Inscriptions"), replace(ONBOARDED_CHART, label="Achats")),
)

REPORTS: Final[dict[str, Report]] = {
    "calm": CALM,
    "one_fall": ONE_FALL,
    "two_falls": TWO_FALLS,
    "twenty_four": TWENTY_FOUR,
    "signup_alert": ALERT,
    "failed": FAILED,
    "ten_days": TEN_DAYS,
    "small": SMALL,
    "two_falls_german": GERMAN,
    "two_falls_french": FRENCH,
}
