"""Keep a reported death, and confirm it with a second officer (P-05)."""

from collections.abc import Callable
from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.death import Death
from rfl.domain.ids import check_id
from rfl.domain.journal import Line, Search
from rfl.domain.states import Inside
from rfl.errors import Conflict, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals


def report_death(
    rt: Runtime, call: Call, case_id: str, version: int, report: tuple[str, Death]
) -> int:
    """Keep what is said of a death: (person, report). It is reported, unconfirmed."""
    person, death = report
    if death.reported_by != call.actor.id or death.seen_by is not None:
        raise InvalidInput("reported_by", "must be the officer who records it, and no second one")
    return _change(
        rt,
        call,
        (case_id, version, person),
        lambda search: replace(search.at(Inside.DECEASED_REPORTED), death=death),
    )


def confirm_death(rt: Runtime, call: Call, case_id: str, version: int, person: str) -> int:
    """Confirm, as a second officer who saw the competent body's document; it then leaves."""

    def confirmed(search: Search) -> Search:
        if search.death is None:
            raise Conflict("No death was reported that could be confirmed.")
        death = search.death.confirmed(call.actor.id)
        return replace(search.at(Inside.DECEASED_CONFIRMED), death=death)

    return _change(rt, call, (case_id, version, person), confirmed)


def _change(
    rt: Runtime, call: Call, at: tuple[str, int, str], change: Callable[[Search], Search]
) -> int:
    case_id, version, person = at
    check_id(case_id, "cas")
    line = Line(at=rt.clock(), by=call.actor.id, said="Fate")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, version)
        journal = found.journal.changed(person, change, line)
        return journals.keep(work, found, journal, rt.rules.policy.on(work.today))
