"""A child on a list without its parents: who registers it, with what, who opens it (P-19, P-20)."""

from dataclasses import replace

import pytest

from rfl.background import settle
from rfl.domain.match import MatchState
from rfl.domain.registration import ChildCare, Registration, Status, Wish
from rfl.errors import Forbidden, InvalidInput, NotFound
from rfl.flows import enrol
from rfl.flows.decide import MatchView, decide_match, list_duplicates, list_matches, read_match
from rfl.flows.look import look_for_family
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import read_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.search import search
from tests.office import make_account
from tests.support import DPO, make_person, make_registration, make_request, noticed

CARE = ChildCare(
    arrangement="With a family of the camp",
    best_interest="Nobody of her own is with her.",
    contact=Wish.SOON,
    reunification=Wish.LATER,
    guardian="Halima Noor",
)


def make_child(**changes: object) -> Registration:
    """A girl of nine who crossed the border alone."""
    girl = make_person("Amina Noor", birth="2017")
    made = make_registration(girl, status=Status.UNACCOMPANIED_CHILD, care=CARE)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_p19_a_child_is_registered_by_vetted_staff_with_its_care_and_its_wishes(
    sqlite_rt: Runtime,
) -> None:
    rt, vetted, other = sqlite_rt, make_account(sqlite_rt, vetted=True), make_account(sqlite_rt)
    with pytest.raises(Forbidden):
        enrol.add_registration(rt, other, make_child())
    with pytest.raises(InvalidInput, match="care"):
        enrol.add_registration(rt, vetted, make_child(care=None))
    with pytest.raises(InvalidInput, match="care"):
        make_child(status=Status.REGISTERED)
    made = enrol.add_registration(rt, vetted, make_child())
    assert enrol.read_registration(rt, vetted, made).registration.care == CARE
    with pytest.raises(InvalidInput, match="care"):
        enrol.change_registration(rt, vetted, made, 1, make_child(care=None))


def test_p20_a_registered_child_closes_to_who_is_not_vetted(sqlite_rt: Runtime) -> None:
    rt, vetted, other = sqlite_rt, make_account(sqlite_rt, vetted=True), make_account(sqlite_rt)
    made = enrol.add_registration(rt, vetted, make_child())
    kept = enrol.read_registration(rt, DPO, made).registration
    for refused in (
        lambda: enrol.read_registration(rt, other, made),
        lambda: enrol.change_registration(rt, other, made, 1, kept),
    ):
        with pytest.raises(Forbidden):
            refused()
    changed = replace(kept, status=Status.REGISTERED, care=None)
    assert enrol.change_registration(rt, vetted, made, 1, changed) == 2
    assert enrol.read_registration(rt, other, made).registration.status is Status.REGISTERED


def records_shown(rt: Runtime, call: Call, case: str, twin: str) -> dict[str, set[str]]:
    """Whose records each view shows a name of that shows names of many."""
    girl = make_person("Amina Noor", birth="2017")
    asked = make_request(make_person("Farah Noor"), girl)
    intake = open_intake(rt, call).id
    return {
        "proposals": {view.other.record for view in list_matches(rt, call, case)},
        "duplicates": _sides(list_duplicates(rt, call, twin)),
        "search": {hit.record for hit in search(rt, call, case, girl)},
        "look": {related.record for related in look_for_family(rt, call, intake, asked)},
    }


def _sides(views: list[MatchView]) -> set[str]:
    return {side.record for view in views for side in (view.sought, view.other)}


def test_p20_no_view_shows_a_childs_name_to_who_is_not_vetted(rt: Runtime) -> None:
    """Proposals, duplicates, notices, searches, and the look for a family of a child who asks."""
    vetted, other = make_account(rt, vetted=True), make_account(rt)
    seeks = make_request(make_person("Farah Noor"), make_person("Amina Noor", birth="2017"))
    case = open_case(rt, other, seeks, None).id
    girl = make_request(make_person("Amina Noor", birth="2017"), make_person("Farah Noor"))
    asking = open_case(rt, vetted, replace(girl, child_enquirer=True), None).id
    child = enrol.add_registration(rt, vetted, make_child())
    twin = enrol.add_registration(rt, other, make_registration(girl.enquirer, record_id="V-9"))
    settle(rt)
    seen = records_shown(rt, vetted, case, twin)
    hidden = records_shown(rt, other, case, twin)
    for view, records in seen.items():
        assert records & {child, asking}, f"{view} shows a child to who is vetted"
        assert hidden[view] <= records - {child, asking}, view
    closed = [one for one in list_matches(rt, vetted, case) if one.other.record in (child, asking)]
    assert closed
    told = {one.match_id for one in noticed(rt, vetted)}
    assert {one.row.id for one in closed} <= told
    assert {one.match_id for one in noticed(rt, other)} == told - _of_children(rt, vetted, told)
    for one in closed:
        with pytest.raises(NotFound):
            read_match(rt, other, one.row.id)
        with pytest.raises(NotFound):
            decide_match(rt, other, one.row.id, 1, MatchState.REJECTED, "Another girl")
    with pytest.raises(Forbidden):
        list_matches(rt, other, asking)


def _of_children(rt: Runtime, vetted: Call, told: set[str]) -> set[str]:
    """Those proposals one side of which is a child without its carer, or a child who asks."""
    found = set()
    for match_id in told:
        view = read_match(rt, vetted, match_id)
        for side in (view.sought, view.other):
            if side.record.startswith("reg_"):
                is_child = enrol.read_registration(rt, vetted, side.record).registration.of_child
            else:
                is_child = read_case(rt, vetted, side.record).request.child_enquirer
            found |= {match_id} if is_child else set()
    return found
