"""The file of a breach list: sealed under a passphrase, the people to tell first standing first.

`magic (8) || salt (16) || sealed stream` (`crypto.streams`) of JSON lines: a head, the people by
band, what else was read, and an end that counts. Until the bands are known they lie in sealed files
beside it, under a key that is never written, so that memory stays flat and nothing is in clear.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from rfl.crypto.argon import SALT_BYTES, key_from
from rfl.crypto.streams import SealingWriter, opened_chunks
from rfl.domain.breach import Band, Concerned, Gone, Other
from rfl.errors import Conflict, SealBroken, StorageFailed

MAGIC = b"rflbrch1"
FORMAT = "rfl-breach-1"
_LABEL, _ASIDE = "breach", "breach-part"


class BreachWriter:
    """Takes people in any order; `finish` puts them into the file in the order of telling."""

    def __init__(self, sink: BinaryIO, parts: dict[Band, BinaryIO], passphrase: str) -> None:
        salt = os.urandom(SALT_BYTES)
        sink.write(MAGIC + salt)
        self._whole = SealingWriter(sink, key_from(passphrase, salt), _LABEL)
        self._parts, self._key = parts, secrets.token_bytes(32)
        self._bands = {
            band: SealingWriter(file, self._key, f"{_ASIDE}-{band}") for band, file in parts.items()
        }
        self.counts = dict.fromkeys(Band, 0)

    def add(self, one: Concerned) -> None:
        """Add a person."""
        self._bands[one.band].write(_line({"type": "person"} | msgspec.to_builtins(one)))
        self.counts[one.band] += 1

    def add_other(self, one: Other | Gone) -> None:
        """Add what was read and is nobody to be told, or nobody any more."""
        band = self._bands[Band.THEN]
        band.write(_line(msgspec.to_builtins(one)))

    def finish(self, head: dict[str, object]) -> None:
        """Write head, people and end; without the end the file does not open."""
        self._whole.write(_line({"type": "head", "format": FORMAT} | head))
        for band, writer in self._bands.items():
            writer.finish()
            file = self._parts[band]
            file.seek(0)
            for chunk in opened_chunks(file, self._key, f"{_ASIDE}-{band}"):
                self._whole.write(chunk)
        self._whole.write(_line({"type": "end", "persons": sum(self.counts.values())}))
        self._whole.finish()


@contextmanager
def new_file(path: Path, passphrase: str) -> Iterator[BreachWriter]:
    """Yield a writer; the file gets its name if the block ends well, and its parts are removed."""
    aside = path.with_name(path.name + ".new")
    bands = {band: path.with_name(f"{path.name}.{band}.part") for band in Band}
    if path.exists():
        raise Conflict("There is a file of this name already; it is not overwritten.")
    try:
        with ExitStack() as files:
            parts = {band: files.enter_context(_opened(one)) for band, one in bands.items()}
            sink = files.enter_context(_opened(aside))
            yield BreachWriter(sink, parts, passphrase)
            sink.flush()
            os.fsync(sink.fileno())
        aside.rename(path)
    except OSError as cause:
        raise StorageFailed("The file cannot be written; no list was made.") from cause
    finally:
        for one in (aside, *bands.values()):
            with suppress(OSError):  # it was never made, or has its name by now
                one.unlink()


def read_file(path: Path, passphrase: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of a file in their order, or raise SealBroken.

    Its end is checked last: only who reads to the end knows that nothing is missing.
    """
    try:
        with path.open("rb") as source:
            magic, salt = source.read(len(MAGIC)), source.read(SALT_BYTES)
            if magic != MAGIC or len(salt) < SALT_BYTES:
                raise SealBroken("The file is no breach list.")
            yield from _documents(source, key_from(passphrase, salt))
    except OSError as cause:
        raise StorageFailed("The file cannot be read.") from cause


def _documents(source: BinaryIO, key: bytes) -> Iterator[dict[str, Any]]:
    buffer, persons = bytearray(), 0
    for chunk in opened_chunks(source, key, _LABEL):
        buffer += chunk
        *lines, rest = bytes(buffer).split(b"\n")
        buffer = bytearray(rest)
        for line in lines:
            document = json.loads(line)
            persons += document["type"] == "person"
            yield document
    if document.get("persons") != persons:
        raise SealBroken("The file does not hold as many people as it says.")


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8") + b"\n"


def _opened(path: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "w+b")
