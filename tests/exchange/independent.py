"""rfl/1 a second time, from docs/protocol.md alone: the standard library, `cryptography`, `pyhpke`.

Nothing of `rfl` is imported here, which a test watches. Whoever writes a node in another language
has no more than this to write for what travels.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyhpke import AEADId, CipherSuite, KDFId, KEMId

CLASSES = (16_384, 65_536, 262_144, 1_048_576)
S1 = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)
S2_ID = b"HPKE" + b"\x64\x7a" + b"\x00\x01" + b"\x00\x02"


class Refused(Exception):
    """What was read is not what it must be."""


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(said: str) -> bytes:
    try:
        found = base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True)
    except ValueError as cause:
        raise Refused from cause
    if text(found) != said:
        raise Refused
    return found


def strict(document: bytes) -> dict[str, Any]:
    """A JSON object that names no member twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _value in pairs}) != len(pairs):
            raise Refused
        return dict(pairs)

    try:
        found = json.loads(document, object_pairs_hook=once)
    except ValueError as cause:
        raise Refused from cause
    if not isinstance(found, dict):
        raise Refused
    return found


def require_signed(public: bytes, signature: bytes, covered: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, covered)
    except InvalidSignature as cause:
        raise Refused from cause


def signed_document(label: str, published: bytes, keys: dict[str, bytes]) -> dict[str, Any]:
    """A descriptor or a receipt that each of these keys has signed."""
    wire = strict(published)
    covered = label.encode() + b"\x00" + wire["p"].encode()
    lines = {line["kid"]: line for line in wire["s"] if line["alg"] == "Ed25519"}
    if not keys or not keys.keys() <= lines.keys():
        raise Refused
    for kid, public in keys.items():
        require_signed(public, raw(lines[kid]["sig"]), covered)
    return strict(raw(wire["p"]))


def descriptor(published: bytes) -> dict[str, Any]:
    """A descriptor, signed by each signing key that was current when it was issued."""
    document = strict(raw(strict(published)["p"]))
    current = {
        one["kid"]: raw(one["key"])
        for one in document["signing_keys"]
        if one["not_after"] > document["issued"]
    }
    return signed_document("rfl-descriptor-v1", published, current)


def fingerprint(document: dict[str, Any]) -> str:
    first = raw(document["signing_keys"][0]["key"])
    covered = b"rfl-descriptor-v1\x00" + document["code"].encode() + b"\x00" + first
    digest = hashlib.sha512(covered).digest()
    groups = [int.from_bytes(digest[at : at + 5], "big") % 100_000 for at in range(0, 60, 5)]
    return " ".join(f"{group:05}" for group in groups)


def filled(content: bytes) -> bytes:
    size = min(one for one in CLASSES if len(content) + 4 <= one)
    return (len(content).to_bytes(4, "big") + content).ljust(size, b"\x00")


def unfilled(framed: bytes) -> bytes:
    content = framed[4 : 4 + int.from_bytes(framed[:4], "big")]
    if len(content) + 4 > CLASSES[-1] or filled(content) != framed:
        raise Refused
    return content


@dataclass(frozen=True)
class OpeningKey:
    """The private half of a key that is sealed to, as its seed."""

    suite: str
    seed: bytes

    def open(self, info: bytes, sealed: bytes) -> bytes:
        try:
            return (self._open_s1 if self.suite == "S1" else self._open_s2)(info, sealed)
        except Exception as cause:
            raise Refused from cause

    def public(self) -> bytes:
        if self.suite == "S1":
            return X25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        lattice, curve = self._halves()
        return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()

    def _open_s1(self, info: bytes, sealed: bytes) -> bytes:
        private = S1.kem.deserialize_private_key(self.seed)
        opened = S1.create_recipient_context(sealed[:32], private, info=info).open(sealed[32:])
        return bytes(opened)

    def _open_s2(self, info: bytes, sealed: bytes) -> bytes:
        enc, content = sealed[:1_120], sealed[1_120:]
        key, nonce = s2_schedule(self.shared(enc), info)
        return AESGCM(key).decrypt(nonce, content, b"")

    def shared(self, enc: bytes) -> bytes:
        """X-Wing: both secrets, what the curve's half travelled as, its key, and the label."""
        lattice, curve = self._halves()
        one = lattice.decapsulate(enc[:1_088])
        other = curve.exchange(X25519PublicKey.from_public_bytes(enc[1_088:]))
        mixed = one + other + enc[1_088:] + curve.public_key().public_bytes_raw()
        return hashlib.sha3_256(mixed + b"\\.//^\\").digest()

    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(96)
        curve = X25519PrivateKey.from_private_bytes(expanded[64:])
        return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), curve


