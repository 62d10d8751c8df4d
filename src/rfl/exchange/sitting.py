"""One sitting: what a transaction that takes envelopes in asks for once, and writes at once."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from rfl.exchange.envelope import Envelope
from rfl.exchange.own import OwnKeys
from rfl.storage import direct, in_streams, inbox
from rfl.storage.in_streams import Head
from rfl.storage.inbox import PARKED, Arrived, Taken
from rfl.storage.work import Work


@dataclass(slots=True)
class Sitting:
    """Envelopes of one peer taken in by one transaction; `flush` before it commits.

    What many of them ask for is asked once: the node's own keys, the heads of streams, whether
    anything is parked. What was taken is kept all at once.
    """

    work: Work
    peer: str
    keys: OwnKeys
    reasons: set[str] = field(default_factory=set)
    """Why anything was refused in this sitting."""

    brought_blobs: bool = False

    _heads: dict[int, Head] = field(default_factory=dict)
    _parked: dict[int, int] = field(default_factory=dict)
    _taken: dict[str, Taken] = field(default_factory=dict)
    _arrived: list[Arrived] = field(default_factory=list)
    _has_part: bool = False

    def look(self, envelopes: Sequence[Envelope]) -> None:
        """Hold the streams of these envelopes until the commit, and see which were taken before."""
        streams = {one.header.stream for one in envelopes}
        self._heads = in_streams.hold(self.work, self.peer, streams)
        self._parked = inbox.parked_in(self.work, self.peer, streams)
        known = inbox.taken_among(self.work, [one.header.id for one in envelopes])
        self._taken = {one.id: one for one in known}

    @staticmethod
    def asks(peer: str, envelopes: Sequence[Envelope]) -> list[direct.Words]:
        """Return what `look` asks PostgreSQL, to be asked ahead."""
        streams = {one.header.stream for one in envelopes}
        ids = [one.header.id for one in envelopes]
        held = in_streams.asks(peer, streams)
        return [held, inbox.asks_parked(peer, streams), inbox.asks_taken(ids)]

    def taken(self, envelope_id: str) -> Taken | None:
        """Return what was taken of this id, before or in this sitting."""
        return self._taken.get(envelope_id)

    def head(self, stream: int) -> Head:
        """Return how far a stream has come in this sitting."""
        return self._heads[stream]

    def parked(self, stream: int) -> int:
        """Return how many of a stream wait for what is before them."""
        return self._parked[stream]

    def keep(self, arrived: Arrived) -> None:
        """Keep an envelope with its receipt."""
        self._arrived.append(arrived)
        self._refused(arrived.reason)
        self._taken[arrived.id] = Taken(
            arrived.id,
            arrived.peer,
            arrived.digest,
            arrived.status,
            arrived.receipt,
            arrived.body,
        )
        self._parked[arrived.stream] += arrived.status == PARKED

    def unpark(self, waiting: Taken, stream: int, said: tuple[str, str | None], new: bytes) -> None:
        """Put the receipt of what was dealt with in place of that of a parked envelope."""
        inbox.unpark(self.work, waiting.id, *said, new)
        self._refused(said[1])
        body = None
        self._taken[waiting.id] = replace(waiting, status=said[0], receipt=new, body=body)
        self._parked[stream] -= 1

    def _refused(self, reason: str | None) -> None:
        if reason is not None:
            self.reasons.add(reason)

    def part(self) -> AbstractContextManager[None]:
        """What fails in this block leaves no trace, and the sitting goes on."""
        behind, self._has_part = self._has_part, True
        return direct.part(self.work.connection, behind=behind)

    def move(self, stream: int, head: Head) -> None:
        """Say that a stream has come further."""
        self._heads[stream] = head

    def flush(self) -> None:
        """Write what was taken, and how far the streams have come."""
        moved = {one.stream for one in self._arrived if one.status != PARKED}
        with direct.together(self.work.connection):
            inbox.keep_all(self.work, self._arrived)
            in_streams.move(self.work, self.peer, {one: self._heads[one] for one in sorted(moved)})
        self._arrived.clear()
