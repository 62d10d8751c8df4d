"""Witnesses of logs, alarms, and how the node is, for those who watch over it."""

from datetime import datetime

from rfl.api.schemas.base import Strict


class LogPeer(Strict):
    """A peer that witnesses this log, or whose log this node witnesses."""

    peer: str
    size: int
    cosigned_at: datetime | None
    state: str


class TwoNotes(Strict):
    """Two signed notes of one log, of which the second was refused."""

    id: str
    peer: str
    code: str
    at: datetime
    held: str
    offered: str


class Watch(Strict):
    """Who has witnessed this log and when last, and which logs this node witnesses."""

    log_key: str
    witness_key: str
    size: int
    signed_at: datetime | None
    witnesses: list[LogPeer]
    watched: list[LogPeer]
    evidence: list[TwoNotes]


class Alarm(Strict):
    """Something that is or was wrong: `open`, `seen` or `over`."""

    id: str
    code: str
    subject: str
    state: str
    first_at: datetime
    last_at: datetime
    count: int
    seen_by: str | None


class Alarms(Strict):
    """Alarms, the latest first."""

    items: list[Alarm]


class PeerFiles(Strict):
    """Bytes of a peer's attachments: kept, waiting for a letter, and the most that may be kept."""

    peer: str
    bytes: int
    waiting_bytes: int
    most_bytes: int


class Condition(Strict):
    """How the node is."""

    open_alarms: int
    entries_waiting: bool
    signed_at: datetime | None
    witnessed_at: datetime | None
    peer_files: list[PeerFiles]
