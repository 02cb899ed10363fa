"""Why a metric is called unusual, or not: as text and as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from reporter.cli.inspect import metric_of
from reporter.local.mixpanel import LocalMixpanel
from reporter.local.product import Product
from reporter.publishing.make import explain
from reporter.render import explanation, explanation_picture
from reporter.reports.errors import ConfigError, Refused, Unavailable
from reporter.reports.figures import (
    Failed,
    Figure,
    Figures,
    Measured,
    Question,
    Segments,
    TooLittleHistory,
    Undefined,
    UnknownEvent,
)
from reporter.reports.measures import Measure, Ratio, Retention, SavedInsights
from reporter.reports.subscriptions import PERCENT, Insights, MetricSpec, ReportSpec
from tests.desk import Desk
from tests.render.golden import golden
from tests.world import ACTIVE_USERS, PAGE_VIEWS, SIGN_UPS, FakeSource, edition, spec

WEEKDAYS = (1.2, 1.2, 1.1, 1.1, 1.0, 0.8, 0.6)
LEVELS: Mapping[Measure, float] = {SIGN_UPS: 40.0, ACTIVE_USERS: 300.0, PAGE_VIEWS: 2_000.0}
SHARE = Ratio(SIGN_UPS, ACTIVE_USERS)
REPORT = spec(
    drivers=("$os", "mp_country_code"),
    metrics=(*spec().metrics, MetricSpec("Sign-ups a user", SHARE)),
)
SVG = "{http://www.w3.org/2000/svg}"


def wobbling(level: float, last_week: float) -> Sequence[float]:
    """26 weeks that end with one of another level, and with an outage on a Saturday of the eighteenth."""
    factors = [*[1.0] * (25 * 7), *[last_week] * 7]
    factors[125] = 0.1
    wobble = [1 + 0.05 * ((day * 37 % 11) / 5 - 1) for day in range(26 * 7)]
    return [round(level * WEEKDAYS[day % 7] * wobble[day] * factors[day]) for day in range(26 * 7)]


def source(last_week: float = 0.5) -> FakeSource:
    factors: Mapping[Measure, float] = {SIGN_UPS: last_week}
    daily = {one: wobbling(level, factors.get(one, 1.0)) for one, level in LEVELS.items()}
    now = {**{one: sum(days[-7:]) for one, days in daily.items()}, SHARE: 0.1}
    weeks = [sum(daily[SIGN_UPS][start : start + 7]) for start in range(17 * 7, 26 * 7, 7)]
    android = [*(0.6 * week for week in weeks[:-1]), weeks[-1] - 0.4 * weeks[-2]]
    rest = [week - part for week, part in zip(weeks, android, strict=True)]
    users = [sum(daily[ACTIVE_USERS][start : start + 7]) for start in range(17 * 7, 26 * 7, 7)]
    halves = tuple(week / 2 for week in weeks)
    answers: Mapping[Measure, Segments] = {
        SIGN_UPS: {
            "$os": {"Android": tuple(android), "iOS": tuple(rest)},
            "mp_country_code": {"IN": halves, "DE": halves},
        },
        ACTIVE_USERS: {
            "$os": {
                "Android": tuple(0.6 * week for week in users),
                "iOS": tuple(0.4 * week for week in users),
            }
        },
    }
    return FakeSource(values=now, before=now, daily=daily, answers=answers)


class WithoutDays(FakeSource):
    """Totals, and no numbers by the day, for a reason."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(values=source().values, before=source().before)
        self.failure = failure

    def measure(self, question: Question) -> Figures:
        return replace(super().measure(question), daily={}, daily_failure=self.failure)


def explained(label: str, fake: FakeSource, report: ReportSpec = REPORT) -> str:
    return explanation.draw(explain(edition(report), fake, metric_of(report, label)))


def test_the_whole_way_to_a_verdict_is_told():
    told = explained("New Signups", source())

    assert told == golden("explain/new_signups.txt", told)


def test_a_metric_is_found_by_its_key_as_well_as_by_its_label():
    people = MetricSpec("New People", SIGN_UPS, key="signups")
    keyed = spec(metrics=(people, MetricSpec("Views", PAGE_VIEWS)))

    assert metric_of(keyed, "SignUps") is metric_of(keyed, "new people") is people
    with pytest.raises(ConfigError, match="Did you mean signups"):
        metric_of(keyed, "sign_up")


def test_a_name_that_two_metrics_have_is_refused_with_their_keys():
    metrics = (MetricSpec("Signups", SIGN_UPS, key="one"), MetricSpec("signups", PAGE_VIEWS, key="two"))

    with pytest.raises(ConfigError, match="Use one or two"):
        metric_of(spec(metrics=metrics), "Signups")


