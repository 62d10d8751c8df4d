"""Entries of the log with the numbers of their leaves, as exports carry them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from rfl.audit import export
from rfl.audit.logfile import ABSENT
from rfl.domain.entry import Entry, from_bytes
from rfl.errors import SealBroken
from rfl.storage import tree
from rfl.storage.work import Work

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Record:
    """An entry, the number of its leaf, and its bytes as the tree has them."""

    leaf: int
    entry: Entry
    body: bytes


class Kind(StrEnum):
    """What an action does to what it is about, as FHIR and OCSF ask."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    SEARCH = "search"
    OTHER = "other"


_KINDS = {
    Kind.CREATE: ("open", "add", "import", "backup"),
    Kind.READ: ("read", "load", "compare", "export", "send", "stream"),
    Kind.UPDATE: ("change", "decide", "rotate", "revoke", "restore"),
    Kind.DELETE: ("erase", "take_back", "retain", "expire"),
    Kind.SEARCH: ("list", "search"),
}
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}


def kind_of(action: str) -> Kind:
    """Return what an action does, by its last word; one that is not known is OTHER."""
    return _BY_WORD.get(action.rpartition(".")[2], Kind.OTHER)


def records(work: Work, begin: int, end: int) -> Iterator[Record]:
    """Yield the entries of a few leaves in order; filler and expired bodies are left out."""
    stop = min(end, tree.size(work))
    if begin >= stop:
        return
    seqs = tree.order(work, begin, stop)
    for leaf, body in enumerate(export.contents(work, begin, stop), begin):
        if seqs[leaf - begin] != tree.FILLER and body != ABSENT:
            yield Record(leaf, _entry(body), body)


def _entry(body: bytes) -> Entry:
    try:
        return from_bytes(body)
    except msgspec.DecodeError as cause:
        raise SealBroken("An entry of the access log is not one that was logged.") from cause
