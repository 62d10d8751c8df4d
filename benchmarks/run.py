"""Run all benchmarks: `python -m benchmarks.run --small` or `--full`, with `--json FILE`."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import access, audit, breach, casework, exchange, lists, match, node, surge
from benchmarks.report import Report, dumps

# Each takes whether the sizes are the full ones, and yields its reports as they are ready.
_BENCHMARKS: dict[str, Callable[[bool], Iterator[Report]]] = {
    "access": lambda full: iter([access.run(20_000 if full else 2_000)]),
    "lists": lambda full: iter([lists.run(100_000 if full else 10_000)]),
    "node": lambda full: iter([node.run(100_000 if full else 10_000, 20 if full else 8)]),
    "audit": lambda full: iter([audit.run(10_000_000 if full else 200_000)]),
    "match": lambda full: match.reports((10_000, 100_000, 1_000_000) if full else (10_000,)),
    "breach": lambda full: iter([breach.run(30_000 if full else 3_000)]),
    "casework": lambda _full: iter([casework.run(50_000)]),
    "exchange": lambda full: iter([exchange.run(100_000 if full else 1_000)]),
    "surge": lambda full: iter([surge.run(600 if full else 60)]),
}


def main() -> None:
    """Measure, print tables, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--small", action="store_true", help="a few minutes")
    size.add_argument("--full", action="store_true", help="the sizes of the goals")
    parser.add_argument("--only", choices=tuple(_BENCHMARKS), help="one benchmark alone")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    reports = []
    for name, measure in _BENCHMARKS.items():
        if asked.only in (None, name):
            for report in measure(asked.full):
                print(report.table(), end="\n\n")
                reports.append(report)
    if asked.json:
        asked.json.write_text(dumps(reports) + "\n", "utf-8")


if __name__ == "__main__":
    main()