@pytest.mark.parametrize(("passing", "kind"), [(True, Unavailable), (False, Refused)])
def test_what_could_not_be_measured_is_no_verdict(passing: bool, kind: type[Exception]):
    failed = Failed("The hour's queries are used up (429)", passing, 60 if passing else None)
    total, days = source(), WithoutDays(failed)
    total.values = {**total.values, SIGN_UPS: failed}

    for fake in (total, days):
        with pytest.raises(kind, match="429"):
            explain(edition(REPORT), fake, metric_of(REPORT, "New Signups"))


UNTOLD = (MetricSpec("Saved", SavedInsights(1)), MetricSpec("Back", Retention("Sign Up", None, 1)))


@pytest.mark.parametrize(
    ("label", "insights", "reason"),
    [
        ("Saved", Insights.FULL, "Nothing tells how it did on earlier days, or in earlier periods."),
        ("Back", Insights.FULL, "Fewer than 8 earlier periods are known, which only raw events tell."),
        ("New Signups", Insights.OFF, "The report has insights turned off."),
    ],
)
def test_days_that_could_not_be_had_are_no_reason_where_they_would_not_have_been_looked_at(
    label: str, insights: Insights, reason: str
):
    days = WithoutDays(Failed("The hour's queries are used up (429)", True))
    days.values = days.before = {**days.values, **{metric.measure: 0.2 for metric in UNTOLD}}
    report = spec(metrics=(*REPORT.metrics, *UNTOLD), insights=insights)

    assert f"Not judged: {reason}" in explained(label, days, report)


def test_the_exit_code_tells_what_may_work_later(desk: Desk, product: Product):
    with LocalMixpanel(product, quota=0) as spent:
        desk.set(MIXPANEL_BASE_URL=spent.url)
        code, out, err = desk.reporter("explain", "weekly", "New Signups")

    assert (code, out) == (75, "")
    assert "hourly" in err


def test_a_usual_metric_asks_nobody_for_causes():
    fake = source(last_week=1.0)

    told = explained("Page Views", fake)

    assert "verdict           as usual" in told
    assert "Not looked for: the total is as usual." in told
    assert fake.segmentations == []


def test_causes_that_can_not_be_had_are_told_with_the_reason():
    fake = source()
    fake.answers = Unavailable("Mixpanel's hourly quota is spent.")

    assert "Could not be looked for: Mixpanel's hourly quota is spent." in explained("New Signups", fake)


@pytest.mark.parametrize(
    ("label", "changes", "reason"),
    [
        ("Saved", {}, "Nothing tells how it did on earlier days, or in earlier periods."),
        ("Back", {}, "Fewer than 8 earlier periods are known, which only raw events tell."),
        ("New Signups", {"insights": Insights.OFF}, "The report has insights turned off."),
    ],
)
def test_what_is_not_judged_says_why(label: str, changes: dict[str, Insights], reason: str):
    insights = changes.get("insights", Insights.FULL)
    report = spec(metrics=(*REPORT.metrics, *UNTOLD), insights=insights)
    known = source()
    values = {**known.values, **{metric.measure: 0.2 for metric in UNTOLD}}

    assert f"Not judged: {reason}" in explained(label, replace(known, values=values, before=values), report)


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (UnknownEvent("Sign Up"), "The project has no event named “Sign Up”."),
        (Undefined(), "There was nothing in the period to divide by."),
        (
            TooLittleHistory(date(2026, 11, 20)),
            "The period begins before the project's first event",
        ),
    ],
)
def test_what_is_no_number_says_what_keeps_it_from_being_one(figure: Figure, reason: str):
    known = source()

    assert f"Not judged: {reason}" in explained(
        "New Signups", replace(known, values={**known.values, SIGN_UPS: figure})
    )


def test_of_single_counts_it_is_said_what_would_have_been_too_many():
    few = source()
    few.daily = {**few.daily, SIGN_UPS: [float(day % 4 == 0) for day in range(26 * 7)]}

    told = explained("New Signups", few)

    assert "would be unusual  a total above " in told


def test_a_ratio_is_explained_by_its_numerator_and_its_denominator():
    told = explained("Sign-ups a user", source())

    assert told == golden("explain/sign_ups_a_user.txt", told)


