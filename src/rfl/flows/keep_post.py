"""Keep the post in order: show what is late or has ended, forget what is over.

A clock that was ahead and was set back has left letters for a time that is far away: they leave at
the next tick.
"""

from collections.abc import Mapping
from typing import Final

from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.exchange import hop
from rfl.exchange.post import descriptor_of, next_tick
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import alarms, blob_sends, blobs, inbox, ledger, outbox, peers, post_queries
from rfl.storage.outbox import OutState
from rfl.storage.peers import PeerRow
from rfl.storage.work import Work, from_micros

DAY: Final = 86_400 * 1_000_000
UNCLAIMED_DAYS: Final = 30
"""So long a blob waits for the envelope that names it, which may be parked for as long."""

OVER = "introduction-over"
OVERDUE, EXPIRED = "peer-overdue", "letter-expired"


def keep_post(rt: Runtime) -> int:
    """Do all of it; return how many peers something waits for past its time.

    A peer for whom something has waited for a day is an alarm, and one for whom a letter has ended
    undelivered is another: nothing is given up in silence.
    """
    network = network_of(rt)
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        wrong = {OVERDUE: outbox.overdue(work, work.micros - DAY), EXPIRED: outbox.ended(work)}
        inbox.forget_nonces(work, work.micros - 2 * hop.WINDOW_SECONDS * 1_000_000)
        outbox.bring_forward(work, next_tick(work.micros, network.tick_seconds))
        for row in peers.every(work):
            for code, late in wrong.items():
                _say(work, code, row.code, wrong=row.code in late)
            theirs = descriptor_of(row.descriptor).limits.backup_days * DAY
            both = theirs + network.limits.backup_days * DAY
            outbox.forget_bodies(work, row.code, work.micros - theirs)
            inbox.forget(work, row.code, work.micros - both)
            _let_go(work, row.code)
        for code in peers.end_introductions(work):
            alarms.sound(work, OVER, code)
        if gone := blobs.remove_unclaimed(work, work.micros - UNCLAIMED_DAYS * DAY):
            ledger.append(work, count=gone, reason="unclaimed")
    return len({peer for late in wrong.values() for peer in late})


def count_post(rt: Runtime) -> list[dict[str, object]]:
    """Return for each peer its state, when it was heard, and how many letters are in which state.

    Nothing of a letter is opened.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        found = outbox.counts(work)
        rows = peers.every(work)
    return [_counted(row, found) for row in rows]


def _let_go(work: Work, peer: str) -> None:
    """Remove the blobs of envelopes that the peer will not ask for again."""
    kept = {one.envelope for one in blob_sends.of_peer(work, peer)}
    over = [one.envelope.id for one in post_queries.sent(work, kept) if not one.envelope.body]
    if over:
        blob_sends.forget(work, over)
        ledger.append(work, count=blobs.let_go(work, over), reason="blobs-over")


def _counted(row: PeerRow, found: Mapping[tuple[str, str], int]) -> dict[str, object]:
    facts: dict[str, object] = {"peer": row.code, "state": row.state.value}
    facts["heard_at"] = row.heard_at and written_time(from_micros(row.heard_at))
    return facts | {state.value: found.get((row.code, state), 0) for state in OutState}


def _say(work: Work, code: str, peer: str, *, wrong: bool) -> None:
    if wrong:
        alarms.sound(work, code, peer, once=True)
    else:
        alarms.end(work, code, peer)
