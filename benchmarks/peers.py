"""What others offer for the same search, on the same people in plaintext.

All but Splink get names in Latin letters by `anyascii`, since their trigrams and distances know no
other script, and equals are put in the order of how near the year of birth is. Splink gets what its
manual asks for: own and family name apart, year and sex, with a model that it fits on these people.
"""

import importlib
import importlib.util
import itertools
import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import psycopg
from anyascii import anyascii
from rapidfuzz import fuzz, process

from benchmarks.crowd import Known

FOUND_AT: Final = 200
Search = Callable[[Known], Sequence[int]]
"""From a person with errors to the numbers of at most FOUND_AT people, the likeliest first."""


def latin(name: str) -> str:
    """A name in small Latin letters."""
    return anyascii(name).lower()


@contextmanager
def pg_trgm(known: Sequence[Known]) -> Iterator[Search]:
    """PostgreSQL's trigrams with a GIN index and the settings that it is shipped with."""
    server = importlib.import_module("pgserver")
    with tempfile.TemporaryDirectory(prefix="rfl-bench-pg-") as folder:
        running = server.get_server(folder, cleanup_mode="delete")
        try:
            with psycopg.connect(running.get_uri(), autocommit=True) as connection:
                _fill_postgres(connection, known)
                yield lambda wanted: _asked_postgres(connection, wanted)
        finally:
            running.cleanup()


def _fill_postgres(connection: psycopg.Connection[Any], known: Sequence[Known]) -> None:
    connection.execute("CREATE EXTENSION pg_trgm")
    connection.execute("CREATE TABLE people (number int, name text, year int)")
    with connection.cursor().copy("COPY people FROM STDIN") as rows:
        for number, one in enumerate(known):
            rows.write_row((number, latin(one.name), one.year))
    connection.execute("CREATE INDEX ON people USING gin (name gin_trgm_ops)")
    connection.execute("VACUUM ANALYZE people")


def _asked_postgres(connection: psycopg.Connection[Any], wanted: Known) -> list[int]:
    name = latin(wanted.name)
    found = connection.execute(
        "SELECT number FROM people WHERE name %% %s"
        " ORDER BY similarity(name, %s) DESC, abs(year - %s) LIMIT %s",
        (name, name, wanted.year, FOUND_AT),
    )
    return [number for (number,) in found]


@contextmanager
def fts5(known: Sequence[Known]) -> Iterator[Search]:
    """SQLite's FTS5 with trigrams, in memory."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE people USING fts5(name, year UNINDEXED, tokenize='trigram')"
    )
    rows = ((number, latin(one.name), one.year) for number, one in enumerate(known))
    connection.executemany("INSERT INTO people(rowid, name, year) VALUES (?, ?, ?)", rows)
    asked = (
        "SELECT rowid FROM people WHERE people MATCH ? ORDER BY bm25(people), abs(year - ?) LIMIT ?"
    )

    def search(wanted: Known) -> list[int]:
        name = latin(wanted.name).replace('"', "")
        grams = {name[at : at + 3] for at in range(len(name) - 2)}
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        return [row[0] for row in connection.execute(asked, (match, wanted.year, FOUND_AT))]

    yield search
    connection.close()


@contextmanager
def rapidfuzz(known: Sequence[Known]) -> Iterator[Search]:
    """`process.extract` over all names."""
    names = [latin(one.name) for one in known]
    years = [one.year for one in known]

    def search(wanted: Known) -> list[int]:
        found = process.extract(
            latin(wanted.name), names, scorer=fuzz.token_sort_ratio, limit=2 * FOUND_AT
        )
        found.sort(key=lambda one: (-one[1], abs(years[one[2]] - wanted.year)))
        return [number for _name, _score, number in found[:FOUND_AT]]

    yield search


@contextmanager
def splink(known: Sequence[Known]) -> Iterator[Search]:
    """Splink on DuckDB: one new record against all, blocked on name parts and the year.

    How often strangers agree is estimated from these people; they hold no pair of one person to
    estimate the rest from, so there Splink's own expectations stay.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = importlib.import_module("duckdb").connect()
    api = importlib.import_module("splink.backends.duckdb").DuckDBAPI(connection)
    people = api.register(_columns(known), dataset_display_name="people")
    linker = _linker(people)
    asked = itertools.count()

    def search(wanted: Known) -> list[int]:
        new = api.register(_columns([wanted]), dataset_display_name=f"asked_{next(asked)}")
        found = linker.inference.predict_between(new, people, link_type="link_only")
        best = f"SELECT * FROM {found.physical_name} ORDER BY match_weight DESC LIMIT {FOUND_AT}"  # noqa: S608
        rows = connection.sql(best).to_arrow_table().to_pylist()
        found.drop_table_from_database_and_remove_from_cache()
        return [row["unique_id_r"] for row in rows]

    yield search
    connection.close()


def _columns(known: Sequence[Known]) -> Any:
    parts = [latin(one.name).split() for one in known]
    columns = {
        "unique_id": list(range(len(known))),
        "own": [some[0] for some in parts],
        "family": [some[-1] for some in parts],
        "year": [one.year for one in known],
        "sex": [one.sex for one in known],
    }
    return importlib.import_module("pyarrow").table(columns)


def _linker(people: Any) -> Any:
    """A linker whose comparisons and blocks are those of Splink's manual for persons."""
    splink = importlib.import_module("splink")
    compare = importlib.import_module("splink.comparison_library")
    block = splink.block_on
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.ForenameSurnameComparison("own", "family"),
            compare.ExactMatch("year"),
            compare.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=[
            block("own", "year"),
            block("family", "year"),
            block("own", "family"),
            "l.own = r.family AND l.year = r.year",
            "l.family = r.own AND l.year = r.year",
        ],
    )
    linker = splink.Linker(people, settings, log_level=None)
    for column in ("own", "family"):
        linker.table_management.compute_tf_table(column)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
    return linker


def missing(names: Sequence[str]) -> dict[str, str]:
    """Why a peer cannot be asked here: its package is not installed."""
    return {
        name: f"the package of {package} is not installed"
        for name, package in (("pg_trgm", "pgserver"), ("splink", "splink"))
        if name in names and importlib.util.find_spec(package) is None
    }


PEERS: Final[Mapping[str, Callable[[Sequence[Known]], AbstractContextManager[Search]]]] = {
    "pg_trgm": pg_trgm,
    "fts5": fts5,
    "rapidfuzz": rapidfuzz,
    "splink": splink,
}
