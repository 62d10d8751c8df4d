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
from numpy.typing import NDArray

from rfl.domain.masked import Masked
from rfl.domain.person import Person
from rfl.matching.figures import PairFigures, pair_figures
from rfl.matching.groups import EAST_ASIAN, language_of, search_groups, sex_of
from rfl.matching.index import TermIndex
from rfl.matching.many_names import compare_many
from rfl.matching.name_model import FLOOR, name_weights, script_class
from rfl.matching.names import PreparedName, prepare_name
from rfl.matching.rarity import rarity_in
from rfl.matching.rows import Row, person_of
from rfl.matching.scoring import Among, score_many
from rfl.matching.shown import Tally
from rfl.matching.terms import prepare, terms_of

CANDIDATES: Final = 300
AT_ONCE: Final = 4_096
DEPTHS: Final = (1, 10, 50, 200)


class Group:
    """Some searches: the place of each right person, from 1, 0 if nowhere; and the bands."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.tally = Tally()

    def as_json(self) -> dict[str, Any]:
        """`found_at_1` to `found_at_200`, how many searches, and what officers were shown."""
        count = max(1, len(self.places))
        within = {depth: sum(0 < one <= depth for one in self.places) for depth in DEPTHS}
        shares = {f"found_at_{depth}": round(right / count, 4) for depth, right in within.items()}
        return {**shares, "queries": len(self.places), "shown": self.tally.shown()}


@dataclass(frozen=True, slots=True)
class SearchReport:
    """How often the right person was found, in all (`""`) and by group, and the bands.

    `absent` searches have no answer among the people: they have no place, and whomever they find
    is wrong.
    """

    people: int
    absent: int
    groups: Mapping[str, Group]
    p50_ms: float
    p95_ms: float
    bytes_per_person: float

    def as_json(self) -> dict[str, Any]:
        """`found_at_1` to `found_at_200`, `shown`, the same under `group`; bands, times, memory."""
        groups = dict(self.groups)
        whole = groups.pop("", Group())
        return {
            **whole.as_json(),
            "group": {name: group.as_json() for name, group in groups.items()},
            "bands": whole.tally.bands(),
            "p50_ms": round(self.p50_ms, 3),
            "p95_ms": round(self.p95_ms, 3),
            "people": self.people,
            "absent": self.absent,
            "bytes_per_person": round(self.bytes_per_person, 1),
        }


@dataclass(frozen=True, slots=True)
class NamesReport:
    """Figures for labelled name pairs: in all (`""`), by pair of scripts, class of them, and sex.

    A class is how far apart the scripts are, with Chinese, Japanese and Korean apart in `east`.
    """

    figures: Mapping[str, PairFigures]
    classes: Mapping[str, PairFigures]
    sexes: Mapping[str, PairFigures]
    us_per_pair: float
    us_per_name: float

    def as_json(self) -> dict[str, Any]:
        """The figures in all, under `scripts`, `classes`, `sex`; the microseconds that it takes.

        A name is prepared once, whatever it is compared with: `us_per_name` is apart. Both are of
        the thread's own time: what others do on the machine is no cost of a pair.
        """
        named = _as_json(self.figures)
        overall: dict[str, Any] = dict(named.pop("", {}))
        times = {
            "us_per_pair": round(self.us_per_pair, 1),
            "us_per_name": round(self.us_per_name, 1),
        }
        return {
            **overall,
            "scripts": named,
            "classes": _as_json(self.classes),
            "sex": _as_json(self.sexes),
            **times,
        }


def evaluate_search(people: Iterable[Row], queries: Iterable[Row]) -> SearchReport:
    """Search each query among the people.

    Rows have `id`, `names` (texts), and where known `birth` (EDTF) and `sex`; a query also has
    `answers` (ids of people, none if the person is not among them) and `group`.

    The prior supposes that half of those sought are not among the people. So where every query has
    answers, the bands count each search twice: as it is, and without them.
    """
    rows, asked = list(people), list(queries)
    register, row_of = _Register(rows), {str(row["id"]): row for row in rows}
    absent = sum(not query["answers"] for query in asked)
    groups: dict[str, Group] = defaultdict(Group)
    times: list[float] = []
    for query in asked:
        with _timed(times.append):
            found = register.search(person_of(query, 0))
        answers = [str(one) for one in query["answers"]]
        known = [row_of[one] for one in answers if one in row_of]
        for name in ("", *search_groups(query, known)):
            _count(groups[name], found, frozenset(answers), twice=not absent)
    return SearchReport(
        people=len(register.index),
        absent=absent,
        groups=groups,
        p50_ms=float(np.percentile(times or [0.0], 50)) * 1e3,
        p95_ms=float(np.percentile(times or [0.0], 95)) * 1e3,
        bytes_per_person=register.index.nbytes / max(1, len(register.index)),
    )


def evaluate_names(rows: Iterable[Row]) -> NamesReport:
    """Score name pairs by name alone.

    Rows have `label` (1 is the same), `name1` and `name2`, perhaps `script1`, `script2` and `sex`.
    """
    pairs = list(rows)
    took: list[float] = []
    with _timed(took.append, time.thread_time):
        names = [
            (prepare_name(str(row["name1"])), prepare_name(str(row["name2"]))) for row in pairs
        ]
    with _timed(took.append, time.thread_time):
        weights = name_llrs(names)
    labels = np.array([str(row["label"]) == "1" for row in pairs])
    count = max(1, len(pairs))
    return NamesReport(
        figures=_by_group(labels, weights, [["", _scripts(row)] for row in pairs]),
        classes=_by_group(
            labels, weights, [_classes(*pair) for pair in zip(pairs, names, strict=True)]
        ),
        sexes=_by_group(labels, weights, [_sexes(row) for row in pairs]),
        us_per_pair=took[1] / count * 1e6,
        us_per_name=took[0] / count / 2 * 1e6,
    )


def name_llrs(pairs: Sequence[tuple[PreparedName, PreparedName]]) -> NDArray[np.float64]:
    """The weight of each two names; FLOOR where a name has nothing to compare."""
    weights = [
        name_weights([script_class(one.scripts, other.scripts) for one, other in some], found)
        for some, found in _in_parts(pairs)
    ]
    return np.nan_to_num(np.concatenate(weights), nan=FLOOR) if weights else np.zeros(0)


def _in_parts(
    pairs: Sequence[tuple[PreparedName, PreparedName]],
) -> Iterator[tuple[Sequence[tuple[PreparedName, PreparedName]], NDArray[np.float64]]]:
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        yield some, compare_many(some)


class _Register(Masked):
    """The people of an evaluation, indexed under ids made from their numbers."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.index = TermIndex()
        self._people: dict[str, tuple[str, Person]] = {}
        for number, row in enumerate(rows):
            person = person_of(row, number)
            self._people[person.id] = (str(row["id"]), person)
        sealed = [terms_of(prepare(person)).to_bytes() for _, person in self._people.values()]
        self.index.add_many(list(self._people), sealed)
        self.among = Among(len(self.index), rarity_in(self.index))

    def search(self, person: Person) -> list[tuple[str, float]]:
        """The row ids of the candidates with their probabilities, likeliest first."""
        query = prepare(person)
        hits = self.index.search(query, CANDIDATES)
        found = [self._people[key] for key, _rank in hits]
        scores = score_many(query, [prepare(one) for _id, one in found], among=self.among)
        order = [
            (-result.total, -rank, row_id, result.probability)
            for result, (_key, rank), (row_id, _one) in zip(scores, hits, found, strict=True)
        ]
        return [(row_id, probability) for _, _, row_id, probability in sorted(order)]


