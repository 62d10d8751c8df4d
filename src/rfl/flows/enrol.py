"""Add, read, list and change registrations, one at a time. Lists come in by `take_list`."""

from dataclasses import dataclass

from rfl.domain.access import Object, Role, Verb
from rfl.domain.consent import require_timely
from rfl.domain.groups import Group
from rfl.domain.ids import RegistrationId, check_id, new_id
from rfl.domain.registration import Registration
from rfl.domain.request import Level
from rfl.errors import Conflict, InvalidInput, StaleVersion
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.matching import pools
from rfl.storage import feed, identifiers, ledger, people, registrations, sources, vault
from rfl.storage.registrations import RegistrationRow
from rfl.storage.work import Work, day_micros


@dataclass(frozen=True, slots=True, repr=False)
class RegistrationView:
    """A registration as officers see it."""

    row: RegistrationRow
    registration: Registration


def add_registration(rt: Runtime, call: Call, registration: Registration) -> str:
    """Keep one registration and return its id; a record known or erased before is a Conflict."""
    with rt.begin(call, Verb.REGISTRATION_ADD, basis=registration.legal_basis) as work:
        _require_for_child(work, registration)
        require_timely(registration.consents, work.today)
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        registration_id = RegistrationId(new_id("reg"))
        _remember_source(work, registration, registration_id)
        until = rt.rules.registered_until(registration.source.expires_on, work.today)
        _keep(work, registration_id, registration, day_micros(until))
        _keep_identifiers(work, rt, registration_id, registration)
        feed.announce(work, [registration_id])
        remember_result(work, call, 201, registration_id)
    return registration_id


def read_registration(rt: Runtime, call: Call, registration_id: str) -> RegistrationView:
    """Open a registration for reading, or raise NotFound, Erased or Forbidden."""
    check_id(registration_id, "reg")
    with rt.begin(call, Verb.REGISTRATION_READ) as work:
        row, registration, _log_ids = registrations.opened(work, registration_id)
    return RegistrationView(row, registration)


def list_registrations(
    rt: Runtime, call: Call, after: tuple[int, str], limit: int
) -> list[RegistrationRow]:
    """Return what stands in clear of the branch's registrations."""
    everywhere = call.actor.role is Role.DATA_PROTECTION_OFFICER
    branch = None if everywhere else call.actor.branch
    with rt.begin(call, Verb.REGISTRATION_LIST) as work:
        work.require()
        rows = registrations.in_branch(work, branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def change_registration(
    rt: Runtime, call: Call, registration_id: str, version: int, registration: Registration
) -> int:
    """Replace a registration that still has this version; return the next."""
    check_id(registration_id, "reg")
    with rt.begin(call, Verb.REGISTRATION_CHANGE, basis=registration.legal_basis) as work:
        row, before, log_ids = registrations.opened(work, registration_id)
        if row.version != version:
            raise StaleVersion
        _require_for_child(work, registration)
        require_timely(registration.consents, work.today, before.consents)
        if registration.person.id != before.person.id:
            raise InvalidInput("person.id", "must be the id of the person registered")
        terms = pools.registration_terms(registration)
        sealed = registrations.seal(work, registration_id, registration, terms)
        ledger.append(work, objects=log_ids, groups=(*people.STORED, Group.TERMS), count=1)
        until = rt.rules.registered_until(registration.source.expires_on, work.today)
        changed: dict[str, object] = {"expires_at": day_micros(until)} | dict(sealed)
        following = registrations.change(work, registration_id, version, changed)
        _keep_identifiers(work, rt, registration_id, registration)
        feed.announce(work, [registration_id])
    return following


def _require_for_child(work: Work, registration: Registration) -> None:
    """A child is registered by vetted staff, with its care and its wishes (P-19, P-20)."""
    work.require(Object(child=registration.of_child))
    registration.require_cared_for()


def _remember_source(work: Work, registration: Registration, registration_id: str) -> None:
    source = registration.source
    if source.record_id is None:
        return
    digest = sources.source_hash(work, source.owner, source.record_id)
    if digest in sources.known(work, [digest]):
        raise Conflict("This record of this source is known already, or was erased.")
    sources.remember(work, [sources.seen(digest, registration_id, None)])


def _keep(
    work: Work, registration_id: RegistrationId, registration: Registration, until: int | None
) -> None:
    _keys, key_row = vault.fresh_keys(work, registration_id)
    vault.keep_keys(work, [key_row])
    tie, log_ids = vault.new_tie(work, "registrations", registration_id, 1)
    terms = pools.registration_terms(registration)
    sealed = registrations.seal(work, registration_id, registration, terms)
    clear: dict[str, object] = {
        "id": registration_id,
        "branch": work.actor.branch,
        "officer": work.actor.id,
        "list_id": None,
        "created_at": work.micros,
        "expires_at": until,
        "version": 1,
    }
    registrations.add(work, [clear | {vault.TIE: tie} | sealed])
    ledger.append(work, objects=log_ids, groups=(*people.STORED, Group.TERMS), count=1)


def _keep_identifiers(
    work: Work, rt: Runtime, registration_id: str, registration: Registration
) -> None:
    hidden = registration.level is Level.NAMED_PERSONS_ONLY
    persons = [] if hidden else [registration.person]
    kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
    identifiers.replace(work, registration_id, persons, kinds, region)