def s2_schedule(secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of a single message in base mode (RFC 9180, section 5.1)."""

    def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
        key = salt or bytes(32)
        return hmac.digest(key, b"HPKE-v1" + S2_ID + label + material, "sha256")

    def expand(label: bytes, length: int) -> bytes:
        covered = length.to_bytes(2, "big") + b"HPKE-v1" + S2_ID + label + context + b"\x01"
        return hmac.digest(schedule, covered, "sha256")[:length]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    schedule = extract(secret, b"secret", b"")
    return expand(b"key", 32), expand(b"base_nonce", 12)


def read(body: bytes, key: OpeningKey, sender: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and letter of an envelope, from the outside in, or Refused."""
    wire = strict(body)
    place = wire["p"].encode()
    digest = hashlib.sha256(wire["c"].encode()).digest()
    [line] = wire["s"]
    require_signed(sender, raw(line["sig"]), b"rfl-outer-v1\x00" + place + b"." + digest)
    header = strict(raw(wire["p"]))
    if header["suite"] != key.suite or header["crit"]:
        raise Refused
    content = unfilled(key.open(b"rfl-env-v1\x00" + place, raw(wire["c"])))
    require_signed(sender, content[:64], b"rfl-inner-v1\x00" + place + content[64:])
    letter = strict(content[64:])
    for name in ("id", "from", "to", "stream", "epoch", "seq"):
        if letter[name] != header[name]:
            raise Refused
    return header, letter


def write(header: str, letter: str, private: Ed25519PrivateKey, kid: str, seal: Any) -> bytes:
    """An envelope of these exact documents; `seal(info, content)` is the suite's."""
    place = text(header.encode()).encode()
    inner = letter.encode()
    signature = private.sign(b"rfl-inner-v1\x00" + place + inner)
    content = text(seal(b"rfl-env-v1\x00" + place, filled(signature + inner)))
    digest = hashlib.sha256(content.encode()).digest()
    outer = private.sign(b"rfl-outer-v1\x00" + place + b"." + digest)
    line = {"kid": kid, "alg": "Ed25519", "sig": text(outer)}
    return json.dumps(
        {"p": place.decode(), "c": content, "s": [line]}, separators=(",", ":")
    ).encode()


_INPUT = re.compile(r'^rfl=(\((.*?)\);created=([0-9]+);keyid="([^"]+)".*)$')


def signature_base(parameters: str, components: str, values: dict[str, str]) -> str:
    lines = [f"{name}: {values[name]}" for name in components.split(" ")]
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


def require_hop(message: dict[str, Any], asked: dict[str, Any] | None, public: bytes) -> str:
    """Check a request, or an answer to what was asked, by RFC 9421; return the signature base."""
    headers = message["headers"]
    found = _INPUT.match(headers["signature-input"])
    if found is None or 'tag="rfl-exchange"' not in found[1] or ';nonce="' not in found[1]:
        raise Refused
    digest = base64.b64encode(hashlib.sha256(message["body"].encode()).digest()).decode()
    if headers["content-digest"] != f"sha-256=:{digest}:":
        raise Refused
    values = {f'"{name}"': value for name, value in headers.items()}
    if asked is None:
        required = ['"@method"', '"@target-uri"', '"content-digest"']
        required += ['"content-type"'] if message["body"] else []
        values |= {'"@method"': message["method"], '"@target-uri"': message["url"]}
    else:
        required = ['"@status"', '"content-digest"', '"content-type"']
        values |= {'"@status"': str(message["status"])}
        of_request = {"@method": asked["method"], "@target-uri": asked["url"], **asked["headers"]}
        required += [f'"{name}";req' for name in ("@method", "@target-uri", "signature")]
        required = required if "signature" in asked["headers"] else required[:-1]
        values |= {f'"{name}";req': value for name, value in of_request.items()}
    if not set(required) <= set(found[2].split(" ")):
        raise Refused
    base = signature_base(found[1], found[2], values)
    signature = base64.b64decode(headers["signature"].removeprefix("rfl=:").removesuffix(":"))
    require_signed(public, signature, base.encode())
    return base


def leaves(now: int, tick: int) -> int:
    return now if not tick else now + -now % tick
