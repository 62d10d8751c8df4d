"""One hop: every request between nodes is signed, and so is every response, errors too.

HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), by `http-message-signatures`.
That library checks only what it is asked to: so here coverage, tag, body, age and nonce are all
asked for. The target address is built from the node's configured base address, never from what
the request says. Replays are refused by the caller, who keeps nonces for `WINDOW_SECONDS`.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    VerifyResult,
    algorithms,
)

from rfl.errors import BadEnvelope, ClockSkew
from rfl.exchange.signed import Signer, public_key

TAG: Final = "rfl-exchange"
WINDOW_SECONDS: Final = 120
_LABEL: Final = "rfl"
_NONCE_BYTES: Final = 16
_NONCE_TEXT: Final = range(22, 65)
_DIGEST: Final = '"content-digest"'
_TYPE: Final = '"content-type"'
_REQUEST: Final = ('"@method"', '"@target-uri"', _DIGEST)
_RESPONSE: Final = (
    '"@status"',
    _DIGEST,
    _TYPE,
    '"@method";req',
    '"@target-uri";req',
    '"signature";req',
)

_IF_THERE: Final = ("range", "content-range", "upload-offset")
"""Headers that change what a message means: covered wherever they stand."""

SIGNED_HEADERS: Final = frozenset({"content-type", *_IF_THERE})
"""Headers of an answer that its signature covers, where they stand."""

FindKey = Callable[[str], bytes | None]
"""Returns the Ed25519 public key of a trusted peer's hop key by its id, or None."""


@dataclass(slots=True)
class HopRequest:
    """A request as it travels. Header names are in lower case, repeated lines joined by commas."""

    method: str
    url: str
    headers: MutableMapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class HopResponse:
    """The answer to a request; `status_code` and `request` are named as the library asks."""

    status_code: int
    headers: MutableMapping[str, str]
    request: HopRequest
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signed a hop, with which nonce, and when in seconds since 1970."""

    kid: str
    nonce: str
    created: int


def sign_request(request: HopRequest, signer: Signer, now: datetime) -> None:
    """Add digest, signature and its input to the request's headers."""
    covered = (*_REQUEST, _TYPE) if request.body else _REQUEST
    _sign(request, signer, now, covered)


def sign_response(response: HopResponse, signer: Signer, now: datetime) -> None:
    """Add digest, signature and its input to the response's headers; it answers this request.

    A request that was not signed cannot be bound to its answer by its signature.
    """
    _sign(response, signer, now, _covered_by_answer(response.request))


def verify_request(request: HopRequest, find_key: FindKey, now: datetime) -> Proof:
    """Return who signed the request, or raise BadEnvelope, or ClockSkew if it is else authentic."""
    required = (*_REQUEST, _TYPE) if request.body else _REQUEST
    return _verify(request, find_key, now, required)


def verify_response(response: HopResponse, find_key: FindKey, now: datetime) -> Proof:
    """Return who signed the response to this very request, or raise as `verify_request` does."""
    return _verify(response, find_key, now, _covered_by_answer(response.request))


def _covered_by_answer(request: HopRequest) -> tuple[str, ...]:
    signed = any(name.lower() == "signature" for name in request.headers)
    return _RESPONSE if signed else _RESPONSE[:-1]


def _where_there(message: HopRequest | HopResponse) -> tuple[str, ...]:
    return tuple(f'"{name}"' for name in _IF_THERE if name in message.headers)


class _Keys(HTTPSignatureKeyResolver):
    """Trusted peers' keys, as the library asks for them."""

    def __init__(self, find_key: FindKey) -> None:
        self._find_key = find_key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """Return the key of this id, or None."""
        raw = self._find_key(key_id)
        return None if raw is None else public_key(raw)


class _Verifier(HTTPMessageVerifier):
    """Leaves the age to `_verify`, which asks the node's own clock after the signature."""

    def validate_created_and_expires(
        self, sig_input: Any, max_age: timedelta | None = None
    ) -> None:
        """Accept any time: see `_check_age`."""


def _sign(
    message: HopRequest | HopResponse, signer: Signer, now: datetime, covered: tuple[str, ...]
) -> None:
    library = HTTPMessageSigner(signature_algorithm=algorithms.ED25519)
    covered += _where_there(message)
    prepared = library.prepare(
        message,
        key_id=signer.kid,
        created=now.astimezone(UTC),
        nonce=secrets.token_urlsafe(_NONCE_BYTES),
        label=_LABEL,
        tag=TAG,
        covered_component_ids=covered,
        body=message.body,
    )
    # The library's `apply` would make the whole base a second time, for signers that take long.
    signature = b64encode(signer.sign(prepared.signature_base)).decode("ascii")
    message.headers["Signature-Input"] = f"{_LABEL}={prepared.signature_params}"
    message.headers["Signature"] = f"{_LABEL}=:{signature}:"


def _verify(
    message: HopRequest | HopResponse, find_key: FindKey, now: datetime, required: tuple[str, ...]
) -> Proof:
    required += _where_there(message)
    library = _Verifier(
        signature_algorithm=algorithms.ED25519,
        key_resolver=_Keys(find_key),
    )
    try:
        found = library.verify(message, max_age=None, expect_tag=TAG)
        # The library would compare coverage and digest too; it reads all names twice more for it.
        if len(found) != 1 or not found[0].covered_components.keys() >= set(required):
            raise BadEnvelope
        ContentDigest.verify(found[0].covered_components[_DIGEST], message.body)
    except (HTTPMessageSignaturesException, UnsupportedAlgorithm, ValueError) as cause:
        raise BadEnvelope from cause
    return _checked(found[0], now)


def _checked(found: VerifyResult, now: datetime) -> Proof:
    parameters: Mapping[str, Any] = found.parameters
    kid, nonce, created = (parameters.get(name) for name in ("keyid", "nonce", "created"))
    if not isinstance(kid, str) or not isinstance(nonce, str) or not isinstance(created, int):
        raise BadEnvelope
    if len(nonce) not in _NONCE_TEXT:
        raise BadEnvelope
    if abs(now.timestamp() - created) > WINDOW_SECONDS:
        raise ClockSkew
    return Proof(kid, nonce, created)
