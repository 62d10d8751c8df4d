"""Take in a partner's list: row by row, in batches that are each one transaction.

A list that came before changes nothing; a changed row changes its registration; an erased
person does not come back (P-25); an expired row erases. Rows that break a rule are refused one
by one and the rest goes in. A crash leaves whole batches, and the same list completes them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from rfl.domain.access import Object, Verb
from rfl.domain.decoding import decoded
from rfl.domain.groups import Group
from rfl.domain.ids import PersonId, RegistrationId, check_id, new_id
from rfl.domain.registration import Registration
from rfl.errors import Conflict
from rfl.flows.runtime import Call, Runtime
from rfl.interchange.rows import ListTerms, Refusal, Row
from rfl.matching import pools
from rfl.storage import feed, identifiers, ledger, people, registrations, sources, vault
from rfl.storage.lifecycle import destroy_registrations
from rfl.storage.queries import living
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work, day_micros

BATCH = 1_000
REFUSALS_KEPT = 10_000


@dataclass(slots=True)
class Taken:
    """What became of a list's rows."""

    list_id: str
    log_id: str
    owner: str = field(repr=False)
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    expired: int = 0
    erased_before: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused row, and keep its field and rule while there is room."""
        self.refused += 1
        if len(self.refusals) < REFUSALS_KEPT:
            self.refusals.append(refusal)

    def include(self, part: "Taken") -> None:
        """Count what another process has taken in of the same list."""
        for name in ("added", "changed", "unchanged", "expired", "erased_before", "refused"):
            setattr(self, name, getattr(self, name) + getattr(part, name))
        self.refusals += part.refusals

    @property
    def rows(self) -> int:
        """How many rows were read."""
        seen = self.added + self.changed + self.unchanged + self.expired
        return seen + self.erased_before + self.refused


@dataclass(frozen=True, slots=True, repr=False)
class _New:
    """A registration about to be kept, with everything that is inserted for it."""

    row: dict[str, object]
    key: dict[str, object]
    source: dict[str, object]
    identifiers: list[tuple[bytes, str, str]]
    log_id: str


def take_list(
    rt: Runtime,
    call: Call,
    list_id: str,
    rows: Iterable[Row | Refusal],
    progress: Callable[[int], None] = lambda count: None,
) -> Taken:
    """Take in the rows of a list and return what became of them."""
    taken = take_rows(rt, call, list_id, rows, progress)
    end_list(rt, call, taken)
    return taken


def take_rows(
    rt: Runtime,
    call: Call,
    list_id: str,
    rows: Iterable[Row | Refusal],
    progress: Callable[[int], None] = lambda count: None,
) -> Taken:
    """Take in some of a list's rows. Several processes may each take a part of them.

    `progress` is told after each batch how many rows it had. Refusals beyond REFUSALS_KEPT are
    counted, not kept.
    """
    check_id(list_id, "lst")
    with rt.begin(call, Verb.LIST_IMPORT) as work:
        log_id, sealed = _open_list(work, list_id)
        ledger.append(work, objects=[log_id], count=1)
        owner = decoded(sources.details_of(work, sealed), ListTerms).owner
    taken = Taken(list_id, log_id, owner)
    with rt.attempt(call, Verb.LIST_IMPORT):
        for batch in _batches(rows, taken):
            _take_batch(rt, call, batch, taken)
            progress(len(batch))
    return taken


def end_list(rt: Runtime, call: Call, taken: Taken) -> None:
    """Say that a list has been taken in whole, and scrub what its expired rows have erased."""
    with rt.begin(call, Verb.LIST_IMPORT) as work:
        ledger.append(work, objects=[taken.log_id], count=taken.rows, reason="complete")
        sources.set_state(work, taken.list_id, "complete")
    if taken.expired:
        rt.database.scrub()


def _batches(rows: Iterable[Row | Refusal], taken: Taken) -> Iterator[list[Row]]:
    """Batches in which no source's record comes twice; refusals are put aside on the way."""
    batch: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Refusal):
            taken.refuse(row)
            continue
        if len(batch) == BATCH or (row.source_record is not None and row.source_record in seen):
            yield batch
            batch, seen = [], set()
        batch.append(row)
        if row.source_record is not None:
            seen.add(row.source_record)
    if batch:
        yield batch


def _open_list(work: Work, list_id: str) -> tuple[str, SealedRow]:
    row, sealed = sources.load_list(work, list_id)
    log_ids = vault.log_ids(work, sealed)
    work.require(Object(branch=row.branch))
    if row.state == "taken_back":
        raise Conflict("The list was taken back: enter a new one.")
    return log_ids[0], sealed


def _take_batch(rt: Runtime, call: Call, batch: list[Row], taken: Taken) -> None:
    """Seal what seems new before the transaction, so that other writers wait for inserts only."""
    with rt.look(call, Verb.LIST_IMPORT) as view:
        by_hash = {_row_hash(view, taken.owner, row): row for row in batch}
        seen = sources.known(view, list(by_hash))
        unseen = [digest for digest in by_hash if digest not in seen]
        made = _made(view, rt, {digest: by_hash[digest] for digest in unseen}, taken.list_id)
    with rt.begin(call, Verb.LIST_IMPORT) as work:
        _open_list(work, taken.list_id)
        known = sources.known(work, list(by_hash))
        fresh = [new for digest, new in made.items() if digest not in known]
        if not fresh:  # the list was opened, whatever becomes of its rows
            ledger.append(work, objects=[taken.log_id], reason="nothing_new")
        _keep_fresh(work, taken.log_id, fresh)
        expired = _keep_away(work, by_hash, known)
        again = {one: by_hash[digest] for digest, one in known.items() if one is not None}
        expired += _erase(work, taken.log_id, again)
        changed, unchanged = _renew(work, rt, again)
    taken.added += len(fresh)
    taken.changed += changed
    taken.unchanged += unchanged + len(batch) - len(by_hash)
    taken.expired += expired
    taken.erased_before += sum(record is None for record in known.values())


