"""From the entries about one record: who opened it, to whom it was sent, who was refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.entry import Decision, Entry

ERASURES = frozenset({Verb.CASE_ERASE, Verb.REGISTRATION_ERASE, Verb.LIST_TAKE_BACK, Verb.RETAIN})


@dataclass(frozen=True, slots=True)
class Trace:
    """The entries of each kind, in the order in which they were given.

    `opened`: groups of the record were opened, here; `sent`: they were opened for a peer;
    `refused`: somebody tried. What opened nothing, as an erasure, is in none of them.
    """

    opened: tuple[Entry, ...] = ()
    sent: tuple[Entry, ...] = ()
    refused: tuple[Entry, ...] = ()
    erased: bool = False


def trace(entries: Iterable[Entry]) -> Trace:
    """Sort the entries about one record into a trace."""
    opened, sent, refused = [], [], []
    erased = False
    for entry in entries:
        if entry.decision == Decision.DENIED:
            refused.append(entry)
        elif is_disclosure(entry):
            sent.append(entry)
        elif entry.groups:
            opened.append(entry)
        elif entry.action in ERASURES:
            erased = True
    return Trace(tuple(opened), tuple(sent), tuple(refused), erased)


def is_disclosure(entry: Entry) -> bool:
    """True if data was opened in order to be sent to a peer."""
    return entry.peer is not None and bool(entry.groups) and entry.decision == Decision.ALLOWED
