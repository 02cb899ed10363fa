"""What a report wants measured in a warehouse is asked there, and nothing else is."""

import pytest

from reporter.reports.errors import Refused, ReporterError, Unavailable
from reporter.reports.figures import Failed, Figures, Measured, Question, Segmentation
from reporter.reports.measures import Ratio
from reporter.sources.composite import SplitSource
from tests.world import ACTIVE_USERS, PAGE_VIEWS, SIGN_UPS, WEEK, FakeSource

QUESTION = Question((SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS), WEEK, WEEK.previous)


class Broken(FakeSource):
    """A warehouse that does not answer."""

    error: ReporterError = Refused("no right")

    def measure(self, question: Question) -> Figures:
        raise self.error


def test_each_measure_is_asked_where_it_belongs_and_the_ranking_elsewhere():
    otherwise, there = FakeSource(), FakeSource(values={PAGE_VIEWS: 7}, before={PAGE_VIEWS: 5})

    found = SplitSource(otherwise, there, frozenset({PAGE_VIEWS})).measure(QUESTION)

    assert [one.measures for one in otherwise.questions] == [(SIGN_UPS, ACTIVE_USERS)]
    assert [(one.measures, one.ranks_events) for one in there.questions] == [((PAGE_VIEWS,), False)]
    assert (found.now[PAGE_VIEWS], found.before[PAGE_VIEWS]) == (Measured(7), Measured(5))
    assert found.now[SIGN_UPS] == Measured(89)
    assert found.question == QUESTION
    assert found.ranking == otherwise.ranking
    assert set(found.daily) == set(QUESTION.measures)


def test_nobody_is_asked_for_nothing():
    otherwise, there = FakeSource(), FakeSource()
    all_there = Question((PAGE_VIEWS,), WEEK, WEEK.previous, ranks_events=False)
    split = SplitSource(otherwise, there, frozenset({PAGE_VIEWS}))

    split.measure(all_there)
    split.measure(Question((SIGN_UPS,), WEEK, WEEK.previous))

    assert [one.measures for one in there.questions] == [(PAGE_VIEWS,)]
    assert [one.measures for one in otherwise.questions] == [(SIGN_UPS,)]


@pytest.mark.parametrize("error", [Refused("no right"), Unavailable("down", 60)])
def test_a_warehouse_that_fails_fails_its_own_numbers_alone(error: ReporterError):
    broken = Broken()
    broken.error = error

    found = SplitSource(FakeSource(), broken, frozenset({PAGE_VIEWS})).measure(QUESTION)

    failed = found.now[PAGE_VIEWS]
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.is_temporary) == (str(error), isinstance(error, Unavailable))
    assert found.now[SIGN_UPS] == Measured(89)


def test_the_parts_of_a_ratio_that_is_measured_there_are_split_up_there():
    otherwise, there = FakeSource(), FakeSource()
    ratio = Ratio(SIGN_UPS, ACTIVE_USERS)
    asked = Segmentation((SIGN_UPS, ACTIVE_USERS, PAGE_VIEWS), ("$os",), (WEEK,))

    answer = SplitSource(otherwise, there, frozenset({ratio})).segments(asked)

    assert [one.measures for one in there.segmentations] == [(SIGN_UPS, ACTIVE_USERS)]
    assert [one.measures for one in otherwise.segmentations] == [(PAGE_VIEWS,)]
    assert answer.queries == 2
