"""Searches among many people: `python -m benchmarks.match --people 100000 --json`.

Ours on a node's sealed store: it starts from it, and a search goes from the terms over opened
candidates and their entry in the log to explained scores; beside it SQLite's FTS5 with trigrams and
`rapidfuzz.process.extract` on the same people in plaintext. A peer whose package or extension
is not here is null, with its reason.
"""

import argparse
import io
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from rapidfuzz import fuzz, process

from benchmarks import lists
from benchmarks.people import Invented, as_csv, people
from benchmarks.report import Report, percentile
from rfl.domain.access import Verb
from rfl.domain.dates import parse_date
from rfl.domain.groups import Group
from rfl.domain.ids import PersonId, new_id
from rfl.domain.person import Name, Person, Sex
from rfl.flows import offer_list, take_list
from rfl.flows.follow import load_pools
from rfl.flows.runtime import Runtime
from rfl.interchange.csvlist import read_csv
from rfl.matching.explain import sentence
from rfl.matching.pools import Pool
from rfl.matching.scoring import score_many
from rfl.matching.terms import prepare
from rfl.storage import vault
from rfl.storage.people import identity_in_registration
from rfl.storage.queries import living

QUERIES = 200
FOUND_AT = 200
IMPORTED = 100_000
SHOWN = 10
MISSING = {
    "pg_trgm": "the comparison is not written yet",
    "splink": "the comparison is not written yet",
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
    with _sealed(known) as rt:
        ours = _ours(rt, known, asked)
    return {
        "people": count,
        **ours,
        "fts5": _measured(_fts5(known), asked),
        "rapidfuzz": _measured(_rapidfuzz(known), asked[:20]),
        **dict.fromkeys(MISSING),
        "missing": MISSING,
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
            least = 150_000 if one == "start_people_per_second" else 0
            made.put(one, figure, most=goals.get(one, 0), least=least)
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


def _person(one: Invented) -> Person:
    return Person(
        id=PersonId(new_id("per")),
        names=(Name(one.full_name),),
        sex=Sex(one.sex),
        birth=parse_date(one.birth),
    )


@contextmanager
def _sealed(known: Sequence[Invented]) -> Iterator[Runtime]:
    """A node whose store holds these people, brought in by its own import of lists."""
    with lists.node() as rt:
        for start in range(0, len(known), IMPORTED):
            content = as_csv(list(known[start : start + IMPORTED]))
            list_id = offer_list.open_list(rt, lists.OFFICER, lists.TERMS)
            listing = read_csv(io.BytesIO(content), lists.TERMS, None, lists.TODAY)
            take_list.take_list(rt, lists.OFFICER, list_id, listing)
        yield rt


def _ours(rt: Runtime, known: Sequence[Invented], asked: Sequence[Asked]) -> dict[str, object]:
    """The start from the sealed store, then searches that open sealed candidates."""
    began = time.perf_counter()
    load_pools(rt)
    took = time.perf_counter() - began
    if len(rt.pools) != len(known):
        raise RuntimeError("the index is not whole")
    numbers = {(one.full_name, parse_date(one.birth)): n for n, one in enumerate(known)}
    scored: list[tuple[float, int]] = []

    def search(wanted: Invented) -> list[int]:
        query = prepare(_person(wanted))
        found = rt.pools.find(Pool.REGISTERED, query, FOUND_AT, but="")
        ranked: list[Person] = []

        def choose(contents: list[bytes]) -> list[int]:
            persons = [identity_in_registration(content) for content in contents]
            others = [prepare(person) for person in persons]
            began = time.perf_counter()
            scores = score_many(query, others, among=rt.pools.among())
            scored.append((time.perf_counter() - began, len(others)))
            order = sorted(range(len(others)), key=lambda one: -scores[one].total)
            for one in order[:SHOWN]:
                for reason in scores[one].contributions:
                    sentence(reason)
            ranked.extend(persons[one] for one in order)
            return order[:SHOWN]

        with rt.begin(lists.OFFICER, Verb.SEARCH) as work:
            work.require()
            rows = living(work, [one.record for one in found], (Group.IDENTITY, vault.TIE))
            vault.open_shown(work, rows, Group.IDENTITY, new_id("log"), choose)
        return [numbers[person.names[0].text, person.birth] for person in ranked]

    for one in known[:40]:  # Then the caches of name parts are as in a node that has been up.
        search(one)
    scored.clear()
    figures = _measured(search, asked)
    us = sum(seconds for seconds, _ in scored) / max(1, sum(n for _, n in scored)) * 1e6
    return {
        "ours": figures,
        "bytes_per_person": round(rt.pools.registered.nbytes / len(known), 1),
        "start_people_per_second": round(len(known) / took),
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
