"""Who may say what: one table of types of letter and the part that their sender must have.

A peer's word is obeyed only for what is its own (guide: protocol, Who may say what). Whatever is
not in the table is `not-yours`, is entered in the log, and is an alarm on the third.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from rfl.exchange.letter import LetterType
from rfl.exchange.reasons import Reason, Refused


class Part(StrEnum):
    """What a peer is to the thing that a letter names."""

    ANYBODY = "anybody"
    ASKER = "asker"
    SEARCHER = "searcher"
    OWNER = "owner"
    OFFERED = "offered"
    WRITER = "writer"
    CARRIER = "carrier"
    TOLD = "told"


_ANYBODY: Final = frozenset({Part.ANYBODY})
MAY_SAY: Final[Mapping[LetterType, frozenset[Part]]] = {
    # A request is its sender's own; under a known reference only who sent it sends it again.
    LetterType.CASE_REQUEST: _ANYBODY,
    LetterType.CASE_UPDATE: frozenset({Part.ASKER}),
    LetterType.CASE_REMINDER: frozenset({Part.ASKER}),
    LetterType.CASE_CLOSE: frozenset({Part.ASKER}),
    LetterType.CASE_REOPEN: frozenset({Part.ASKER}),
    LetterType.CASE_ANSWER: frozenset({Part.SEARCHER}),
    LetterType.CASE_RESULT: frozenset({Part.SEARCHER}),
    # The owner offers; who was offered accepts or declines.
    LetterType.CASE_HANDOVER: frozenset({Part.OWNER, Part.OFFERED}),
    LetterType.MESSAGE_FORWARD: _ANYBODY,
    LetterType.MESSAGE_REPLY: frozenset({Part.CARRIER}),
    LetterType.MESSAGE_UNDELIVERABLE: frozenset({Part.CARRIER}),
    # The enquirer's consent is the asker's to change, a found person's the searcher's.
    LetterType.CONSENT_CHANGE: frozenset({Part.ASKER, Part.SEARCHER}),
    LetterType.ERASURE_REQUEST: frozenset({Part.ASKER, Part.SEARCHER, Part.WRITER}),
    LetterType.ERASURE_ATTESTATION: frozenset({Part.TOLD}),
    # About the sender itself, its keys and its log.
    LetterType.PEER_RECALL: _ANYBODY,
    LetterType.LOG_CHECKPOINT: _ANYBODY,
    LetterType.LOG_COSIGNATURE: _ANYBODY,
    LetterType.KEY_NOTICE: _ANYBODY,
    LetterType.PING: _ANYBODY,
}


def require_part(letter: LetterType, parts: Collection[Part]) -> None:
    """Return if one of the sender's parts lets it say this, or raise Refused."""
    allowed = MAY_SAY.get(letter, frozenset())
    if Part.ANYBODY not in allowed and not allowed & set(parts):
        raise Refused(Reason.NOT_YOURS)
