"""Tell peers of new keys, and learn of theirs: a key that is known must have signed the rest."""

from collections.abc import Callable
from contextlib import suppress

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, InvalidInput
from rfl.exchange import own
from rfl.exchange.encoding import to_text
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import callable_peers, post, take_descriptor, trusted_peers
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import ledger

Fetch = Callable[[str], bytes]
"""Fetches the descriptor at a node's base address, or raises InvalidInput."""


def notice_keys(rt: Runtime, call: Call = OFFICE_CALL) -> int:
    """Make, rotate and destroy the node's keys by their calendar, and tell trusted peers.

    Keys, descriptor and letters are one transaction. Return how many keys have changed.
    """
    network = network_of(rt)
    with rt.begin(call, Verb.EXCHANGE_KEYS) as work:
        work.require()
        changed = own.renew(work, network)
        if not changed:
            return 0
        document = to_text(own.published(work, network).to_bytes())
        notice = Letter(
            type=LetterType.KEY_NOTICE,
            purpose=Purpose.ADMINISTRATION,
            data={"descriptor": document},
        )
        for peer in trusted_peers(work, network):
            with suppress(BadEnvelope):  # no current key of theirs: they will fetch ours
                post(work, network, peer.code, notice)
        ledger.append(work, count=changed)
    return changed


def replace_keys(rt: Runtime, call: Call) -> int:
    """End keys that may be in other hands, and make new ones; return how many.

    Peers learn of it by fetching the descriptor, within the hour: calls by an ended key they
    refuse from then on, and by the new one they know it not before. What was sealed to the old
    ones is still opened until the calendar destroys them.
    """
    network = network_of(rt)
    with rt.begin(call, Verb.EXCHANGE_KEYS) as work:
        work.require()
        count = own.replace(work, network)
        ledger.append(work, count=count, reason="replaced")
    return count


def refresh_peers(rt: Runtime, fetch: Fetch) -> int:
    """Fetch the descriptor of each trusted peer; return how many are newer and were believed."""
    with rt.ask(OFFICE_CALL, Verb.PEER_READ) as work:
        known = callable_peers(work, network_of(rt))
    done = 0
    for peer in known:
        with suppress(InvalidInput, BadEnvelope):
            done += _refreshed(rt, peer.code, fetch(peer.base_url))
    return done


def _refreshed(rt: Runtime, code: str, raw: bytes) -> bool:
    with rt.begin(OFFICE_CALL, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = code
        changed = take_descriptor(work, code, raw)
        if changed:
            ledger.append(work, reason="refreshed")
    return changed
