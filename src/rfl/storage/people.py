"""Between descriptions and the bytes of their sealed groups, by the table `domain.groups`.

Each group of a record is one JSON document with only the fields of that group; the documents of
all groups, merged, are the description again. Reading checks the same rules as taking in.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import msgspec

from rfl.domain.decoding import converted
from rfl.domain.groups import PERSON, REGISTRATION, REQUEST, SPARSE, Group
from rfl.domain.person import Person
from rfl.domain.registration import CHILD_STATUSES, Registration, Status
from rfl.domain.request import Level, Sought, TracingRequest
from rfl.errors import SealBroken

STORED = (
    Group.IDENTITY,
    Group.CONTACT,
    Group.CIRCUMSTANCES,
    Group.SENSITIVE,
    Group.RESULT,
)
_Documents = list[dict[str, Any]]
_Fields = tuple[tuple[tuple[str, Any], ...], ...]
_T = TypeVar("_T", TracingRequest, Registration)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder()


def _by_group(table: Mapping[str, Group | str], kind: type) -> _Fields:
    """For each stored group in its order, the names and defaults of the fields sealed in it."""
    defaults = {field.name: field.default for field in fields(kind)}
    return tuple(
        tuple((name, defaults[name]) for name, where in table.items() if where == group)
        for group in STORED
    )


_PERSON_FIELDS = _by_group(PERSON, Person)
_REQUEST_FIELDS = _by_group(REQUEST, TracingRequest)
_REGISTRATION_FIELDS = _by_group(REGISTRATION, Registration)


def split_request(request: TracingRequest) -> dict[Group, bytes]:
    """Return the bytes of every stored group of a tracing request."""
    enquirer = _split_person(request.enquirer)
    sought = [_split_person(item.person) for item in request.sought]
    documents = _spread(request, _REQUEST_FIELDS)
    for place, document in enumerate(documents):
        document["enquirer"] = enquirer[place]
        document["sought"] = [{"person": person[place]} for person in sought]
    for item, kept in zip(request.sought, documents[0]["sought"], strict=True):
        kept["relation"] = item.relation
    return _encoded(documents)


def split_registration(registration: Registration) -> dict[Group, bytes]:
    """Return the bytes of every stored group of a registration."""
    person = _split_person(registration.person)
    documents = _spread(registration, _REGISTRATION_FIELDS)
    for document, part in zip(documents, person, strict=True):
        document["person"] = part
    return _encoded(documents)


def join_request(groups: Mapping[Group, bytes]) -> TracingRequest:
    """Return the tracing request that all its stored groups say."""
    return _joined(groups, TracingRequest)


def join_registration(groups: Mapping[Group, bytes]) -> Registration:
    """Return the registration that all its stored groups say."""
    return _joined(groups, Registration)


def identities_in_request(identity: bytes) -> tuple[Person, tuple[Sought, ...]]:
    """Return enquirer and sought persons with the fields of *identity* alone."""
    document = _DECODER.decode(identity)
    enquirer = converted(document["enquirer"], Person)
    return enquirer, converted(document["sought"], tuple[Sought, ...])


def sensitivity_of(sensitive: bytes) -> tuple[Level, bool]:
    """Return a tracing request's level, and whether a child asks."""
    document = _DECODER.decode(sensitive)
    return Level(document["level"]), bool(document["child_enquirer"])


def child_asks(sensitive: bytes) -> bool:
    """Return whether a child asks in a tracing request."""
    return sensitivity_of(sensitive)[1]


def registers_child(result: bytes) -> bool:
    """Return whether a registration is of a child without its parents or carer."""
    return Status(_DECODER.decode(result)["status"]) in CHILD_STATUSES


def is_detrimental(sensitive: bytes) -> bool:
    """Return whether a request or a registration would harm if passed on (P-36)."""
    return bool(_DECODER.decode(sensitive).get("detrimental", False))


def identity_in_registration(identity: bytes) -> Person:
    """Return the registered person with the fields of *identity* alone."""
    return converted(_DECODER.decode(identity)["person"], Person)


def persons_in(table: str, identity: bytes) -> list[Person]:
    """Return the persons of a row of `cases` or `registrations` in the order of their log ids."""
    if table == "registrations":
        return [identity_in_registration(identity)]
    enquirer, sought = identities_in_request(identity)
    return [enquirer, *(one.person for one in sought)]


def _spread(source: object, fields_of: _Fields) -> _Documents:
    return [
        {
            name: value
            for name, default in part
            if (value := getattr(source, name)) != default or name not in SPARSE
        }
        for part in fields_of
    ]


def _split_person(person: Person) -> _Documents:
    """One document for each stored group; a field that says nothing is left out."""
    documents: _Documents = []
    for part in _PERSON_FIELDS:
        document: dict[str, Any] = {"id": person.id}
        for name, default in part:
            value = getattr(person, name)
            if value != default:
                document[name] = value
        documents.append(document)
    return documents


def _encoded(documents: _Documents) -> dict[Group, bytes]:
    encode = _ENCODER.encode
    return {group: encode(one) for group, one in zip(STORED, documents, strict=True)}


def _joined(groups: Mapping[Group, bytes], kind: type[_T]) -> _T:
    merged: dict[str, Any] = {}
    for content in groups.values():
        _merge(merged, _DECODER.decode(content))
    try:
        return converted(merged, kind)
    except msgspec.ValidationError as cause:
        raise SealBroken("A sealed description is not one that this version reads.") from cause


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        have = into.get(name)
        if isinstance(have, dict) and isinstance(value, dict):
            _merge(have, value)
        elif name == "sought" and isinstance(have, list):
            for kept, added in zip(have, value, strict=True):
                _merge(kept, added)
        else:
            into[name] = value
