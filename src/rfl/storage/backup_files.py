"""The files of a backup: `data.rflb` with all tables but one, `keys.rflb` with that one.

A file is one sealed stream (`crypto.streams`) of frames, `length (4) || MessagePack`: a head,
rows by table, and an end with counts and the SHA-256 of the frames before it. The stream's label
names the part, so that one cannot stand in for the other.
"""

import errno
import hashlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from rfl.crypto.streams import SealingWriter, opened_chunks
from rfl.errors import Conflict, NotFound, SealBroken, StorageFailed, StorageFull

Part = Literal["data", "keys"]
FORMAT = "rfl-backup-1"
FRAME_LIMIT = 1 << 28
_LENGTH = struct.Struct(">I")


class Head(msgspec.Struct, frozen=True, tag="head"):
    """What a file is. `destroy_after` is the day by which keys must be gone; data has none."""

    format: str
    part: Part
    backup: str
    society: str
    revision: str
    made_at: str
    destroy_after: str | None = None


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """Some rows of one table."""

    table: str
    columns: list[str]
    rows: list[list[object]]

    def __repr__(self) -> str:
        return f"<Rows of {self.table}>"


class End(msgspec.Struct, frozen=True, tag="end"):
    """How many rows each table has, and the SHA-256 of all frames before this one."""

    counts: dict[str, int]
    sha256: bytes


Frame = Head | Rows | End
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


class PartWriter:
    """Writes one file of a backup."""

    def __init__(self, sink: BinaryIO, key: bytes, head: Head) -> None:
        self._stream = SealingWriter(sink, key, _label(head.part))
        self._digest = hashlib.sha256()
        self.counts: dict[str, int] = {}
        self._put(head)

    def add(self, table: str, columns: list[str], rows: list[list[object]]) -> None:
        """Add some rows of a table."""
        self._put(Rows(table, columns, rows))
        self.counts[table] = self.counts.get(table, 0) + len(rows)

    def finish(self) -> None:
        """Write the end, without which the file does not open."""
        self._put(End(self.counts, self._digest.digest()))
        self._stream.finish()

    def _put(self, frame: Frame) -> None:
        content = msgspec.msgpack.encode(frame)
        self._digest.update(content)
        self._stream.write(_LENGTH.pack(len(content)) + content)


def read_part(source: BinaryIO, key: bytes, part: Part) -> Iterator[Head | Rows]:
    """Yield the head and the rows of a file from its start, or raise SealBroken.

    The counts and the digest are compared at the end, so only who reads to the end may trust.
    """
    source.seek(0)
    digest, counts, ended = hashlib.sha256(), dict[str, int](), False
    for number, content in enumerate(_frames(source, key, part)):
        frame = _decoded(content, part)
        if ended or isinstance(frame, Head) != (number == 0):
            raise _broken(part, "has frames in an order that no backup has")
        if isinstance(frame, End):
            ended = True
            if frame.counts != counts or frame.sha256 != digest.digest():
                raise _broken(part, "does not hold what its manifest says")
            continue
        if isinstance(frame, Rows):
            counts[frame.table] = counts.get(frame.table, 0) + len(frame.rows)
        digest.update(content)
        yield frame
    if not ended:
        raise _broken(part, "was cut off")


@contextmanager
def new_files(folder: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield two new files, data and keys; they get their names if the block ends well."""
    paths = [folder / file_name(part) for part in ("data", "keys")]
    aside = [path.with_name(path.name + ".new") for path in paths]
    if any(path.exists() for path in paths):
        raise Conflict("The folder holds a backup already; it is not overwritten.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _opened_new(aside[0]) as data, _opened_new(aside[1]) as keys:
            yield data, keys
            for file in (data, keys):
                file.flush()
                os.fsync(file.fileno())
        for new, path in zip(aside, paths, strict=True):
            new.rename(path)
    except OSError as cause:
        raise _unwritable(cause) from cause
    finally:
        for new in aside:
            with suppress(OSError):  # it was never made, or its folder is none
                new.unlink()


@contextmanager
def existing_files(folder: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield the two files of a backup, data and keys, or raise NotFound."""
    try:
        with (
            (folder / file_name("data")).open("rb") as data,
            (folder / file_name("keys")).open("rb") as keys,
        ):
            yield data, keys
    except FileNotFoundError as cause:
        raise NotFound("The folder must hold data.rflb and keys.rflb.") from cause
    except OSError as cause:
        raise StorageFailed("The backup's files cannot be read.") from cause


def file_name(part: Part) -> str:
    """Return the name that a part has in a backup's folder."""
    return f"{part}.rflb"


def _label(part: Part) -> str:
    return f"backup-{part}"


def _frames(source: BinaryIO, key: bytes, part: Part) -> Iterator[bytes]:
    buffer = bytearray()
    for chunk in _chunks(source, key, part):
        buffer += chunk
        while len(buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer)
            if length > FRAME_LIMIT:
                raise _broken(part, "has a frame that is too long")
            end = _LENGTH.size + length
            if len(buffer) < end:
                break
            yield bytes(buffer[_LENGTH.size : end])
            del buffer[:end]
    if buffer:
        raise _broken(part, "was cut off")


def _chunks(source: BinaryIO, key: bytes, part: Part) -> Iterator[bytes]:
    begun = False
    try:
        for chunk in opened_chunks(source, key, _label(part)):
            begun = True
            yield chunk
    except SealBroken as cause:
        if begun:
            raise _broken(part, "was changed or cut off") from cause
        rule = "was made under other keys, was changed, or is another file under this name"
        raise _broken(part, rule) from cause


def _decoded(content: bytes, part: Part) -> Frame:
    try:
        frame = _decoder.decode(content)
    except msgspec.MsgspecError as cause:
        raise _broken(part, "was written by another version") from cause
    if isinstance(frame, Head) and (frame.format, frame.part) != (FORMAT, part):
        raise _broken(part, "was written by another version")
    return frame


def _broken(part: Part, rule: str) -> SealBroken:
    return SealBroken(f"The file {rule}; nothing was restored.", field=file_name(part))


def _opened_new(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _unwritable(cause: OSError) -> StorageFull | StorageFailed:
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("The backup's folder has no space left; no backup was made.")
    return StorageFailed("The backup's folder cannot be written; no backup was made.")
