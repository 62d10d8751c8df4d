"""Measures the matcher on labelled data. Pure: rows in, figures out; the caller reads the files.

A search here is what an officer's search is: prepare the query, find candidates, prepare and
score each of them, put them in order.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from rfl.domain.dates import PartialDate, parse_date
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.domain.person import Name, Person, Sex
from rfl.errors import InvalidInput
from rfl.matching.features import compare_names
from rfl.matching.figures import PairFigures, pair_figures
from rfl.matching.index import TermIndex
from rfl.matching.name_model import FLOOR, name_weight, script_class
from rfl.matching.names import prepare_name
from rfl.matching.scoring import score
from rfl.matching.terms import prepare, terms_of

CANDIDATES: Final = 300
DEPTHS: Final = (1, 10, 50, 200)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchReport:
    """Shares of queries whose right person came within a depth, in all (`""`) and by group."""

    people: int
    queries: int
    found: Mapping[str, Mapping[int, float]]
    p50_ms: float
    p95_ms: float
    bytes_per_person: float

    def as_json(self) -> dict[str, Any]:
        """`found_at_1` to `found_at_200`, the same under `group`, times, and memory."""
        shares = {name: _named(depths) for name, depths in self.found.items()}
        return {
            **shares.pop("", {}),
            "group": shares,
            "p50_ms": round(self.p50_ms, 3),
            "p95_ms": round(self.p95_ms, 3),
            "people": self.people,
            "queries": self.queries,
            "bytes_per_person": round(self.bytes_per_person, 1),
        }


@dataclass(frozen=True, slots=True)
class NamesReport:
    """Figures for labelled name pairs, in all (`""`) and by pair of scripts."""

    figures: Mapping[str, PairFigures]
    us_per_pair: float

    def as_json(self) -> dict[str, Any]:
        """The figures in all, the same under `scripts`, and the microseconds a pair."""
        named = {name: figures.as_json() for name, figures in self.figures.items()}
        overall: dict[str, Any] = dict(named.pop("", {}))
        return {**overall, "scripts": named, "us_per_pair": round(self.us_per_pair, 1)}


def evaluate_search(people: Iterable[Row], queries: Iterable[Row]) -> SearchReport:
    """Search each query among the people.

    Rows have `id`, `names` (texts), and where known `birth` (EDTF) and `sex`; a query also has
    `answers` (ids of people) and `group`.
    """
    register = _Register(people)
    places: dict[str, list[int]] = defaultdict(list)
    times: list[float] = []
    for row in queries:
        with _timed(times.append):
            found = register.search(_person(row, 0))
        place = _place(found, frozenset(row["answers"]))
        places[""].append(place)
        if row.get("group"):
            places[str(row["group"])].append(place)
    return SearchReport(
        people=len(register.index),
        queries=len(places[""]),
        found={name: _shares(ranked) for name, ranked in places.items()},
        p50_ms=float(np.percentile(times or [0.0], 50)) * 1e3,
        p95_ms=float(np.percentile(times or [0.0], 95)) * 1e3,
        bytes_per_person=register.index.nbytes / max(1, len(register.index)),
    )


def evaluate_names(rows: Iterable[Row]) -> NamesReport:
    """Score name pairs by name alone. Rows have `label` (1 is the same), `name1` and `name2`."""
    pairs = list(rows)
    times: list[float] = []
    by_scripts: dict[str, tuple[list[bool], list[float]]] = defaultdict(lambda: ([], []))
    for row in pairs:
        with _timed(times.append):
            weight = _pair_weight(str(row["name1"]), str(row["name2"]))
        for name in dict.fromkeys(("", _scripts(row))):
            labels, weights = by_scripts[name]
            labels.append(str(row["label"]) == "1")
            weights.append(weight)
    figures = {name: pair_figures(*columns) for name, columns in by_scripts.items()}
    return NamesReport(
        figures={name: found for name, found in figures.items() if found is not None},
        us_per_pair=sum(times) / max(1, len(times)) * 1e6,
    )


class _Register(Masked):
    """The people of an evaluation, indexed under ids made from their numbers."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.index = TermIndex()
        self._people: dict[str, tuple[str, Person]] = {}
        for number, row in enumerate(rows):
            person = _person(row, number)
            self._people[person.id] = (str(row["id"]), person)
        sealed = [terms_of(prepare(person)).to_bytes() for _, person in self._people.values()]
        self.index.add_many(list(self._people), sealed)

    def search(self, person: Person) -> list[str]:
        """The row ids of the candidates, likeliest first."""
        query = prepare(person)
        scored = []
        for key, rank in self.index.search(query, CANDIDATES):
            row_id, candidate = self._people[key]
            scored.append((-score(query, prepare(candidate)).total, -rank, row_id))
        return [row_id for _, _, row_id in sorted(scored)]


def _person(row: Row, number: int) -> Person:
    return Person(
        id=PersonId("per_" + _numbered(number)),
        names=tuple(Name(text) for text in row["names"]),
        sex=Sex(row.get("sex") or "unknown"),
        birth=_birth(row.get("birth")),
    )


def _birth(text: str | None) -> PartialDate | None:
    """A date that cannot be read is unknown, as in a list with a bad cell."""
    if not text:
        return None
    try:
        return parse_date(text)
    except InvalidInput:
        return None


def _numbered(number: int) -> str:
    """A number as the 26 letters of an id, its last digits first so that ids spread."""
    return f"{number:012d}"[::-1].ljust(26, "0")


def _place(found: Sequence[str], answers: frozenset[str]) -> int:
    """At which place the first right person came, from 1; 0 if nowhere."""
    return next((place for place, one in enumerate(found, start=1) if one in answers), 0)


def _shares(places: Sequence[int]) -> dict[int, float]:
    return {
        depth: sum(0 < place <= depth for place in places) / max(1, len(places)) for depth in DEPTHS
    }


def _named(depths: Mapping[int, float]) -> dict[str, float]:
    return {f"found_at_{depth}": round(share, 4) for depth, share in depths.items()}


def _pair_weight(left: str, right: str) -> float:
    one, other = prepare_name(left), prepare_name(right)
    found = compare_names(one, other)
    return FLOOR if found is None else name_weight(script_class(one.scripts, other.scripts), found)


def _scripts(row: Row) -> str:
    return "/".join(sorted(str(row.get(key) or "") for key in ("script1", "script2"))).strip("/")


@contextmanager
def _timed(keep: Callable[[float], None]) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    keep(time.perf_counter() - begin)
