"""What the letters about the exchange itself do: ping, key notices, checkpoints, cosignatures."""

from collections import deque
from typing import Final

from rfl.domain.ids import new_id
from rfl.errors import BadEnvelope
from rfl.exchange import attachments, introduction
from rfl.exchange.encoding import to_bytes
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import take_descriptor
from rfl.exchange.reception import Effect
from rfl.storage import inbox, ledger
from rfl.storage.inbox import Mail
from rfl.storage.work import Work

NOTE: Final = "note"
"""The member that holds a C2SP message: `log.checkpoint` and `log.cosignature`."""

MOST_NOTE: Final = 16_384


def _ping(work: Work, peer: str, letter: Letter) -> None:
    """A ping asks whether anybody is there, and whether what is attached opens; nothing is kept."""
    for one in letter.attachments:
        deque(attachments.opened(work, peer, one), maxlen=0)


def _take_keys(work: Work, peer: str, letter: Letter) -> None:
    introduced = letter.data.get("introduction")
    if isinstance(introduced, str):
        outcome = introduction.take(work, peer, to_bytes(introduced))
        ledger.append(work, reason=f"introduction-{outcome}")
        return
    document = letter.data.get("descriptor")
    if not isinstance(document, str):
        raise BadEnvelope
    take_descriptor(work, peer, to_bytes(document))


def _keep_for_log(work: Work, peer: str, letter: Letter) -> None:
    """Keep what is said about a log: it is answered after this letter has taken effect."""
    note = letter.data.get(NOTE)
    if not isinstance(note, str) or len(note) > MOST_NOTE:
        raise BadEnvelope
    inbox.keep_mail(work, Mail(new_id("mai"), peer, letter.type, note.encode("utf-8")))


EFFECTS: Final[dict[LetterType, Effect]] = {
    LetterType.PING: _ping,
    LetterType.KEY_NOTICE: _take_keys,
    LetterType.LOG_CHECKPOINT: _keep_for_log,
    LetterType.LOG_COSIGNATURE: _keep_for_log,
}