def _made(view: Work, rt: Runtime, unseen: dict[bytes, Row], list_id: str) -> dict[bytes, _New]:
    kept = {digest: row.registration for digest, row in unseen.items() if row.registration}
    key_rows = vault.fresh_keys_of(view, [new_id("reg") for _digest in kept])
    return {
        digest: _new(view, rt, sources.seen(digest, str(key["record_id"]), list_id), key, came)
        for (digest, came), key in zip(kept.items(), key_rows, strict=True)
    }


def _keep_away(work: Work, by_hash: dict[bytes, Row], known: dict[bytes, str | None]) -> int:
    """Keep tombstones of what had expired before it was ever seen; return how many."""
    gone = [one for one, row in by_hash.items() if row.registration is None and one not in known]
    buried = {"erased_at": work.micros}
    sources.remember(work, [sources.seen(digest, None, None) | buried for digest in gone])
    return len(gone)


def _row_hash(work: Work, owner: str, row: Row) -> bytes:
    """Known by the owner's id; a row without one by its whole content."""
    if row.source_record is not None:
        return sources.source_hash(work, owner, row.source_record)
    if row.registration is None:
        return sources.source_hash(work, owner, f"row:{row.number}")
    nobody = replace(row.registration, person=replace(row.registration.person, id=_NOBODY))
    content = b"\x00".join(people.split_registration(nobody).values())
    return sources.source_hash(work, owner, "content:" + hashlib.sha256(content).hexdigest())


_NOBODY = PersonId("per_00000000000000000000000000")


def _new(
    work: Work,
    rt: Runtime,
    source: dict[str, object],
    key: dict[str, object],
    registration: Registration,
) -> _New:
    registration_id = RegistrationId(str(key["record_id"]))
    tie, log_ids = vault.new_tie(work, "registrations", registration_id, 1)
    terms = pools.registration_terms(registration)
    clear: dict[str, object] = {
        "id": registration_id,
        "branch": work.actor.branch,
        "officer": work.actor.id,
        "list_id": source["list_id"],
        "created_at": work.micros,
        "expires_at": _until(work, rt, registration),
        "version": 1,
        vault.TIE: tie,
    }
    kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
    return _New(
        row=clear | registrations.seal(work, registration_id, registration, terms),
        key=key,
        source=source,
        identifiers=identifiers.hashes_of(
            work, registration.person, registration_id, kinds, region
        ),
        log_id=log_ids[0],
    )


def _keep_fresh(work: Work, log_id: str, fresh: list[_New]) -> None:
    if not fresh:
        return
    objects = [log_id, *(new.log_id for new in fresh)]
    ledger.append(work, objects=objects, groups=(*people.STORED, Group.TERMS), count=len(fresh))
    vault.keep_keys(work, [new.key for new in fresh])
    registrations.add(work, [new.row for new in fresh])
    sources.remember(work, [new.source for new in fresh])
    identifiers.keep(work, [row for new in fresh for row in new.identifiers])
    feed.announce(work, [str(new.row["id"]) for new in fresh])


def _renew(work: Work, rt: Runtime, again: dict[str, Row]) -> tuple[int, int]:
    """Keep what the source has changed; return how many changed and how many did not."""
    came = {record: row.registration for record, row in again.items()}
    rows = living(work, [one for one, row in came.items() if row], (vault.TIE, *people.STORED))
    if not rows:
        return 0, 0
    changed, still = 0, dict[int | None, list[str]]()
    with vault.deciding(work):  # What is held is compared with what came, and shown to nobody.
        opened = vault.open_rows(work, rows, people.STORED, objects=())
    for sealed, groups in zip(rows, opened, strict=True):
        held, new = people.join_registration(groups), came[sealed.record]
        if new is None:
            continue
        new = new.in_place_of(held)
        if new != held:
            _change(work, rt, sealed, new)
            changed += 1
        else:
            still.setdefault(_until(work, rt, new), []).append(sealed.record)
    registrations.keep_on(work, still)
    return changed, len(rows) - changed


def _until(work: Work, rt: Runtime, came: Registration) -> int | None:
    return day_micros(rt.rules.registered_until(came.source.expires_on, work.today))


def _change(work: Work, rt: Runtime, sealed: SealedRow, came: Registration) -> None:
    row, _sealed = registrations.load(work, sealed.record)
    log_ids = vault.log_ids(work, sealed)
    ledger.append(work, objects=log_ids, groups=(*people.STORED, Group.TERMS), count=1)
    terms = pools.registration_terms(came)
    values: dict[str, object] = {"expires_at": _until(work, rt, came)}
    values |= registrations.seal(work, sealed.record, came, terms)
    registrations.change(work, sealed.record, row.version, values)
    kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
    identifiers.replace(work, sealed.record, [came.person], kinds, region)
    feed.announce(work, [sealed.record])


def _erase(work: Work, log_id: str, again: dict[str, Row]) -> int:
    """Erase what is held of records that have expired; return how many."""
    gone = [record for record, row in again.items() if row.registration is None]
    if gone:
        rows = living(work, gone, (vault.TIE,))
        objects = [log_id, *(one for row in rows for one in vault.log_ids(work, row))]
        ledger.append(work, objects=objects, count=len(gone), reason="expired_by_source")
        sources.bury(work, gone)
        destroy_registrations(work, gone)
    return len(gone)
