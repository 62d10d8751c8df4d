"""The record here that a letter names, where it is its sender's to speak of."""

from rfl.domain.received import Received
from rfl.domain.transmission import Transmission
from rfl.exchange.authority import Part, require_part
from rfl.exchange.letter import Letter
from rfl.exchange.reasons import Reason, Refused
from rfl.storage import casefiles, cases, ledger, recalls, received, transmissions, vault
from rfl.storage.shelf import Filed
from rfl.storage.work import Work


def reference(letter: Letter) -> str:
    """Return the reference that a letter about a case must have, or raise Refused."""
    if letter.case_ref is None:
        raise Refused(Reason.NOT_UNDERSTOOD)
    return letter.case_ref


def asked_request(work: Work, peer: str, letter: Letter) -> tuple[Filed, Received]:
    """Return the request of this peer that the letter names, entered in the log, or raise Refused.

    The answer to one that is another society's and to one that never was is the same. What is
    gone was the peer's own: its letter crossed the end of it, and is no word that is not its own.
    """
    found = received.of_peer(work, peer, reference(letter))
    require_part(letter.type, () if found is None else (Part.ASKER,))
    assert found is not None  # noqa: S101 (who is not the asker was refused)
    if found[1].is_gone:
        raise Refused(Reason.RECALLED)
    return found


def refuse_recalled(work: Work, peer: str, letter: Letter) -> None:
    """Raise Refused where this peer was asked to destroy what its letter is about.

    The two letters have crossed: it said what was its own to say.
    """
    if recalls.is_recalled(work, peer, reference(letter)):
        raise Refused(Reason.RECALLED)


def own_request(work: Work, peer: str, letter: Letter) -> tuple[Filed, Transmission]:
    """Return this node's own request that the letter names, entered in the log, or raise Refused.

    The answer to one that is another society's and to one that never was is the same.
    """
    found = transmissions.of_peer(work, peer, reference(letter))
    if found is None:
        refuse_recalled(work, peer, letter)
    require_part(letter.type, () if found is None else (Part.SEARCHER,))
    assert found is not None  # noqa: S101 (who is not the searcher was refused)
    return opened_request(work, letter, found)


def opened_request(
    work: Work, letter: Letter, found: tuple[Filed, bytes]
) -> tuple[Filed, Transmission]:
    """Open this node's own request, found before, after its entry."""
    row, content = found
    _case, sealed = cases.load(work, row.case_id or "")
    log_id = vault.log_ids(work, sealed)[0]
    ledger.append(work, objects=[log_id], groups=casefiles.GROUPS, count=1, reason=letter.type)
    return row, transmissions.SHELF.document(work, row, content)
