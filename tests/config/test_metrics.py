"""What a metric of reports.toml may measure, how it reads, and what its goal is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.metric_keys import MetricTable
from reporter.config.metric_tables import words_of
from reporter.reports.conditions import Condition, Operator, Where
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    Combine,
    EventCount,
    EventUsers,
    Funnel,
    Lifecycle,
    Measure,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Sessions,
    Statistic,
    Step,
    Stickiness,
    Unit,
    UserGroup,
)
from reporter.reports.periods import Cadence
from reporter.reports.subscriptions import NUMBER, PERCENT, Format, Goal, MetricSpec
from tests.config.examples import FILE, faults, settings

PRO = Condition("plan", Operator.IS, ("pro",))
MEASURES = {
    'event = "E"': EventCount("E"),
    'measure = "count"\nevent = "E"\nwhere = { plan = "pro" }': EventCount("E", (PRO,)),
    'measure = "users"\nevent = "E"\nwhere = { plan = "pro" }': EventUsers("E", (PRO,)),
    'measure = "active_users"': ActiveUsers(),
    'measure = "sessions"': Sessions(),
    'measure = "sum"\nevent = "E"\nproperty = "p"': PropertyStatistic("E", "p", Statistic.SUM),
    'measure = "average"\nevent = "E"\nproperty = "p"': PropertyStatistic("E", "p", Statistic.AVERAGE),
    'measure = "median"\nevent = "E"\nproperty = "p"': PropertyStatistic("E", "p", Statistic.MEDIAN),
    'measure = "p90"\nevent = "E"\nproperty = "p"\nwhere = { plan = "pro" }': PropertyStatistic(
        "E", "p", Statistic.P90, (PRO,)
    ),
    'measure = "breakdown"\nof = "signups"\nby = "$os"': Breakdown(EventCount("Sign Up"), "$os", 5),
    'measure = "breakdown"\nof = "signups"\nby = "$os"\ntop = 3': Breakdown(EventCount("Sign Up"), "$os", 3),
    'measure = "ratio"\nnumerator = "signups"\ndenominator = "actives"': Ratio(
        EventCount("Sign Up"), ActiveUsers()
    ),
    'measure = "stickiness"': Stickiness(30),
    'measure = "stickiness"\ndays = 7': Stickiness(7),
    'measure = "funnel"\nsteps = ["A", { event = "B", where = { plan = "pro" } }]': Funnel(
        (Step("A"), Step("B", (PRO,))), 7
    ),
    'measure = "funnel"\nsteps = ["A", "B"]\nwithin_days = 30': Funnel((Step("A"), Step("B")), 30),
    'measure = "retention"\nafter = 7': Retention(None, None, 7, Unit.DAY),
    'measure = "retention"\nborn = "A"\nreturned = "B"\nafter = 4\nunit = "week"': Retention(
        "A", "B", 4, Unit.WEEK
    ),
    'measure = "new_users"': Lifecycle(UserGroup.NEW, 90),
    'measure = "retained_users"': Lifecycle(UserGroup.RETAINED, 90),
    'measure = "resurrected_users"\nlookback_days = 180': Lifecycle(UserGroup.RESURRECTED, 180),
    'measure = "dormant_users"': Lifecycle(UserGroup.DORMANT, 90),
    'measure = "retention"\nborn = "A"\nafter = 7\ncounts = "on or after"': Retention(
        "A", None, 7, unbounded=True
    ),
    'measure = "saved_insights"\nid = 7': SavedInsights(7),
    'measure = "saved_insights"\nid = 7\nseries = "A"\ncombine = "last"': SavedInsights(7, "A", Combine.LAST),
    'measure = "saved_funnel"\nid = 7': SavedFunnel(7),
    'measure = "saved_funnel"\nid = 7\nwithin_days = 14': SavedFunnel(7, 14),
}
CONDITIONS = {
    'plan = "pro"': (PRO,),
    'city = ["Berlin", "Wien"]': (Condition("city", Operator.IS, ("Berlin", "Wien")),),
    "n = 12": (Condition("n", Operator.IS, (12,)),),
    "flag = true": (Condition("flag", Operator.IS, (True,)),),
    "n = { is = [1, 2.5] }": (Condition("n", Operator.IS, (1, 2.5)),),
    'plan = { is_not = "pro" }': (Condition("plan", Operator.IS_NOT, ("pro",)),),
    'url = { contains = ["a", "b"] }': (Condition("url", Operator.CONTAINS, ("a", "b")),),
    "n = { greater_than = 1 }": (Condition("n", Operator.GREATER_THAN, (1.0,)),),
    "n = { at_least = 1, less_than = 9.5 }": (
        Condition("n", Operator.AT_LEAST, (1.0,)),
        Condition("n", Operator.LESS_THAN, (9.5,)),
    ),
    "n = { at_most = -1 }": (Condition("n", Operator.AT_MOST, (-1.0,)),),
    "n = { is_set = true }": (Condition("n", Operator.IS_SET),),
    "n = { is_set = false }": (Condition("n", Operator.IS_NOT_SET),),
    'plan = "pro", "$city" = { is_set = true }': (PRO, Condition("$city", Operator.IS_SET)),
}
READINGS = {
    'event = "E"': NUMBER,
    'event = "E"\nformat = "percent"': PERCENT,
    'event = "E"\ncurrency = "EUR"': Format(currency="EUR"),
    'measure = "stickiness"': PERCENT,
    'measure = "stickiness"\nformat = "number"': NUMBER,
    'measure = "funnel"\nsteps = ["A", "B"]': PERCENT,
    'measure = "retention"\nafter = 1': PERCENT,
    'measure = "saved_funnel"\nid = 7': PERCENT,
    'measure = "ratio"\nnumerator = "signups"\ndenominator = "actives"': NUMBER,
    'measure = "breakdown"\nof = "revenue"\nby = "$os"': Format(currency="USD"),
    'measure = "breakdown"\nof = "revenue"\nby = "$os"\ncurrency = "CHF"': Format(currency="CHF"),
}
WEEKLY = Cadence.WEEKLY
GOALS: dict[str, tuple[Goal, ...]] = {
    'event = "E"': (),
    'event = "E"\ntarget = 300': (Goal(300, of=WEEKLY),),
    'event = "E"\ntarget = 300\nby = 2026-12-31': (Goal(300, date(2026, 12, 31), of=WEEKLY),),
    'event = "E"\ntarget = 12.5\ntarget_is = "at_most"': (Goal(12.5, is_limit=True, of=WEEKLY),),
    'measure = "stickiness"\ntarget = 0.4': (Goal(0.4),),
    'measure = "p90"\nevent = "E"\nproperty = "ms"\ntarget = 4': (Goal(4),),
    'measure = "ratio"\nnumerator = "signups"\ndenominator = "actives"\ntarget = 2': (Goal(2),),
    'event = "E"\ntarget = { daily = 20, monthly = 500 }\nby = 2026-12-31': (
        Goal(20, date(2026, 12, 31), of=Cadence.DAILY),
        Goal(500, date(2026, 12, 31), of=Cadence.MONTHLY),
    ),
    'measure = "stickiness"\ntarget = { weekly = 0.4 }': (Goal(0.4, of=WEEKLY),),
}
REVENUE = (
    '[metrics.revenue]\nlabel = "R"\nmeasure = "sum"\nevent = "E"\nproperty = "amount"\ncurrency = "USD"\n'
)


def metric(lines: str) -> MetricSpec:
    """The first metric of a file, which these lines describe."""
    file = f'[metrics.first]\nlabel = "First"\n{lines}\n{REVENUE}{FILE}'
    return settings(file).subscriptions["weekly"].spec.metrics[0]


@pytest.mark.parametrize(("lines", "measure"), MEASURES.items())
def test_a_measure_is_what_the_file_says(lines: str, measure: Measure):
    assert metric(lines).measure == measure


def test_every_measure_is_tried():
    words = words_of(MetricTable)

    assert [word for word in words if not any(f'measure = "{word}"' in lines for lines in MEASURES)] == []


@pytest.mark.parametrize(("written", "where"), CONDITIONS.items())
def test_conditions_are_typed(written: str, where: Where):
    assert metric(f'event = "E"\nwhere = {{ {written} }}').measure == EventCount("E", where)


def test_a_number_is_no_truth():
    one, true = metric('event = "E"\nwhere = { n = 1 }'), metric('event = "E"\nwhere = { n = true }')

    assert [type(each) for spec in (one, true) for each in conditions(spec)[0].values] == [int, bool]


def test_conditions_may_be_a_table_of_their_own():
    assert conditions(metric('event = "E"\n[metrics.first.where]\nplan = "pro"')) == (PRO,)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-(2**62), max_value=2**62))
def test_any_bound_comes_through_as_it_is(bound: float):
    (condition,) = conditions(metric(f'event = "E"\nwhere = {{ n = {{ at_least = {bound} }} }}'))

    assert condition.values == (bound,)


@pytest.mark.parametrize(("lines", "reads"), READINGS.items())
def test_a_metric_reads_as_the_file_says_or_as_its_measure_is(lines: str, reads: Format):
    assert metric(lines).format == reads


@pytest.mark.parametrize(("lines", "goals"), GOALS.items())
def test_a_metric_may_have_a_goal_for_each_period(lines: str, goals: tuple[Goal, ...]):
    assert metric(lines).goals == goals


@given(
    st.dictionaries(st.sampled_from(Cadence), st.floats(0.1, 1e6), min_size=1),
    st.none() | st.sampled_from(Cadence),
)
def test_no_period_is_held_against_the_goal_of_another(targets: dict[Cadence, float], period: Cadence | None):
    written = ", ".join(f"{cadence} = {target}" for cadence, target in targets.items())

    goal = metric(f'event = "E"\ntarget = {{ {written} }}').goal_of(period)

    assert (goal and goal.target) == (targets.get(period) if period else None)


DAILY = '[reports.daily]\ntitle = "D"\nperiod = "daily"\nschedule = "0 9 * * *"\n'
AIMED = '[metrics.aimed]\nlabel = "Aimed"\nevent = "E"\ntarget = 120\n'
STICKY = '[metrics.sticky]\nlabel = "Sticky"\nmeasure = "stickiness"\ntarget = 0.4\n'
PARTS = '[metrics.parts]\nlabel = "Parts"\nmeasure = "breakdown"\nof = "aimed"\nby = "$os"\n'


def test_one_number_is_no_goal_of_reports_of_several_periods():
    (fault,) = faults(AIMED + STICKY + FILE + DAILY)

    assert fault.place.endswith("line 4, metrics.aimed.target")
    assert fault.problem == "this is a goal of one period, but reports of several show it: daily, weekly"
    assert fault.fix == "Write one for each: target = { daily = …, weekly = … }."


def test_a_report_may_have_goals_of_its_own():
    found = settings(AIMED + FILE + DAILY + "targets = { aimed = 20, signups = 9 }\n").subscriptions

    goals = {name: [one.goals for one in report.spec.metrics[:2]] for name, report in found.items()}
    assert goals["daily"] == [(Goal(20, of=Cadence.DAILY),), (Goal(9, of=Cadence.DAILY),)]
    assert goals["weekly"] == [(Goal(120, of=WEEKLY),), ()]


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (
            "targets = { sticky = 40 }",
            "sticky: this measure is never above 1, which is 100%",
        ),
        ("targets = { parts = 4 }", "parts: a breakdown has no goal"),
        (
            'metrics = ["signups"]\ntargets = { aimed = 4 }',
            "aimed: the report does not show this metric",
        ),
        ("targets = { aimed = 0 }", "aimed: the number is out of range"),
        ("targets = { nobody = 4 }", "nobody: there is no metric 'nobody'"),
    ],
)
def test_a_goal_that_no_metric_of_the_report_can_have_is_refused(report: str, problem: str):
    only = DAILY + report + "\n"
    found = [
        f"{one.place.rpartition('.')[2]}: {one.problem}"
        for one in faults(AIMED.replace("120", "{ weekly = 120 }") + STICKY + PARTS + FILE + only)
    ]

    assert found == [problem]


def conditions(spec: MetricSpec) -> Where:
    assert isinstance(spec.measure, EventCount)
    return spec.measure.where
