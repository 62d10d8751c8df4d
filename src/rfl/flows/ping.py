"""Ask whether a society is there: a letter of no content, whose receipt is the answer."""

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import ledger, outbox


def ping(rt: Runtime, call: Call, peer: str) -> str:
    """Queue a ping that leaves at once; return the envelope's id."""
    letter = Letter(type=LetterType.PING, purpose=Purpose.ADMINISTRATION)
    with rt.begin(call, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = peer
        envelope = post(work, network_of(rt), peer, letter, urgent=True)
        ledger.append(work, reason=LetterType.PING)
    return envelope.header.id


def receipt_of(rt: Runtime, call: Call, envelope_id: str) -> bytes | None:
    """Return the receipt of an envelope that was sent, or None while there is none."""
    with rt.ask(call, Verb.EXCHANGE_SEND) as work:
        work.require()
        return outbox.receipt_of(work, envelope_id)
