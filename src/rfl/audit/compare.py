"""Hold both sides of an exchange against each other, by envelopes and receipts alone.

Each side is a JSON-lines file (UTF-8, one object a line, no case and no person in it):

    {"id": "...", "direction": "sent", "digest": "64 hex digits", "receipt": "processed",
     "at": "2026-03-01T09:00:00Z"}

`id` is the envelope's id and `digest` the SHA-256 of its exact bytes. `direction` is `sent` or
`received`, as the side that wrote the line sees it. `receipt` is the status of the newest signed
receipt that this side holds (`processed`, `parked`, `rejected`, `expired`), or null where it
holds none. `at` is when this side sent or received it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO, Literal

import msgspec

from rfl.domain.decoding import decoded
from rfl.errors import MalformedFile

MOST_LINES = 5_000_000
CLOCKS_APART = timedelta(minutes=2)
_LONGEST_LINE = 4_096


class Difference(StrEnum):
    """What one side has and the other lacks, or has otherwise."""

    NEVER_ARRIVED = "never-arrived"
    NEVER_SENT = "never-sent"
    OTHER_BYTES = "other-bytes"
    RECEIPT_LOST = "receipt-lost"
    RECEIPT_UNFOUNDED = "receipt-unfounded"
    RECEIPT_DIFFERS = "receipt-differs"
    BEFORE_SENDING = "before-sending"


class Passed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One envelope as one side knows it."""

    id: str
    direction: Literal["sent", "received"]
    digest: str
    receipt: Literal["processed", "parked", "rejected", "expired"] | None
    at: datetime

    def __post_init__(self) -> None:
        if not 1 <= len(self.id) <= 80 or self.at.tzinfo is None:
            raise ValueError("an id of at most 80 characters, and a time with its zone")
        if len(self.digest) != 64 or set(self.digest) - set("0123456789abcdef"):
            raise ValueError("a digest of 64 hex digits")


Side = Mapping[tuple[str, str], Passed]
"""What one side knows, by direction and envelope id."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One envelope on which the sides differ. `sender` is the side that it left from."""

    envelope: str
    sender: Literal["A", "B"]
    difference: Difference
    sender_has: str | None
    receiver_has: str | None


def read_side(source: BinaryIO) -> dict[tuple[str, str], Passed]:
    """Read one side's file, or raise MalformedFile naming the line."""
    found: dict[tuple[str, str], Passed] = {}
    for number in range(1, MOST_LINES + 2):
        line = source.readline(_LONGEST_LINE)
        if not line:
            return found
        try:
            one = decoded(line, Passed)
        except (msgspec.DecodeError, UnicodeDecodeError) as cause:
            raise MalformedFile(f"Line {number} is not an envelope of this format.") from cause
        if (one.direction, one.id) in found:
            raise MalformedFile(f"Line {number} says an envelope for the second time.")
        found[one.direction, one.id] = one
    raise MalformedFile(f"The file has more than {MOST_LINES} lines.")


def compare(a: Side, b: Side) -> list[Disagreement]:
    """Return every envelope on which the sides differ: what A sent, then what B sent."""
    return [*_one_way("A", a, b), *_one_way("B", b, a)]


def _one_way(sender: Literal["A", "B"], out: Side, into: Side) -> Iterable[Disagreement]:
    sent = {key[1]: one for key, one in out.items() if key[0] == "sent"}
    received = {key[1]: one for key, one in into.items() if key[0] == "received"}
    for envelope in sorted(sent.keys() | received.keys()):
        left, arrived = sent.get(envelope), received.get(envelope)
        for difference in _differences(left, arrived):
            yield Disagreement(envelope, sender, difference, _said(left), _said(arrived))


def _differences(left: Passed | None, arrived: Passed | None) -> Iterable[Difference]:
    if left is None:
        yield Difference.NEVER_SENT
    elif arrived is None:
        yield Difference.NEVER_ARRIVED if left.receipt is None else Difference.RECEIPT_UNFOUNDED
    elif left.digest != arrived.digest:
        yield Difference.OTHER_BYTES
    else:
        if left.receipt != arrived.receipt:
            yield _receipts(left.receipt, arrived.receipt)
        if arrived.at < left.at - CLOCKS_APART:
            yield Difference.BEFORE_SENDING


def _receipts(held: str | None, given: str | None) -> Difference:
    if held is None:
        return Difference.RECEIPT_LOST
    return Difference.RECEIPT_UNFOUNDED if given is None else Difference.RECEIPT_DIFFERS


def _said(one: Passed | None) -> str | None:
    return None if one is None else one.receipt or "no receipt"
