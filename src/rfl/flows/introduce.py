"""Introduce societies to others, as the CTA does, and take the introductions of those who may."""

from rfl.domain.access import Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.purpose import Purpose
from rfl.errors import Conflict, InvalidInput
from rfl.exchange import introduction, own
from rfl.exchange.encoding import to_text
from rfl.exchange.introduction import MOST_DAYS, Introduces, Outcome
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post, trusted, trusted_peers
from rfl.flows.runtime import Call, Runtime, network_of, require_second
from rfl.storage import ledger, peers
from rfl.storage.work import Work


def introduce(
    rt: Runtime, call: Call, code: str, *, days: int, withdrawn: bool = False, tell: bool = False
) -> bytes:
    """Return this society's signed word for a peer that it trusts, or that it takes it back.

    `tell`: it goes to every other trusted peer by letter too.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput("--days", f"must be 1 to {MOST_DAYS}")
    network = network_of(rt)
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = code
        row = peers.load(work, code)
        if not withdrawn:
            trusted(work, network, code)
        seconds = work.micros // 1_000_000
        signer = own.signer(work)
        said = introduction.introduce(
            network.code, row.descriptor, signer, seconds, days, withdrawn=withdrawn
        )
        if tell:
            _tell(work, rt, code, said)
        ledger.append(work, reason="introduction-withdrawn" if withdrawn else "introduced")
    return said


def take_introduction(rt: Runtime, call: Call, raw: bytes) -> tuple[str, Outcome]:
    """Take an introduction that came as a file; return who vouches, and what came of it."""
    by = introduction.introducer(raw)
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = by
        outcome = introduction.take(work, by, raw)
        ledger.append(work, reason=f"introduction-{outcome}")
    return by, outcome


def let_introduce(rt: Runtime, call: Call, code: str, counts: Introduces | None) -> int:
    """Say what a peer's introductions count for; None: for nothing any more.

    Return how many peers, trusted by its word alone, are not trusted from now on. With two
    administrators on the node, they agree: it lets others be trusted.
    """
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = code
        if counts is not None:
            exact = Exact(Approves.PEER_TRUST, code, ("introduces", counts.value))
            require_second(rt, work, call, exact)
        row = peers.load(work, code)
        if counts is not None and row.trusted_by is None:
            raise Conflict("Only a peer whose digits people have compared may introduce others.")
        peers.change(work, row, introduces=counts)
        gone = [] if counts is Introduces.TRUSTED else peers.end_introductions(work, code)
        ledger.append(work, count=len(gone), reason=f"introduces-{counts or 'nobody'}")
    return len(gone)


def _tell(work: Work, rt: Runtime, code: str, said: bytes) -> None:
    network = network_of(rt)
    notice = Letter(
        type=LetterType.KEY_NOTICE,
        purpose=Purpose.ADMINISTRATION,
        data={"introduction": to_text(said)},
    )
    for peer in trusted_peers(work, network):
        if peer.code != code:
            post(work, network, peer.code, notice)
