"""Hash everybody's identifiers anew: the society lets other kinds be matched than before (P-18).

What a kind that is no longer allowed has left goes, and numbers of a new one are found. A command
asks for it, since only people know that the setting has changed.
"""

from rfl.domain.access import Verb
from rfl.domain.groups import Group
from rfl.domain.person import Person
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.matching import pools
from rfl.storage import identifiers, ledger, people, vault
from rfl.storage.queries import living, records_after
from rfl.storage.work import Work

BATCH = 200
_GROUPS = (*people.STORED, Group.TERMS)


def hash_again(rt: Runtime) -> int:
    """Hash the identifiers of all who may be matched by today's kinds; return how many records.

    Each batch is a transaction; one that broke off is begun anew.
    """
    total, cursor = 0, ""
    while True:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            records = records_after(work, cursor, BATCH)
            if not records:
                return total
            _hash(work, rt, records)
        total, cursor = total + len(records), records[-1]


def _hash(work: Work, rt: Runtime, records: list[str]) -> None:
    """Whom a record's terms name may be matched; of others no number is kept."""
    rows = living(work, records, _GROUPS)
    ledger.append(work, count=len(rows), reason="hashed_again")
    opened = vault.open_rows(work, rows, _GROUPS, objects=())
    kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
    for row, groups in zip(rows, opened, strict=True):
        shown = pools.persons_in_terms(groups.pop(Group.TERMS))
        persons = [one for one in _persons(row.table, groups) if one.id in shown]
        identifiers.replace(work, row.record, persons, kinds, region)


def _persons(table: str, groups: dict[Group, bytes]) -> tuple[Person, ...]:
    if table == "registrations":
        return (people.join_registration(groups).person,)
    return people.join_request(groups).persons()
