"""Envelopes and calls in which one thing can be made wrong, part by part.

They are put together here anew, not by the code that nodes use: so a part can be wrong that a
node would never make, and a mistake of that code is not made twice.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rfl.crypto import hpke
from rfl.domain.ids import new_id
from rfl.exchange.descriptor import PublishedKey
from rfl.exchange.encoding import to_text
from rfl.exchange.hop import TAG, HopRequest
from rfl.exchange.signed import Signer
from rfl.exchange.sizes import filled

MOST_AGE: Final = 86_400
_COVERED: Final = ("@method", "@target-uri", "content-digest", "content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What is different in an envelope from one that is right; a None member is left out."""

    header: Mapping[str, Any] = field(default_factory=dict)
    inner: Mapping[str, Any] = field(default_factory=dict)
    frame: Callable[[bytes], bytes] = filled
    inner_place: bytes | None = None
    inner_signer: Signer | None = None
    outer_signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An envelope to send: its id, its exact body and its place."""

    id: str
    body: bytes = field(repr=False)
    epoch: int
    seq: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body).digest()


@dataclass(slots=True, kw_only=True)
class Stream:
    """A stream as its sender keeps it: the last place given out, and what stood there."""

    sender: str
    recipient: str
    signer: Signer
    key: PublishedKey
    number: int
    epoch: int
    seq: int = 0
    prev: bytes = bytes(32)

    def next(self, odd: Odd | None = None) -> Made:
        """Return the envelope of the next place, wrong only in what `odd` says."""
        made = self.at(self.seq + 1, odd)
        self.seq, self.prev = made.seq, made.digest
        return made

    def at(self, seq: int, odd: Odd | None = None) -> Made:
        """Return an envelope for any place; the stream stays where it is."""
        odd = odd or Odd()
        header = _kept(self._header(seq) | dict(odd.header))
        body = self._sealed(header, odd)
        return Made(str(header["id"]), body, self.epoch, seq)

    def _header(self, seq: int) -> dict[str, Any]:
        now = int(time.time())
        return {
            "v": 1,
            "typ": "rfl-env",
            "id": new_id("env"),
            "from": self.sender,
            "to": self.recipient,
            "kid_enc": self.key.kid,
            "suite": self.key.suite,
            "stream": self.number,
            "epoch": self.epoch,
            "seq": seq,
            "prev": to_text(self.prev),
            "iat": now,
            "expires_at": now + MOST_AGE,
            "exercise": True,
            "crit": [],
        }

    def _sealed(self, header: dict[str, Any], odd: Odd) -> bytes:
        repeated = {name: header.get(name) for name in ("id", "from", "to", "stream", "epoch")}
        letter = {"type": "ping", "schema_version": 1, "purpose": "administration", "data": {}}
        inner = _json(_kept(repeated | {"seq": header.get("seq")} | letter | dict(odd.inner)))
        place = to_text(_json(header)).encode("ascii")
        inner_signer = odd.inner_signer or self.signer
        signature = inner_signer.sign(b"rfl-inner-v1\x00" + (odd.inner_place or place) + inner)
        suite = self.key.suite or hpke.Suite.S1
        info = b"rfl-env-v1\x00" + place
        sealed = hpke.seal(suite, self.key.public, info, odd.frame(signature + inner))
        return envelope_bytes(place, to_text(sealed), odd.outer_signer or self.signer)


def envelope_bytes(place: bytes, content: str, signer: Signer) -> bytes:
    """Return header and sealed content, both as base64url, signed outside."""
    digest = hashlib.sha256(content.encode("ascii")).digest()
    signature = signer.sign(b"rfl-outer-v1\x00" + place + b"." + digest)
    line = {"kid": signer.kid, "alg": "Ed25519", "sig": to_text(signature)}
    return _json({"p": place.decode("ascii"), "c": content, "s": [line]})


@dataclass(frozen=True, slots=True, kw_only=True)
class OddHop:
    """What is different in the signature of a call from one that is right."""

    signer: Signer | None = None
    skew: int = 0
    leave_out: str = ""
    tag: str = TAG
    nonce: str | None = None
    signed: Mapping[str, str] = field(default_factory=dict)


def sign_call(request: HopRequest, signer: Signer, odd: OddHop) -> None:
    """Sign a request by RFC 9421; `odd.signed` has values that are signed instead of the true."""
    digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode("ascii")
    request.headers["content-digest"] = f"sha-256=:{digest}:"
    values = {"@method": request.method, "@target-uri": request.url, **request.headers}
    values |= odd.signed
    covered = [name for name in _COVERED if name in values and name != odd.leave_out]
    key = odd.signer or signer
    nonce = secrets.token_urlsafe(16) if odd.nonce is None else odd.nonce
    created = int(time.time()) + odd.skew
    listed = " ".join(f'"{name}"' for name in covered)
    more = f';nonce="{nonce}"' if nonce else ""
    parameters = f'({listed});created={created};keyid="{key.kid}"{more};tag="{odd.tag}"'
    lines = [f'"{name}": {values[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = base64.b64encode(key.sign(base.encode("utf-8"))).decode("ascii")
    request.headers["signature-input"] = f"rfl={parameters}"
    request.headers["signature"] = f"rfl=:{signature}:"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode("utf-8")


def _kept(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}
