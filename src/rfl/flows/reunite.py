"""Record a reunification: with every adult's agreement, a child's verified from both sides."""

from dataclasses import replace
from datetime import date

from rfl.domain import text
from rfl.domain.access import Verb
from rfl.domain.dates import PartialDate
from rfl.domain.ids import PersonId, check_id
from rfl.domain.journal import Line, Search
from rfl.domain.states import Inside
from rfl.domain.telling import is_child
from rfl.errors import Conflict, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals


def reunite(
    rt: Runtime, call: Call, case_id: str, version: int, agreed: tuple[str, tuple[str, ...]]
) -> int:
    """Record that a person and their family are together: (person, who agreed and how).

    Enquirer and found person both agree, so that at least two agreements are recorded.
    """
    person, agreements = agreed
    check_id(case_id, "cas")
    if len(set(agreements)) < 2:
        raise InvalidInput("agreements", "must hold that of every adult, at least two")
    for number, agreement in enumerate(agreements):
        text.line(agreement, f"agreements[{number}]")
    line = Line(at=rt.clock(), by=call.actor.id, said="Reunited")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        births = {one.person.id: one.person.birth for one in found.request.sought}
        birth = births.get(PersonId(person))
        journal = found.journal.changed(
            person, lambda search: _together(search, agreements, birth, work.today), line
        )
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))


def _together(
    search: Search, agreements: tuple[str, ...], birth: PartialDate | None, on: date
) -> Search:
    is_verified = search.child is not None and search.child.is_verified
    if is_child(search.child, birth, on) and not is_verified:
        raise Conflict("A child's relationship is verified from both sides before (P-19).")
    return replace(search.at(Inside.REUNITED), reunion=agreements)
