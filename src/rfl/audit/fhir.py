"""Entries as FHIR R4 AuditEvents in the profiles of IHE BALP 1.1.3, one resource a line.

An entry that was allowed and creates, reads, changes, deletes or searches claims the profile of
that; its `meta.profile` says which. A refusal, and what is none of these (a sign-in), claims none:
the profiles ask for success and for one of the five. The node knows log ids, not patients, so the
profiles with a Patient are never claimed. Search terms are sealed and never in the log, so the
query that BALP asks for holds the name of the action alone.
"""

import base64
from dataclasses import dataclass

import msgspec

from rfl.audit.records import Kind, Record, kind_of
from rfl.domain.entry import Decision, Entry

_BALP = "https://profiles.ihe.net/ITI/BALP"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_SOURCE, _DESTINATION = (_DICOM, "110153"), (_DICOM, "110152")
_APPLICATION = (_DICOM, "110150")
_CUSTODIAN = (f"{_HL7}/provenance-participant-type", "custodian")
_URI = "5"  # network-type: a URI, since the log holds no address of a machine
_ENCODER = msgspec.json.Encoder()

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a profile of BALP asks for: its name, the action, and who is client and server."""

    name: str
    interaction: str
    action: str
    client: tuple[str, str]
    server: tuple[str, str]


_PROFILES = {
    Kind.CREATE: _Profile("Create", "create", "C", _SOURCE, _DESTINATION),
    Kind.READ: _Profile("Read", "read", "R", _DESTINATION, _SOURCE),
    Kind.UPDATE: _Profile("Update", "update", "U", _SOURCE, _DESTINATION),
    Kind.DELETE: _Profile("Delete", "delete", "D", _APPLICATION, _CUSTODIAN),
    Kind.SEARCH: _Profile("Query", "search", "E", _SOURCE, _DESTINATION),
}
_PLAIN = _Profile("", "operation", "E", _SOURCE, _DESTINATION)


def line(record: Record, origin: str) -> bytes:
    """Return one resource as a line."""
    return _ENCODER.encode(resource(record, origin)) + b"\n"


def resource(record: Record, origin: str) -> Json:
    """Return one AuditEvent. The leaf's number stands in an extension."""
    entry = record.entry
    kind = kind_of(entry.action)
    profile = _PROFILES.get(kind, _PLAIN)
    is_allowed = entry.decision is Decision.ALLOWED
    made: Json = {"resourceType": "AuditEvent", "id": entry.id.replace("_", "-")}
    if is_allowed and profile is not _PLAIN:
        made["meta"] = {"profile": [f"{_BALP}/StructureDefinition/IHE.BasicAudit.{profile.name}"]}
    leaf = {"system": f"urn:rfl:log:{origin}", "value": str(record.leaf)}
    made |= {
        "extension": [{"url": "urn:rfl:log:leaf", "valueIdentifier": leaf}],
        "type": _coding(f"{_HL7}/audit-event-type", "rest"),
        "subtype": [
            _coding(_INTERACTION, profile.interaction),
            _coding("urn:rfl:action", entry.action),
        ],
        "action": profile.action,
        "recorded": entry.at,
        "outcome": "0" if is_allowed else "8",
    }
    if entry.reason:
        made["outcomeDesc"] = entry.reason
    if entry.purpose:
        made["purposeOfEvent"] = [{"coding": [_coding("urn:rfl:purpose", entry.purpose)]}]
    return made | {
        "agent": _agents(entry, profile, origin),
        "source": {
            "observer": _who("urn:rfl:log", origin),
            "type": [_coding(f"{_HL7}/security-source-type", "4")],
        },
        "entity": [*_entities(entry, kind, origin), *_transaction(entry)],
    }


def _agents(entry: Entry, profile: _Profile, origin: str) -> list[Json]:
    """Return the client, the server, the account, and whoever received something."""
    user: Json = {
        "type": {"coding": [_coding(f"{_HL7}/v3-ParticipationType", "IRCP")]},
        "role": [{"coding": [_coding("urn:rfl:role", entry.role)]}],
        "who": _who("urn:rfl:account", entry.actor),
        "requestor": True,
        "policy": [f"urn:rfl:policy:{entry.policy}"],
    }
    agents = [
        _machine(profile.client, "urn:rfl:client", entry.client),
        _machine(profile.server, "urn:rfl:node", origin),
        user,
    ]
    if entry.peer:
        receives: Json = {
            "type": {"coding": [_coding(f"{_HL7}/v3-ParticipationType", "PRCP")]},
            "who": _who("urn:rfl:peer", entry.peer),
            "requestor": False,
        }
        agents.append(receives)
    return agents


def _machine(role: tuple[str, str], system: str, name: str) -> Json:
    return {
        "type": {"coding": [_coding(*role)]},
        "who": _who(system, name),
        "requestor": False,
        "network": {"address": f"{system}:{name}", "type": _URI},
    }


def _entities(entry: Entry, kind: Kind, origin: str) -> list[Json]:
    """Return what it was done to. The profiles take one as `data`, so others are of type 4."""
    first, *others = entry.objects or (origin,)
    system = "urn:rfl:log-id" if entry.objects else "urn:rfl:log"
    found: list[Json] = []
    if kind is Kind.SEARCH:
        query = base64.b64encode(entry.action.encode()).decode()
        found.append(_entity("2", "24") | {"query": query})
        others = list(entry.objects)
    else:
        found.append(_entity("2", "4") | {"what": _who(system, first)})
    found += [_entity("4", "4") | {"what": _who("urn:rfl:log-id", one)} for one in others]
    if entry.groups:
        opened = [{"type": "group", "valueString": group} for group in entry.groups]
        found[0]["detail"] = opened
    return found


def _transaction(entry: Entry) -> list[Json]:
    if not entry.request:
        return []
    kind = _coding(f"{_BALP}/CodeSystem/BasicAuditEntityType", "XrequestId")
    return [{"type": kind, "what": _who("urn:rfl:request", entry.request)}]


def _entity(kind: str, role: str) -> Json:
    return {
        "type": _coding(f"{_HL7}/audit-entity-type", kind),
        "role": _coding(f"{_HL7}/object-role", role),
    }


def _who(system: str, value: str) -> Json:
    return {"identifier": {"system": system, "value": value}}


def _coding(system: str, code: str) -> Json:
    return {"system": system, "code": code}
