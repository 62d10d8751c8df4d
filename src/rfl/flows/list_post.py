"""List what passed between this node and a peer, so that both sides can be compared.

Ids, digests and the words of receipts alone: nothing of a letter, a case or a person.
"""

from rfl.audit.compare import Passed
from rfl.domain.access import Verb
from rfl.domain.decoding import converted
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import inbox, peers, post_queries
from rfl.storage.work import from_micros


def list_post(rt: Runtime, peer: str) -> list[Passed]:
    """Return every envelope that is kept, sent and received, or raise NotFound for a stranger."""
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        peers.load(work, peer)
        sent = post_queries.passed(work, peer)
        received = inbox.passed(work, peer)
    return [
        *(_passed("sent", *one) for one in sent),
        *(_passed("received", *one) for one in received),
    ]


def _passed(direction: str, envelope: str, digest: bytes, said: str | None, at: int) -> Passed:
    line = {"id": envelope, "direction": direction, "digest": digest.hex(), "receipt": said}
    return converted(line | {"at": from_micros(at)}, Passed)
