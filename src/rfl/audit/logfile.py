"""The head of an exported log: whose it is, the keys that it brings, what was signed."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from rfl.audit import notes
from rfl.audit.notes import Kind, Note, VerifierKey
from rfl.errors import MalformedFile

WHOLE = b"rfl-log-1"
PART = b"rfl-log-part-1"
ABSENT = b"-"
"""Stands in the place of a leaf's content that is not there."""
LONGEST_LINE = 1 << 20
BODY = frozenset({b"leaves", b"entry"})
_END = b"end "


class SealedSink:
    """Writes to a sink, and at the end a line with the SHA-256 of all before it.

    It shows damage on the way; whoever tampers can make it anew.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()

    def write(self, content: bytes) -> None:
        """Write and count."""
        self._hash.update(content)
        self._sink.write(content)

    def end(self) -> None:
        """Write the last line."""
        self._sink.write(_END + self._hash.hexdigest().encode() + b"\n")


class SealedSource:
    """Reads lines up to the last one, which says whether the file is as it was written."""

    def __init__(self, source: BinaryIO) -> None:
        self._read = source.readline
        self._hash = hashlib.sha256()
        self._next = self._read(LONGEST_LINE)
        self._end = b""

    def readline(self) -> bytes:
        """Return the next line with its end, or nothing after the last but the seal."""
        line = self._next
        self._next = self._read(LONGEST_LINE)
        if not self._next and line.startswith(_END):
            self._end = line
            return b""
        self._hash.update(line)
        return line

    @property
    def is_intact(self) -> bool:
        """True if everything was read and is what was written."""
        return self._end == _END + self._hash.hexdigest().encode() + b"\n"


@dataclass(slots=True)
class Head:
    """What stands before the first leaf. `keys` are the log's and its witnesses'."""

    form: bytes
    origin: str = ""
    keys: list[VerifierKey] = field(default_factory=list)
    raw_checkpoints: list[bytes] = field(default_factory=list)
    raw_stamps: list[bytes] = field(default_factory=list)
    range: tuple[int, int] | None = None

    @property
    def log_key(self) -> VerifierKey:
        """The key that the log's own checkpoints must verify with, or MalformedFile."""
        for key in self.keys:
            if key.kind is Kind.NOTE and key.name == self.origin:
                return key
        raise MalformedFile("The exported log does not bring its log's key.")

    @property
    def own_keys(self) -> list[VerifierKey]:
        """The keys of the log itself, and what the file says are such."""
        return [key for key in self.keys if key.kind is Kind.NOTE]

    @property
    def witnesses(self) -> list[VerifierKey]:
        """The keys of witnesses."""
        return [key for key in self.keys if key.kind is Kind.COSIGNATURE]

    def checkpoints(self) -> list[Note | None]:
        """Return the checkpoints that stand in the head, None for what is none."""
        return [_note(raw) for raw in self.raw_checkpoints]

    def witnessed(self, signed: list[Note]) -> dict[str, datetime]:
        """Return which of the witnesses whose keys are here cosigned, and when last."""
        return {
            one.name: at
            for note in signed
            for one in self.keys
            if (at := notes.cosigned_at(note, one)) is not None
        }


def read_head(source: SealedSource) -> tuple[Head, bytes]:
    """Return the head and the first line after it. Words that are not known are passed over."""
    form = source.readline().rstrip(b"\n")
    if form not in (WHOLE, PART):
        raise MalformedFile("The file is not an exported log.")
    head = Head(form)
    while line := source.readline():
        word, _, rest = line.rstrip(b"\n").partition(b" ")
        if word in BODY:
            break
        _take(head, word, rest)
    return head, line


def decoded(raw: bytes) -> bytes:
    """Return what base64 says, or raise MalformedFile."""
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error as cause:
        raise MalformedFile("This is not base64.") from cause


def _note(raw: bytes) -> Note | None:
    try:
        return notes.parse_note(decoded(raw))
    except MalformedFile:
        return None


def _take(head: Head, word: bytes, rest: bytes) -> None:
    text = rest.decode("utf-8", "replace")
    if word == b"checkpoint":
        head.raw_checkpoints.append(rest)
    elif word == b"stamp":
        head.raw_stamps.append(rest)
    elif word in (b"key", b"witness"):
        head.keys.append(notes.parse_key(text))
    elif word == b"origin":
        head.origin = head.origin or text
    elif word == b"range":
        first, _, end = text.partition(" ")
        if not (first.isascii() and first.isdecimal() and end.isascii() and end.isdecimal()):
            raise MalformedFile("A range is two numbers.")
        head.range = int(first[:18]), int(end[:18])
