"""Envelopes of one stream as lines of a request, and what is said of each as lines of the answer.

An answer's line is `{"receipt": base64url}` or `{"problem": code}`; after a problem nothing more
of the batch was looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object, to_bytes, to_text

MEDIA_TYPE: Final = "application/rfl-envelopes+jsonl"
ANSWER_TYPE: Final = "application/rfl-receipts+jsonl"
QUESTIONS_TYPE: Final = "application/rfl-receipt-ids"
MOST: Final = 32
"""Envelopes of a request, or ids that receipts are asked for."""

MOST_BYTES: Final = 2_000_000
"""Bytes of several envelopes in one request or answer; more than the largest single one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about one envelope: its receipt, or the code of a problem.

    `id` names the envelope where the order does not: in what a mailbox is told.
    """

    receipt: bytes | None
    problem: str | None = None
    id: str | None = None


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    receipt: str | None = None
    problem: str | None = None
    id: str | None = None


def joined(bodies: Sequence[bytes]) -> bytes:
    """Return envelopes as lines."""
    return b"".join(body + b"\n" for body in bodies)


def fitting(bodies: Iterable[bytes], most: int = MOST_BYTES) -> int:
    """Return how many of these envelopes travel in one call of at most `most` bytes: one or more.

    One that is alone too large is refused by the recipient, and so shown to a person.
    """
    size, count = 0, 0
    for body in bodies:
        size += len(body) + 1
        if count and size > min(most, MOST_BYTES):
            break
        count += 1
    return count


def parted(raw: bytes) -> list[bytes]:
    """Return the envelopes of a request's lines."""
    return [line for line in raw.split(b"\n") if line]


def questions(ids: Sequence[str]) -> bytes:
    """Return ids of envelopes as lines: what became of them?"""
    return joined([one.encode("ascii") for one in ids])


def parse_questions(raw: bytes) -> list[str]:
    """Return the ids that are asked about, or raise BadEnvelope."""
    ids = parted(raw)
    if len(ids) > MOST or not raw.isascii():
        raise BadEnvelope
    return [one.decode("ascii") for one in ids]


def answer(said: Sequence[Said]) -> bytes:
    """Return what is said about each envelope, in their order, as lines."""
    lines = [_line(one) for one in said]
    return joined([msgspec.json.encode(line) for line in lines])


def parse_answer(raw: bytes) -> list[Said]:
    """Return what another node says about each envelope, or raise BadEnvelope."""
    said: list[Said] = []
    for line in parted(raw):
        try:
            found = converted(strict_object(line), _Line)
        except msgspec.ValidationError as cause:
            raise BadEnvelope from cause
        receipt = to_bytes(found.receipt) if found.receipt else None
        said.append(Said(receipt, found.problem, found.id))
    return said


def _line(said: Said) -> _Line:
    return _Line(to_text(said.receipt) if said.receipt else None, said.problem, said.id)
