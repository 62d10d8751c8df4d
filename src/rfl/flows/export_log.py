"""Export the whole access log into a file for auditors, who check it without the node."""

from dataclasses import dataclass
from typing import BinaryIO

from rfl.audit import checkpoint, export, host, sequencer
from rfl.audit.notes import Note
from rfl.audit.tiles import TreeDamaged
from rfl.domain.access import Verb
from rfl.errors import SealBroken
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that was made; the checkpoint is the note that signs all of it."""

    leaves: int
    key: str
    checkpoint: str


def export_log(rt: Runtime, call: Call, sink: BinaryIO) -> Exported:
    """Write the log, this export's own entry included, up to a checkpoint signed for it.

    Raises SealBroken if the kept tree is not the one that was signed.
    """
    with rt.attempt(call, Verb.LOG_EXPORT):
        with rt.begin(call, Verb.LOG_EXPORT) as work:
            work.require()
            ledger.append(work)
        try:
            note = _checkpoint_of_all(rt, call)
            key = checkpoint.log_key(rt.agent, rt.rules.society)
            with rt.look(call, Verb.LOG_EXPORT) as work:
                leaves = export.write(work, sink, key)
        except TreeDamaged as cause:
            raise SealBroken("The access log's tree is not the one that was signed.") from cause
        return Exported(leaves, key.to_text(), note.to_bytes().decode("utf-8"))


def _checkpoint_of_all(rt: Runtime, call: Call) -> Note:
    published = None if rt.rules.log_host is None else host.newest(rt.rules.log_host)
    while True:
        with rt.begin(call, Verb.LOG_EXPORT) as work:
            if sequencer.sequence(work) < sequencer.BATCH:
                return checkpoint.make(work, rt.rules.society, published=published)
