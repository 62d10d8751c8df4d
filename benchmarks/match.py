"""Searches among many people: `python -m benchmarks.match --people 100000 --json`.

Ours is a node's own search on its sealed store: it starts from it, and a search goes from the terms
over candidates scored in memory and ten opened people, with their entry in the log, to explained
scores. Beside it, on the same people in plaintext and with the same searches, PostgreSQL's pg_trgm,
SQLite's FTS5 with trigrams, `rapidfuzz.process.extract` and Splink. A peer whose package is not
installed (`requirements-bench.txt`) is null, with the reason under `missing`.
"""

import argparse
import gc
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from benchmarks import lists, sealed
from benchmarks.crowd import Asked, Known, asked, crowd
from benchmarks.peers import FOUND_AT, PEERS, Search, missing
from benchmarks.report import Report, percentile
from rfl.flows import register
from rfl.flows.follow import load_pools
from rfl.flows.runtime import Runtime
from rfl.flows.search import search
from rfl.matching.explain import sentence
from rfl.matching.meeting import TARGETS
from rfl.matching.pools import Pool
from rfl.matching.prepared import from_sketch, prepare
from rfl.matching.scoring import weigh_many

QUERIES: Final = 200
WARMING: Final = 500
"""Other searches before the clock runs: the caches are then as in a node that has been up."""

FEW: Final = {"rapidfuzz": 20, "splink": 20}
"""How many searches those get that take long for each."""

MOST_FOR_SPLINK: Final = 100_000
SLOW: Final = f"left out above {MOST_FOR_SPLINK:,} people: it takes seconds for each search"


def run(count: int) -> dict[str, Any]:
    """The figures of one size, under the names of the issue."""
    known = crowd(count)
    queries = asked(known, QUERIES)
    with _sealed(known) as (rt, records):
        warming = asked(known, WARMING, seed=12)
        figures = {"people": count, **_ours(rt, records, queries, warming)}
    absent = missing(tuple(PEERS))
    if count > MOST_FOR_SPLINK:
        absent.setdefault("splink", SLOW)
    for name, peer in PEERS.items():
        figures[name] = None
        if name not in absent:
            with peer(known) as found:
                figures[name] = _measured(found, queries[: FEW.get(name, QUERIES)])
    return figures | {"missing": absent}


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


@contextmanager
def _sealed(known: Sequence[Known]) -> Iterator[tuple[Runtime, list[str]]]:
    """A node whose store holds these people, and their records."""
    with lists.node() as rt:
        yield rt, sealed.fill(rt, known)


def _ours(
    rt: Runtime, records: Sequence[str], queries: Sequence[Asked], warming: Sequence[Asked]
) -> dict[str, object]:
    """The start from the sealed store, then searches that open sealed candidates."""
    began, busy = time.perf_counter(), time.thread_time()
    load_pools(rt)
    took, opening = time.perf_counter() - began, time.thread_time() - busy
    if len(rt.pools) != len(records):
        raise RuntimeError("the index is not whole")
    rt.pools.settle()  # As the follower does once it finds nothing more to follow.
    gc.collect()
    gc.freeze()  # As `rfl serve` does once it is up.
    intake = register.open_intake(rt, lists.OFFICER).id

    def searched(one: Asked) -> None:
        for hit in search(rt, lists.OFFICER, intake, sealed.person_of(one.query)):
            for reason in hit.score.contributions:
                sentence(reason)

    for one in warming:
        searched(one)
    times, computed = [], []
    for one in queries:
        began, busy = time.perf_counter(), time.process_time()
        searched(one)
        times.append((time.perf_counter() - began) * 1e3)
        computed.append((time.process_time() - busy) * 1e3)
    found = [records[one.right] in _candidates(rt, one) for one in queries]
    return {
        "ours": _figures(times, sum(found) / len(found))
        | {
            "cpu_p50_ms": round(percentile(computed, 0.5), 2),
            "cpu_p95_ms": round(percentile(computed, 0.95), 2),
        },
        "bytes_per_person": round(rt.pools.registered.nbytes / len(records), 1),
        "start_people_per_second": round(len(records) / took),
        "start_opening_cpu_us": round(opening / len(records) * 1e6, 2),
        **_scoring(rt, queries),
    }


def _candidates(rt: Runtime, one: Asked) -> list[str]:
    query = prepare(sealed.person_of(one.query))
    return [found.record for found in rt.pools.find(Pool.REGISTERED, query, FOUND_AT, but="")]


def _scoring(rt: Runtime, queries: Sequence[Asked]) -> dict[str, float]:
    """What a pair costs when a search is scored, and when somebody is compared anew.

    By the thread's own time: what others do on the machine is no cost of a pair.
    """
    among = rt.pools.among()
    reading = scoring = pairs = 0.0
    for one in queries:
        query = prepare(sealed.person_of(one.query))
        found = rt.pools.find(Pool.REGISTERED, query, FOUND_AT, but="")
        began = time.thread_time()
        candidates = [from_sketch(candidate.sketch) for candidate in found]
        read = time.thread_time()
        weigh_many(query, candidates, among)
        scoring += time.thread_time() - read
        reading += read - began
        pairs += len(found)
    return {
        "us_per_pair": round(scoring / pairs * 1e6, 1),
        "us_per_candidate_read": round(reading / pairs * 1e6, 1),
        "rematch_pairs_per_second": round(_rematch(rt, queries)),
    }


def _rematch(rt: Runtime, queries: Sequence[Asked]) -> float:
    """Pairs a second when everybody is compared anew, candidates and all, on one core."""
    among = rt.pools.among()
    limit = TARGETS[Pool.SOUGHT][Pool.REGISTERED]
    pairs, began = 0, time.thread_time()
    for one in queries:
        query = prepare(sealed.person_of(one.query))
        found = rt.pools.find(Pool.REGISTERED, query, limit, but="")
        pairs += len(weigh_many(query, [from_sketch(one.sketch) for one in found], among))
    return pairs / (time.thread_time() - began)


def _measured(found: Search, queries: Sequence[Asked]) -> dict[str, float]:
    times, hits = [], 0
    for one in queries:
        began = time.perf_counter()
        numbers = found(one.query)
        times.append((time.perf_counter() - began) * 1e3)
        hits += one.right in numbers
    return _figures(times, hits / len(queries))


def _figures(times: Sequence[float], found: float) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(times, 0.5), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "found_at_200": round(found, 4),
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
