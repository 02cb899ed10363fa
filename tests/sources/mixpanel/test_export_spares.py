"""Files that are written over: quicker than new ones, and nothing of what they held is left."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.local.mixpanel import LocalMixpanel
from reporter.sources.mixpanel.export import Exporter
from reporter.sources.mixpanel.export.download import TempFiles
from reporter.sources.raw_files import unpack

from .exports import DAY, contents, days, truth
from .exports import client as client  # a fixture
from .exports import mixpanel as mixpanel  # a fixture
from .exports import product as product  # a fixture
from .exports import time as time  # a fixture


def test_days_that_are_given_back_serve_for_the_next_and_none_is_left(
    client: Exporter, mixpanel: LocalMixpanel, tmp_path: Path
):
    taken: dict[object, bytes] = {}
    for one in client.fetch(days(9), tmp_path):
        taken[one.period] = one.path.read_bytes()
        one.done()

    assert taken == {day: truth(mixpanel, day) for day in days(9)}
    assert contents(tmp_path) == []


def test_a_file_may_be_given_back_when_all_is_over(client: Exporter, tmp_path: Path):
    kept = list(client.fetch([DAY], tmp_path))

    kept[0].done()

    assert contents(tmp_path) == []


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_a_shorter_file_over_a_longer_one_holds_nothing_of_it(texts: list[bytes]):
    with TemporaryDirectory() as folder:
        place, packed = TempFiles(Path(folder)), Path(folder, "packed")
        for text in texts:
            packed.write_bytes(gzip.compress(text))
            with place.half_made_over_a_spare(DAY) as plain:
                assert unpack(packed, plain) is None
                whole = place.declare_whole(plain)

            assert whole.read_bytes() == text
            place.spare(whole)
        place.close()

        assert contents(Path(folder)) == ["packed"]
