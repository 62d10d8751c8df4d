"""Entries as OCSF 1.3.0 events of class API Activity (6003), one JSON object a line.

Every entry is a call of one operation by an account, on objects, allowed or not: that is what this
class says of the application category. Entity Management (3004) knows no reading and no search.
"""

import msgspec

from rfl.audit.csvlines import milliseconds
from rfl.audit.records import Kind, Record, kind_of
from rfl.domain.entry import Decision

VERSION = "1.3.0"
CATEGORY, CLASS = 6, 6003
_ACTIVITY = {Kind.CREATE: 1, Kind.READ: 2, Kind.UPDATE: 3, Kind.DELETE: 4}
_OTHER = 99
_INFORMATIONAL, _LOW = 1, 2
_ENCODER = msgspec.json.Encoder()


def line(record: Record, origin: str) -> bytes:
    """Return one event as a line."""
    return _ENCODER.encode(event(record, origin)) + b"\n"


def event(record: Record, origin: str) -> dict[str, object]:
    """Return one event. `metadata.sequence` is the number of the leaf."""
    entry = record.entry
    kind = kind_of(entry.action)
    activity = _ACTIVITY.get(kind, _OTHER)
    is_allowed = entry.decision is Decision.ALLOWED
    made: dict[str, object] = {
        "category_uid": CATEGORY,
        "class_uid": CLASS,
        "activity_id": activity,
        "type_uid": CLASS * 100 + activity,
        "time": milliseconds(entry.at),
        "severity_id": _INFORMATIONAL if is_allowed else _LOW,
        "status_id": 1 if is_allowed else 2,
        "status_detail": entry.reason,
        "metadata": {
            "version": VERSION,
            "product": {"name": "rfl", "vendor_name": "rfl"},
            "log_name": origin,
            "uid": entry.id,
            "sequence": record.leaf,
            "original_time": entry.at,
        },
        "actor": {
            "user": {"uid": entry.actor, "type": entry.role, "type_id": 99},
            "session": {"uid": entry.session} if entry.session else None,
        },
        "api": {
            "operation": entry.action,
            "request": {"uid": entry.request} if entry.request else None,
        },
        "src_endpoint": {"name": entry.client},
        "resources": [{"uid": one, "type": "log id"} for one in entry.objects],
        "unmapped": {
            "purpose": entry.purpose,
            "basis": entry.basis,
            "groups": list(entry.groups),
            "count": entry.count,
            "policy": entry.policy,
            "peer": entry.peer,
        },
    }
    if activity == _OTHER:
        made["activity_name"] = kind.value
    return _without_none(made)


def _without_none(part: dict[str, object]) -> dict[str, object]:
    return {
        name: _without_none(value) if isinstance(value, dict) else value
        for name, value in part.items()
        if value not in (None, [], {})
    }
