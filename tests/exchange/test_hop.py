"""Hop signatures (conformance groups C1 and C12): who called, about what, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from http_message_signatures import ContentDigest, HTTPMessageSigner, algorithms

from rfl.errors import BadEnvelope, ClockSkew
from rfl.exchange.hop import (
    TAG,
    WINDOW_SECONDS,
    HopRequest,
    HopResponse,
    Proof,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from tests.exchange.letters import BELGRADE, SKOPJE, SOFIA, Society

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://belgrade.example/rfl/v1/inbox/env_1"


def find_key(kid: str) -> bytes | None:
    return {"skopje-1": SKOPJE.public, "belgrade-1": BELGRADE.public}.get(kid)


def make_request(body: bytes = b"{}", method: str = "PUT", signer: Society = SKOPJE) -> HopRequest:
    headers = {"content-type": "application/rfl-envelope+json"} if body else {}
    request = HopRequest(method, URL, headers, body)
    sign_request(request, signer.signer, AT)
    return request


def make_response(request: HopRequest, status: int = 201) -> HopResponse:
    response = HopResponse(status, {"content-type": "application/json"}, request, b"[]")
    sign_response(response, BELGRADE.signer, AT)
    return response


@pytest.mark.parametrize("body", [b"", b"{}", b"\x00" * 100_000])
def test_a_signed_request_names_its_key_and_a_nonce(body: bytes) -> None:
    proof = verify_request(make_request(body), find_key, AT)
    assert proof.kid == "skopje-1"
    assert proof.created == int(AT.timestamp())
    assert proof.nonce != verify_request(make_request(body), find_key, AT).nonce


CHANGES = [
    {"method": "POST"},
    {"url": URL + "2"},
    {"url": "https://sofia.example/rfl/v1/inbox/env_1"},
    {"body": b"{ }"},
    {"body": b""},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_request_is_refused(change: dict[str, object]) -> None:
    changed = replace(make_request(), **change)  # type: ignore[arg-type]
    with pytest.raises(BadEnvelope):
        verify_request(changed, find_key, AT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "text/plain"),
        ("content-digest", "sha-256=:AAAA:"),
        ("signature", "rfl=:AAAA:"),
        ("signature", "not a dictionary ="),
        ("signature-input", "rfl=()"),
    ],
)
def test_a_changed_header_is_refused(name: str, value: str) -> None:
    request = make_request()
    request.headers = {k.lower(): v for k, v in request.headers.items()} | {name: value}
    with pytest.raises(BadEnvelope):
        verify_request(request, find_key, AT)


@pytest.mark.parametrize("name", ["content-digest", "signature", "signature-input"])
def test_a_missing_header_is_refused(name: str) -> None:
    request = make_request()
    request.headers = {k: v for k, v in request.headers.items() if k.lower() != name}
    with pytest.raises(BadEnvelope):
        verify_request(request, find_key, AT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"content-digest"', '"content-length"'),
        (' "@target-uri"', ""),
        (' "content-type"', ""),
        ('tag="rfl-exchange"', 'tag="other"'),
    ],
)
def test_a_signature_that_covers_less_is_refused(old: str, new: str) -> None:
    request = make_request()
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert old in headers["signature-input"]
    headers["signature-input"] = headers["signature-input"].replace(old, new)
    request.headers = headers
    with pytest.raises(BadEnvelope):
        verify_request(request, find_key, AT)


def test_a_society_that_is_not_trusted_is_refused() -> None:
    with pytest.raises(BadEnvelope):
        verify_request(make_request(signer=SOFIA), find_key, AT)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1, 86_400, -86_400])
def test_an_authentic_request_out_of_the_window_is_told_that_clocks_differ(seconds: int) -> None:
    with pytest.raises(ClockSkew):
        verify_request(make_request(), find_key, AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS, 0, WINDOW_SECONDS])
def test_a_request_within_the_window_is_taken(seconds: int) -> None:
    proof = verify_request(make_request(), find_key, AT + timedelta(seconds=seconds))
    assert isinstance(proof, Proof)


def test_a_forged_request_is_not_told_about_clocks() -> None:
    changed = replace(make_request(), body=b"other")
    with pytest.raises(BadEnvelope):
        verify_request(changed, find_key, AT + timedelta(days=1))


@pytest.mark.parametrize("status", [200, 201, 401, 409, 503])
def test_a_signed_response_names_its_key(status: int) -> None:
    response = make_response(make_request(), status)
    assert verify_response(response, find_key, AT).kid == "belgrade-1"


def test_a_response_to_another_request_is_refused() -> None:
    response = make_response(make_request())
    with pytest.raises(BadEnvelope):
        verify_response(replace(response, request=make_request()), find_key, AT)


@pytest.mark.parametrize("change", [{"status_code": 200}, {"body": b"[1]"}])
def test_a_changed_response_is_refused(change: dict[str, object]) -> None:
    response = make_response(make_request())
    with pytest.raises(BadEnvelope):
        verify_response(replace(response, **change), find_key, AT)  # type: ignore[arg-type]


COVERED = ('"@method"', '"@target-uri"', '"content-digest"', '"content-type"')


def signed_elsewhere(covered: Sequence[str], body: bytes = b"{}") -> HopRequest:
    """A request that another implementation signs, over just these components."""
    request = HopRequest("PUT", URL, {"content-type": "text/plain", "date": "now"}, b"{}")
    ContentDigest.add(request.headers, body)
    library = HTTPMessageSigner(signature_algorithm=algorithms.ED25519)
    prepared = library.prepare(
        request,
        key_id="skopje-1",
        created=AT,
        nonce="n" * 22,
        tag=TAG,
        use_existing_digest=True,
        covered_component_ids=covered,
    )
    library.apply(request, prepared, SKOPJE.signer.sign(prepared.signature_base))
    return request


@pytest.mark.parametrize("also", [(), ('"date"',), ('"content-digest";sf',)])
def test_what_another_implementation_signs_is_taken(also: tuple[str, ...]) -> None:
    """It may cover more, and in another order."""
    request = signed_elsewhere((*also, *reversed(COVERED)))
    assert verify_request(request, find_key, AT).kid == "skopje-1"


@pytest.mark.parametrize("left_out", COVERED)
def test_a_good_signature_that_covers_too_little_is_refused(left_out: str) -> None:
    verify_request(signed_elsewhere(COVERED), find_key, AT)
    with pytest.raises(BadEnvelope):
        verify_request(signed_elsewhere([one for one in COVERED if one != left_out]), find_key, AT)


def test_a_part_of_what_must_be_covered_is_not_enough() -> None:
    """A member of the digest's dictionary is another component than the whole field."""
    covered = [one for one in COVERED if one != '"content-digest"']
    with pytest.raises(BadEnvelope):
        verify_request(signed_elsewhere([*covered, '"content-digest";key="sha-256"']), find_key, AT)


def test_a_good_signature_over_another_bodys_digest_is_refused() -> None:
    with pytest.raises(BadEnvelope):
        verify_request(signed_elsewhere(COVERED, body=b"{ }"), find_key, AT)
