"""Sealed dossiers for societies without a node; reminders and recalls that people hand over."""

from hashlib import sha256

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api.answers import answer, changed, nothing
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.dossiers import HandedNotice, PersonWithdraws, SealedDossier, Spoken
from rfl.api.schemas.office import Made
from rfl.flows import send_dossier, transmit

_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)
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
    return answer(
        {
            "reference": made.reference,
            "recipient": made.recipient,
            "until": made.until,
            "file": made.file.decode("utf-8"),
            "digest": sha256(made.file).hexdigest(),
            "passphrase": made.passphrase,
        }
    )


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