def test_a_history_that_is_too_short_says_when_it_will_do():
    fake = source()
    fake.daily = {one: [*[0.0] * (20 * 7), *days[-6 * 7 :]] for one, days in fake.daily.items()}

    assert "Not judged: The history is too short; from 2026-12-14 on it will do." in explained(
        "New Signups", fake
    )


def test_a_metric_is_found_whatever_its_case():
    assert metric_of(REPORT, " new signups").label == "New Signups"


@pytest.mark.parametrize(
    ("label", "fix"),
    [
        ("New Sign-up", "Did you mean New Signups?"),
        ("x", "It has: New Signups, Active Users, Page Views, Sign-ups a user."),
    ],
)
def test_a_wrong_name_says_which_may_be_meant(label: str, fix: str):
    with pytest.raises(ConfigError, match="has no metric of this name") as raised:
        metric_of(REPORT, label)

    assert raised.value.faults[0].fix == fix


def picture(label: str, fake: FakeSource) -> ET.Element:
    drawn = explanation_picture.draw_picture(explain(edition(REPORT), fake, metric_of(REPORT, label)))
    assert drawn is not None
    return ET.fromstring(drawn)  # noqa: S314  (our own drawing)


def test_the_picture_shows_the_days_the_range_and_what_was_not_learned_from():
    drawn = picture("New Signups", source())

    (line,) = drawn.findall(f"{SVG}polyline[@class='line']")
    assert len(line.attrib["points"].split()) == 17 * 7
    assert len(drawn.findall(f"{SVG}polygon[@class='range']")) == 1
    assert len(drawn.findall(f"{SVG}circle[@class='outlier']")) == 1


def test_all_of_the_picture_is_within_its_frame():
    drawn = picture("New Signups", source(last_week=3.0))

    for shape in (*drawn.iter(f"{SVG}polyline"), *drawn.iter(f"{SVG}polygon")):
        for point in shape.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 64 <= x <= 940
            assert 64 <= y <= 340


def test_names_are_only_text_in_the_picture():
    fake, hostile = source(), "<script>alert(1)</script>"
    report = spec(metrics=(MetricSpec(hostile, SIGN_UPS),))

    drawn = explanation_picture.draw_picture(explain(edition(report), fake, report.metrics[0]))

    assert drawn is not None
    assert "<script>" not in drawn
    title = ET.fromstring(drawn).attrib["aria-label"]  # noqa: S314
    assert hostile in title


def test_the_command_prints_and_draws(desk: Desk):
    file = desk.folder / "signups.svg"

    code, out, err = desk.reporter("explain", "weekly", "new signups", "--picture", str(file))

    assert (code, err) == (0, "")
    assert out.startswith("New Signups, Weekly Report of ")
    assert out.endswith(f"Drawn to {file}.\n")
    assert file.read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("weekly", "New Sign-ups"), "Did you mean New Signups?"),
        (("weekly", "New Signups", "--picture", "signups.png"), "signups.png is not an SVG file"),
        (("weekly", "New Signups", "--picture", "/nowhere/signups.svg"), "it cannot be written"),
    ],
)
def test_what_the_command_can_not_do_is_said_with_the_mend(
    desk: Desk, words: tuple[str, ...], complaint: str
):
    code, _, err = desk.reporter("explain", *words)

    assert code == 2
    assert complaint in err


BACK = MetricSpec("Back", Retention("Sign Up", None, 1), format=PERCENT)


class WithWeeks(FakeSource):
    """A share of people, and that of each of twelve weeks before."""

    def measure(self, question: Question) -> Figures:
        weeks = {question.period.earlier(7 * week): Measured(0.3, base=900 + week) for week in range(1, 13)}
        figures = super().measure(question)
        now = {**figures.now, BACK.measure: Measured(0.18, base=1_000)}
        return replace(figures, now=now, daily={}, earlier={BACK.measure: weeks})


def test_a_share_of_people_is_explained_by_the_periods_before():
    report = spec(metrics=(BACK,))
    told = explained("Back", WithWeeks(values={BACK.measure: 0.18}, before={BACK.measure: 0.3}), report)

    assert "the period is held against earlier periods like it" in told
    assert "judged            180 of 1,000" in told
    assert "actual            18.0%" in told
    assert "expected          30.0%, so it is −40.0%" in told
    assert "verdict           the total is unusual" in told


def test_a_rate_is_drawn_by_its_days():
    drawn = explanation_picture.draw_picture(
        explain(edition(REPORT), source(), metric_of(REPORT, "Sign-ups a user"))
    )

    assert drawn is not None
    assert "0.07; expected 0.13, usual 0.12 to 0.15" in drawn
    assert drawn.count("<polyline") >= 2