def _count(
    group: Group, found: Sequence[tuple[str, float]], answers: frozenset[str], *, twice: bool
) -> None:
    group.tally.add((probability, one in answers) for one, probability in found)
    if twice:
        group.tally.add((probability, False) for one, probability in found if one not in answers)
    if answers:
        right = (place for place, (one, _) in enumerate(found, start=1) if one in answers)
        group.places.append(next(right, 0))


def _by_group(
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
    groups: Sequence[Iterable[str]],
) -> dict[str, PairFigures]:
    """The figures of each group that has both labels; a pair may be in several."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, names in enumerate(groups):
        for name in dict.fromkeys(names):
            members[name].append(number)
    found = {name: pair_figures(labels[mine], weights[mine]) for name, mine in members.items()}
    return {name: figures for name, figures in found.items() if figures is not None}


def _as_json(figures: Mapping[str, PairFigures]) -> dict[str, Any]:
    return {name: one.as_json() for name, one in figures.items()}


def _scripts(row: Row) -> str:
    return "/".join(sorted(str(row.get(key) or "") for key in ("script1", "script2"))).strip("/")


def _classes(row: Row, names: tuple[PreparedName, PreparedName]) -> list[str]:
    """The class of scripts that the model knows, and the language within `east`."""
    kind = script_class(names[0].scripts, names[1].scripts)
    language = language_of([str(row["name1"]), str(row["name2"])]) if kind == "east" else ""
    return [kind, language] if language in EAST_ASIAN else [kind]


def _sexes(row: Row) -> list[str]:
    return [sex for sex in [sex_of(row)] if sex]


@contextmanager
def _timed(
    keep: Callable[[float], None], clock: Callable[[], float] = time.perf_counter
) -> Iterator[None]:
    begin = clock()
    yield
    keep(clock() - begin)
