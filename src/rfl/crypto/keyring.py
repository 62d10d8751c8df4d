"""The node's own keys and the provider that unlocks them once, at start and at rotation.

The keyring file lists versioned key-encryption keys (`identity` and `rest`), one `node` key
from which the keys of hashes, cursors and backups are derived, the `log` key that signs the
access log's checkpoints, and the `witness` key that cosigns those of peers. Each is wrapped under
a master key that comes from a passphrase (Argon2id, RFC 9106 section 4) or from a key file.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rfl.crypto.argon import key_from
from rfl.crypto.framing import joined
from rfl.crypto.memory import keep_memory_private
from rfl.errors import KeyUnavailable

FORMAT = "rfl-keyring-1"
IDENTITY, REST, NODE, LOG, WITNESS = "identity", "rest", "node", "log", "witness"
SOCIETY, HOP = "society", "hop"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Unlocked keys: name to version to 32 bytes. The highest version seals, all unwrap."""

    keys: Mapping[str, Mapping[int, bytes]] = field(repr=False)

    def current(self, name: str) -> int:
        """Return the version that new keys are wrapped under."""
        return max(self.keys[name])

    def with_new(self, *names: str) -> "Keyring":
        """Return a keyring with one fresh version more of each named key."""
        keys = {name: dict(versions) for name, versions in self.keys.items()}
        for name in names:
            versions = keys.setdefault(name, {})
            versions[max(versions, default=0) + 1] = secrets.token_bytes(32)
        return replace(self, keys=keys)

    def without(self, name: str, version: int) -> "Keyring":
        """Return a keyring that has forgotten one version of a key; the current one stays."""
        keys = {known: dict(versions) for known, versions in self.keys.items()}
        if version != self.current(name):
            keys[name].pop(version, None)
        return replace(self, keys=keys)

    def without_old(self, *names: str) -> "Keyring":
        """Return a keyring that has forgotten all but the current version of each named key."""
        keys = {name: dict(versions) for name, versions in self.keys.items()}
        for name in names:
            keys[name] = {self.current(name): keys[name][self.current(name)]}
        return replace(self, keys=keys)


class KeyProvider(Protocol):
    """Whoever holds the master key: a file here; a vault, KMS or HSM elsewhere."""

    def load(self) -> Keyring:
        """Unlock and return the keyring, or raise KeyUnavailable."""

    def save(self, keyring: Keyring) -> None:
        """Keep the keyring durably before returning."""

    def change(self, step: Callable[[Keyring], Keyring]) -> None:
        """Load, change and save the keyring while no other process does so."""

    def stamp(self) -> int:
        """Return a number that changes whenever the kept keyring changes; cheap to ask."""


@dataclass(frozen=True, slots=True)
class FileProvider:
    """A keyring file, locked by a passphrase or a key file. Exactly one of them is given."""

    path: Path
    passphrase: str | None = field(default=None, repr=False)
    key_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.passphrase is None) == (self.key_file is None):
            raise KeyUnavailable("Give either a passphrase or a key file.")
        if self.passphrase is not None and len(self.passphrase) < 12:
            raise KeyUnavailable("The passphrase must have at least 12 characters.")

    def exists(self) -> bool:
        """True if the keyring file is there."""
        return self.path.exists()

    def create(self) -> Keyring:
        """Make and keep a fresh keyring; an existing one is never overwritten."""
        if self.exists():
            raise KeyUnavailable("The keyring exists already; it is not overwritten.")
        keyring = Keyring({}).with_new(IDENTITY, REST, NODE, LOG, WITNESS)
        self._write(keyring, os.urandom(16))
        return keyring

    def load(self) -> Keyring:
        """Unlock the file, or raise KeyUnavailable (no file, wrong secret, changed file)."""
        content = self._read()
        master = self._master(base64.b64decode(content["salt"]))
        keys: dict[str, dict[int, bytes]] = {}
        for item in content["keys"]:
            name, version = item["name"], item["version"]
            raw = _unwrapped(master, base64.b64decode(item["wrapped"]), name, version)
            keys.setdefault(name, {})[version] = raw
        return Keyring(keys)

    def save(self, keyring: Keyring) -> None:
        """Replace the file in one step: written aside, synced, renamed."""
        self._write(keyring, base64.b64decode(self._read()["salt"]))

    def change(self, step: Callable[[Keyring], Keyring]) -> None:
        """Load, change and save the keyring, holding a lock on its folder."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            before = self.load()
            after = step(before)
            if after != before:
                self.save(after)
        finally:
            os.close(folder)

    def stamp(self) -> int:
        """Return the file's time of change in nanoseconds, 0 without a file."""
        try:
            return self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _read(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
            if content["format"] != FORMAT:
                raise KeyUnavailable("The keyring file has an unknown format.")
        except FileNotFoundError as cause:
            raise KeyUnavailable("There is no keyring file: run `rfl init`.") from cause
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise KeyUnavailable("The keyring file cannot be read.") from cause
        return content

    def _write(self, keyring: Keyring, salt: bytes) -> None:
        master = self._master(salt)
        keys = [
            {"name": name, "version": version, "wrapped": _wrapped(master, raw, name, version)}
            for name, versions in keyring.keys.items()
            for version, raw in versions.items()
        ]
        content = {"format": FORMAT, "salt": _text(salt), "keys": keys}
        _replace_file(self.path, json.dumps(content, indent=1).encode("utf-8"))

    def _master(self, salt: bytes) -> bytes:
        keep_memory_private()
        if self.key_file is not None:
            return _read_key_file(self.key_file)
        return key_from(self.passphrase or "", salt)


def make_key_file(path: Path) -> None:
    """Write 32 fresh random bytes, readable by the owner alone; never over another file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _read_key_file(path: Path) -> bytes:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyUnavailable("The key file must be readable by its owner alone (chmod 600).")
        raw = base64.b64decode(path.read_bytes(), validate=False)
    except (OSError, ValueError) as cause:
        raise KeyUnavailable("The key file cannot be read.") from cause
    if len(raw) != 32:
        raise KeyUnavailable("The key file must hold 32 bytes in base64.")
    return raw


def _wrapped(master: bytes, raw: bytes, name: str, version: int) -> str:
    nonce = os.urandom(12)
    place = joined("rfl1-keyring", name, str(version))
    return _text(nonce + AESGCM(master).encrypt(nonce, raw, place))


def _unwrapped(master: bytes, wrapped: bytes, name: str, version: int) -> bytes:
    place = joined("rfl1-keyring", name, str(version))
    try:
        return AESGCM(master).decrypt(wrapped[:12], wrapped[12:], place)
    except (InvalidTag, ValueError) as cause:
        raise KeyUnavailable("Wrong passphrase or key file, or a changed keyring.") from cause


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _replace_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
