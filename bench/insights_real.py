"""What methods say of real series: as they were, on a public holiday, and with a fall that was planted."""

from collections.abc import Iterable, Mapping

import numpy as np

from bench.insights_data import LENGTHS, SyntheticReport
from bench.naive_methods import Method
from bench.real_data import holiday_report, plain_report, with_fall
from bench.tally import LOUD, print_row, print_table, share

FALLS = (0.6, 0.8, 0.0)  # what is left


def print_real(methods: Mapping[str, Method], seeds: range) -> None:
    lengths = [real_figures(methods, seeds, length) for length in LENGTHS]
    print_table(
        f"Real series: flags in {len(LENGTHS) * len(seeds)} reports of 20 metrics; found of what was planted",
        ["flags/rep.", "holiday", *(f"−{100 * (1 - left):.0f} %" for left in FALLS)],
    )
    for name in methods:
        print_row(name, np.mean([one[name] for one in lengths], axis=0).tolist())
        for length, one in zip(LENGTHS, lengths, strict=True):
            print_row(f"  {length} days", one[name])


def real_figures(methods: Mapping[str, Method], seeds: range, length: int) -> dict[str, list[float]]:
    """Flags for 20 metrics on ordinary days and with a holiday, and what was found of each fall."""
    plain = [plain_report(seed, length) for seed in seeds]
    holiday = [holiday_report(seed, length) for seed in seeds]
    falls = [[with_fall(made, left) for made in plain] for left in FALLS]
    return {
        name: [
            20 * share(flags(method, plain)),
            20 * share(flags(method, holiday)),
            *(share(found(method, made)) for made in falls),
        ]
        for name, method in methods.items()
    }


def flags(method: Method, reports: Iterable[SyntheticReport]) -> list[bool]:
    return [answer.unusual for made in reports for answer in method(made)]


def found(method: Method, reports: Iterable[SyntheticReport]) -> list[bool]:
    return [
        answer.unusual
        for made in reports
        for metric, answer in zip(made.metrics, method(made), strict=True)
        if metric.planted and (metric.planted.kind != "dead" or metric.volume >= LOUD)
    ]
