"""Keep photos and documents of a case: sealed as they come, shown to whom the case is shown.

The bytes are in memory once and never in a file in clear. Each has a key of its own, which is
sealed under the case's: to destroy those is to destroy the picture.
"""

from dataclasses import dataclass, field

from rfl.domain.access import Verb
from rfl.domain.attachment import BEGINNINGS, AttachedFile, picture_of, require_type
from rfl.domain.ids import PersonId, check_id, new_id
from rfl.errors import BadEnvelope, Erased, SealBroken, TooLarge
from rfl.exchange.attachments import opened_blob, seal_into
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import blobs, case_attachments, casefiles, cases, ledger, transmissions
from rfl.storage.blobs import PartSink
from rfl.storage.shelf import Filed
from rfl.storage.work import Work

MEDIA_TYPES = frozenset(BEGINNINGS)
MOST = 100


@dataclass(frozen=True, slots=True, repr=False)
class AttachedView:
    """What is said of an attachment, without its bytes."""

    row: Filed
    file: AttachedFile


@dataclass(frozen=True, slots=True)
class Opened:
    """An attachment's bytes, with their type."""

    media_type: str
    content: bytes = field(repr=False)


def attach_file(
    rt: Runtime,
    call: Call,
    case_id: str,
    media_type: str,
    content: bytes,
    shows: str | None = None,
) -> str:
    """Keep a file of a case; return its id. UnsupportedMedia if it is not what it is sent as.

    `shows` is the person of the case whose picture it is. Such a picture may leave with a request,
    so it is kept without what it says of itself.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        case, _log_id = casefiles.reached(work, case_id)
        require_type(content, media_type)
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        if len(case_attachments.SHELF.of_case(work, case_id)) >= MOST:
            raise TooLarge(f"A case has at most {MOST} attachments.")
        if shows is not None:
            content = picture_of(content, media_type, shows, _persons(work, case_id))
        made = new_id("att")
        sink = PartSink(work, None)
        key = seal_into(sink, [content], len(content))
        blob = sink.finish(holder=made)
        row = Filed(made, case.id, case.branch, case.officer, work.micros, None, True, 1)
        person = PersonId(shows) if shows is not None else None
        file = AttachedFile(media_type, len(content), call.actor.id, blob.id, key, person)
        case_attachments.SHELF.add(work, row, file)
        if person is not None:
            transmissions.hasten(work, case.id)
        remember_result(work, call, 201, made)
    return made


def list_files(rt: Runtime, call: Call, case_id: str) -> list[AttachedView]:
    """Return what is said of a case's files, the oldest first; none of them is opened."""
    check_id(case_id, "cas")
    shelf = case_attachments.SHELF
    with rt.begin(call, Verb.CASE_FILE) as work:
        casefiles.reached(work, case_id)
        rows = shelf.of_case(work, case_id)
        found = [shelf.reached(work, row.id) for row in rows]
        return [AttachedView(row, shelf.document(work, row, raw.content)) for row, raw in found]


def open_file(rt: Runtime, call: Call, attachment_id: str) -> Opened:
    """Open a file of a case, or raise NotFound, Erased or Forbidden."""
    check_id(attachment_id, "att")
    with rt.begin(call, Verb.CASE_FILE) as work:
        _row, file = case_attachments.SHELF.opened(work, attachment_id)
        blob = blobs.load(work, file.blob)
        if blob is None:
            raise Erased
        ledger.append(work, count=1, reason="attachment")
        try:
            return Opened(file.media_type, b"".join(opened_blob(work, blob, file.key)))
        except BadEnvelope as cause:
            raise SealBroken from cause


def remove_file(rt: Runtime, call: Call, attachment_id: str) -> None:
    """Remove a file of a case, with its bytes and their key; societies it went to let it go."""
    check_id(attachment_id, "att")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file = case_attachments.SHELF.opened(work, attachment_id)
        case_attachments.remove(work, [attachment_id])
        if file.shows is not None:
            transmissions.hasten(work, row.case_id or "")
        ledger.append(work, count=1, reason="attachment-removed")
    rt.database.scrub("attachments")


def _persons(work: Work, case_id: str) -> frozenset[PersonId]:
    _row, request, _log_ids = cases.opened(work, case_id)
    return frozenset(person.id for person in request.persons())
