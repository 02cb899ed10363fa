"""Whatever Mixpanel answers, every figure has a state."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.reports.conditions import Condition, Operator
from reporter.reports.errors import ReporterError
from reporter.reports.figures import Measured
from reporter.reports.measures import (
    ActiveUsers,
    Breakdown,
    EventCount,
    EventUsers,
    PropertyStatistic,
    Ratio,
    Retention,
    SavedFunnel,
    SavedInsights,
    Statistic,
    Stickiness,
)

from .answering import WEEK, days, insights, measure, world
from .test_states import JSON, body

PRO = (Condition("plan", Operator.IS, ("pro",)),)
PRO_SIGN_UPS, PRO_USERS = EventCount("Sign Up", PRO), EventUsers("Sign Up", PRO)
PAID = PropertyStatistic("Sign Up", "amount", Statistic.SUM)
AVERAGE = PropertyStatistic("Sign Up", "amount", Statistic.AVERAGE)
BY_PLAN = Breakdown(EventCount("Sign Up"), "plan", 2)
COHORT = Retention("Sign Up", None, 1)
FUNNEL, SAVED = SavedFunnel(7), SavedInsights(8)


ALL = (
    PRO_SIGN_UPS,
    PRO_USERS,
    PAID,
    AVERAGE,
    BY_PLAN,
    COHORT,
    FUNNEL,
    SAVED,
    Stickiness(),
    Ratio(PAID, ActiveUsers()),
)
NUMBERS = st.integers(-3, 9) | st.floats(0, 9) | st.none()
POINTS = st.dictionaries(st.sampled_from([*days(WEEK), "all"]), NUMBERS)
LABELS = st.sampled_from(["Sign Up", "All Events", "#1", "#2", "$overall", "pro"])
LIKELY = JSON | st.builds(insights, st.dictionaries(LABELS, POINTS | st.dictionaries(LABELS, POINTS)))
SMALL = st.integers(0, 3)
COHORTS = st.dictionaries(
    st.sampled_from(days()[-20:]),
    st.fixed_dictionaries({"first": SMALL, "counts": st.lists(SMALL, max_size=3)}),
)
STEPS = st.fixed_dictionaries({"steps": st.lists(st.fixed_dictionaries({"count": SMALL}), max_size=3)})
FUNNELS = st.fixed_dictionaries({"data": st.dictionaries(st.sampled_from(days(WEEK)[:2]), STEPS)})


@settings(deadline=None)  # each one runs threads
@given(LIKELY, JSON | COHORTS, JSON | FUNNELS)
def test_whatever_mixpanel_answers_each_figure_has_a_state(one: object, two: object, three: object):
    mixpanel = world(insights=body(one), retention=body(two), funnels=body(three))

    try:
        figures = measure(mixpanel, *ALL)
    except ReporterError:
        return

    assert set(figures.now) == set(figures.before) == set(ALL)
    numbers = [figure.value for figure in figures.now.values() if isinstance(figure, Measured)]
    assert all(isinstance(number, int | float) for number in numbers)
    shares = [figures.now[COHORT], figures.now[PRO_USERS]]
    assert all(figure.value >= 0 for figure in shares if isinstance(figure, Measured))
