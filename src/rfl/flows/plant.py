"""Plant honey cases: nobody has a reason to open one, so whoever does sets off an alarm.

A honey case was opened like any other, with invented people, at level *named persons only*: so it
was compared with nobody before it was planted. Its officer then makes it a normal one. It is shown
to a reader like any case, and no family is ever offered it: the matcher does not hold it, no queue
or count has it, and no letter about it leaves.
"""

from rfl.domain.access import Verb
from rfl.domain.groups import HALF, Group
from rfl.domain.ids import check_id
from rfl.domain.request import Level
from rfl.errors import Conflict, NotFound
from rfl.flows.runtime import Call, Runtime
from rfl.storage import cases, honey, ledger, people, vault
from rfl.storage.cases import OutsideState
from rfl.storage.work import Work


def plant_honey(rt: Runtime, call: Call, case_id: str) -> None:
    """Make a case that nothing has happened to yet a honey case, or raise Conflict or NotFound.

    The entry does not say which: neither the log nor the database tells.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.HONEY_CHANGE) as work:
        work.require()
        ledger.append(work, groups=(Group.SENSITIVE,), count=1, reason="planted")
        _require_untouched(work, case_id)
        honey.keep(work, honey.among(work) | {case_id})


def list_honey(rt: Runtime, call: Call) -> list[str]:
    """Return the ids of the honey cases; none of them is opened."""
    with rt.begin(call, Verb.HONEY_READ) as work:
        work.require()
        found = sorted(honey.among(work))
        ledger.append(work)
    return found


def remove_honey(rt: Runtime, call: Call, case_id: str) -> None:
    """Take an erased case off the list, or raise Conflict: one that lives would be matched."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.HONEY_CHANGE) as work:
        work.require()
        planted = honey.among(work)
        if case_id not in planted:
            raise NotFound
        row, _sealed = cases.load(work, case_id)
        if row.state is not OutsideState.ERASED:
            raise Conflict("Erase the case first: else its invented people would be matched.")
        honey.keep(work, planted - {case_id})
        ledger.append(work, reason="removed")


def _require_untouched(work: Work, case_id: str) -> None:
    row, sealed = cases.load(work, case_id)
    level = None
    if row.state is OutsideState.OPEN:
        sensitive = vault.open_logged(work, sealed, Group.SENSITIVE, HALF[Group.SENSITIVE])
        level, _child = people.sensitivity_of(sensitive)
    if row.version != 1 or level is not Level.NAMED_PERSONS_ONLY:
        raise Conflict("Plant a case that was just opened, at level named_persons_only.")
