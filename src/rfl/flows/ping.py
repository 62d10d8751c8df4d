"""Ask whether a society is there: a letter of no content, whose receipt is the answer."""

import os
from collections.abc import Iterator
from typing import Final

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange.attachments import attach
from rfl.exchange.letter import Attachment, Letter, LetterType
from rfl.exchange.post import post
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import ledger, post_queries

_CHUNK: Final = 65_536


def ping(rt: Runtime, call: Call, peer: str, *, attached: int = 0) -> str:
    """Queue a ping that leaves at once; return the envelope's id.

    With `attached` random bytes as an attachment, which the peer opens and drops: so it becomes
    known whether one of this size gets through.
    """
    network = network_of(rt)
    with rt.begin(call, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = peer
        named: tuple[Attachment, ...] = ()
        if attached:
            content = _noise(attached)
            named = (attach(work, network, peer, content, attached, "application/octet-stream"),)
        letter = Letter(type=LetterType.PING, purpose=Purpose.ADMINISTRATION, attachments=named)
        envelope = post(work, network, peer, letter, urgent=True)
        ledger.append(work, reason=LetterType.PING)
    return envelope.header.id


def receipt_of(rt: Runtime, call: Call, envelope_id: str) -> bytes | None:
    """Return the receipt of an envelope that was sent, or None while there is none."""
    with rt.ask(call, Verb.EXCHANGE_SEND) as work:
        work.require()
        return post_queries.receipt_of(work, envelope_id)


def _noise(size: int) -> Iterator[bytes]:
    for start in range(0, size, _CHUNK):
        yield os.urandom(min(_CHUNK, size - start))
