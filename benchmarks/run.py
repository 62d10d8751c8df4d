"""Run all benchmarks: `python -m benchmarks.run --small` or `--full`, with `--json FILE`."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import access, audit, breach, casework, exchange, lists, match, node, surge
from benchmarks.report import Report, dumps

_Sizes = tuple[float, ...]
BENCHMARKS: dict[str, tuple[Callable[..., Iterator[Report]], _Sizes, _Sizes]] = {
    "access": (lambda calls: iter([access.run(calls)]), (2_000,), (20_000,)),
    "lists": (lambda count: iter([lists.run(count)]), (10_000,), (100_000,)),
    "node": (lambda count, seconds: iter([node.run(count, seconds)]), (10_000, 8), (100_000, 20)),
    "audit": (lambda entries: iter([audit.run(entries)]), (200_000,), (10_000_000,)),
    "match": (lambda *counts: match.reports(counts), (10_000,), (10_000, 100_000, 1_000_000)),
    "breach": (lambda count: iter([breach.run(count)]), (3_000,), (30_000,)),
    "casework": (lambda count: iter([casework.run(count)]), (50_000,), (50_000,)),
    "exchange": (lambda letters: iter([exchange.run(letters)]), (1_000,), (100_000,)),
    "surge": (lambda seconds: iter([surge.run(seconds)]), (60,), (600,)),
}
"""What measures, and its small and its full size; each yields reports as they are ready."""


def main() -> None:
    """Measure, print tables, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--small", action="store_true", help="a few minutes")
    size.add_argument("--full", action="store_true", help="the sizes of the goals")
    parser.add_argument("--only", choices=tuple(BENCHMARKS), help="one benchmark alone")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    reports = []
    for name, (measure, small, full) in BENCHMARKS.items():
        if asked.only in (None, name):
            for report in measure(*(full if asked.full else small)):
                print(report.table(), end="\n\n")
                reports.append(report)
    if asked.json:
        asked.json.write_text(dumps(reports) + "\n", "utf-8")


if __name__ == "__main__":
    main()
