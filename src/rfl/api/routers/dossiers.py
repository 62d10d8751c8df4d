"""Sealed dossiers for societies without a node; reminders and recalls that people hand over."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api.answers import answer, changed, created, moment, nothing
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.dossiers import HandedNotice, PersonWithdraws, SealedDossier, Spoken
from rfl.api.schemas.messages import MessageOnPaper, OwedRows
from rfl.api.schemas.office import Made, Page
from rfl.domain.message import Post
from rfl.flows import hand_message, send_dossier, transmit
from rfl.flows.hand_message import OwedRow
from rfl.flows.send_dossier import SealedDossier as Sealed

_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)
_NEW = problems("conflict", "idempotency-mismatch", "too-large", "unsupported-media-type")
_OWED = Listing("owed")
_SHOWN = problems("conflict", "too-large", "unsupported-media-type")

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["societies without a node"],
    responses=problems("not-found", "erased"),
)


@router.post(
    "/transmissions/{transmission_id}/dossier",
    summary="Make a sealed dossier",
    response_model=SealedDossier,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def make_dossier(ask: Ask, transmission_id: str, body: Spoken) -> Response:
    """Seal a request that waits into a file for a society without a node, and show its passphrase.

    It says what a letter would, under the same rules. Made again, it has another passphrase.
    """
    call, version = ask.call, ask.version
    made = send_dossier.make_dossier(ask.rt, call, transmission_id, version, body.language)
    return answer(_sealed(made))


@router.post(
    "/messages/{message_id}/dossier",
    summary="Seal a message for a society without a node",
    response_model=SealedDossier,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def seal_message(ask: Ask, message_id: str, body: Spoken) -> Response:
    """Seal a letter that such a society carries, or the word that its own writer may hear."""
    call, version = ask.call, ask.version
    made = hand_message.seal_message(ask.rt, call, message_id, version, body.language)
    return answer(_sealed(made))


@router.post(
    "/messages/received",
    status_code=201,
    summary="Enter a message that came on paper",
    response_model=Made,
    responses=_NEW,
    openapi_extra=needs(REPEAT),
)
def take_message(ask: Ask, body: MessageOnPaper) -> Response:
    """Keep a letter of a society without a node, to be carried like any other."""
    post = Post(body.peer, body.ref, came=True)
    made = hand_message.take_message(ask.rt, ask.once, body.to_domain(), post)
    return created(f"/v1/messages/{made}", made)


@router.get(
    "/owed-messages",
    summary="List messages of which word is to be brought",
    response_model=OwedRows,
    openapi_extra=needs(),
)
def list_owed(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List letters whose society has no node and is to hear what became of them."""
    return _OWED.page(ask, page, hand_message.list_owed, _owed)


@router.post(
    "/transmissions/{transmission_id}/dossier/reminder",
    summary="Remind a society without a node",
    response_model=HandedNotice,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def remind_by_hand(ask: Ask, transmission_id: str, body: Spoken) -> Response:
    """Return a reminder of its decision or its answer: a template, and no word of the family."""
    call, version = ask.call, ask.version
    notice = send_dossier.remind_by_hand(ask.rt, call, transmission_id, version, body.language)
    return answer(notice)


@router.post(
    "/transmissions/{transmission_id}/dossier/withdrawal",
    summary="Enter that a found person takes back what was told",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def take_back(ask: Ask, transmission_id: str, body: PersonWithdraws) -> Response:
    """Let go of what a society without a node had told of a person. That it was told stays true."""
    call, version = ask.call, ask.version
    following = transmit.take_back_by_hand(
        ask.rt, call, transmission_id, version, body.person, body.on
    )
    return changed(transmission_id, following)


@router.post(
    "/recalls/{recall_id}/notice",
    summary="Ask a copy back by hand",
    response_model=HandedNotice,
    responses=_SHOWN,
    openapi_extra=needs(),
)
def ask_back(ask: Ask, recall_id: str, body: Spoken) -> Response:
    """Return the notice by which a society without a node is to destroy what it was handed."""
    return answer(send_dossier.ask_back(ask.rt, ask.call, recall_id, body.language))


@router.post(
    "/recalls/{recall_id}/attestation",
    status_code=204,
    summary="Enter an attestation",
    responses=problems("conflict"),
    openapi_extra=needs(),
)
def enter_attestation(ask: Ask, recall_id: str) -> Response:
    """Enter that a society without a node says it has destroyed what it was handed."""
    send_dossier.enter_attestation(ask.rt, ask.call, recall_id)
    return nothing()


def _sealed(made: Sealed) -> dict[str, object]:
    return {
        "reference": made.reference,
        "recipient": made.recipient,
        "until": made.until,
        "file": made.file.decode("utf-8"),
        "digest": sha256(made.file).hexdigest(),
        "passphrase": made.passphrase,
    }


def _owed(row: OwedRow) -> dict[str, object]:
    said = {name: getattr(row, name) for name in ("id", "version", "peer")}
    return said | {"created_at": moment(row.created_at)}
