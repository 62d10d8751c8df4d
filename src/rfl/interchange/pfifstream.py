"""A PFIF file as a stream of flat records, read by a parser that trusts nothing.

Only the record being read is held. DTDs, and with them every entity, are refused by defusedxml's
guards on the expat parser; its iterparse, which builds a tree in Python, takes twice the time.
Depth, tokens, fields and notes have limits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from rfl.domain.masked import Masked
from rfl.errors import MalformedFile
from rfl.interchange.rows import FIELD_LIMIT, RULE_FIELD_TOO_LONG

NAMESPACES = tuple(f"http://zesty.ca/pfif/1.{minor}" for minor in (1, 2, 3, 4))
Fields = dict[str, str]

MAX_DEPTH = 16
MAX_FIELDS = 200
MAX_NOTES = 500
TOKEN_LIMIT = 1_000_000
CHUNK = 65_536

# Depth of the root, of a person or a note outside persons, and of a person's field or note.
_ROOT, _RECORD, _INNER = 1, 2, 3


@dataclass(slots=True, repr=False)
class Record(Masked):
    """A person with its notes, or a note outside persons: text as given, by PFIF's field names.

    The names stand behind their namespace as expat writes it; `renamed` takes it away. `number`
    counts the persons, or the notes outside persons. `flaw` is the first limit that the record
    breaks, as field and rule.
    """

    kind: str
    number: int
    fields: Fields = field(default_factory=dict)
    notes: list[Fields] = field(default_factory=list)
    flaw: tuple[str, str] | None = None


def read_records(stream: BinaryIO) -> Iterator[Record]:
    """Yield each record as it ends, or raise MalformedFile where the file stops being PFIF."""
    collector = _Collector()
    parser = DefusedXMLParser(target=collector, forbid_dtd=True)
    expat: Any = parser.parser
    # Straight to the collector, without the detour over ElementTree's names.
    expat.StartElementHandler = collector.start
    expat.EndElementHandler = collector.end
    fed = 0
    while chunk := stream.read(CHUNK):
        _feed(parser, chunk)
        fed += len(chunk)
        if fed - expat.CurrentByteIndex > TOKEN_LIMIT:
            raise MalformedFile("The XML has a tag or comment without end.")
        yield from collector.take()
    _close(parser)


def in_every_version(names: Mapping[str, str]) -> dict[str, str]:
    """Return the table with each of PFIF's names behind each namespace, for `renamed`."""
    return {f"{space}}}{name}": field for space in NAMESPACES for name, field in names.items()}


def renamed(fields: Fields, names: Mapping[str, str]) -> Fields:
    """Return the fields that the table knows, under its names, stripped and not empty."""
    return {
        names[name]: stripped
        for name, text in fields.items()
        if name in names and (stripped := text.strip())
    }


def _feed(parser: DefusedXMLParser, chunk: bytes) -> None:
    """Parse a chunk. The causes of failures are dropped: they quote the file."""
    try:
        parser.feed(chunk)
    except DefusedXmlException:
        raise MalformedFile("The XML must not have a DTD or entities.") from None
    except ParseError as error:
        raise _broken(error) from None
    except (ValueError, LookupError):
        raise MalformedFile("The XML names an encoding that is not known.") from None


def _close(parser: DefusedXMLParser) -> None:
    try:
        parser.close()
    except ParseError as error:
        raise _broken(error) from None


def _broken(error: ParseError) -> MalformedFile:
    return MalformedFile(f"The XML is broken at line {error.position[0]}.")


class _Collector:
    """Receives the parser's events and puts the records together.

    The three handlers run a hundred times for each person: what is rare is behind one comparison.
    """

    __slots__ = ("_counts", "_depth", "_done", "_fields", "_leaf", "_note", "_record", "_text")

    def __init__(self) -> None:
        self._depth = 0
        self._text = ""
        self._note = ""
        self._counts = {"person": 0, "note": 0}
        self._record: Record | None = None
        self._done: list[Record] = []
        # The depth at which fields stand, and where they go: a person, or a note inside it.
        self._leaf = _INNER
        self._fields: Fields = {}

    def start(self, name: str, _attributes: object) -> None:
        """Begin an element."""
        self._text = ""
        self._depth = depth = self._depth + 1
        if depth < _INNER or depth > MAX_DEPTH or name == self._note:
            self._open(name)

    def data(self, text: str) -> None:
        """Add text, up to just over what a field may hold."""
        if not self._text:
            self._text = text
        elif len(self._text) <= FIELD_LIMIT:
            self._text += text

    def end(self, name: str) -> None:
        """End an element: a field, a note or a record."""
        depth = self._depth
        self._depth = depth - 1
        if depth != self._leaf:
            if depth < self._leaf:
                self._close(depth)
        elif name in self._fields or len(self._text) > FIELD_LIMIT:
            self._flaw(name)
        else:
            self._fields[name] = self._text
        self._text = ""

    def close(self) -> None:
        """Nothing is left to do at the end of the file."""

    def take(self) -> list[Record]:
        """Return the records that have ended since the last call."""
        self._check_crowd()
        done, self._done = self._done, []
        return done

    def _open(self, name: str) -> None:
        if self._depth > MAX_DEPTH:
            raise MalformedFile(f"The XML must be at most {MAX_DEPTH} elements deep.")
        if self._depth == _ROOT:
            self._note = f"{_namespace_of(name)}}}note"
        elif self._depth == _RECORD:
            self._open_record(name.rpartition("}")[2])
        elif self._depth == _INNER and self._record and self._record.kind == "person":
            self._open_note(self._record)

    def _open_record(self, kind: str) -> None:
        self._leaf = _INNER
        self._record = None
        if kind in self._counts:
            self._counts[kind] += 1
            self._record = Record(kind, self._counts[kind])
        self._fields = self._record.fields if self._record else {}

    def _open_note(self, person: Record) -> None:
        self._fields = {}
        self._leaf = _INNER + 1
        if len(person.notes) < MAX_NOTES:
            person.notes.append(self._fields)
        else:
            person.flaw = person.flaw or ("note", f"must be at most {MAX_NOTES}")

    def _close(self, depth: int) -> None:
        self._check_crowd()
        self._leaf = _INNER
        if self._record:
            self._fields = self._record.fields
            if depth == _RECORD:
                self._done.append(self._record)
                self._record = None

    def _flaw(self, name: str) -> None:
        rule = "must be given once" if name in self._fields else RULE_FIELD_TOO_LONG
        if self._record and not self._record.flaw:
            self._record.flaw = (name.rpartition("}")[2], rule)

    def _check_crowd(self) -> None:
        """Drop fields that are more than any record has, and mark the record."""
        if len(self._fields) > MAX_FIELDS:
            self._fields.clear()
            if self._record and not self._record.flaw:
                self._record.flaw = ("person", f"must have at most {MAX_FIELDS} fields")


def _namespace_of(root: str) -> str:
    """Return the namespace of the file's version of PFIF."""
    for namespace in NAMESPACES:
        if root == f"{namespace}}}pfif":
            return namespace
    raise MalformedFile("The XML is not PFIF 1.1 to 1.4.")
