"""The key agent: the one holder of key-encryption keys, behind a small interface.

Embedded nodes run it inside the one process (`LocalAgent`). It makes and unwraps the two data
keys of each record, derives the keys of hashes, and signs the access log. A wrapped data key is
`0x01 || version (2) || nonce (12) || AES-256-GCM`, bound to its record, half and version.
"""

import hmac
import io
import os
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rfl.crypto.framing import joined, sized_each
from rfl.crypto.hpke import OpeningKey, Suite, opening_key
from rfl.crypto.keyring import (
    HOP,
    IDENTITY,
    LOG,
    NODE,
    REST,
    SOCIETY,
    WITNESS,
    KeyProvider,
    Keyring,
)
from rfl.crypto.sealing import DataKey
from rfl.errors import KeyUnavailable, SealBroken

HALVES = (IDENTITY, REST)
SIGNERS = frozenset({LOG, WITNESS, SOCIETY, HOP})
SEALED_TO = {Suite.S1: "seal-s1", Suite.S2: "seal-s2"}
_HEAD = struct.Struct(">BH")
# Random bytes for a record: two keys, and a nonce for wrapping each.
_DRAWN = 2 * 32 + 2 * 12
_signing = lru_cache(maxsize=64)(Ed25519PrivateKey.from_private_bytes)
_Way = tuple[Callable[[bytes, bytes, bytes], bytes], bytes, bytes]


@dataclass(frozen=True, slots=True)
class FreshKeys:
    """The two data keys of a new record: to seal with now, and wrapped to keep."""

    identity: DataKey
    rest: DataKey
    wrapped_identity: bytes
    wrapped_rest: bytes
    version: int


class KeyAgent(Protocol):
    """What the node asks of whoever holds the keys."""

    def create(self, record: str) -> FreshKeys:
        """Make the two data keys of a new record."""

    def create_many(self, records: Sequence[str]) -> list[FreshKeys]:
        """Make the two data keys of each of these new records, in their order."""

    def unwrap(self, half: str, record: str, wrapped: bytes) -> DataKey:
        """Return a record's data key, or raise SealBroken or KeyUnavailable."""

    def unwrap_many(
        self, half: str, records: Sequence[str], wrapped: Sequence[bytes]
    ) -> list[bytes]:
        """Return many records' raw data keys in one call; one that fails fails all."""

    def rewrap(self, half: str, record: str, wrapped: bytes) -> bytes:
        """Return the same data key wrapped under the current version."""

    def version(self) -> int:
        """Return the current version of the key-encryption keys."""

    def keyed_hash(self, kind: str, value: bytes) -> bytes:
        """Return HMAC-SHA-256 under a key of this kind that never lies with the database."""

    def derived(self, label: str) -> bytes:
        """Return 32 bytes for one named use (cursors, backups), stable for this node."""

    def sign(self, label: str, content: bytes, version: int | None = None) -> bytes:
        """Return an Ed25519 signature (RFC 8032) by a version of the signing key of this name."""

    def public_key(self, label: str, version: int | None = None) -> bytes:
        """Return the 32 bytes that signatures of this name and version verify with."""

    def new_key(self, name: str) -> int:
        """Make and keep a new version of a key of the exchange; return it."""

    def key_versions(self, name: str) -> tuple[int, ...]:
        """Return the versions of a key of the exchange that are held, the oldest first."""

    def destroy_key(self, name: str, version: int) -> None:
        """Forget one version of a key of the exchange, for ever; the current one stays."""

    def opening_key(self, suite: Suite, version: int) -> OpeningKey:
        """Return the key that others sealed to, or raise KeyUnavailable if it was destroyed."""

    def unwraps(self) -> int:
        """Return how many data keys were unwrapped since the start: it must equal the log's."""


