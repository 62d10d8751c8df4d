"""HPKE (RFC 9180, base mode) with what is drawn by lot given: for test vectors alone.

Nobody may seal by this: whoever knows what was drawn opens the letter. The ML-KEM half of S2 was
drawn once, since `cryptography` draws it itself; it stands in mlkem768_encapsulation.txt.
"""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RECORDED: Final = Path(__file__).with_name("mlkem768_encapsulation.txt")
KEM: Final = {"S1": 0x0020, "S2": 0x647A}
_KDF, _AEAD = 0x0001, 0x0002
_LABEL: Final = b"\\.//^\\"


@dataclass(frozen=True)
class Sealed:
    """What came out, and what it was made with."""

    enc: bytes
    shared_secret: bytes
    key: bytes
    nonce: bytes
    ciphertext: bytes


def seal(suite: str, seed: bytes, drawn: bytes, info: bytes, content: bytes) -> Sealed:
    """Seal to the key of a private seed; `drawn` is the private half of the fresh X25519 key."""
    enc, secret = (_dhkem if suite == "S1" else _hybrid)(seed, drawn)
    suite_id = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (KEM[suite], _KDF, _AEAD))
    context = b"\x00" + _extract(suite_id, b"", b"psk_id_hash", b"")
    context += _extract(suite_id, b"", b"info_hash", info)
    schedule = _extract(suite_id, secret, b"secret", b"")
    key = _expand(suite_id, schedule, b"key", context, 32)
    nonce = _expand(suite_id, schedule, b"base_nonce", context, 12)
    return Sealed(enc, secret, key, nonce, AESGCM(key).encrypt(nonce, content, b""))


def _dhkem(seed: bytes, drawn: bytes) -> tuple[bytes, bytes]:
    """DHKEM(X25519, HKDF-SHA256), RFC 9180 section 4.1."""
    public = X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    enc, shared = _x25519(drawn, public)
    suite_id = b"KEM" + KEM["S1"].to_bytes(2, "big")
    secret = _extract(suite_id, b"", b"eae_prk", shared)
    return enc, _expand(suite_id, secret, b"shared_secret", enc + public, 32)


def _hybrid(seed: bytes, drawn: bytes) -> tuple[bytes, bytes]:
    """MLKEM768-X25519 (X-Wing), draft-ietf-hpke-pq-03 section 4."""
    expanded = hashlib.shake_256(seed).digest(96)
    recorded = bytes.fromhex(RECORDED.read_text("ascii"))
    one = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(recorded)
    public = X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()
    enc, other = _x25519(drawn, public)
    return recorded + enc, hashlib.sha3_256(one + other + enc + public + _LABEL).digest()


def _x25519(drawn: bytes, public: bytes) -> tuple[bytes, bytes]:
    private = X25519PrivateKey.from_private_bytes(drawn)
    shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    return private.public_key().public_bytes_raw(), shared


def _extract(suite_id: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite_id + label + material, "sha256")


def _expand(suite_id: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]
