"""What may be asked of the access log: every part that is set must hold."""

import re
from dataclasses import dataclass
from datetime import datetime

from rfl.domain.entry import Decision, Entry
from rfl.domain.ids import check_id
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput

MOST_OBJECTS = 20
NOBODY = (
    "No entry can be tied to this record: there is none of this id, or it was erased and its "
    "entries no longer say about whom they are."
)
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """By whom, about which log ids (any of them), what, why, with which peer, refused or not, when.

    `since` belongs to the span, `until` does not.
    """

    actor: str | None = None
    objects: tuple[str, ...] = ()
    action: str | None = None
    purpose: Purpose | None = None
    peer: str | None = None
    decision: Decision | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False

    def __post_init__(self) -> None:
        for field in ("actor", "action", "peer"):
            value = getattr(self, field)
            if value is not None and not _WORD.fullmatch(value):
                raise InvalidInput(field, "must be small letters, digits, '_', '.' and '-'")
        if len(self.objects) > MOST_OBJECTS:
            raise InvalidInput("objects", f"must hold at most {MOST_OBJECTS} items")
        for log_id in self.objects:
            check_id(log_id, "log", field="objects")
        check_span(self.since, self.until)

    def is_answered_by(self, entry: Entry) -> bool:
        """True if the entry is one of those asked for, its time aside."""
        return (
            self.actor in (None, entry.actor)
            and self.action in (None, entry.action)
            and self.purpose in (None, entry.purpose)
            and self.peer in (None, entry.peer)
            and self.decision in (None, entry.decision)
            and (not self.objects or not set(self.objects).isdisjoint(entry.objects))
        )


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Raise InvalidInput unless both moments carry a zone and the span has a length."""
    for field, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise InvalidInput(field, "must carry a time zone")
    if since is not None and until is not None and until <= since:
        raise InvalidInput("until", "must be later than since")
