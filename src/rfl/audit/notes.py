"""Signed notes, checkpoints and cosignatures, byte for byte as C2SP writes them.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (v1, Ed25519).
What is wrong with a note that came from elsewhere is one error, MalformedFile; whether a known
key has signed it is asked with `signed_by` and `cosigned_at`.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rfl.errors import MalformedFile

MOST_SIGNATURES = 64
MOST_BYTES = 64 * 1024
_DASH = "\u2014 "
_LARGEST_TIME = 2**63 - 1

Sign = Callable[[bytes], bytes]
"""Makes an Ed25519 signature (RFC 8032), as a key agent does for one of its keys."""


class Kind(IntEnum):
    """What a key signs, by the byte that the specification assigns."""

    NOTE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and an Ed25519 public key for one kind of signature."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise MalformedFile("A key of a log has 32 bytes.")

    @property
    def id(self) -> bytes:
        """SHA-256(name || 0x0A || kind || public key)[:4] (signed-note, Signatures)."""
        content = self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(content).digest()[:4]

    def to_text(self) -> str:
        """Return `name+id+base64(kind || key)`, as keys are handed out."""
        return f"{self.name}+{self.id.hex()}+{_text(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note; `value` is what follows the four bytes of the key's id."""

    name: str
    id: bytes
    value: bytes

    def to_text(self) -> str:
        """Return the line with its newline."""
        return f"{_DASH}{self.name} {_text(self.id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and who signed it. Believe it after `signed_by` alone."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def to_bytes(self) -> bytes:
        """Return text, empty line and signature lines."""
        return (self.text + "\n" + "".join(one.to_text() for one in self.signatures)).encode()

    def with_signature(self, signature: Signature) -> "Note":
        """Return the note with one line more; the same line twice stays one."""
        if signature in self.signatures:
            return self
        return replace(self, signatures=(*self.signatures, signature))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says about itself: its name, its size and its root at that size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the note's text: origin, size, root, extensions, a line each."""
        lines = (self.origin, str(self.size), _text(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_key(text: str) -> VerifierKey:
    """Return the key that `name+id+base64` says; an id that is not the key's is refused."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise MalformedFile("A log's key is written name+id+key.")
    raw = _bytes(parts[2])
    try:
        key = VerifierKey(parts[0], Kind(raw[0] if raw else 0), raw[1:])
    except ValueError as cause:
        raise MalformedFile("This kind of key is not known.") from cause
    if key.id.hex() != parts[1]:
        raise MalformedFile("The id of a log's key is not that of the key.")
    return key


def parse_note(raw: bytes) -> Note:
    """Return the note, whoever signed it, or raise MalformedFile."""
    if len(raw) > MOST_BYTES:
        raise MalformedFile("The note is too long.")
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise MalformedFile("A note is UTF-8.") from cause
    if any(letter < " " and letter != "\n" for letter in content):
        raise MalformedFile("A note has no control characters.")
    text, found, lines = content.rpartition("\n\n")
    if not found or not lines.endswith("\n"):
        raise MalformedFile("A note is a text, an empty line and signatures.")
    signatures = [_parse_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MOST_SIGNATURES:
        raise MalformedFile("The note has too many signatures.")
    return Note(text + "\n", tuple(signatures))


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what a note's text says of a log, or raise MalformedFile."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise MalformedFile("A checkpoint has an origin, a size and a root, a line each.")
    origin, size, root, *extensions = lines
    if not size.isascii() or not size.isdecimal() or str(int(size[:20])) != size:
        raise MalformedFile("The size of a checkpoint is a decimal number.")
    raw = _bytes(root)
    if len(raw) != 32:
        raise MalformedFile("The root of a checkpoint has 32 bytes.")
    return Checkpoint(origin, int(size), raw, tuple(extensions))


def signed(text: str, key: VerifierKey, sign: Sign) -> Note:
    """Return a note with the signature of its author."""
    return Note(text, (Signature(key.name, key.id, sign(text.encode("utf-8"))),))


def signed_by(note: Note, key: VerifierKey) -> bool:
    """Tell whether the key of a note's author has signed it.

    Lines of other keys are ignored. A line of this key that does not verify spoils the note,
    even beside one that does (signed-note, Signatures).
    """
    own = [one.value for one in note.signatures if _is_of(one, key)]
    content = note.text.encode("utf-8")
    return key.kind is Kind.NOTE and _all_verify(key, [(value, content) for value in own])


def cosignature(note: Note, key: VerifierKey, at: datetime, sign: Sign) -> Signature:
    """Return a witness's line: as of `at` this is the largest consistent tree it has seen.

    The caller has checked the consistency; the note must be a checkpoint (tlog-cosignature).
    """
    parse_checkpoint(note.text)
    seconds = int(at.astimezone(UTC).timestamp())
    value = seconds.to_bytes(8, "big") + sign(_cosigned_bytes(note, seconds))
    return Signature(key.name, key.id, value)


def cosigned_at(note: Note, key: VerifierKey) -> datetime | None:
    """Return when this witness cosigned, the latest time if it did so repeatedly, or None."""
    own = [one.value for one in note.signatures if _is_of(one, key)]
    if key.kind is not Kind.COSIGNATURE or any(len(value) != 72 for value in own):
        return None
    times = [int.from_bytes(value[:8], "big") for value in own]
    pairs = [
        (value[8:], _cosigned_bytes(note, seconds))
        for value, seconds in zip(own, times, strict=True)
    ]
    if max(times, default=0) > _LARGEST_TIME or not _all_verify(key, pairs):
        return None
    try:
        return datetime.fromtimestamp(max(times), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _cosigned_bytes(note: Note, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()


def _is_of(signature: Signature, key: VerifierKey) -> bool:
    return signature.name == key.name and signature.id == key.id


def _all_verify(key: VerifierKey, pairs: list[tuple[bytes, bytes]]) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public)
        for value, content in pairs:
            public.verify(value, content)
    except (InvalidSignature, ValueError):
        return False
    return bool(pairs)


def _parse_signature(line: str) -> Signature:
    name, found, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not found:
        raise MalformedFile("A signature line is a dash, a name and a signature.")
    _check_name(name)
    raw = _bytes(encoded)
    if len(raw) < 5:
        raise MalformedFile("A signature is too short.")
    return Signature(name, raw[:4], raw[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
        raise MalformedFile("The name of a key has no space, no plus and at least a letter.")


def _bytes(text: str) -> bytes:
    """Return what RFC 4648 section 4 base64 says; only the one canonical spelling is taken."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise MalformedFile("This is not base64.") from cause
    if _text(raw) != text:
        raise MalformedFile("This is not base64 as it should be written.")
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
