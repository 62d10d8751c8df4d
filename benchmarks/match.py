"""Searches among many people: `python -m benchmarks.match --people 100000 --json`.

Ours from the term index to explained scores, beside SQLite's FTS5 with trigrams and
`rapidfuzz.process.extract` on the same people in plaintext. A peer whose package or extension
is not here is null, with its reason.
"""

import argparse
import json
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from rapidfuzz import fuzz, process

from benchmarks.people import Invented, people
from benchmarks.report import Report, percentile
from rfl.domain.dates import parse_date
from rfl.domain.ids import PersonId
from rfl.domain.person import Name, Person, Sex
from rfl.matching.explain import sentence
from rfl.matching.index import TermIndex
from rfl.matching.packed import pack, unpack_many
from rfl.matching.rarity import rarity_in
from rfl.matching.scoring import Among, score_many
from rfl.matching.terms import prepare, search_terms

QUERIES = 200
FOUND_AT = 200
LOADED = 65_536
SHOWN = 10
MISSING = {
    "pg_trgm": "the extension pg_trgm is not in the PostgreSQL that tests start",
    "splink": "the package splink is not installed, or its linker is not a search: see FEBRL",
}

Search = Callable[[Invented], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as somebody makes it: a person with errors, and the number of the right one."""

    query: Invented
    right: int


def run(count: int) -> dict[str, Any]:
    """The figures of one size, under the names of the issue."""
    known = list(people(count))
    asked = _asked(known)
    ours, found = _ours(known)
    return {
        "people": count,
        "ours": _measured(ours, asked),
        "fts5": _measured(_fts5(known), asked),
        "rapidfuzz": _measured(_rapidfuzz(known), asked[:20]),
        **dict.fromkeys(MISSING),
        "missing": MISSING,
        **found,
    }


def report(count: int) -> Report:
    """The same as a table with goals."""
    figures = run(count)
    made = Report(f"searches among {count:,} people")
    goals = {"ours_p95_ms": 25, "bytes_per_person": 600, "us_per_pair": 20}
    for name, value in figures.items():
        parts = value.items() if isinstance(value, dict) and name != "missing" else ()
        named = {f"{name}_{part}": one for part, one in parts}
        if isinstance(value, int | float) and name != "people":
            named[name] = value
        for one, figure in named.items():
            made.put(one, figure, most=goals.get(one, 0))
    return made


def _asked(known: Sequence[Invented]) -> list[Asked]:
    """Some of the people, their names turned or with one letter lost."""
    chance = random.Random(11)
    asked = []
    for right in chance.sample(range(len(known)), min(QUERIES, len(known))):
        one = known[right]
        given, _, family = one.full_name.partition(" ")
        name = f"{family} {given}" if chance.random() < 0.3 else one.full_name
        if chance.random() < 0.5 and len(name) > 4:
            lost = chance.randrange(1, len(name) - 1)
            name = name[:lost] + name[lost + 1 :]
        asked.append(
            Asked(Invented("q", name, one.sex, one.birth[:4], one.nationality, "", ""), right)
        )
    return asked


def _person(one: Invented, number: int) -> Person:
    return Person(
        id=PersonId(_key(number)),
        names=(Name(one.full_name),),
        sex=Sex(one.sex),
        birth=parse_date(one.birth),
    )


def _key(number: int) -> str:
    return "reg_" + f"{number:012d}"[::-1].ljust(26, "0")


def _ours(known: Sequence[Invented]) -> tuple[Search, dict[str, object]]:
    keys = [_key(number) for number in range(len(known))]
    contents = [
        pack([("r", keys[number], search_terms(_person(one, number)))])
        for number, one in enumerate(known)
    ]
    index = TermIndex()
    began = time.perf_counter()
    for start in range(0, len(keys), LOADED):
        part = slice(start, start + LOADED)
        index.add_block(keys[part], unpack_many(contents[part], "r").block)
    took = time.perf_counter() - began
    number_of = {key: number for number, key in enumerate(keys)}
    among = Among(len(index), rarity_in(index))
    scored: list[float] = []
    pairs: list[int] = []

    def search(wanted: Invented) -> list[int]:
        query = prepare(_person(wanted, 0))
        found = [number_of[key] for key, _rank in index.search(query, FOUND_AT)]
        others = [prepare(_person(known[one], one)) for one in found]
        began = time.perf_counter()
        scores = score_many(query, others, among=among)
        scored.append(time.perf_counter() - began)
        pairs.append(len(others))
        order = sorted(range(len(found)), key=lambda one: -scores[one].total)
        for one in order[:SHOWN]:
            for reason in scores[one].contributions:
                sentence(reason)
        return [found[one] for one in order]

    for number, one in enumerate(known[:100]):
        if number == 40:  # By then the caches of name parts are as in a node that has been up.
            scored.clear()
            pairs.clear()
        search(one)
    us = sum(scored) / max(1, sum(pairs)) * 1e6
    return search, {
        "bytes_per_person": round(index.nbytes / len(index), 1),
        "indexed_people_per_second": round(len(index) / took),
        "us_per_pair": round(us, 1),
        "rematch_pairs_per_second": round(1e6 / us),
    }


def _fts5(known: Sequence[Invented]) -> Search:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE people USING fts5(name, tokenize='trigram')")
    rows = ((number, anyascii(one.full_name)) for number, one in enumerate(known))
    connection.executemany("INSERT INTO people(rowid, name) VALUES (?, ?)", rows)
    asked = "SELECT rowid FROM people WHERE people MATCH ? ORDER BY bm25(people) LIMIT ?"

    def search(wanted: Invented) -> list[int]:
        name = anyascii(wanted.full_name).replace('"', "").lower()
        grams = {name[at : at + 3] for at in range(len(name) - 2)}
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        return [row[0] for row in connection.execute(asked, (match, FOUND_AT))]

    return search


def _rapidfuzz(known: Sequence[Invented]) -> Search:
    names = [anyascii(one.full_name) for one in known]

    def search(wanted: Invented) -> list[int]:
        name = anyascii(wanted.full_name)
        found = process.extract(name, names, scorer=fuzz.token_sort_ratio, limit=FOUND_AT)
        return [number for _name, _score, number in found]

    return search


def _measured(search: Search, asked: Sequence[Asked]) -> dict[str, float]:
    times, hits = [], 0
    for one in asked:
        began = time.perf_counter()
        found = search(one.query)
        times.append((time.perf_counter() - began) * 1e3)
        hits += one.right in found[:FOUND_AT]
    return {
        "p50_ms": round(percentile(times, 0.5), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "found_at_200": round(hits / max(1, len(asked)), 4),
    }


def main() -> None:
    """Measure one size and print it."""
    parser = argparse.ArgumentParser(prog="benchmarks.match", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    asked = parser.parse_args()
    figures = run(asked.people)
    print(json.dumps(figures, indent=None if asked.json else 1))


if __name__ == "__main__":
    main()
