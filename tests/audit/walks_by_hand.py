"""The walk of test_completeness through what people hand to societies without a node."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.consent import Use
from rfl.domain.message import Message, Party, Post
from rfl.domain.person import Name, Place, Relation
from rfl.domain.states import Outside, TransmissionState
from rfl.flows import hand_message, recall, send_dossier, send_message, transmit, withdraw
from rfl.flows.runtime import OFFICE_CALL, Call
from tests.api.support import CASEWORK, Desk
from tests.exchange.across import Asking
from tests.exchange.by_hand import ask_by_hand, know
from tests.exchange.network import Society

Steps = Iterator[tuple[str, Callable[[], object]]]
Calls = Iterator[tuple[str, str, Callable[[], Any]]]
STATE = TransmissionState


def steps_by_hand(north: Society) -> Steps:
    """A dossier goes, is reminded of, answered, taken back, and asked back."""
    rt = north.rt
    yield "know_correspondents.assess_correspondent", lambda: know(rt, "west")
    asking = ask_by_hand(north, "west")
    officer, ref = asking.desk.officer, asking.ref
    yield "send_dossier.make_dossier", lambda: send_dossier.make_dossier(rt, officer, ref, 1)
    yield "send_dossier.remind_by_hand", lambda: send_dossier.remind_by_hand(rt, officer, ref, 1)
    person, version = _answered(asking)
    yield (
        "transmit.take_back_by_hand",
        lambda: transmit.take_back_by_hand(rt, officer, ref, version, person, rt.today()),
    )
    letter, post = _under_way(north, officer), Post("west", "W-118", came=True)
    seal = partial(hand_message.seal_message, rt, officer, letter, 3)
    yield "hand_message.seal_message", seal
    yield "hand_message.take_message", partial(hand_message.take_message, rt, officer, LETTER, post)
    yield "hand_message.list_owed", partial(hand_message.list_owed, rt, officer, (0, ""), 9)
    due = _asked_back(asking)
    yield "send_dossier.ask_back", lambda: send_dossier.ask_back(rt, officer, due)
    yield "send_dossier.enter_attestation", lambda: send_dossier.enter_attestation(rt, officer, due)


LETTER = Message(
    Party((Name("Amina Diallo"),)),
    Party((Name("Ousmane Diallo"),), (Place(country="ML"),)),
    Relation.BROTHER,
    "The harvest was good.",
    "fr",
)


def _under_way(north: Society, officer: Call) -> str:
    """A letter that goes to a society without a node; return its id, at version 3."""
    rt = north.rt
    made = send_message.collect_message(rt, officer, LETTER)
    send_message.check_message(rt, officer, made, 1, None)
    send_message.transmit_message(rt, officer, made, 2, send_message.Way(peer="west"))
    return made


def calls_by_hand(desk: Desk, north: Society) -> Calls:
    """The same through the routes."""
    know(north.rt, "west")
    asking = ask_by_hand(north, "west")
    mine = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    path, ref = "/v1/transmissions/{transmission_id}/dossier", asking.ref
    dossier = f"/v1/transmissions/{ref}/dossier"
    yield "POST", path, lambda: mine.post(dossier, {}, headers=_at(1))
    yield "POST", f"{path}/reminder", lambda: mine.post(f"{dossier}/reminder", {}, headers=_at(1))
    person, version = _answered(asking)
    said = {"person": person, "on": str(north.rt.today())}
    yield (
        "POST",
        f"{path}/withdrawal",
        lambda: mine.post(f"{dossier}/withdrawal", said, headers=_at(version)),
    )
    letter = _under_way(north, asking.desk.officer)
    path = f"/v1/messages/{letter}/dossier"
    writes = desk.caller(Role.TRACING_OFFICER, CASEWORK)
    yield (
        "POST",
        "/v1/messages/{message_id}/dossier",
        lambda: writes.post(path, {}, headers=_at(3)),
    )
    paper = {"writer": {"names": [{"text": "Amina"}]}, "addressee": {"names": [{"text": "Ali"}]}}
    paper |= {"relation": "brother", "news": "We are well.", "language": "fr"}
    paper |= {"peer": "west", "ref": "W-119"}
    yield "POST", "/v1/messages/received", lambda: writes.post("/v1/messages/received", paper)
    yield "GET", "/v1/owed-messages", lambda: writes.get("/v1/owed-messages")
    due = f"/v1/recalls/{_asked_back(asking)}"
    yield "POST", "/v1/recalls/{recall_id}/notice", lambda: mine.post(f"{due}/notice", {})
    yield "POST", "/v1/recalls/{recall_id}/attestation", lambda: mine.post(f"{due}/attestation")


def _answered(asking: Asking) -> tuple[str, int]:
    """Let the society answer that its person is well; the person, and the request's version."""
    rt, officer = asking.here.rt, asking.desk.officer
    person = asking.desk.file.outcomes[0].person
    good = transmit.PersonResult(person, Outside.INFORMATION_GIVEN, (Item.ALIVE_AND_WELL,))
    moves = (
        transmit.Move(STATE.DELIVERED),
        transmit.Move(STATE.ACCEPTED, answer_on=rt.today() + timedelta(days=9)),
        transmit.Move(STATE.ENDED, results=(good,)),
    )
    for version, move in enumerate(moves, start=1):
        transmit.move_transmission(rt, officer, asking.ref, version, move)
    return person, 4


def _asked_back(asking: Asking) -> str:
    """Withdraw the consent; the id of the recall."""
    rt, desk, share = asking.here.rt, asking.desk, frozenset({Use.SHARE})
    withdraw.withdraw_consent(rt, desk.officer, desk.case, desk.version, share)
    found = recall.list_recalls(rt, OFFICE_CALL)
    return next(one.id for one in found if one.ref == asking.ref)


def _at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}
