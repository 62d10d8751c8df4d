"""Export the access log, whole or in part, into a file that auditors check without the node."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from rfl.audit import checkpoint, export, host
from rfl.audit.notes import Note
from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, tree
from rfl.storage.work import Work


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
        with checkpoint.sealed():
            note = _checkpoint_of_all(rt, call)
            with rt.look(call, Verb.LOG_EXPORT) as work:
                keys = checkpoint.own_keys(work, rt.rules.society)
                leaves = export.write(work, sink, keys)
        return Exported(leaves, keys[-1].to_text(), note.to_bytes().decode("utf-8"))


@dataclass(frozen=True, slots=True)
class Part:
    """Which leaves: those that name `about`, or all from `begin` to before `end`."""

    begin: int = 0
    end: int | None = None
    about: str | None = None


def export_part(rt: Runtime, call: Call, sink: BinaryIO, part: Part) -> Exported:
    """Write chosen entries, each with the proof that it is in the signed log.

    Raises InvalidInput for a range that is none, SealBroken as `export_log` does.
    """
    about = None if part.about is None else check_id(part.about, "log", field="about")
    with rt.begin(call, Verb.LOG_EXPORT) as work:
        work.require()
        ledger.append(work, objects=[about] if about else (), reason="part")
    with checkpoint.sealed():
        note = _checkpoint_of_all(rt, call)
        with rt.look(call, Verb.LOG_EXPORT) as work:
            keys = checkpoint.own_keys(work, rt.rules.society)
            leaves = export.write_part(work, sink, keys, _leaves(work, part))
    return Exported(leaves, keys[-1].to_text(), note.to_bytes().decode("utf-8"))


def _leaves(work: Work, part: Part) -> Iterable[int]:
    newest = tree.latest_checkpoint(work)
    size = newest.size if newest else 0
    if part.about is not None:
        found = (tree.index_of(work, seq) for seq in ledger.rows_about(work, part.about))
        return sorted(leaf for leaf in found if leaf is not None and leaf < size)
    end = size if part.end is None else part.end
    if not 0 <= part.begin < end <= size:
        raise InvalidInput("from", "must be a leaf before `to`, and `to` at most the log's size")
    return range(part.begin, end)


def _checkpoint_of_all(rt: Runtime, call: Call) -> Note:
    published, note = host.newest(rt.rules.log_host), None
    while note is None:
        with rt.begin(call, Verb.LOG_EXPORT) as work:
            note = checkpoint.make_of_all(work, rt.rules.society, published=published)
    return note