@dataclass(slots=True)
class LocalAgent:
    """The agent inside the one process of an embedded node."""

    provider: KeyProvider = field(repr=False)
    _keyring: Keyring = field(init=False, repr=False)
    _wrappers: dict[tuple[str, int], AESGCM] = field(init=False, repr=False)
    _stamp: int = field(default=0, init=False)
    _unwraps: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Ask the provider again, as after a rotation by another process."""
        self._stamp = self.provider.stamp()
        self._keyring = self.provider.load()
        self._wrappers = {
            (name, version): AESGCM(raw)
            for name in HALVES
            for version, raw in self._keyring.keys[name].items()
        }
        for made in (_signing, _derived, opening_key):
            made.cache_clear()

    def create(self, record: str) -> FreshKeys:
        """Make the two data keys of a new record."""
        return self.create_many([record])[0]

    def create_many(self, records: Sequence[str]) -> list[FreshKeys]:
        """Make the two data keys of each of these new records, in their order."""
        if self.provider.stamp() != self._stamp:
            self.reload()
        version, drawn = self.version(), io.BytesIO(os.urandom(_DRAWN * len(records)))
        return [self._fresh(record, version, drawn.read) for record in records]

    def unwrap(self, half: str, record: str, wrapped: bytes) -> DataKey:
        """Return a record's data key, or raise SealBroken or KeyUnavailable."""
        key = DataKey(self._unwrap(half, record, wrapped))
        with self._lock:
            self._unwraps += 1
        return key

    def unwrap_many(
        self, half: str, records: Sequence[str], wrapped: Sequence[bytes]
    ) -> list[bytes]:
        """Return many records' raw data keys in one call; one that fails fails all."""
        ways = {head: self._way(half, head) for head in {one[: _HEAD.size] for one in wrapped}}
        keys: list[bytes] = []
        try:
            for own, value in zip(sized_each(records), wrapped, strict=True):
                decrypt, before, after = ways[value[:3]]
                keys.append(decrypt(value[3:15], value[15:], before + own + after))
        except (InvalidTag, ValueError) as cause:
            raise SealBroken from cause
        with self._lock:
            self._unwraps += len(keys)
        return keys

    def rewrap(self, half: str, record: str, wrapped: bytes) -> bytes:
        """Return the same data key wrapped under the current version."""
        raw = self._unwrap(half, record, wrapped)
        return self._wrap(half, record, raw, self.version(), os.urandom(12))

    def version(self) -> int:
        """Return the current version of the key-encryption keys."""
        return self._keyring.current(IDENTITY)

    def keyed_hash(self, kind: str, value: bytes) -> bytes:
        """Return HMAC-SHA-256 under a key of this kind that never lies with the database."""
        return hmac.digest(self.derived(f"hash:{kind}"), value, "sha256")

    def derived(self, label: str) -> bytes:
        """Return 32 bytes for one named use (cursors, backups), stable for this node."""
        return _derived(self._keyring.keys[NODE][1], label)

    def sign(self, label: str, content: bytes, version: int | None = None) -> bytes:
        """Return an Ed25519 signature (RFC 8032) by a version of the signing key of this name."""
        return self._signer(label, version).sign(content)

    def public_key(self, label: str, version: int | None = None) -> bytes:
        """Return the 32 bytes that signatures of this name and version verify with."""
        return self._signer(label, version).public_key().public_bytes_raw()

    def opening_key(self, suite: Suite, version: int) -> OpeningKey:
        """Return the key that others sealed to, or raise KeyUnavailable if it was destroyed."""
        if version not in self._keyring.keys.get(SEALED_TO[suite], {}):
            self.reload()
        known = self._keyring.keys.get(SEALED_TO[suite], {})
        if version not in known:
            raise KeyUnavailable("This key was destroyed, or never made.")
        return opening_key(suite, known[version])

    def new_key(self, name: str) -> int:
        """Make and keep a new version of a key of the exchange; return it."""
        self.provider.change(lambda kept: kept.with_new(name))
        self.reload()
        return self._keyring.current(name)

    def key_versions(self, name: str) -> tuple[int, ...]:
        """Return the versions of a key of the exchange that are held, the oldest first."""
        if self.provider.stamp() != self._stamp:
            self.reload()
        return tuple(sorted(self._keyring.keys.get(name, {})))

    def destroy_key(self, name: str, version: int) -> None:
        """Forget one version of a key of the exchange, for ever; the current one stays."""
        self.provider.change(lambda kept: kept.without(name, version))
        self.reload()

    def unwraps(self) -> int:
        """Return how many data keys were unwrapped since the start."""
        return self._unwraps

    def rotate(self) -> int:
        """Make and keep a new version of both key-encryption keys; return it."""
        self.provider.change(lambda kept: kept.with_new(*HALVES))
        self.reload()
        return self.version()

    def destroy_old(self) -> None:
        """Forget every version but the current one, for ever."""
        self.provider.change(lambda kept: kept.without_old(*HALVES))
        self.reload()

    def _signer(self, label: str, version: int | None = None) -> Ed25519PrivateKey:
        """Return a signing key, the current one unless told; what is missing is made now."""
        if label not in SIGNERS:
            raise KeyUnavailable("There is no signing key of this name.")
        if label not in self._keyring.keys:
            self.provider.change(lambda kept: kept if label in kept.keys else kept.with_new(label))
            self.reload()
        if version not in (None, *self._keyring.keys[label]):  # made by another process
            self.reload()
        versions = self._keyring.keys[label]
        raw = versions.get(version or self._keyring.current(label))
        if raw is None:
            raise KeyUnavailable("This key was destroyed, or never made.")
        return _signing(raw)

    def _fresh(self, record: str, version: int, draw: Callable[[int], bytes]) -> FreshKeys:
        identity, rest = draw(32), draw(32)
        return FreshKeys(
            DataKey(identity),
            DataKey(rest),
            self._wrap(IDENTITY, record, identity, version, draw(12)),
            self._wrap(REST, record, rest, version, draw(12)),
            version,
        )

    def _wrap(self, half: str, record: str, raw: bytes, version: int, nonce: bytes) -> bytes:
        place = joined("rfl1-key", half, record, str(version))
        sealed = self._wrappers[half, version].encrypt(nonce, raw, place)
        return _HEAD.pack(1, version) + nonce + sealed

    def _unwrap(self, half: str, record: str, wrapped: bytes) -> bytes:
        if len(wrapped) != _HEAD.size + 12 + 48:
            raise SealBroken
        form, version = _HEAD.unpack_from(wrapped)
        if form != 1:
            raise SealBroken
        place = joined("rfl1-key", half, record, str(version))
        try:
            return self._wrapper(half, version).decrypt(wrapped[3:15], wrapped[15:], place)
        except InvalidTag as cause:
            raise SealBroken from cause

    def _way(self, half: str, head: bytes) -> _Way:
        """Return how keys with this head are unwrapped: by which key, bound to what."""
        if len(head) != _HEAD.size or head[0] != 1:
            raise SealBroken
        version = _HEAD.unpack(head)[1]
        place = joined("rfl1-key", half), joined(str(version))
        return self._wrapper(half, version).decrypt, *place

    def _wrapper(self, half: str, version: int) -> AESGCM:
        if (half, version) not in self._wrappers:
            self.reload()
        try:
            return self._wrappers[half, version]
        except KeyError as cause:
            raise KeyUnavailable("This version of the keys was destroyed.") from cause


@lru_cache(maxsize=64)
def _derived(secret: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"rfl1-derive\x00" + label.encode()).derive(secret)
