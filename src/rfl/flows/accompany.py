"""List a sought person as accompanying another, where the authorities forbid searching for them."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import PersonId, check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles


def lead_search(rt: Runtime, call: Call, case_id: str, version: int, pair: tuple[str, str]) -> int:
    """Let one sought person accompany another: (accompanying, lead). Both keep their outcomes."""
    check_id(case_id, "cas")
    accompanying, lead = (PersonId(check_id(one, "per", field="person")) for one in pair)
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.NOTED, said="Accompanies a lead")
        return casefiles.keep(work, row, file.led_by(accompanying, lead).with_event(event))
