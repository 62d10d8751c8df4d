"""Tell one authority some items of one person, once: by permission or under an order (P-09).

An officer asks, another decides, and the first is given what may be handed over, in one answer that
nothing here keeps. There is no address that an authority calls, and no letter that leaves for one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from rfl.domain.access import Object, Verb
from rfl.domain.answer import NOTHING_GIVEN
from rfl.domain.approval import Approval
from rfl.domain.authority import (
    AUTHORITY,
    About,
    Agency,
    Asked,
    Decided,
    Disclosure,
    Facts,
    Ground,
    Stance,
    facts_of_enquirer,
    facts_of_registered,
    facts_of_sought,
)
from rfl.domain.ids import check_id, new_id
from rfl.domain.masked import Masked
from rfl.domain.telling import is_child
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import cases, disclosures, journals, ledger, registrations, vault
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import Work, micros


@dataclass(frozen=True, slots=True, repr=False)
class DisclosureView(Masked):
    """A request to tell an authority, and what stands in clear of it."""

    row: Filed
    disclosure: Disclosure


@dataclass(frozen=True, slots=True, repr=False)
class Decision(Masked):
    """What the second officer decides, and why; for an order, what the agency was told."""

    agrees: bool
    reason: str
    agency: Agency | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _Held(Masked):
    """What a record holds of a person, and what they said about authorities."""

    branch: str
    log_ids: tuple[str, ...]
    stance: Stance
    facts: Facts


@dataclass(frozen=True, slots=True, repr=False)
class Handed(Masked):
    """What is handed to an authority on a day; nothing here keeps it."""

    authority: str
    on: date
    facts: Facts


def ask_disclosure(rt: Runtime, call: Call, asked: Asked, reason: str) -> str:
    """Ask that an authority is told; return the request's id.

    Raises Forbidden where the person has not permitted these items or excludes the authority, and
    Conflict for what goes to the Central Tracing Agency alone (P-36).
    """
    with rt.begin(call, Verb.DISCLOSURE_ASK) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        held = _held(work, asked)
        held.stance.require(asked, work.today)
        exact = asked.exact
        approval = Approval(exact.approves, exact.digest, call.actor.id, work.now, reason)
        row = Filed(
            id=new_id("dsc"),
            case_id=asked.record,
            branch=held.branch,
            officer=call.actor.id,
            created_at=work.micros,
            due_at=micros(approval.ends_at),
            open=True,
            version=1,
        )
        disclosures.SHELF.add(work, row, Disclosure(asked, approval))
        remember_result(work, call, 201, row.id)
    return row.id


def read_disclosure(rt: Runtime, call: Call, disclosure_id: str) -> DisclosureView:
    """Open a request, or raise NotFound or Forbidden. What is given is no part of it."""
    with rt.begin(call, Verb.DISCLOSURE_READ) as work:
        found = disclosures.opened(work, check_id(disclosure_id, "dsc"))
        row, disclosure = found
        if not _decides_orders(work, disclosure.asked):
            _held(work, disclosure.asked)
        return DisclosureView(row, disclosure)


def list_disclosures(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of the branch's requests that wait, oldest first."""
    with rt.begin(call, Verb.DISCLOSURE_READ) as work:
        work.require()
        rows = disclosures.SHELF.page(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def decide_disclosure(
    rt: Runtime, call: Call, disclosure_id: str, version: int, decision: Decision
) -> int:
    """Agree, or not, to exactly this request; return its next version.

    A permission needs a second officer who may open what it is about. An order is decided by the
    data protection officer alone, who says that the agency was told, or which law forbids that.
    """
    with rt.begin(call, Verb.DISCLOSURE_DECIDE) as work:
        row, before = disclosures.opened(work, check_id(disclosure_id, "dsc"), version)
        if before.asked.ground is Ground.ORDER:
            work.require(verb=Verb.DISCLOSURE_COMPEL)
        else:
            _held(work, before.asked).stance.require(before.asked, work.today)
        if decision.agency is not None:
            decision.agency.require_past(work.today)
        said = (decision.agrees, call.actor.id, work.now, decision.reason, decision.agency)
        after = before.then(Decided(*said))
        return disclosures.SHELF.keep(work, row, after, open=decision.agrees)


def give_disclosure(rt: Runtime, call: Call, disclosure_id: str, version: int) -> Handed:
    """Return the items that were agreed to, once, to who asked for them; the log says to whom.

    What the person says about authorities, and whether it would harm, is asked again now.
    """
    with rt.begin(call, Verb.DISCLOSURE_ASK) as work:
        row, before = disclosures.opened(work, check_id(disclosure_id, "dsc"), version)
        asked = before.asked
        held = _held(work, asked)
        held.stance.require(asked, work.today)
        against = held.stance.excludes(asked.authority, work.today)
        after = before.given(call.actor.id, work.now, against=against)
        disclosures.SHELF.keep(work, row, after, open=False)
        work.peer = AUTHORITY + asked.authority
        groups = Facts.groups(asked.items)
        ledger.append(work, objects=held.log_ids, groups=groups, count=1, reason=asked.ground)
        return Handed(asked.authority, work.today, held.facts.within(asked.items))


def _decides_orders(work: Work, asked: Asked) -> bool:
    """True for who decides about orders: of the person they see no more than the order names."""
    if asked.ground is not Ground.ORDER:
        return False
    try:
        work.require(verb=Verb.DISCLOSURE_COMPEL)
    except Forbidden:
        return False
    return True


def _held(work: Work, asked: Asked) -> _Held:
    """Open what the record holds of the person, as far as its side lets this actor; or raise."""
    return _SIDES[asked.about](work, asked)


def _of_enquirer(work: Work, asked: Asked) -> _Held:
    case_id = check_id(asked.record, "cas", field="record")
    row, request, log_ids = cases.opened(work, case_id)
    if request.enquirer.id != asked.person:
        raise InvalidInput("person", "must be the enquirer of this case")
    stance = Stance(request.consents, request.excluded, request.detrimental)
    return _Held(row.branch, log_ids[:2], stance, facts_of_enquirer(request))


def _of_sought(work: Work, asked: Asked) -> _Held:
    """The team alone: what was found is no matter of the enquirer's side.

    The entry of what is given names the person, so that no other's statement has it.
    """
    found = journals.opened(work, check_id(asked.record, "cas", field="record"))
    search = found.journal.of(asked.person)
    persons = {one.person.id: one.person for one in found.request.sought}
    person = persons[search.person]
    work.require(Object(child=is_child(search.child, person.birth, work.today)))
    given = search.answer.given if search.answer is not None else NOTHING_GIVEN
    is_marked = found.request.detrimental or search.detrimental is not None
    stance = Stance(search.consents, search.excluded, is_marked)
    facts = facts_of_sought(person, given.phone, given.address)
    _row, sealed = cases.load(work, found.row.id)
    log_ids = vault.log_ids(work, sealed)
    own = log_ids[1 + [one.id for one in found.request.persons()].index(person.id)]
    return _Held(found.row.branch, (found.log_id, own), stance, facts)


def _of_registered(work: Work, asked: Asked) -> _Held:
    registration_id = check_id(asked.record, "reg", field="record")
    row, registration, log_ids = registrations.opened(work, registration_id)
    if registration.person.id != asked.person:
        raise InvalidInput("person", "must be the person registered")
    stance = Stance(registration.consents, registration.excluded, registration.detrimental)
    return _Held(row.branch, log_ids, stance, facts_of_registered(registration))


_SIDES: Final[dict[About, Callable[[Work, Asked], _Held]]] = {
    About.ENQUIRER: _of_enquirer,
    About.SOUGHT: _of_sought,
    About.REGISTERED: _of_registered,
}
