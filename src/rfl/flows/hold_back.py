"""Mark what was found of a detained person as detrimental if passed on, and lift the mark (P-36).

From the mark on, the search tells nobody but the Central Tracing Agency, and what another society
was given to pass on is taken back. Every step is one entry of one verb, whatever it says.
"""

from collections.abc import Callable
from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.domain.journal import Line, Mark, Search
from rfl.errors import Conflict, Forbidden
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals


def mark_detrimental(
    rt: Runtime, call: Call, case_id: str, version: int, person: str, said: str
) -> int:
    """Mark one sought person's search, with the reason; return the journal's next version."""
    mark = Mark(by=call.actor.id, on=rt.today(), said=said)

    def marked(search: Search) -> Search:
        if search.detrimental is not None:
            raise Conflict("This is marked as detrimental if passed on already.")
        return replace(search, detrimental=mark)

    return _change(rt, call, (case_id, version), person, marked)


def lift_mark(rt: Runtime, call: Call, case_id: str, version: int, person: str) -> int:
    """Lift the mark, as another officer than who set it."""

    def lifted(search: Search) -> Search:
        if search.detrimental is None:
            raise Conflict("There is no mark that could be lifted.")
        if search.detrimental.by == call.actor.id:
            raise Forbidden("A mark is lifted by another officer than who set it.")
        return replace(search, detrimental=None)

    return _change(rt, call, (case_id, version), person, lifted)


def _change(
    rt: Runtime,
    call: Call,
    at: tuple[str, int],
    person: str,
    change: Callable[[Search], Search],
) -> int:
    case_id, version = at
    check_id(case_id, "cas")
    check_id(person, "per", field="person")
    line = Line(at=rt.clock(), by=call.actor.id, said="Detrimental if passed on")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        journal = found.journal.changed(person, change, line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))
