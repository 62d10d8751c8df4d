"""Files of a case that travel with a letter about it: which ones leave, and what comes of them.

With a request go pictures of the sought persons alone, where the enquirer agreed that this society
is shown photos; with the update that follows good news, also the enquirer's own. Documents hold
free text and leave with a handover alone (P-15). Each letter carries all that belongs to it, so
what a society has is put right by the next one, whatever became of the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rfl.domain.attachment import BEGINNINGS, PICTURES, AttachedFile, Enclosed
from rfl.domain.ids import PersonId, new_id
from rfl.errors import TooLarge
from rfl.exchange import attachments
from rfl.exchange.attachments import attach, opened_blob, sealed_size
from rfl.exchange.bodies import MOST_FILES, EnclosedFile
from rfl.exchange.encoding import to_text
from rfl.exchange.letter import Attachment, Letter
from rfl.exchange.network import Network
from rfl.exchange.post import trusted
from rfl.exchange.reasons import Reason, Refused
from rfl.exchange.room import require_room
from rfl.storage import blobs, case_attachments, ledger
from rfl.storage.shelf import Filed
from rfl.storage.work import Work

MOST_SIZES: Final = 4
"""Together they are no larger than so many largest blobs of the recipient: half as well."""

_REF_BYTES: Final = 16
Enclosure = tuple[Filed, AttachedFile]
"""A file of a case, opened: the clear part of its row and what the row seals."""


def files_of(work: Work, case_id: str) -> list[Enclosure]:
    """Open what is said of a case's files, the oldest first; the case was reached before."""
    found = case_attachments.SHELF.all_of_case(work, case_id)
    return [(row, file) for row, file in found if blobs.load(work, file.blob) is not None]


def pictures(
    files: Iterable[Enclosure], persons: frozenset[PersonId], came: frozenset[str] | None
) -> list[Enclosure]:
    """Return the pictures of these persons; where `came` is given, only files that are in it."""
    return [
        (row, file)
        for row, file in files
        if file.media_type in PICTURES
        and file.shows in persons
        and (came is None or row.id in came)
    ]


def fitting(
    work: Work, network: Network, peer: str, files: Sequence[Enclosure], *, whole: bool = False
) -> list[Enclosure]:
    """Return those that a society takes with one letter, the oldest first.

    With `whole`, TooLarge in place of leaving one out.
    """
    largest = trusted(work, network, peer).limits.blob_bytes
    left, chosen = MOST_SIZES * largest, list[Enclosure]()
    for row, file in files:
        size = sealed_size(file.size)
        if size <= min(largest, left) and len(chosen) < MOST_FILES:
            chosen.append((row, file))
            left -= size
    if whole and len(chosen) < len(files):
        raise TooLarge("The files of this case are more than the society takes with one letter.")
    return chosen


def enclose(
    work: Work, network: Network, to: tuple[str, str], files: Sequence[Enclosure], letter: Letter
) -> Letter:
    """Return the letter with these files, each sealed anew for it; `to` is society and reference.

    What a file is called there is made from the reference, so no two societies hear the same.
    """
    said: list[EnclosedFile] = []
    sealed: list[Attachment] = []
    for row, file in files:
        blob = blobs.load(work, file.blob)
        assert blob is not None  # noqa: S101 (`files_of` has looked, in this transaction)
        content = opened_blob(work, blob, file.key)
        one = attach(work, network, to[0], content, file.size, file.media_type)
        sealed.append(one)
        said.append(EnclosedFile(_name(work, to[1], row.id), to_text(one.digest), file.shows))
    if not said:
        return letter
    ledger.append(work, count=len(said), reason="attachment")
    data = letter.data | {"files": [_written(one) for one in said]}
    return replace(letter, data=data, attachments=tuple(sealed))


def take(
    work: Work,
    network: Network,
    peer: str,
    letter: Letter,
    said: Sequence[EnclosedFile],
    before: Sequence[Enclosed] = (),
) -> tuple[Enclosed, ...]:
    """Return what a letter brings, each file opened once to its end; what was here stays as it is.

    Raises Refused or BadEnvelope for one that is not there, not what it is said to be, broken, or
    more than this peer has room for here.
    """
    known = {one.ref: one for one in before}
    named = {to_text(one.digest): one for one in letter.attachments}
    if not {one.sha256 for one in said} <= named.keys():
        raise Refused(Reason.ATTACHMENT_MISSING)
    if new := [named[one.sha256].size for one in said if one.ref not in known]:
        stay = {one.ref for one in said}
        gone = sum(sealed_size(one.size) for one in before if one.ref not in stay)
        require_room(work, network, peer, sum(new) - gone)
    return tuple(
        known[one.ref] if one.ref in known else _taken(work, peer, one, named[one.sha256])
        for one in said
    )


def hold(work: Work, holder: str, files: Iterable[Enclosed], before: Sequence[Enclosed]) -> None:
    """Let a record hold what came with its letter, and let go of what belongs to it no more."""
    now = {one.ref: one for one in files}
    own = [one.own for one in before if one.own is not None and one.ref not in now]
    case_attachments.forsake(work, own)
    wanted = {one.blob for one in now.values() if one.own is None}
    held = {one.blob for one in before if one.own is None}
    for blob in sorted(wanted - held):
        blobs.hold(work, blob, holder)
    blobs.release(work, holder, sorted(held - wanted))


def filed(
    work: Work,
    to: Filed,
    by: str,
    files: Sequence[Enclosed],
    persons: Mapping[PersonId, PersonId],
) -> tuple[Enclosed, ...]:
    """Make files that came attachments of the case they came for; `to` is the record that held
    them and has the case. `persons` ties the sender's ids to those of this node.
    """
    return tuple(
        one if one.own is not None else _filed(work, to, by, one, persons) for one in files
    )


def _filed(
    work: Work, to: Filed, by: str, one: Enclosed, persons: Mapping[PersonId, PersonId]
) -> Enclosed:
    made = new_id("att")
    shows = persons.get(one.shows) if one.shows is not None else None
    file = AttachedFile(one.media_type, one.size, by, one.blob, one.key, shows)
    row = Filed(made, to.case_id, to.branch, to.officer, work.micros, None, True, 1)
    case_attachments.SHELF.add(work, row, file)
    blobs.hold(work, one.blob, made)
    blobs.release(work, to.id, [one.blob])
    return replace(one, own=made, blob="", key=b"")


def _taken(work: Work, peer: str, said: EnclosedFile, one: Attachment) -> Enclosed:
    blob = attachments.named(work, peer, one)
    beginning = BEGINNINGS.get(one.media_type)
    if blob is None or beginning is None or (said.shows and one.media_type not in PICTURES):
        raise Refused(Reason.ATTACHMENT_MISSING if blob is None else Reason.NOT_UNDERSTOOD)
    size, head = 0, b""
    for chunk in opened_blob(work, blob, one.key):
        size += len(chunk)
        head = head if len(head) >= len(beginning) else head + chunk[: len(beginning)]
    if not head.startswith(beginning):
        raise Refused(Reason.NOT_UNDERSTOOD)
    return Enclosed(said.ref, one.media_type, size, blob.id, one.key, said.shows)


def _written(one: EnclosedFile) -> dict[str, str | None]:
    return {"ref": one.ref, "sha256": one.sha256, "shows": one.shows}


def _name(work: Work, ref: str, attachment: str) -> str:
    return to_text(work.agent.keyed_hash("enclosure", f"{ref}/{attachment}".encode())[:_REF_BYTES])
