"""Everyone who may be matched, in memory: terms in, the likeliest candidates out.

Threads: one lock orders the writers, another guards what readers see and is held for moments only.
A search takes the segments of one moment and works on them without a lock, so it never waits for
a merge. Whoever was removed is in no search that starts after `remove` returned.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.block import Block, Rows
from rfl.matching.counted import Counted
from rfl.matching.keys import Keys, joined, pack_key, pack_keys, unpack_keys
from rfl.matching.query import Query, query_of
from rfl.matching.ranking import Worth, finalists
from rfl.matching.segment import Floats, Segment, build, merge
from rfl.matching.terms import Prepared, StaleTerms, is_current, mark

PENDING_LIMIT: Final = 512
BATCH: Final = 16_384
FINALISTS: Final = 3
"""How many times as many as are wanted are ranked by all their terms."""
MOST_FOLLOWED: Final = 200_000
_LEVEL: Final = 3
_GROWTH: Final = 3
_MOST_DEAD: Final = 0.25
_MOST_APART: Final = 0.25


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom a search may mean: the id, the rank, and the sketch."""

    key: str
    rank: float
    sketch: bytes = field(repr=False)


class TermIndex:
    """An index of terms by record id: hashes, sexes, years of birth, and sketches to score by."""

    def __init__(self) -> None:
        self._writing = Lock()
        self._seen = Lock()
        self._segments: tuple[Segment, ...] = ()
        self._pending: dict[str, bytes] = {}
        self._tail: Segment | None = None
        self._counted = Counted()

    def __len__(self) -> int:
        with self._seen:
            return sum(part.living for part in self._segments) + len(self._pending)

    def __contains__(self, key: str) -> bool:
        with self._seen:
            if key in self._pending:
                return True
            segments = self._segments
        return _find(segments, key) is not None

    @property
    def nbytes(self) -> int:
        """The bytes held: exact for the arrays, estimated for the few that were just added."""
        with self._seen:
            small = sum(len(one) + 200 for one in self._pending.values())
            tail = self._tail.nbytes if self._tail else 0
            return sum(part.nbytes for part in self._segments) + small + tail

    def add(self, key: str, terms: bytes) -> None:
        """Add a person or replace its terms; raises StaleTerms for those of another version."""
        self.add_many([key], [terms])

    def add_many(self, keys: Sequence[str], terms: Sequence[bytes]) -> None:
        """Add or replace people; of a key given twice the last counts. All of them or none."""
        latest = dict(zip(keys, terms, strict=True))
        if not all(map(is_current, latest.values())):
            raise StaleTerms
        packed = pack_keys(tuple(latest))
        with self._writing:
            self._forget_any(latest, packed)
            if len(self._pending) + len(latest) <= PENDING_LIMIT:
                with self._seen:
                    self._pending.update(latest)
                    self._tail = None
            else:
                everyone = self._pending | latest
                self._fold(pack_keys(tuple(everyone)), Block.of(list(everyone.values())))

    def add_block(self, keys: Sequence[str], block: Block) -> None:
        """Add or replace many people whose keys all differ; raises StaleTerms."""
        if len(keys) <= PENDING_LIMIT:
            self.add_many(keys, block.separate())
            return
        if not (block.is_of(*mark()) and block.are_whole()):
            raise StaleTerms
        packed = pack_keys(keys)
        fresh = build(packed, block)
        with self._writing:
            self._forget_any(keys, packed)
            with self._seen:
                segments = self._segments
            level = [part for part in segments if len(part) < 2 * len(fresh)]
            if len(level) >= _LEVEL:
                segments = tuple(part for part in segments if len(part) >= 2 * len(fresh))
                fresh = merge([*level, fresh])
            with self._seen:
                self._segments = (*segments, fresh)

    def add_segment(self, fresh: Segment) -> None:
        """Add or replace the people of a part that another process has built."""
        with self._writing:
            if self._pending or any(part.might_hold(fresh.keys) for part in self._segments):
                for key in unpack_keys(fresh.keys):
                    self._forget(key)
            with self._seen:
                self._segments = (*self._segments, fresh)

    def settle(self) -> bool:
        """Merge what a start or many changes left in parts: a search asks each part apart.

        True if there was something to merge.
        """
        with self._writing:
            parts = self._segments
            people = sum(map(len, parts))
            apart = people - max(map(len, parts), default=0) > _MOST_APART * people
            if apart:
                merged = merge(parts)
                with self._seen:
                    self._segments = (merged,)
            return apart

    def counts(self, terms: Sequence[int]) -> NDArray[np.int64]:
        """How many people have each term; those removed of late may still count."""
        segments, tail = self._moment()
        counted = self._counted
        if not counted.is_of(segments):
            counted = self._counted = Counted(segments)
        found = counted.counts(terms)
        if tail is not None:
            found += tail.counts(np.array(terms, dtype=np.uint32))[1]
        return found

    def remove(self, key: str) -> bool:
        """Take a person out at once; False if it was not there."""
        with self._writing:
            return self._forget(key)

    def search(
        self, query: Prepared | Query, limit: int, exclude: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """The `limit` likeliest ids with their rank, best first; ties in the order of ids."""
        return [(one.key, one.rank) for one in self.candidates(query, limit, exclude)]

    def candidates(
        self, query: Prepared | Query, limit: int, exclude: Collection[str] = ()
    ) -> list[Found]:
        """The same with their sketches, by which they can be scored without opening them."""
        wanted = query if isinstance(query, Query) else query_of(query)
        parts = self._readable()
        if limit <= 0 or not wanted.terms or not parts:
            return []
        count = limit + len(exclude)
        best = _finalists(parts, wanted, FINALISTS * count)
        places = [(part, row) for part, rows, _ranks in best for row in rows.tolist()]
        keys = joined([part.keys.of(rows) for part, rows, _ranks in best])
        ranks = np.concatenate([ranks for _part, _rows, ranks in best])
        order = np.lexsort((keys.lows, keys.highs, -ranks))[:count]
        named = zip(order.tolist(), unpack_keys(keys.of(order)), ranks[order].tolist(), strict=True)
        kept = [(place, key, rank) for place, key, rank in named if key not in exclude][:limit]
        return [Found(key, rank, _sketch(places[place])) for place, key, rank in kept]

    def _readable(self) -> tuple[Segment, ...]:
        """The segments of this moment, with what was just added as the last of them."""
        segments, tail = self._moment()
        return segments if tail is None else (*segments, tail)

    def _moment(self) -> tuple[tuple[Segment, ...], Segment | None]:
        """The segments, and what was just added as one more."""
        with self._seen:
            if self._pending and self._tail is None:
                terms = Block.of(list(self._pending.values()))
                self._tail = build(pack_keys(tuple(self._pending)), terms)
            return self._segments, self._tail

    def _forget(self, key: str) -> bool:
        with self._seen:
            if self._pending.pop(key, None) is not None:
                self._tail = None
                return True
        found = _find(self._segments, key)
        if found is None:
            return False
        part, row = found
        part.alive[row] = False
        if part.living < len(part) * (1 - _MOST_DEAD):
            self._shrink(part)
        return True

    def _shrink(self, part: Segment) -> None:
        """Write a segment anew without those who were removed."""
        rest = [one for one in self._segments if one is not part]
        kept = [merge([part])] if part.living else []
        with self._seen:
            self._segments = (*kept, *rest)

    def _forget_any(self, keys: Collection[str], packed: Keys) -> None:
        if self._pending or any(part.might_hold(packed) for part in self._segments):
            for key in keys:
                self._forget(key)

    def _fold(self, keys: Keys, block: Block) -> None:
        """Turn these people into segments, merging those that are not much larger."""
        segments = list(self._segments)
        for start in range(0, len(keys), BATCH):
            chosen = np.arange(start, min(start + BATCH, len(keys)))
            fresh = build(keys.of(chosen), block.part(start, start + BATCH))
            alike = [part for part in segments if len(part) < _GROWTH * len(fresh)]
            while alike:
                segments = [part for part in segments if not any(part is one for one in alike)]
                fresh = merge([*alike, fresh])
                alike = [part for part in segments if len(part) < _GROWTH * len(fresh)]
            segments.append(fresh)
        with self._seen:
            self._segments = tuple(segments)
            self._pending = {}
            self._tail = None


def _sketch(place: tuple[Segment, int]) -> bytes:
    part, row = place
    return part.sketch(row)


def _find(segments: Sequence[Segment], key: str) -> tuple[Segment, int] | None:
    packed = pack_key(key)
    for part in segments:
        row = part.row_of(packed)
        if row is not None:
            return part, row
    return None


def _finalists(
    parts: Sequence[Segment], query: Query, count: int
) -> list[tuple[Segment, Rows, Floats]]:
    """The likeliest of all segments; how rare a term is counts over all of them."""
    terms = np.array(query.terms, dtype=np.uint32)
    spans = [part.counts(terms) for part in parts]
    frequency = sum(
        (counts.astype(np.int64) for _, counts in spans), np.zeros(len(terms), np.int64)
    )
    worth = _worth(query.terms, frequency, sum(len(part) for part in parts))
    met = [
        {query.terms[one]: (int(begins[one]), int(counts[one])) for one in np.flatnonzero(counts)}
        for begins, counts in spans
    ]
    return finalists(parts, query, met, worth, count)


def _worth(terms: Sequence[int], frequency: NDArray[np.int64], people: int) -> Worth:
    """Follow the rarest terms, as many as MOST_FOLLOWED people in sum allow."""
    order = np.argsort(frequency, kind="stable")
    followed = order[np.cumsum(frequency[order]) <= MOST_FOLLOWED]
    counted = zip(terms, frequency.tolist(), strict=True)
    rarity = {term: math.log1p(people / count) for term, count in counted if count}
    least = order[np.flatnonzero(frequency[order])[:1]]  # One term is followed, however frequent.
    return Worth(rarity, frozenset(terms[one] for one in (*followed, *least)))
