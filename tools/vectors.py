"""Make docs/vectors/*.json, by which another implementation of rfl/1 checks itself.

    python -m tools.vectors

The same files come out each time: keys, ids, times and whatever else is drawn by lot are fixed.
All keys in them are test keys, published, and good for nothing else.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, algorithms

from rfl.crypto.hpke import OpeningKey, Suite
from rfl.domain.purpose import Purpose
from rfl.exchange import batch, heads, hop, sizes
from rfl.exchange.descriptor import LABEL, Descriptor, Limits, Mode, PublishedKey, sign_descriptor
from rfl.exchange.encoding import to_bytes, to_text
from rfl.exchange.envelope import open_letter, parse_envelope, verify_outer
from rfl.exchange.header import Header
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.letter import Letter, LetterType, letter_bytes
from rfl.exchange.receipt import LABEL as RECEIPT_LABEL
from rfl.exchange.receipt import ReceiptStatus, receipt_for, sign_receipt
from rfl.exchange.signed import Signer
from tools import vector_hpke

FOLDER: Final = Path(__file__).parents[1] / "docs" / "vectors"
NOW: Final = 1_800_000_000
LATER: Final = NOW + 30 * 86_400
CODES: Final = ("alpha", "beta")
Vectors = dict[str, Any]


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in made().items():
        (FOLDER / name).write_text(content, "utf-8")


def made() -> dict[str, str]:
    """Return the files by name."""
    sealed = _envelopes()
    parts: dict[str, Any] = {
        "keys.json": _keys(),
        "descriptors.json": _descriptors(),
        "sizes.json": _sizes(),
        "envelopes.json": sealed,
        "receipts.json": _receipts(sealed),
        "hop.json": _hops(),
        "batches.json": _batches(),
        "ticks.json": _ticks(),
    }
    return {name: json.dumps(part, indent=1) + "\n" for name, part in parts.items()}


def _seed(*words: str) -> bytes:
    return hashlib.sha256("/".join(("rfl/1 test key", *words)).encode()).digest()


def _kid(code: str, name: str) -> str:
    return f"{code}-test-{name}"


def _signer(code: str, name: str = "signing") -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(_seed(code, name))
    return Signer(_kid(code, name), private.sign)


def _public(code: str, name: str = "signing") -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(_seed(code, name))
    return private.public_key().public_bytes_raw()


def _keys() -> Vectors:
    societies = {}
    for code in CODES:
        keys = {
            name: {
                "kid": _kid(code, name),
                "seed": _seed(code, name).hex(),
                "public": _public(code, name).hex(),
            }
            for name in ("signing", "hop")
        }
        for suite in Suite:
            key = OpeningKey(suite, _seed(code, suite))
            keys[suite] = {
                "kid": _kid(code, suite.lower()),
                "seed": key.seed.hex(),
                "public": key.public().hex(),
            }
        societies[code] = keys
    return {"note": "TEST KEYS, published: trust nothing that they sign", "societies": societies}


def _descriptor(code: str) -> Descriptor:
    def published(name: str) -> PublishedKey:
        return PublishedKey(kid=_kid(code, name), public=_public(code, name), not_after=LATER)

    sealing = tuple(
        PublishedKey(
            kid=_kid(code, suite.lower()),
            public=OpeningKey(suite, _seed(code, suite)).public(),
            not_after=LATER,
            suite=suite,
        )
        for suite in Suite
    )
    return Descriptor(
        code=code,
        name=f"Test society {code}",
        base_url=f"https://{code}.example",
        signing_keys=(published("signing"),),
        hop_keys=(published("hop"),),
        sealing_keys=sealing,
        limits=Limits(),
        contact="nobody: a test society",
        mode=Mode.EXERCISE,
        issued=NOW,
    )


def _descriptors() -> list[Vectors]:
    found = []
    for code in CODES:
        descriptor = _descriptor(code)
        signed = sign_descriptor(descriptor, [_signer(code)])
        first = LABEL + b"\x00" + code.encode() + b"\x00" + descriptor.signing_keys[0].public
        found.append(
            {
                "code": code,
                "document": signed.document.decode(),
                "covered": (LABEL + b"\x00" + to_text(signed.document).encode()).hex(),
                "signature": to_bytes(signed.lines[0].sig).hex(),
                "published": signed.to_bytes().decode(),
                "fingerprint_input": first.hex(),
                "fingerprint_sha512": hashlib.sha512(first).hexdigest(),
                "fingerprint": descriptor.fingerprint(),
            }
        )
    return found


def _sizes() -> Vectors:
    lengths = [0, 1, 64, 16_380, 16_381, 65_532, 65_533, 262_140, 262_141, 1_048_572]
    return {
        "classes": list(sizes.CLASSES),
        "filled": [{"content": n, "size": len(sizes.filled(bytes(n)))} for n in lengths],
        "example": {"content": b"abc".hex(), "begins": sizes.filled(b"abc")[:8].hex()},
        "too_large": sizes.MOST + 1,
    }


def _header(name: str, suite: Suite, seq: int, prev: bytes) -> Header:
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    digest = hashlib.sha256(name.encode()).digest()
    return Header(
        id="env_" + "".join(letters[byte % 32] for byte in digest[:26]),
        sender="alpha",
        recipient="beta",
        sealed_to=_kid("beta", suite.lower()),
        suite=suite,
        stream=8,
        epoch=1,
        seq=seq,
        prev=prev,
        issued=NOW,
        expires=LATER,
        exercise=True,
    )


def _envelopes() -> Vectors:
    found: list[Vectors] = []
    prev = bytes(32)
    for seq, (name, suite) in enumerate((("first", Suite.S2), ("second", Suite.S1)), 1):
        data = {"text": f"The {name} letter: здраво, سلام"}
        letter = Letter(type=LetterType.PING, purpose=Purpose.TRACING, data=data)
        found.append(_envelope(name, _header(name, suite, seq, prev), letter))
        prev = bytes.fromhex(found[-1]["digest"])
    return {"sealed": found, "refused": _refused()}


def _envelope(name: str, header: Header, letter: Letter) -> Vectors:
    place = to_text(header.to_bytes()).encode()
    inner = letter_bytes(header, letter)
    inner_covered = b"rfl-inner-v1\x00" + place + inner
    signature = _signer("alpha").sign(inner_covered)
    filled = sizes.filled(signature + inner)
    info = b"rfl-env-v1\x00" + place
    seed, drawn = _seed("beta", header.suite), _seed("drawn", name)
    sealed = vector_hpke.seal(header.suite, seed, drawn, info, filled)
    content = to_text(sealed.enc + sealed.ciphertext)
    digest = hashlib.sha256(content.encode()).digest()
    outer_covered = b"rfl-outer-v1\x00" + place + b"." + digest
    outer = _signer("alpha").sign(outer_covered)
    line = {"kid": _kid("alpha", "signing"), "alg": "Ed25519", "sig": to_text(outer)}
    wire = {"p": place.decode(), "c": content, "s": [line]}
    body = json.dumps(wire, separators=(",", ":"))
    _require_readable(body.encode(), header.suite, letter)
    return {
        "name": name,
        "header": header.to_bytes().decode(),
        "letter": inner.decode(),
        "inner_covered": inner_covered.hex(),
        "inner_signature": signature.hex(),
        "filled_sha256": hashlib.sha256(filled).hexdigest(),
        "info": info.hex(),
        "drawn": drawn.hex(),
        "enc": sealed.enc.hex(),
        "shared_secret": sealed.shared_secret.hex(),
        "key": sealed.key.hex(),
        "nonce": sealed.nonce.hex(),
        "outer_covered": outer_covered.hex(),
        "outer_signature": outer.hex(),
        "body": body,
        "digest": hashlib.sha256(body.encode()).hexdigest(),
    }


def _require_readable(body: bytes, suite: Suite, letter: Letter) -> None:
    """A node reads it: otherwise it is no vector."""
    envelope = parse_envelope(body)
    verify_outer(envelope, _kid("alpha", "signing"), _public("alpha"))
    found = open_letter(envelope, OpeningKey(suite, _seed("beta", suite)), _public("alpha"))
    if found != letter:
        raise AssertionError("a vector that a node does not read")


def _refused() -> list[Vectors]:
    """One character of the first body is another one: each is `bad-envelope`."""
    places = {"p": 40, "c": 2_000, "s": 60}
    return [{"of": "first", "member": name, "at": at} for name, at in places.items()]


def _receipts(sealed: Vectors) -> list[Vectors]:
    envelope = parse_envelope(sealed["sealed"][0]["body"].encode())
    found = []
    for status in ReceiptStatus:
        reason = "not-understood" if status is ReceiptStatus.REJECTED else None
        signed = sign_receipt(receipt_for(envelope, status, NOW + 60, reason), _signer("beta"))
        covered = RECEIPT_LABEL + b"\x00" + to_text(signed.document).encode()
        found.append(
            {
                "of": "first",
                "status": status,
                "document": signed.document.decode(),
                "covered": covered.hex(),
                "signature": to_bytes(signed.lines[0].sig).hex(),
                "receipt": signed.to_bytes().decode(),
            }
        )
    return found


def _hops() -> list[Vectors]:
    status = HopRequest("GET", "https://beta.example/rfl/v1/status", {})
    told = b'{"versions":[1]}'
    ids = batch.questions([_header("first", Suite.S2, 1, bytes(32)).id])
    body_type = {"content-type": batch.QUESTIONS_TYPE}
    asked = HopRequest("POST", "https://beta.example/rfl/v1/receipts", body_type, ids)
    problem = json.dumps({"status": 400, "code": "bad-envelope", "retry": "never"}).encode()
    unsigned = HopRequest("GET", "https://beta.example/rfl/v1/status", {})
    return [
        _exchanged("a call without a body", status, 200, "application/json", told),
        _exchanged("a call with a body, an error", asked, 400, "application/problem+json", problem),
        _exchanged("an unsigned call", unsigned, 400, "application/problem+json", problem),
    ]


def _exchanged(name: str, request: HopRequest, status: int, media: str, body: bytes) -> Vectors:
    found: Vectors = {"name": name}
    if not name.startswith("an unsigned"):
        covered = ("@method", "@target-uri", "content-digest")
        covered += ("content-type",) if request.body else ()
        base = _sign(request, "alpha", covered, _nonce(name, "request"))
        hop.verify_request(request, {_kid("alpha", "hop"): _public("alpha", "hop")}.get, _at())
        found["request_base"] = base
    response = HopResponse(status, {"content-type": media}, request, body)
    covered = ("@status", "content-digest", "content-type", '"@method";req', '"@target-uri";req')
    covered += ('"signature";req',) if "request_base" in found else ()
    found["answer_base"] = _sign(response, "beta", covered, _nonce(name, "answer"))
    hop.verify_response(response, {_kid("beta", "hop"): _public("beta", "hop")}.get, _at())
    asked = {"method": request.method, "url": request.url}
    found["request"] = asked | {"headers": dict(request.headers), "body": request.body.decode()}
    answer = {"status": status, "headers": dict(response.headers), "body": body.decode()}
    return found | {"answer": answer}


def _sign(message: Any, code: str, covered: tuple[str, ...], nonce: str) -> str:
    """Sign as `hop` does, with a nonce that is given; return the signature base."""
    library = HTTPMessageSigner(signature_algorithm=algorithms.ED25519)
    signer = _signer(code, "hop")
    prepared = library.prepare(
        message,
        key_id=signer.kid,
        created=_at(),
        nonce=nonce,
        label="rfl",
        tag=hop.TAG,
        covered_component_ids=covered,
        body=message.body,
    )
    library.apply(message, prepared, signer.sign(prepared.signature_base))
    lowered = {name.lower(): value for name, value in message.headers.items()}
    message.headers.clear()
    message.headers.update(lowered)
    return prepared.signature_base.decode()


def _nonce(*words: str) -> str:
    return to_text(_seed("nonce", *words)[:16])


def _at() -> datetime:
    return datetime.fromtimestamp(NOW, UTC)


def _batches() -> Vectors:
    bodies = [b'{"p":"...","c":"...","s":[]}', b'{"p":"second","c":"...","s":[]}']
    said = [batch.Said(b"receipt bytes"), batch.Said(None, "stream-fork")]
    return {
        "envelopes": [body.decode() for body in bodies],
        "request": batch.joined(bodies).decode(),
        "receipts": [b"receipt bytes".decode(), None],
        "problems": [None, "stream-fork"],
        "answer": batch.answer(said).decode(),
        "heads": {"0": [1, 17], "8": [3, 2]},
        "heads_document": heads.to_bytes({0: (1, 17), 8: (3, 2)}).decode(),
    }


def _ticks() -> list[Vectors]:
    """Seconds since 1970 at which a letter is written, and at which it leaves."""
    cases = [(NOW, 300), (NOW + 1, 300), (NOW + 299, 300), (NOW + 300, 300), (NOW + 7, 0)]
    return [
        {"now": now, "tick": tick, "leaves": -(-now // tick) * tick if tick else now}
        for now, tick in cases
    ]


if __name__ == "__main__":
    main()
