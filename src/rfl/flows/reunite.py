"""Record a reunification: with every adult's agreement, a child's verified from both sides."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.domain.journal import Line, Search
from rfl.domain.states import Inside
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
    if len(agreements) < 2:
        raise InvalidInput("agreements", "must hold that of every adult, at least two")

    def together(search: Search) -> Search:
        if search.child is not None and not search.child.is_verified:
            raise Conflict("A child's relationship is verified from both sides before (P-19).")
        return replace(search.at(Inside.REUNITED), reunion=agreements)

    line = Line(at=rt.clock(), by=call.actor.id, said="Reunited")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        journal = found.journal.changed(person, together, line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))
