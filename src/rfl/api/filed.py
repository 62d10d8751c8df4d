"""Records of their own beside a case, as answers."""

from rfl.api.views import clear as clear
from rfl.domain.call import FamilyCall
from rfl.domain.task import Task
from rfl.domain.transmission import Transmission
from rfl.flows.approve import ApprovalView, Filed
from rfl.flows.carry_message import Carried
from rfl.flows.plan_task import TaskView
from rfl.flows.send_message import MessageView
from rfl.flows.transmit import TransmissionView

_WITHOUT_CASE = ("id", "branch", "officer", "created_at", "due_at", "open", "version")
_APPROVAL = ("exact", "reason", "approver", "approved_at", "used_at")
_LETTER = (
    *("writer", "addressee", "relation", "news", "language", "state", "checks"),
    *("return_on", "delivered_on", "reply"),
)
_WAY = (
    *("addressee", "news", "language", "state", "return_on", "delivered_on"),
    *("may_tell_delivery", "not_delivered", "reply", "reply_checks"),
)


def without_case(row: Filed) -> dict[str, object]:
    """Return the clear part of a record that belongs to no case."""
    content = clear(row)
    return {name: content[name] for name in _WITHOUT_CASE}


def approval(view: ApprovalView) -> dict[str, object]:
    """Return a request for a second officer, and who agreed."""
    return without_case(view.row) | {name: getattr(view.approval, name) for name in _APPROVAL}


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


def transmission(view: TransmissionView) -> dict[str, object]:
    """Return a request to another society, and what came back."""
    sent = {name: getattr(view.transmission, name) for name in Transmission.__slots__}
    del sent["moves"]
    return clear(view.row) | sent | {"methods": sorted(view.transmission.methods)}
