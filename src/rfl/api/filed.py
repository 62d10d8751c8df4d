"""Records of their own beside a case, as answers."""

from rfl.api.answers import moment
from rfl.api.views import clear as clear
from rfl.domain.attachment import Enclosed
from rfl.domain.call import FamilyCall
from rfl.domain.dossier import Dossier
from rfl.domain.task import Task
from rfl.flows.answer_request import ReceivedView
from rfl.flows.approve import ApprovalView, Filed
from rfl.flows.attach_file import AttachedView
from rfl.flows.break_glass import GlassView
from rfl.flows.carry_message import Carried
from rfl.flows.disclose import DisclosureView, Handed
from rfl.flows.hand_over import HandoverView
from rfl.flows.plan_task import TaskView
from rfl.flows.recall import Recall
from rfl.flows.send_message import MessageView
from rfl.flows.transmit import TransmissionView

_WITHOUT_CASE = ("id", "branch", "officer", "created_at", "due_at", "open", "version")
_RECEIVED = ("peer", "ref", "state", "dossier", "retain_until", "answer_on", "reason")
_HANDOVER = ("peer", "coming", "state", "country", "request")
_SENT = (
    *("peer", "methods", "due_on", "onward", "withholds_origin", "state", "answer_on", "reason"),
    *("results", "files", "asked_who"),
)
_APPROVAL = ("exact", "reason", "approver", "approved_at", "used_at")
_GLASS = ("reason", "ends_at", "reviewed_by", "reviewed_at", "justified", "found")
_LETTER = (
    *("writer", "addressee", "relation", "news", "language", "detainee", "detrimental", "state"),
    *("checks", "return_on", "delivered_on", "reply"),
)
_WAY = (
    *("addressee", "news", "language", "state", "return_on", "delivered_on"),
    *("may_tell_delivery", "not_delivered", "reply", "reply_checks", "held_back"),
)


def without_case(row: Filed) -> dict[str, object]:
    """Return the clear part of a record that belongs to no case."""
    content = clear(row)
    return {name: content[name] for name in _WITHOUT_CASE}


def approval(view: ApprovalView) -> dict[str, object]:
    """Return a request for a second officer, and who agreed."""
    return without_case(view.row) | {name: getattr(view.approval, name) for name in _APPROVAL}


def disclosure(view: DisclosureView) -> dict[str, object]:
    """Return a request to tell an authority, and what became of it."""
    said, approval = view.disclosure, view.disclosure.approval
    names = ("record", "about", "person", "authority", "order")
    asked: dict[str, object] = {name: getattr(said.asked, name) for name in names}
    return without_case(view.row) | {
        "asked": asked | {"items": sorted(said.asked.items)},
        "ground": said.asked.ground,
        "reason": approval.reason,
        "approver": approval.approver,
        "approved_at": approval.approved_at,
        "given_at": approval.used_at,
        "decided": said.decided,
        "against": said.against,
    }


def handed(disclosure_id: str, handed: Handed) -> dict[str, object]:
    """Return what is handed to an authority."""
    said: dict[str, object] = {"id": disclosure_id, "authority": handed.authority}
    return said | {"on": handed.on, "facts": handed.facts}


def glass(view: GlassView) -> dict[str, object]:
    """Return one time that the glass was broken, with its reason and its review."""
    return without_case(view.row) | {name: getattr(view.glass, name) for name in _GLASS}


def message(view: MessageView) -> dict[str, object]:
    """Return a letter as its writer hears of it."""
    letter = {name: getattr(view.message, name) for name in _LETTER}
    return clear(view.row) | letter | {"offers_request": view.offers_request}


def delivery(carried: Carried) -> dict[str, object]:
    """Return what became of a letter, with the version of its delivery."""
    way = {name: getattr(carried.delivery.message, name) for name in _WAY}
    return {"id": carried.row.id, "version": carried.delivery.version} | way


def call(row: Filed, spoken: FamilyCall) -> dict[str, object]:
    """Return the fact that a family spoke."""
    return clear(row) | {name: getattr(spoken, name) for name in FamilyCall.__slots__}


def task(view: TaskView) -> dict[str, object]:
    """Return a task with what is to be done."""
    return clear(view.row) | {name: getattr(view.task, name) for name in Task.__slots__}


def received(view: ReceivedView) -> dict[str, object]:
    """Return a request of another society, with what came with it."""
    said = {name: getattr(view.request, name) for name in _RECEIVED}
    leave, dossier = view.request.leave, view.request.dossier
    said |= {"onward": leave.onward, "withhold_origin": leave.withhold_origin}
    said["files"] = [_enclosed(one) for one in view.request.files]
    if dossier is not None:
        came = {name: getattr(dossier, name) for name in Dossier.__slots__}
        said["dossier"] = came | {"methods": sorted(dossier.methods)}
    return clear(view.row) | said


def handover(view: HandoverView) -> dict[str, object]:
    """Return a handover, with the request that came with it."""
    said = {name: getattr(view.handover, name) for name in _HANDOVER}
    said["files"] = [_enclosed(one) for one in view.handover.files]
    return clear(view.row) | said


def recall(found: Recall) -> dict[str, object]:
    """Return what a society was asked to destroy, and when it attested that."""
    times = {name: getattr(found, name) for name in ("created_at", "asked_at", "attested_at")}
    said: dict[str, object] = {"id": found.id, "peer": found.peer, "ref": found.ref}
    said |= {"why": found.why, "by_hand": found.by_hand}
    return said | {name: moment(at) for name, at in times.items()}


def transmission(view: TransmissionView) -> dict[str, object]:
    """Return a request to another society, and what came back."""
    sent = {name: getattr(view.transmission, name) for name in _SENT}
    sent |= {"methods": sorted(view.transmission.methods), "copy_until": moment(view.copy_until)}
    return clear(view.row) | sent


def attached(view: AttachedView) -> dict[str, object]:
    """Return what is said of a photo or document, without its bytes."""
    content = clear(view.row)
    said = {name: getattr(view.file, name) for name in ("media_type", "size", "shows", "added_by")}
    return {name: content[name] for name in ("id", "created_at")} | said


def _enclosed(file: Enclosed) -> dict[str, object]:
    said = {name: getattr(file, name) for name in ("media_type", "size", "shows")}
    return said | {"attachment": file.own}
