"""Access tokens of an identity provider: signed JWTs in the profile of RFC 9068.

What a token says of roles, groups or branches is not read: those come from the account. And no
address in a token (`jku`, `x5u`) leads anywhere: keys are found by their id among those fetched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key
from joserfc.jws import JWSRegistry
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from rfl.domain.masked import Masked
from rfl.errors import NotSignedIn
from rfl.signin.signed_tokens import Signed, SignedTokens, digest_of

ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256", "ES384", "Ed25519"})
"""Public-key algorithms alone: with a shared secret, who checks a token could make one."""

MOST_BYTES: Final = 8_192
MOST_SECONDS: Final = 24 * 3600
"""How long a token may live in all. One that is valid for longer is an account's second key."""

LEEWAY: Final = 60
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_MOST_TEXT: Final = 255

FindKey = Callable[[str | None, str], Key]
"""Returns the issuer's key of this id for this algorithm, or raises NotSignedIn."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say to be for this node: issuer, audience, one of these algorithms."""

    issuer: str
    audience: str
    algorithms: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken(Masked):
    """What a node takes from a token: whom it is about, and its own id."""

    subject: str
    id: str


class _Form(JWSRegistry):
    max_header_length = 2_048
    max_payload_length = MOST_BYTES


def verify(
    token: str, expected: Expected, find: FindKey, seen: SignedTokens, now: datetime
) -> AccessToken:
    """Return what a valid token says (RFC 9068 section 4), or raise NotSignedIn: nobody is told
    what was wrong with it.
    """
    if len(token) > MOST_BYTES:
        raise NotSignedIn
    try:
        digest = digest_of(token)
        signed = _known(seen.find(digest), expected, find) or _signed(token, expected, find)
        _claims(expected, now).validate(signed.claims)
        if signed.claims["exp"] - signed.claims["iat"] > MOST_SECONDS:
            raise NotSignedIn
        found = AccessToken(_text(signed.claims["sub"]), _text(signed.claims["jti"]))
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        # The cause would bear what the token says.
        raise NotSignedIn from None
    seen.keep(digest, signed)
    return found


def _known(seen: Signed | None, expected: Expected, find: FindKey) -> Signed | None:
    """Return what is known of a token, unless the key that it asks for is no longer the same."""
    is_same = seen is not None and _key(seen.header, expected, find) is seen.key
    return seen if is_same else None


def _signed(token: str, expected: Expected, find: FindKey) -> Signed:
    """Return what a token says that is signed by the key for which it asks."""
    asked: list[Key] = []

    def key_of(signed: GuestProtocol) -> Key:
        asked.append(_key(signed.headers(), expected, find))
        return asked[0]

    form = _Form(algorithms=expected.algorithms, strict_check_header=False)
    found = jwt.decode(token, key_of, None, form)
    return Signed(found.header, found.claims, asked[0])


def _key(header: Mapping[str, Any], expected: Expected, find: FindKey) -> Key:
    """Return the key that a header asks for. What is no access token asks for none.

    An extension that must be understood (`crit`) is refused: this node understands none.
    """
    kind, algorithm, key_id = header.get("typ"), header.get("alg"), header.get("kid")
    if not isinstance(kind, str) or kind.lower() not in _TYPES or "crit" in header:
        raise NotSignedIn
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise NotSignedIn
    return find(None if key_id is None else _text(key_id), algorithm)


def _claims(expected: Expected, now: datetime) -> JWTClaimsRegistry:
    needed: ClaimsOption = {"essential": True}
    return JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.audience},
        **dict.fromkeys(("exp", "iat", "sub", "jti", "client_id"), needed),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        raise NotSignedIn
    return value
