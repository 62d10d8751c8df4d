"""What a case of the suite is, how it fails, and the groups that cases stand in."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rfl.conformance.play import Play

GROUPS: Final = {
    "C1": "hop signature",
    "C2": "envelope",
    "C3": "idempotency",
    "C4": "order",
    "C5": "receipts",
    "C6": "peers and keys",
    "C7": "crash",
    "C8": "network",
    "C9": "policy",
    "C10": "privacy",
    "C11": "versions",
    "C12": "clocks",
}
"""Groups of docs/protocol.md."""


class Kind(StrEnum):
    """Whether a node has to do something, or to refuse it."""

    TAKES = "takes"
    REFUSES = "refuses"


class Failed(Exception):
    """The node did not do what the protocol asks; the text says what it did."""


class Skipped(Exception):
    """The case cannot be played here; the text says what it needs."""


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of the protocol, and the way to see whether a node keeps it."""

    group: str
    kind: Kind
    rule: str
    run: "Callable[[Play], None]"


def require(holds: bool, why: str) -> None:
    """Return if it holds, or raise Failed."""
    if not holds:
        raise Failed(why)
