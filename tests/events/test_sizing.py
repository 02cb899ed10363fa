"""What measuring takes of a machine."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.events.sizing import MIB, memory_there_is, require_room, sizing_for
from reporter.model.errors import Unavailable

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("memory", "events", "threads"),
    [(512 * MIB, 10_000_000, 1), (2 * GIB, 100_000_000, 2), (64 * GIB, 100_000_000, 8)],
)
def test_a_function_is_asked_for_what_it_can_do(memory: int, events: int, threads: int) -> None:
    sizing = sizing_for(memory, cores=8 if memory > 2 * GIB else 2)

    assert sizing.threads == threads
    assert sizing.memory <= memory * 0.65
    assert sizing.buckets(events) <= 32
    assert events / sizing.buckets(events) <= sizing.events_at_once


@given(st.integers(1, 1 << 40), st.integers(1, 64))
def test_every_machine_gets_some_of_each(memory: int, cores: int) -> None:
    sizing = sizing_for(memory, cores)

    assert 1 <= sizing.threads <= cores
    assert sizing.memory >= 128 * MIB
    assert sizing.buckets(0) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1048576\n", 1_048_576), ("max\n", None), ("9223372036854771712\n", None), (None, None)],
)
def test_a_containers_limit_counts_where_it_has_one(
    tmp_path: Path, text: str | None, expected: int | None
) -> None:
    limit = tmp_path / "memory.max"
    if text is not None:
        limit.write_text(text)

    assert memory_there_is([limit]) == (expected or memory_there_is([]))


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    require_room(tmp_path, 1, "a byte")

    with pytest.raises(Unavailable) as told:
        require_room(tmp_path, 1 << 60, "the events of 2026-10-20")

    assert f"{tmp_path} has no room for the events of 2026-10-20: 1099511627776 MiB are needed" in str(
        told.value
    )
    assert "MiB are free. Make room there, or name another folder" in str(told.value)
