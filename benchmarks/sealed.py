"""A node whose store holds many sealed people, filled through the storage layer by all cores.

What an import of a list does besides (reading rows, identifiers, the feed, an entry for each) is
left out: only what a start and a search reads is there, *result* among it, by which a search knows
whom it may show. Each record has its own two keys.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from benchmarks import lists
from benchmarks.crowd import Known
from rfl.domain.access import Verb
from rfl.domain.dates import parse_date
from rfl.domain.groups import Group
from rfl.domain.ids import PersonId, new_id
from rfl.domain.person import Name, Person, Sex
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Registration, Source, SourceKind, Status
from rfl.flows.runtime import Runtime
from rfl.matching import pools
from rfl.storage import ledger, people, registrations, vault
from rfl.storage.work import Work

AT_ONCE = 10_000
_SEALED = (Group.IDENTITY, Group.TERMS, Group.RESULT)


def person_of(one: Known) -> Person:
    """The description of an invented person."""
    return Person(
        id=PersonId(new_id("per")),
        names=(Name(one.name),),
        sex=Sex(one.sex),
        birth=parse_date(one.birth),
        nationalities=(one.nationality,),
    )


def fill(rt: Runtime, known: Sequence[Known]) -> list[str]:
    """Keep everybody, sealed by processes that are forked off; return the records in order."""
    rt.database.dispose()  # No process may use a connection that another one opened.
    # In order, so that the tables' trees grow at their ends.
    records = sorted(new_id("reg") for _one in known)
    make = partial(_made, rt, known, records)
    starts = range(0, len(known), AT_ONCE)
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _keep, (make,)) as processes:
        for rows, keys in processes.imap(_call, starts):
            with rt.begin(lists.OFFICER, Verb.LIST_IMPORT) as work:
                ledger.append(work, groups=_SEALED, count=len(rows))
                vault.keep_keys(work, keys)
                registrations.add(work, rows)
    return records


_Rows = tuple[list[dict[str, object]], list[dict[str, object]]]
_kept: list[Callable[[int], _Rows]] = []


def _keep(make: Callable[[int], _Rows]) -> None:
    """In a forked process: what it makes rows with comes by the fork, never over a pipe."""
    _kept.append(make)


def _call(start: int) -> _Rows:
    return _kept[-1](start)


def _made(rt: Runtime, known: Sequence[Known], records: Sequence[str], start: int) -> _Rows:
    """The rows of some of the people, and those of their keys."""
    some = records[start : start + AT_ONCE]
    with rt.ask(lists.OFFICER, Verb.LIST_IMPORT) as work:
        keys = vault.fresh_keys_of(work, some)
        named = zip(some, known[start : start + AT_ONCE], strict=True)
        return [_row(work, record, one) for record, one in named], keys


def _row(work: Work, record: str, one: Known) -> dict[str, object]:
    registration = replace(_ANYBODY, person=person_of(one))
    groups = people.split_registration(registration)
    groups[Group.TERMS] = pools.registration_terms(registration)
    contents = {group: groups[group] for group in _SEALED}
    tie, _log_ids = vault.new_tie(work, "registrations", record, 1)
    clear = {
        "id": record,
        "branch": lists.OFFICER.actor.branch,
        "officer": lists.OFFICER.actor.id,
        "list_id": None,
        "created_at": work.micros,
        "expires_at": None,
        "version": 1,
        vault.TIE: tie,
    }
    return clear | vault.sealed_groups(work, "registrations", record, contents)


_ANYBODY = Registration(
    person=Person(id=PersonId("per_00000000000000000000000000"), names=(Name("Anybody"),)),
    source=Source(kind=SourceKind.CAMP, owner="A camp"),
    status=Status.REGISTERED,
    legal_basis=LegalBasis.VITAL_INTEREST,
)
