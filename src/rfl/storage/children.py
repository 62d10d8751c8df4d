"""Which records are a child's, and closed to who is not vetted wherever a name would show (P-20).

A child who is registered, and a child who asks. Reading such a record is refused as it is opened.
Here is what everything asks that shows names of many records: searches, proposals, notices.
"""

from collections.abc import Sequence

from rfl.domain.access import sees_all
from rfl.domain.groups import Group
from rfl.storage import people, vault
from rfl.storage.queries import living
from rfl.storage.work import Work


def closed(work: Work, records: Sequence[str]) -> frozenset[str]:
    """Return those of these cases and registrations that this actor is shown nothing of.

    To decide it opens what a child's record is known by, if the actor is not vetted; that counts in
    no budget, and the entry of whatever is shown stands in the same work.
    """
    if work.actor.vetted or sees_all(work.actor):
        return frozenset()
    known = sorted({one for one in records if one.startswith(("cas_", "reg_"))})
    found: set[str] = set()
    for prefix, (group, is_child) in _KNOWN_BY.items():
        rows = living(work, [one for one in known if one.startswith(prefix)], (group,))
        opened = vault.open_to_decide(work, rows, group)
        found |= {row.record for row, one in zip(rows, opened, strict=True) if is_child(one)}
    return frozenset(found)


_KNOWN_BY = {
    "reg_": (Group.RESULT, people.registers_child),
    "cas_": (Group.SENSITIVE, people.child_asks),
}
