"""Check at start that this machine's HPKE is the one that is published.

The vectors name private key, `enc`, and the key and nonce that must follow from them: RFC 9180's
own set for S1, and draft-ietf-hpke-pq-03 for the KEM of S2, which it publishes with ChaCha20 only.
S2's cipher is the one that S1's vector checks.
"""

import json
from importlib.resources import files
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke as library
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from rfl.crypto.hpke import OpeningKey, Suite, new_seed, private_key, seal
from rfl.errors import KeyUnavailable

_SUITES: Final = {32: Suite.S1, 25_722: Suite.S2}
_AES: Final = 2
_AEADS: Final = {_AES: library.AEAD.AES_256_GCM, 3: library.AEAD.CHACHA20_POLY1305}
_KEMS: Final = {Suite.S1: library.KEM.X25519, Suite.S2: library.KEM.MLKEM768_X25519}
_SAID: Final = b"Is anybody there?"


def check() -> None:
    """Return if both suites agree with the published vectors, or raise KeyUnavailable."""
    if not all(map(agrees, published())) or not all(map(_comes_back, Suite)):
        raise KeyUnavailable("This machine's HPKE fails its self-test.")


def published() -> list[dict[str, Any]]:
    """Return the vectors: numbers name the suite, the rest is in hexadecimal."""
    vectors = files("rfl.crypto").joinpath("hpke_vectors.json").read_text("utf-8")
    return list(json.loads(vectors))


def agrees(vector: dict[str, Any]) -> bool:
    """Seal by the published key and nonce: the published private key must open it."""
    suite, aead = _SUITES[vector["kem_id"]], vector["aead_id"]
    raw = {name: bytes.fromhex(value) for name, value in vector.items() if isinstance(value, str)}
    content = _sealed_by(aead, raw["key"], raw["base_nonce"])
    opening = library.Suite(_KEMS[suite], library.KDF.HKDF_SHA256, _AEADS[aead])
    key = private_key(suite, raw["skRm"])
    try:
        opened = opening.decrypt(raw["enc"] + content, key, raw["info"])
    except (InvalidTag, ValueError):
        return False
    return opened == _SAID and OpeningKey(suite, raw["skRm"]).public() == raw["pkRm"]


def _sealed_by(aead: int, key: bytes, nonce: bytes) -> bytes:
    cipher = AESGCM(key) if aead == _AES else ChaCha20Poly1305(key)
    return cipher.encrypt(nonce, _SAID, b"")


def _comes_back(suite: Suite) -> bool:
    key = OpeningKey(suite, new_seed())
    return key.open(b"self-test", seal(suite, key.public(), b"self-test", _SAID)) == _SAID
