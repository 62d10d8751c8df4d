"""Carry the log's checkpoints and cosignatures as letters between this node and its witnesses.

A letter takes effect by being kept; what it asks for is done after it, in a transaction of its own.
If the node dies in between, it is done again: cosigning the same checkpoint twice says the same.
"""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, NotFound
from rfl.exchange.effects import NOTE
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import inbox, ledger
from rfl.storage.inbox import Mail as Mail
from rfl.storage.work import Work

LOG_CHECKPOINT = LetterType.LOG_CHECKPOINT


@dataclass(frozen=True, slots=True)
class LogCarrier:
    """Takes checkpoints to witnesses as letters; their answers come later, as letters too."""

    rt: Runtime

    def carry(self, peer: str, message: bytes) -> bytes | None:
        """Queue a checkpoint for a witness; raises OSError if it is no peer of this node."""
        try:
            with self.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
                work.require()
                _post(work, self.rt, peer, LetterType.LOG_CHECKPOINT, message)
        except (NotFound, BadEnvelope) as cause:
            raise ConnectionError("the witness is no peer") from cause
        return None


def waiting_mail(rt: Runtime) -> list[Mail]:
    """Return what has come about logs and waits to be answered."""
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return inbox.mail(work)


def answer_mail(rt: Runtime, mail: Mail, cosignature: bytes | None) -> None:
    """Say that a message was dealt with; a checkpoint is answered by its cosignature."""
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        if inbox.drop_mail(work, mail.id) and cosignature is not None:
            _post(work, rt, mail.peer, LetterType.LOG_COSIGNATURE, cosignature)


def _post(work: Work, rt: Runtime, peer: str, letter: LetterType, message: bytes) -> None:
    work.peer = peer
    data = {NOTE: message.decode("utf-8")}
    post(work, network_of(rt), peer, Letter(type=letter, purpose=Purpose.ADMINISTRATION, data=data))
    ledger.append(work, reason=letter)
