"""Run all benchmarks: `python -m benchmarks.run --small` or `--full`, with `--json FILE`."""

import argparse
from pathlib import Path

from benchmarks import audit, casework, lists, match, node
from benchmarks.report import dumps


def main() -> None:
    """Measure, print tables, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--small", action="store_true", help="a few minutes")
    size.add_argument("--full", action="store_true", help="the sizes of the goals")
    choices = ("lists", "node", "audit", "match", "casework")
    parser.add_argument("--only", choices=choices, help="one benchmark alone")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    reports = []
    if asked.only in (None, "lists"):
        reports.append(lists.run(100_000 if asked.full else 10_000))
        print(reports[-1].table(), end="\n\n")
    if asked.only in (None, "node"):
        reports.append(node.run(100_000 if asked.full else 10_000, 20 if asked.full else 8))
        print(reports[-1].table(), end="\n\n")
    if asked.only in (None, "audit"):
        reports.append(audit.run(10_000_000 if asked.full else 200_000))
        print(reports[-1].table(), end="\n\n")
    if asked.only in (None, "match"):
        for count in (10_000, 100_000, 1_000_000) if asked.full else (10_000,):
            reports.append(match.report(count))
            print(reports[-1].table(), end="\n\n")
    if asked.only in (None, "casework"):
        reports.append(casework.run(50_000))
        print(reports[-1].table(), end="\n\n")
    if asked.json:
        asked.json.write_text(dumps(reports) + "\n", "utf-8")


if __name__ == "__main__":
    main()
