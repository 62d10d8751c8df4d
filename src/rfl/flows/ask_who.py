"""Pass on that a found person asks who is searching, where the request kept that back (P-16).

That the person is found leaves with it: it is what they ask us to pass on (P-01), and nobody asks
it in their place.
"""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.domain.journal import Line
from rfl.domain.states import Inside
from rfl.errors import Conflict
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals, received

_FOUND = {Inside.LOCATED, Inside.ANSWERED}


def ask_who(rt: Runtime, call: Call, case_id: str, version: int, person: str) -> int:
    """Let the society that asks hear it; return the journal's next version.

    The name follows as a change of the request, where the enquirer agreed to it. Raises Conflict
    for who was not found, and where the name is here or no other society asks.
    """
    check_id(case_id, "cas")
    check_id(person, "per", field="person")
    line = Line(at=rt.clock(), by=call.actor.id, said="Asks who is searching")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        if found.journal.of(person).state not in _FOUND:
            raise Conflict("Only a person who was found asks who is searching.")
        asked = received.of_case(work, case_id)
        if asked is None or not found.request.withheld:
            raise Conflict("No other society keeps back who is searching.")
        row, request = asked
        received.keep(work, row, replace(request, asks_who=True), owes=True)
        journal = found.journal.written(line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))
